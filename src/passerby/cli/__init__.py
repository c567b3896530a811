"""The command line: thin, no rules of its own."""

from passerby.cli.app import main

__all__ = ["main"]
