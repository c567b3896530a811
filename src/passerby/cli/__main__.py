"""``python -m passerby.cli``."""

from passerby.cli.app import main

main()
