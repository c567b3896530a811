"""The rules: who may do what, and on whose word. Pure functions; no I/O, no clock of their own."""
