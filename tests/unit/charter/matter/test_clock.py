"""Deadlines: leap days, months of every length, holidays, and zones whose midnights come twice or never."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.base.errors import CharterError
from passerby.charter.matter.clock import Calendar, Term, Unit, months_later

HK = Calendar(ZoneInfo("Asia/Hong_Kong"), frozenset({date(2026, 12, 25), date(2026, 12, 26)}))
NL = Calendar(ZoneInfo("Europe/Amsterdam"))
# Midnight is skipped (Beirut, Havana, Cairo), comes twice (Havana, Azores), a whole day is missing (Apia, 2011-12-30),
# and offsets that are no whole hours (Kathmandu, Lord Howe's half-hour summer time).
ZONES = [
    "UTC", "Asia/Hong_Kong", "Europe/Amsterdam", "America/Havana", "Asia/Beirut", "Africa/Cairo", "Atlantic/Azores",
    "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati", "America/Los_Angeles",
]  # fmt: skip
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.integers(0, int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()))
days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
calendars = st.builds(
    Calendar, zones, st.frozensets(st.dates(date(2000, 1, 1), date(2030, 1, 1)), max_size=30),
    st.frozensets(st.integers(0, 6), max_size=3),
)  # fmt: skip
day_terms = st.builds(Term, st.integers(1, 120), st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS]))
terms = st.one_of(day_terms, st.builds(Term, st.integers(1, 24), st.just(Unit.MONTHS)))


def at(text: str, calendar: Calendar) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=calendar.zone).timestamp())


@pytest.mark.parametrize(
    ("calendar", "since", "term", "too_late"),
    [
        (HK, "2026-11-02T09:00", Term(40, Unit.DAYS), "2026-12-15T00:00"),  # the 12th is a Saturday: Monday
        (HK, "2026-11-15T23:59:59", Term(40, Unit.DAYS), "2026-12-29T00:00"),  # Christmas, its morrow, Sunday: the 28th
        (HK, "2028-01-20T12:00", Term(40, Unit.DAYS), "2028-03-01T00:00"),  # across a leap day: 29 February
        (NL, "2027-01-31T10:00", Term(1, Unit.MONTHS), "2027-03-02T00:00"),  # no 31 February; the 28th is a Sunday
        (NL, "2028-01-31T10:00", Term(1, Unit.MONTHS), "2028-03-01T00:00"),  # leap year: 29 February, a Tuesday
        (NL, "2026-03-05T08:00", Term(1, Unit.MONTHS), "2026-04-07T00:00"),  # Sunday 5 April to Monday, in summer time
        (NL, "2026-11-30T08:00", Term(3, Unit.MONTHS), "2027-03-02T00:00"),
        (NL, "2026-06-05T08:00", Term(1, Unit.WORKING_DAYS), "2026-06-09T00:00"),  # Friday to Monday
    ],
)
def test_known_dates(calendar: Calendar, since: str, term: Term, too_late: str) -> None:
    assert calendar.due(at(since, calendar), term) == at(too_late, calendar)


def test_seventy_two_hours_are_not_moved_by_anything() -> None:
    known = at("2026-12-24T18:30", HK)
    assert HK.due(known, Term(72, Unit.HOURS)) == known + 72 * 3600
    night = at("2026-03-28T12:00", NL)  # the night with 23 hours
    assert NL.due(night, Term(72, Unit.HOURS)) - night == 259_200


def test_one_law_two_places_one_moment() -> None:
    """The same second is another day elsewhere, and so is its deadline."""
    since = int(datetime(2026, 11, 4, 17, 0, tzinfo=UTC).timestamp())  # the 5th in Hong Kong
    term = Term(40, Unit.DAYS)
    assert HK.due(since, term) - NL.due(since, term) == 17 * 3600  # the 15th there, the 14th here
    plain = Calendar(ZoneInfo("Asia/Hong_Kong"))
    assert plain.day(since) == date(2026, 11, 5) and NL.day(since) == date(2026, 11, 4)


@given(calendars, days)
def test_a_day_ends_where_the_next_begins(calendar: Calendar, day: date) -> None:
    end = calendar.end(day)
    assert calendar.day(end) > day
    assert calendar.day(end - 1) <= day


@given(calendars, moments, terms)
def test_a_deadline_is_after_its_beginning_and_ends_a_worked_day(calendar: Calendar, since: int, term: Term) -> None:
    due = calendar.due(since, term)
    last = calendar.day(due - 1)
    assert due > since
    if calendar.end(last) == due and last.year != 2011:  # Apia had no 30 December 2011
        assert not calendar.is_off(last)


@given(calendars, moments, moments, terms)
def test_what_comes_later_is_never_due_earlier(calendar: Calendar, one: int, two: int, term: Term) -> None:
    early, late = sorted((one, two))
    assert calendar.due(early, term) <= calendar.due(late, term)


@given(calendars, moments, day_terms)
def test_one_more_is_never_less(calendar: Calendar, since: int, term: Term) -> None:
    assert calendar.due(since, term) <= calendar.due(since, Term(term.count + 1, term.unit))


@given(calendars, moments, day_terms, st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_one_more_holiday_never_shortens(calendar: Calendar, since: int, term: Term, holiday: date) -> None:
    more = Calendar(calendar.zone, calendar.holidays | {holiday}, calendar.weekend)
    assert calendar.due(since, term) <= more.due(since, term)


@given(days, st.integers(1, 60))
def test_months_keep_their_number_or_end(day: date, count: int) -> None:
    later = months_later(day, count)
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)
    assert (later.year - day.year) * 12 + later.month - day.month == count


@pytest.mark.parametrize(
    ("count", "unit"), [(0, Unit.DAYS), (-1, Unit.MONTHS), (400, Unit.MONTHS), (99999, Unit.HOURS)]
)
def test_what_is_no_term(count: int, unit: Unit) -> None:
    with pytest.raises(CharterError):
        Term(count, unit)


def test_a_week_without_work_is_refused() -> None:
    with pytest.raises(CharterError, match="no day of the week"):
        Calendar(UTC, frozenset(), frozenset(range(7)))


@pytest.mark.parametrize("moment", [-1, 1 << 60])
def test_a_time_that_no_calendar_knows(moment: int) -> None:
    with pytest.raises(CharterError, match="outside"):
        HK.day(moment)
