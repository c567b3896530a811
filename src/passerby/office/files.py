"""What is on file about a camera, parsed: what its steps and permits are judged by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from passerby.charter.papers.assessment.paper import parse_assessment
from passerby.charter.papers.decision import Answer, Kind
from passerby.charter.papers.placed import parse_placed
from passerby.charter.papers.plan import parse_plan
from passerby.charter.papers.supplier import parse_supplier
from passerby.charter.ready import Filed, Files
from passerby.charter.register.entry import Entry
from passerby.charter.register.phase import Phase
from passerby.store import papers as rows
from passerby.store import register
from passerby.store.papers import PaperRow

S = 1_000_000
STANDING = (Phase.NOTICED, Phase.ACTIVE, Phase.SUSPENDED)
PLACED = "placed"


def files(connection: Connection, entry: Entry) -> Files:
    """What is on file about a camera."""
    assessments = rows.newest(connection, Kind.ASSESSMENT.value, [f"{entry.id}/{name}" for name in entry.analyses])
    placed = rows.newest(connection, PLACED, [entry.id])
    plans = [filed(row, parse_plan(row.body)) for row in rows.newest(connection, Kind.PLAN.value)]
    suppliers = [filed(row, parse_supplier(row.body)) for row in rows.newest(connection, Kind.SUPPLIER.value)]
    return Files(
        {row.subject.split("/")[1]: filed(row, parse_assessment(row.body)) for row in assessments},
        filed(placed[0], parse_placed(placed[0].body)) if placed else None,
        [plan for plan in plans if plan.paper.owner == entry.owner],
        suppliers,
        _others(connection, entry),
    )


def _others(connection: Connection, entry: Entry) -> int:
    return register.standing(connection, entry.owner, entry.area, [phase.value for phase in STANDING], entry.id)


def filed(row: PaperRow, paper: Any) -> Filed[Any]:
    """A paper as it is judged by."""
    return Filed(paper, row.hash, row.answer == Answer.ACCEPTED.value, row.until_us // S)
