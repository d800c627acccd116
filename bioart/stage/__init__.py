"""Policy: who runs the loop, and what happens on a fault."""
