"""Deadlines as laws count them: in hours, days, working days or months, in a place's time zone and with its holidays.

Sources: Regulation (EEC, Euratom) 1182/71, art. 3 (the day of the event is left out; a month ends on the day of the
same number or, where the month has none, on its last day; what ends on a day off ends on the next working day; hours
are not moved); Hong Kong, Interpretation and General Clauses Ordinance (Cap. 1), s. 71 (the same for days).

A deadline is the first second that is too late, in seconds since 1970.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum

from passerby.base.errors import CharterError

WEEKEND = frozenset({5, 6})  # Monday is 0
MOST = 3660  # days; longer is no deadline
LAST = date(9000, 1, 1)
HOUR = 3600


class Unit(Enum):
    """What a term is counted in."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Term:
    """So many of a unit.

    Raises:
        CharterError: Nothing, or longer than ten years.
    """

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        """See the class."""
        days = {Unit.HOURS: 1 / 24, Unit.DAYS: 1, Unit.WORKING_DAYS: 1, Unit.MONTHS: 31}[self.unit]
        if self.count < 1 or self.count * days > MOST:
            raise CharterError(f"{self.count} {self.unit.value} is no deadline", "give at least 1, at most ten years")

    def __str__(self) -> str:
        """For people."""
        word = self.unit.value
        return f"{self.count} {word.removesuffix('s') if self.count == 1 else word}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A place's days.

    Args:
        zone: Its time zone.
        holidays: Days off, beside the weekend.
        weekend: Days of the week that are off; Monday is 0.

    Raises:
        CharterError: No day of the week is worked.
    """

    zone: tzinfo = UTC
    holidays: frozenset[date] = frozenset()
    weekend: frozenset[int] = WEEKEND

    def __post_init__(self) -> None:
        """See the class."""
        if not self.weekend < frozenset(range(7)):
            raise CharterError("no day of the week is worked", "name the weekend's days, Monday being 0")

    def day(self, when: int) -> date:
        """The local day of a moment.

        Raises:
            CharterError: It is beyond any deadline.
        """
        if not 0 <= when < _EPOCH_END:
            raise CharterError("a time is outside of what a calendar knows", "give seconds since 1970")
        return datetime.fromtimestamp(when, UTC).astimezone(self.zone).date()

    def is_off(self, day: date) -> bool:
        """Whether nobody works on this day."""
        return day.weekday() in self.weekend or day in self.holidays

    def worked(self, day: date) -> date:
        """This day, or the next that is worked."""
        while self.is_off(day):
            day += timedelta(days=1)
        return day

    def end(self, day: date) -> int:
        """The first second after this local day, whatever its clocks do at midnight."""
        # Where midnight is skipped the earlier offset counts, and where it comes twice, the first of them.
        whole = datetime.combine(day + timedelta(days=1), time(), self.zone)
        found = int(whole.timestamp())
        while self.day(found - 1) > day:  # a zone that skips midnight by less or more than its change
            found -= 1
        return found

    def due(self, since: int, term: Term) -> int:
        """When what began at a moment is too late."""
        if term.unit is Unit.HOURS:
            return since + term.count * HOUR
        first = self.day(since)
        if term.unit is Unit.WORKING_DAYS:
            last = first
            for _ in range(term.count):
                last = self.worked(last + timedelta(days=1))
        elif term.unit is Unit.DAYS:
            last = first + timedelta(days=term.count)
        else:
            last = months_later(first, term.count)
        return self.end(self.worked(last))


_EPOCH_END = int(datetime(LAST.year, 1, 1, tzinfo=UTC).timestamp())


def months_later(day: date, count: int) -> date:
    """The day of the same number so many months later, or that month's last."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
