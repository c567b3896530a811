"""Hiding: which cells are hidden and why, what stands in their place, and the output frame."""
