"""An outsider's account of a site, folded from its ledger's entries as they come.

Memory grows with cameras, staff, open promises and living keys, not with entries.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from passerby.charter.matter.draw import LOOKS
from passerby.charter.report.report import lines
from passerby.charter.report.tally import Tally
from passerby.ledger.errors import LedgerError, Refusal, Unreadable
from passerby.ledger.schema import MOST, Act, parse_act
from passerby.ledger.verify import WIDTH, Reader, read_tile, split_bundle

DAY = 86400
LATELY_S = 30 * DAY
MONTHS = 12
STARTED = ("start", "permit")
ENDED = ("stop", "revoke", "expire")
COUNTED = (*LOOKS, *STARTED, *ENDED)
_MARKS = [f'"act":"{kind}"'.encode() for kind in COUNTED]


@dataclass(frozen=True, slots=True)
class Account:
    """What the ledger comes to.

    Args:
        entries: How many were counted, from the first on.
        at: As of when, in seconds since 1970.
        lately: Each kind of act that is counted here to how many were logged in the last 30 days.
        ever: The same, since the log began.
        months: The last twelve months with their looks, exports and unsealings, newest first.
        lines: All lines of a report over the whole log.
    """

    entries: int
    at: int
    lately: dict[str, int]
    ever: dict[str, int]
    months: list[tuple[str, dict[str, int]]]
    lines: dict[str, int]


@dataclass(slots=True)
class Chronicle:
    """Reads a log that was verified before, and goes on where it ended.

    Args:
        read: The log's files: the outsider's own copy.
    """

    read: Reader
    entries: int = field(init=False)
    _tally: Tally = field(init=False)
    _recent: deque[tuple[int, str]] = field(init=False)  # when logged, which kind
    _months: dict[str, Counter[str]] = field(init=False)

    def __post_init__(self) -> None:
        """See the class."""
        self._begin()

    def account(self, size: int, now: int) -> Account:
        """Take what came since the last call, and say what it all comes to. After an error it begins anew.

        Args:
            size: How many entries the log has.
            now: Seconds since 1970.

        Raises:
            Unreadable: An entry is no act, or its list is not held.
            Refuted: An act says what can't be: the list is another, a draw cheats, a number is missing.
        """
        try:
            while self.entries < size:
                self._bundle(self.entries // WIDTH, size)
        except LedgerError:
            self._begin()
            raise
        while self._recent and self._recent[0][0] <= now - LATELY_S:
            self._recent.popleft()
        # What is overdue is told as of now; the end is far away again before anything more is taken.
        self._tally.ends = now
        found = lines(self._tally)
        self._tally.ends = MOST
        lately = Counter(kind for _, kind in self._recent)
        return Account(
            self.entries,
            now,
            {kind: lately[kind] for kind in COUNTED},
            {kind: self._tally.counts[f"acts.{kind}"] for kind in COUNTED},
            [(month, {kind: self._months.get(month, Counter())[kind] for kind in LOOKS}) for month in _last(now)],
            found,
        )

    def _begin(self) -> None:
        self._tally, self.entries = Tally(0, MOST, self.read), 0
        self._recent, self._months = deque(), {}

    def _bundle(self, number: int, size: int) -> None:
        start, width = number * WIDTH, min(WIDTH, size - number * WIDTH)
        entries = split_bundle(read_tile(self.read, "entries", number, width), width)
        for index in range(self.entries, start + width):
            entry = entries[index - start]
            try:
                self._tally.take(index, entry)
            except Refusal as error:
                raise Unreadable(f"entry {index} is no act ({error}): nothing can be counted") from error
            if any(mark in entry for mark in _MARKS):
                self._count(parse_act(entry))
            self.entries = index + 1

    def _count(self, act: Act) -> None:
        kind, logged = act["act"], act["logged"]
        self._recent.append((logged, kind))
        if kind in LOOKS:
            self._months.setdefault(datetime.fromtimestamp(logged, UTC).strftime("%Y-%m"), Counter())[kind] += 1


def _last(now: int) -> list[str]:
    today = datetime.fromtimestamp(now, UTC)
    count = [today.year * 12 + today.month - 1 - back for back in range(MONTHS)]
    return [f"{at // 12}-{at % 12 + 1:02}" for at in count]
