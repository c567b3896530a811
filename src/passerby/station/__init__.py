"""One machine: starts the locked processes, watches them, and turns what leaves them into files and reports."""
