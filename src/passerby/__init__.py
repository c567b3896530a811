"""Passerby: a camera network that counts crowds, knows nobody, and can prove it."""

__version__ = "0.1.0"
