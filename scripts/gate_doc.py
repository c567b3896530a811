"""Writes the generated parts of docs/gate.md from the code: the state diagram, and what each value of each state does.

python scripts/gate_doc.py [--check]
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import get_type_hints

from passerby.charter.gate import ORDER, Lawful, decide
from passerby.charter.standing import (
    Binding,
    Bounds,
    Build,
    Clock,
    Dates,
    Emergency,
    Form,
    Heartbeat,
    Kind,
    Officers,
    Published,
    Reason,
    Review,
    Revocation,
    Root,
    Seat,
    Signatures,
    Standing,
    Waiting,
)

PAGE = Path(__file__).resolve().parents[1] / "docs" / "gate.md"
GOOD = Standing(
    Form.SOUND, Root.KNOWN, Signatures.BOTH, Binding.SAME, Build.LISTED, Bounds.WITHIN, Clock.STEADY, Dates.WITHIN,
    Published.YES, Waiting.OVER, Heartbeat.FRESH, Revocation.NONE, Seat.HELD, Kind.NEW, Emergency.NO, Review.CURRENT,
    Officers.PAIR,
)  # fmt: skip
TYPES: dict[str, type[Enum]] = get_type_hints(Standing)
# How often each dependent dimension has to be asked: what else changes its answer.
ASIDE = {
    "signatures": [("emergency", Emergency.OPEN, "in an emergency")],
    "waiting": [("emergency", Emergency.OPEN, "in an emergency")],
    "seat": [("kind", Kind.RENEWAL, "for a renewal")],
}


def answer(standing: Standing, analysis: str = "record") -> str:
    """What the gate says: open, or the rule that denies."""
    found = decide(standing, analysis)
    return "open" if isinstance(found, Lawful) else found.reason.name


def diagram() -> str:
    """The states as a Mermaid flowchart."""
    lines = ["```mermaid", "flowchart TD"]
    for name, after in zip(ORDER, [*ORDER[1:], "lawful"], strict=True):
        lines.append(f"    {name} --> {after}")
        asked = [answer(replace(GOOD, **{name: v}), what) for v in TYPES[name] for what in ("record", "seal")]
        shut = dict.fromkeys(a for a in asked if a != "open")
        lines += [f"    {name} -.-> {reason}[[{reason}]]" for reason in shut]
    return "\n".join([*lines, "    lawful([may run])", "```"])


def table() -> str:
    """Each value of each state, and what it does."""
    lines = ["| state | value | to record | and |", "| --- | --- | --- | --- |"]
    for name in ORDER:
        for value in TYPES[name]:
            held = replace(GOOD, **{name: value})
            plain = answer(held)
            more = [
                f"{words}: {a}"
                for n, v, words in ASIDE.get(name, [])
                if (a := answer(replace(held, **{n: v}))) != plain
            ]
            if (a := answer(held, "crowd")) != plain:
                more.append(f"to count: {a}")
            if (a := answer(held, "seal")) != plain:
                more.append(f"to seal: {a}")
            lines.append(f"| {name} | {value.value} | {plain} | {'; '.join(more)} |")
    return "\n".join(lines)


def reasons() -> str:
    """What each denial says."""
    lines = ["| rule | denies when | satisfied when you |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {r.name} | {r.why} | {r.remedy} |" for r in Reason)])


def written(page: str) -> str:
    """The page with its generated parts anew."""
    for name, made in (("diagram", diagram()), ("table", table()), ("reasons", reasons())):
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        if not re.search(pattern, page, re.DOTALL):
            raise SystemExit(f"docs/gate.md has no place for the {name}")
        page = re.sub(pattern, lambda m, made=made: f"{m[1]}{made}\n{m[2]}", page, flags=re.DOTALL)  # type: ignore[misc]
    return page


def main() -> None:
    """Write the page, or say that it is out of date."""
    page = PAGE.read_text()
    made = written(page)
    if "--check" in sys.argv and made != page:
        raise SystemExit("docs/gate.md is not what the code says: run python scripts/gate_doc.py")
    PAGE.write_text(made)


if __name__ == "__main__":
    main()
