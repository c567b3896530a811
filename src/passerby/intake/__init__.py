"""Packets in: from files here, from cameras later. Parses containers in its own locked process; opens no decoder."""
