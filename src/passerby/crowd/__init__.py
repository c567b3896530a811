"""Crowds in numbers: pure functions, no I/O, no identity."""
