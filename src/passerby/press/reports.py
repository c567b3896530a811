"""Reports as PDF: the same bytes for the same report, whatever the machine's fonts or clock."""

from __future__ import annotations

from passerby.charter.report.items import LAWS, Item, Topic, figures, name_of, zeroes
from passerby.charter.report.page import day, facts, number, warnings
from passerby.charter.report.report import Report
from passerby.press.typeset import typeset

_LAST = 253402300799


def report_pdf(report: Report) -> bytes:
    """The PDF.

    Raises:
        PressError: It can't be set.
    """
    return typeset("report", _shown(report), fonts=(), timestamp=min(report.ends, _LAST))


def _shown(report: Report) -> dict[str, object]:
    topics = []
    for topic in Topic:
        found = list(figures(topic, report.lines))
        topics.append({
            "title": topic.title,
            "some": [{"id": n, "name": name_of(n), "value": number(v)} for n, v in found if v],
            "none": zeroes([n for n, v in found if not v]),
        })  # fmt: skip
    laws = [
        {
            "name": law.name,
            "items": [(item.ref, item.asks, _where(item)) for item in law.items],
        }
        for law in LAWS
    ]
    return {
        "title": f"Report of {report.log}, {day(report.begins)} to {day(report.ends)}",
        "log": report.log,
        "intro": "A computation over the ledger. Anybody who has the ledger or a mirror of it gets this report, byte "
        "for byte, and passerby report --check names the line that somebody changed.",
        "warnings": warnings(report),
        "facts": facts(report),
        "topics": topics,
        "laws": laws,
    }


def _where(item: Item) -> str:
    where = ", ".join(topic.title for topic in item.topics)
    return f"{where}; not in the ledger: {item.not_here}" if item.not_here else where
