"""``passerby bench``, ``passerby capacity`` and ``passerby fleet``."""
