"""A report as a PDF, set by Typst: the same bytes for the same report, whatever the machine's fonts or clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files

from passerby.base.errors import OutputError
from passerby.charter.report.items import LAWS, Item, Topic, figures, name_of, zeroes
from passerby.charter.report.page import day, facts, number, warnings
from passerby.charter.report.report import Report

_LAST = 253402300799


def pdf(report: Report) -> bytes:
    """The PDF.

    Raises:
        OutputError: It can't be set.
    """
    # Takes a while to import; most commands don't need it.
    import typst

    template = (files("passerby.office") / "report.typ").read_bytes()
    made = datetime.fromtimestamp(min(report.ends, _LAST), UTC)
    try:
        content = typst.compile(
            template,
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"report": json.dumps(_shown(report))},
            timestamp=made,
        )
    except (RuntimeError, typst.TypstError) as error:
        raise OutputError("this report can't be made a PDF", str(error).split("\n")[0][:200]) from error
    if not isinstance(content, bytes):
        raise OutputError("this report can't be made a PDF", "Typst gave no bytes")
    return content


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
