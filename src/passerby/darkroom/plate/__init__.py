"""The plate: the background picture of blocks that were proven empty."""
