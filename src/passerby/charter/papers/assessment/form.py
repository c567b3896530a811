"""The empty form: what the register knows already, and for each section what to write. As it is, it has only gaps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta

from passerby.charter.papers.assessment.schema import FORMAT, REMAINS, SECTIONS
from passerby.charter.papers.front import FENCE
from passerby.charter.register.entry import Entry
from passerby.charter.root import DAY, Limits
from passerby.charter.site_permit import KEEPING

_TABLES = """
# What else was considered. One table for each.
# [[alternatives]]
# what = "Stewards with hand counters"
# why_not = "Tried on 4 dates in 2026; they could not see the far end of the landing."

# Who is affected, and how.
# [[affected]]
# group = ""
# how = ""

# Who was asked, what they said, what the answer is.
# [[consulted]]
# who = ""
# on = 2027-01-01
# how = ""
# said = ""
# answer = ""

# What could go wrong: low, medium or high, before and after what is done about it.
# [[risks]]
# what = ""
# who = ""
# likelihood = "medium"
# severity = "medium"
# measures = ""
# left_likelihood = "low"
# left_severity = "low"

# The privacy officer's advice.
# [officer]
# advice = ""
# on = 2027-01-01

# Only where a high risk remains: the authority that was consulted, and its answer.
# [authority]
# name = ""
# on = 2027-01-01
# outcome = ""
"""


def form(entry: Entry, analysis: str, office: str, today: date, limits: Limits | None) -> str:
    """A file to fill in.

    Args:
        entry: The camera.
        analysis: Which of its analyses.
        office: Who writes it.
        today: The day that it is begun.
        limits: The site root's; None where there is none yet.
    """
    hours = entry.retention_s // 3600 if analysis in KEEPING else 0
    ahead = min(limits.review_s // DAY if limits else 180, 366)
    facts = {
        "format": json.dumps(FORMAT),
        "camera": json.dumps(entry.id),
        "analysis": json.dumps(analysis),
        "purposes": json.dumps(list(entry.purposes)),
        "capture": json.dumps(entry.capture),
        "author": json.dumps(office or "the office that writes this", ensure_ascii=False),
        "written": today.isoformat(),
        "review_by": (today + timedelta(days=ahead)).isoformat(),
        "retention_h": str(hours),
    }
    lines = [f"{name} = {value}" for name, value in facts.items()]
    if hours > 72:
        lines.append('retention_argument = ""  # why longer than 72 hours')
    remains = ["", *_remains()] if analysis in KEEPING else []
    return "\n".join(
        [FENCE, *lines, _TABLES.rstrip(), *remains, FENCE, "", f"# {entry.name}: {analysis}", *_parts(), ""]
    )


def _remains() -> Iterable[str]:
    yield "# What may outlive a destroyed key on the machine that keeps this: how is it there?"
    yield "[remains]"
    for name, ask in REMAINS.items():
        yield f'{name} = ""  # {ask}'


def _parts() -> Iterable[str]:
    for section in SECTIONS:
        yield f"\n## {section.heading}\n\n{section.ask}"
