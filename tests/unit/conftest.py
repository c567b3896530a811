"""Hypothesis on shared machines: no deadline; what it finds must be repeatable from the printed blob."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unit", deadline=None, print_blob=True)
settings.load_profile("unit")
