"""`python -m tests.fuzz TARGET [libFuzzer's options and folders]`: feed a target with what reaches new code."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["passerby.ledger"]):
    from tests.fuzz.targets import TARGETS

atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
atheris.Fuzz()
