"""An account as sections of a page: tables of whole numbers under plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from passerby.charter.watched.account import ENDED, STARTED, Account
from passerby.charter.watched.words import DUTIES, PHASES, WORDS
from passerby.ledger.watch_page import Section

Word = Callable[[str], str]
_NOTABLE = ("hours.stations-silent", "draw.looks-overdue", "share.exports-unexplained", "acts-logged-late")
_DELETION = ("keys.alive", "keys.death", "keys.overdue", "keys.late")
# A number above zero in these is a breach of a promise, and is marked.
_ALARMING = {"keys.overdue", "keys.late", "hours.stations-silent", "draw.looks-overdue", "share.exports-unexplained"}


def sections(account: Account, language: str) -> list[Section]:
    """The account in one of the languages.

    Args:
        account: Of a log.
        language: One of `words.LANGUAGES`.
    """
    word = WORDS[language].__getitem__
    return list(_sections(account, word))


def _sections(account: Account, word: Word) -> Iterator[Section]:
    lines = account.lines
    phases = [(word(phase), lines.get(f"cameras.phase.{phase}", 0)) for phase in PHASES]
    yield Section(word("cameras"), word("cameras.lead"), (word("phase"), word("count")), _rows(phases))
    kinds = [(word(kind), account.lately[kind], account.ever[kind]) for kind in (*STARTED[::-1], *ENDED)]
    yield Section(word("permits"), word("permits.lead"), (word("what"), word("lately"), word("ever")), _rows(kinds))
    months = [(month, counts["look"], counts["export"], counts["unseal"]) for month, counts in account.months]
    head = (word("month"), word("look"), word("export"), word("unseal"))
    total = (word("ever"), account.ever["look"], account.ever["export"], account.ever["unseal"])
    yield Section(word("looks"), word("looks.lead"), head, _rows([*months, total]))
    deleted = [(word(name), lines.get(name, 0)) for name in _DELETION]
    marked = frozenset(at for at, name in enumerate(_DELETION) if name in _ALARMING and lines.get(name))
    yield Section(word("deletion"), word("deletion.lead"), (word("what"), word("number")), _rows(deleted), marked)
    yield _duties(account, word)
    notable = [*((word(name), lines.get(name, 0)) for name in _NOTABLE), (word("findings"), _findings(lines))]
    alarming = frozenset(at for at, name in enumerate(_NOTABLE) if name in _ALARMING and lines.get(name))
    yield Section(word("state"), "", (word("what"), word("number")), _rows(notable), alarming)


def _duties(account: Account, word: Word) -> Section:
    def counted(duty: str) -> tuple[int, ...]:
        return tuple(account.lines.get(f"duty.{duty}.{what}", 0) for what in ("open", "overdue", "late"))

    rows: list[tuple[str | int, ...]] = [(word(duty), *counted(duty)) for duty in DUTIES]
    marked = frozenset(at for at, duty in enumerate(DUTIES) if counted(duty)[1])
    head = (word("duty"), word("open"), word("overdue"), word("late"))
    return Section(word("duties"), word("duties.lead"), head, _rows(rows), marked)


def _findings(lines: dict[str, int]) -> int:
    return sum(count for name, count in lines.items() if name.startswith("finding."))


def _rows(rows: Sequence[tuple[str | int, ...]]) -> list[list[str]]:
    return [[cell if isinstance(cell, str) else f"{cell:,}" for cell in row] for row in rows]
