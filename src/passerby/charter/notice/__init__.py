"""The sign in front of a camera: what it must say, in which languages."""
