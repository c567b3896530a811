"""A watchdog's page: one static file in plain language, and the same as JSON."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from dataclasses import asdict, dataclass
from hashlib import sha256
from html import escape

DAY = 86_400
_STATES = {  # state: its tone, its sign, a headline, and what it means
    "new": ("open", "…", "Not looked yet", "The first look is under way."),
    "sound": ("good", "✓", "Sound", "The log continues what it showed before, and every entry is held here."),
    "forked": ("bad", "✕", "Forked", "The log signed two different histories. One of them is a lie. The evidence below "
               "proves it to anybody, without trust in this watchdog."),
    "rolled back": ("bad", "✕", "Rolled back", "The log shows fewer entries than it has signed before. Entries were "
                    "taken away, or an old copy is shown; what was there is held here."),
    "false": ("bad", "✕", "False", "What the log shows is not what it signed."),
    "truncated": ("open", "?", "Truncated", "Entries that the log has signed are missing from what it serves."),
    "stale": ("open", "?", "Stale", "Nothing fresh comes from the log: it is stopped, cut off, or hides something."),
    "unreachable": ("open", "?", "Unreachable", "The log could not be read. Nothing is known since the last good "
                    "look."),
    "undecided": ("open", "?", "Not decided", "Something prevents a verdict: it is neither proven nor refuted."),
}  # fmt: skip
_STYLE = """
:root{color-scheme:light dark;--paper:#f6f5f1;--card:#fff;--ink:#1c2126;--soft:#59636d;--line:#d5d8da;--link:#0b57a4;
--good:#12693a;--good-bg:#e6f4ea;--bad:#a5201c;--bad-bg:#fcebea;--open:#7a5200;--open-bg:#fdf3dc}
@media(prefers-color-scheme:dark){:root{--paper:#14181c;--card:#1d2329;--ink:#e9ecee;--soft:#a7b1ba;--line:#3a434c;
--link:#8fc3ff;--good:#7fdca4;--good-bg:#15301f;--bad:#ff9d97;--bad-bg:#3a1b1a;--open:#f3c869;--open-bg:#352a10}}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,"Noto Sans",sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 4rem;overflow-wrap:anywhere}
h1{font-size:1.25rem;margin:0}a{color:var(--link)}.soft{color:var(--soft);margin:.1rem 0 1rem}
.verdict{border:2px solid var(--tone);background:var(--tone-bg);border-radius:.75rem;padding:1.125rem 1.25rem}
.good{--tone:var(--good);--tone-bg:var(--good-bg)}.bad{--tone:var(--bad);--tone-bg:var(--bad-bg)}
.open{--tone:var(--open);--tone-bg:var(--open-bg)}
.verdict h2{margin:0;font-size:1.75rem;color:var(--tone)}.verdict p{margin:.4rem 0 0}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.9rem 1.125rem;margin-top:1rem}
section p{margin:0}section h2{font-size:1.0625rem;margin:0 0 .25rem}ul{margin:0;padding-left:1.25rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.25rem;margin:0}dt{color:var(--soft)}dd{margin:0}
"""


@dataclass(frozen=True, slots=True)
class Event:
    """When the log's state changed, and why."""

    when: int
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Status:
    """What a watchdog knows; times in seconds since 1970, 0 for never.

    Args:
        where: The log's address.
        state: A key of the page's states.
        why: What is wrong, in one line; empty where nothing is.
        looked: The last look.
        good: The last look at which the log could be read and continued what was seen.
        grew: When it last had something new.
        evidence: Files that prove forks, by their paths beside the page.
    """

    where: str
    state: str = "new"
    why: str = ""
    origin: str = ""
    size: int = 0
    root: str = ""
    looked: int = 0
    good: int = 0
    grew: int = 0
    proven: tuple[str, ...] = ()
    not_proven: str = ""
    evidence: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()


def status_json(status: Status) -> bytes:
    """For programs."""
    return json.dumps(asdict(status), indent=1, ensure_ascii=False).encode() + b"\n"


def page(status: Status) -> bytes:
    """For people: no script, nothing from elsewhere; everything that the log says is escaped."""
    tone, sign, head, means = _STATES[status.state]
    style = b64encode(sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    facts = [
        ("Log", status.origin or "not known yet"),
        ("Address", status.where),
        ("Last look", _date(status.looked)),
        ("Last good look", _date(status.good)),
        ("Last new entry seen", _date(status.grew)),
        ("Entries held here", f"{status.size:,}"),
        ("Root", status.root or "none"),
    ]
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="60">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        f"<title>{escape(head)}: {escape(status.origin or status.where)}</title><style>{_STYLE}</style></head><body>",
        f'<main><h1>Watchdog of {escape(status.origin or status.where)}</h1><p class="soft">Written by a program that ',
        "somebody independent of the log runs. Times are UTC.</p>",
        f'<div class="verdict {tone}" role="status"><h2>{sign} {escape(head)}</h2><p>{escape(means)}</p>',
        f"<p><strong>{escape(status.why)}</strong></p>" if status.why else "",
        "</div>",
        _section("Evidence", [f'<a href="{escape(p)}">{escape(p)}</a>' for p in status.evidence]),
        _section("What was proven at the last look", [escape(p) for p in status.proven]),
        _section("What is never proven here", [escape(status.not_proven)] if status.not_proven else []),
        "<section><h2>Facts</h2><dl>",
        *(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts),
        "</dl></section>",
        _section(
            "What happened, newest first",
            [f"{_date(e.when)}: {escape(_told(e))}" for e in status.events[::-1]],
        ),
        '<section><h2>Check it yourself</h2><p><a href="checker.html">Check a proof or evidence in this browser</a> · ',
        '<a href="status.json">status.json</a> · <a href="log/checkpoint">the copy held here</a></p></section>',
        "</main></body></html>\n",
    ]
    return "".join(parts).encode()


def _section(title: str, items: list[str]) -> str:
    inside = "".join(f"<li>{item}</li>" for item in items)
    return f"<section><h2>{escape(title)}</h2><ul>{inside}</ul></section>" if items else ""


def _told(event: Event) -> str:
    head = _STATES[event.state][2]
    if event.why.lower().startswith(head.lower()):
        return event.why[:1].upper() + event.why[1:]
    return f"{head}: {event.why}" if event.why else head


def _date(when: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(when)) if when else "never"
