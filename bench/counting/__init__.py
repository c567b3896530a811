"""How well `passerby count` counts."""
