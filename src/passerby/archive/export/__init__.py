"""Recordings for somebody else: a bundle that proves itself on a machine that has never seen Passerby."""
