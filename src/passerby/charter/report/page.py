"""A report as a page: one HTML file without scripts or anything from elsewhere, the same bytes for the same report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape

from passerby.charter.report.items import LAWS, Item, Topic, figures, name_of, zeroes
from passerby.charter.report.report import Report

PROVISIONAL = "PROVISIONAL: the ledger does not show yet that the period is over; more may come."
WITHOUT_KEYS = "Without births and deaths of keys: whether what had to be deleted was, is not told here."
STYLE = """
:root{color-scheme:light dark;--ink:#1b1f23;--paper:#fff;--line:#d0d7de;--soft:#57606a;--warn:#9a3412}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--line:#30363d;--soft:#9198a1;--warn:#fdba74}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:52rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{margin:2.5rem 0 .5rem;font-size:1.25rem}h3{font-size:1rem;margin:1.5rem 0 .25rem}
h3 small{font-weight:400;color:var(--soft)}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;border-bottom:1px solid var(--line);
text-align:left;font-weight:400}
td.ref{white-space:nowrap;color:var(--soft)}td{vertical-align:top}a{color:inherit}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;width:8rem}
code{font-size:.8em;color:var(--soft);overflow-wrap:anywhere}
p.zero,p.elsewhere{color:var(--soft);font-size:.875rem;margin:.25rem 0;overflow-wrap:anywhere}
p.warn{border-left:4px solid var(--warn);padding-left:.75rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:var(--soft)}dd{margin:0;
overflow-wrap:anywhere}
"""


def page(report: Report) -> bytes:
    """The page."""
    return "\n".join(_parts(report)).encode() + b"\n"


def _parts(report: Report) -> Iterator[str]:
    title = f"Report of {report.log}"
    yield '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>"
    yield f"<h1>{escape(title)}</h1>"
    yield f"<p>{day(report.begins)} to {day(report.ends)}, a computation over the ledger. Anybody who has the ledger or"
    yield "a mirror of it gets this report, byte for byte, and <code>passerby report --check</code> names the line that"
    yield "somebody changed.</p>"
    for warning in warnings(report):
        yield f'<p class="warn">{escape(warning)}</p>'
    yield "<dl>"
    for name, value in facts(report):
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
    yield "</dl>"
    for topic in Topic:
        yield from _topic(topic, report)
    yield "<h2>What laws ask, and where it is answered</h2>"
    for law in LAWS:
        yield f"<h3>{escape(law.name)}</h3><table><tbody>"
        yield from (_item(item) for item in law.items)
        yield "</tbody></table>"
    yield "</main></body></html>"


def _topic(topic: Topic, report: Report) -> Iterator[str]:
    yield f'<h2 id="{topic.name.lower()}">{escape(topic.title)}</h2>'
    found = list(figures(topic, report.lines))
    if some := [(name, value) for name, value in found if value]:
        yield "<table><tbody>"
        for name, value in some:
            yield f'<tr><th scope="row">{escape(name_of(name))} <code>{escape(name)}</code></th>'
            yield f'<td class="n">{number(value)}</td></tr>'
        yield "</tbody></table>"
    if none := [name for name, value in found if not value]:
        yield f'<p class="zero">0: {escape(zeroes(none))}</p>'


def _item(item: Item) -> str:
    where = ", ".join(f'<a href="#{t.name.lower()}">{escape(t.title)}</a>' for t in item.topics)
    elsewhere = f"; not in the ledger: {escape(item.not_here)}" if item.not_here else ""
    return f'<tr><td class="ref">{escape(item.ref)}</td><td>{escape(item.asks)}</td><td>{where}{elsewhere}</td></tr>'


def warnings(report: Report) -> list[str]:
    """What a reader must know first."""
    found = [] if report.over else [PROVISIONAL]
    if not report.keys:
        found.append(WITHOUT_KEYS)
    overdue = {
        "duties overdue": sum(v for n, v in report.lines.items() if n.startswith("duty.") and n.endswith(".overdue")),
        "keys that should be dead": report.lines.get("keys.overdue", 0),
        "looks that no draw covered in time": report.lines.get("draw.looks-overdue", 0),
        "open findings": sum(v for n, v in report.lines.items() if n.startswith("finding.")),
        "stations silent": report.lines.get("hours.stations-silent", 0),
    }
    bad = "; ".join(f"{name}: {number(value)}" for name, value in overdue.items() if value)
    return [*found, f"At the end of the period {bad}."] if bad else found


def facts(report: Report) -> list[tuple[str, str]]:
    """What the report rests on."""
    return [
        ("period", f"{moment(report.begins)} up to {moment(report.ends)}"),
        ("entries of the period", f"{report.first} up to {report.size}, {number(report.size - report.first)} in all"),
        ("rests on", f"all {number(report.size)} entries from the first on"),
        ("root of these", report.root),
        ("ledger", report.log),
    ]


def number(value: int) -> str:
    """A number with thin gaps between thousands: the same in every language."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def moment(seconds: int) -> str:
    """A time in UTC."""
    return datetime.fromtimestamp(min(seconds, 253402300799), UTC).strftime("%Y-%m-%d %H:%M UTC")


def day(seconds: int) -> str:
    """A day in UTC; with the time where it is not midnight."""
    text = moment(seconds)
    return text.removesuffix(" 00:00 UTC")
