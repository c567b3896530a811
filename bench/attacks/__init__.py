"""Attacks on published flows: by who knows all others and who knows nobody, on raw, suppressed and released numbers."""
