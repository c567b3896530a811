"""Hypothesis on shared machines: no deadline; what it finds must be repeatable from the printed blob."""

from __future__ import annotations

import os

from hypothesis import Phase, settings

settings.register_profile("unit", deadline=None, print_blob=True)
# For `bench.mutation`: the same few examples for each changed module, and none made smaller once one fails.
settings.register_profile(
    "mutation",
    deadline=None,
    max_examples=30,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("PASSERBY_UNIT_PROFILE", "unit"))
