"""A watchdog's page: one static file a language, in plain words, for screen and paper; and the same as JSON."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from html import escape

from passerby.ledger.watch_words import FILES, NAMES, SIGNS, STATES, WORDS

Word = Callable[[str], str]

DAY = 86_400
_STYLE = """
:root{color-scheme:light dark;--paper:#f6f5f1;--card:#fff;--ink:#1c2126;--soft:#59636d;--line:#d5d8da;--link:#0b57a4;
--good:#12693a;--good-bg:#e6f4ea;--bad:#a5201c;--bad-bg:#fcebea;--open:#7a5200;--open-bg:#fdf3dc}
@media(prefers-color-scheme:dark){:root{--paper:#14181c;--card:#1d2329;--ink:#e9ecee;--soft:#a7b1ba;--line:#3a434c;
--link:#8fc3ff;--good:#7fdca4;--good-bg:#15301f;--bad:#ff9d97;--bad-bg:#3a1b1a;--open:#f3c869;--open-bg:#352a10}}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,"Noto Sans",sans-serif}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 4rem;overflow-wrap:anywhere}
h1{font-size:1.25rem;margin:0}a{color:var(--link)}.soft{color:var(--soft);margin:.1rem 0 1rem}.counted{margin-top:1rem}
.verdict{border:2px solid var(--tone);background:var(--tone-bg);border-radius:.75rem;padding:1.125rem 1.25rem}
.good{--tone:var(--good);--tone-bg:var(--good-bg)}.bad{--tone:var(--bad);--tone-bg:var(--bad-bg)}
.open{--tone:var(--open);--tone-bg:var(--open-bg)}
.verdict h2{margin:0;font-size:1.75rem;color:var(--tone)}.verdict p{margin:.4rem 0 0}
section{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.9rem 1.125rem;margin-top:1rem}
section p{margin:0}section h2{font-size:1.0625rem;margin:0 0 .25rem}ul{margin:0;padding-left:1.25rem}
table{border-collapse:collapse;width:100%;margin-top:.5rem}
th,td{padding:.3rem .5rem;border-bottom:1px solid var(--line);
text-align:start;font-weight:400}thead th{color:var(--soft);font-size:.875rem}td{text-align:end;white-space:nowrap;
font-variant-numeric:tabular-nums}thead th+th{text-align:end}tr:last-child>*{border-bottom:0}
tr.bad>*{color:var(--bad);font-weight:600}tr.bad th::before{content:"! "}.broken{color:var(--bad);font-weight:600}
nav{float:inline-end}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#999}body{font-size:10pt}
main{max-width:none;padding:0}section,.verdict{break-inside:avoid}nav{display:none}}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.25rem;margin:0}dt{color:var(--soft)}dd{margin:0}
"""


@dataclass(frozen=True, slots=True)
class Event:
    """When the log's state changed, and why."""

    when: int
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class Section:
    """A table that somebody adds to the page: what the entries come to, where they are acts.

    Args:
        title: In the page's language.
        lead: A sentence or two; may be empty.
        head: The columns; the first names a row.
        rows: Each as wide as the head.
        marked: Rows that tell of a broken promise.
    """

    title: str
    lead: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Counted:
    """What the entries come to, in each language; or why nothing could be counted."""

    entries: int = 0
    at: int = 0
    sections: Mapping[str, Sequence[Section]] = field(default_factory=dict)
    why: str = ""


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


def page(status: Status, counted: Counted | None = None, language: str = "en") -> bytes:
    """For people: no script, nothing from elsewhere; everything that the log says is escaped.

    Args:
        status: What was seen.
        counted: What the entries come to, where they are acts.
        language: One of `watch_words.NAMES`. What a check says in an English line stays English, and is marked so.
    """
    return "\n".join(_parts(status, counted, language)).encode() + b"\n"


def _parts(status: Status, counted: Counted | None, language: str) -> Iterator[str]:
    word = WORDS[language].__getitem__
    (tone, sign), (head, means) = SIGNS[status.state], STATES[language][status.state]
    title = word("title").format(log=status.origin or status.where)
    style = b64encode(sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
    yield f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="60">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield f"<title>{escape(head)}: {escape(status.origin or status.where)}</title><style>{_STYLE}</style></head><body>"
    yield f'<main><nav aria-label="{word("language")}">{_languages(language)}</nav>'
    yield f'<h1>{escape(title)}</h1><p class="soft">{word("by")}</p>'
    yield f'<div class="verdict {tone}" role="status"><h2>{sign} {escape(head)}</h2><p>{escape(means)}</p>'
    if status.why:
        yield f'<p><strong lang="en">{escape(status.why)}</strong></p>'
    yield "</div>"
    yield _section(word("evidence"), [f'<a href="{escape(p)}">{escape(p)}</a>' for p in status.evidence])
    if counted:
        yield from _counted(counted, language)
    yield _section(word("proven"), [_english(p) for p in status.proven])
    yield _section(word("not proven"), [_english(status.not_proven)] if status.not_proven else [])
    yield f"<section><h2>{word('facts')}</h2><dl>"
    for name, value in _facts(status, word):
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
    yield "</dl></section>"
    told = [f"{_date(e.when, word)}: {_told(e, language)}" for e in status.events[::-1]]
    yield _section(word("events"), told)
    yield f'<section><h2>{word("check")}</h2><p><a href="checker.html">{word("checker")}</a> ·'
    yield f'<a href="status.json">status.json</a> · <a href="log/checkpoint">{word("copy")}</a></p></section>'
    yield "</main></body></html>"


def _languages(own: str) -> str:
    links = (f'<a href="{FILES[at]}" lang="{at}" hreflang="{at}">{name}</a>' for at, name in NAMES.items() if at != own)
    return " · ".join(links)


def _facts(status: Status, word: Word) -> list[tuple[str, str]]:
    return [
        (word("log"), status.origin or word("unknown")),
        (word("address"), status.where),
        (word("looked"), _date(status.looked, word)),
        (word("good"), _date(status.good, word)),
        (word("grew"), _date(status.grew, word)),
        (word("held"), f"{status.size:,}"),
        (word("root"), status.root or word("none")),
    ]


def _counted(counted: Counted, language: str) -> Iterator[str]:
    word = WORDS[language].__getitem__
    if counted.why:
        yield f"<p>{escape(word('uncounted').format(why=counted.why))}</p>"
        return
    at = _date(counted.at, word)
    yield f'<p class="soft counted">{escape(word("counted").format(entries=f"{counted.entries:,}", at=at))}</p>'
    if broken := sum(len(section.marked) for section in counted.sections[language]):
        yield f'<p class="broken">{escape(word("broken").format(number=broken))}</p>'
    for section in counted.sections[language]:
        yield f"<section><h2>{escape(section.title)}</h2>"
        if section.lead:
            yield f"<p>{escape(section.lead)}</p>"
        yield "<table><thead><tr>" + "".join(f'<th scope="col">{escape(cell)}</th>' for cell in section.head)
        yield "</tr></thead><tbody>"
        for number, (name, *cells) in enumerate(section.rows):
            marked = ' class="bad"' if number in section.marked else ""
            row = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            yield f'<tr{marked}><th scope="row">{escape(name)}</th>{row}</tr>'
        yield "</tbody></table></section>"


def _section(title: str, items: Sequence[str]) -> str:
    inside = "".join(f"<li>{item}</li>" for item in items)
    return f"<section><h2>{escape(title)}</h2><ul>{inside}</ul></section>" if items else ""


def _english(text: str) -> str:
    return f'<span lang="en">{escape(text)}</span>'


def _told(event: Event, language: str) -> str:
    english, head = STATES["en"][event.state][0], STATES[language][event.state][0]
    if not event.why:
        return escape(head)
    if language == "en" and event.why.lower().startswith(english.lower()):
        return escape(event.why[:1].upper() + event.why[1:])
    return f"{escape(head)}: {_english(event.why)}"


def _date(when: int, word: Word) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(when)) if when else word("never")
