"""Compute and graphics devices. Knows fields, textures and frames; never a domain noun."""
