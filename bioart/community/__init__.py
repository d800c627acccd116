"""What a crowd does, turned into influence and placements. Imports neither gpu nor world."""
