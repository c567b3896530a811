"""`docs/lock.md` names exactly the calls that the rules name."""

from __future__ import annotations

import re

from tests.unit.lock.programs import ROOT

from passerby.lock.bpf import ALLOW
from passerby.lock.rules import REFUSED, Profile, rules_of

EVERYTHING = Profile("all", (0,), (1,), (2,), allow_poll=True, allow_affinity=True, allow_ip=True)


def _calls_under(heading: str) -> set[str]:
    text = (ROOT / "docs" / "lock.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_calls_that_run() -> None:
    rules = rules_of(EVERYTHING, 1)
    run = {rule.call for rule in rules if rule.action == ALLOW}
    # Answered without being run, but each for a reason of its own.
    assert _calls_under("Calls that run") == run | {"clone3", "prctl"}


def test_calls_that_are_refused() -> None:
    assert _calls_under("Calls that are refused") == set(REFUSED)
