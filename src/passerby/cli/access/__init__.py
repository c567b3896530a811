"""``passerby account``: accounts and machine keys, for whoever has this machine's terminal."""
