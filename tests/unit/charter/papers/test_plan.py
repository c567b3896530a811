"""Rollout plans: which days, in which zone, over leap days; where, for what, and how many."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.papers.samples import a_plan, entry, plan_text, stage

from passerby.charter.papers.plan import EXAMPLE, Cover, cover, lacks, parse_plan
from passerby.charter.register.words import Flaw, Flawed
from passerby.charter.root import DAY

TWO = stage("one", "2027-01-04", "2027-03-31", "{centre = 1, west = 3}") + stage(
    "two", "2027-04-01", "2027-12-31", "{centre = 2}"
)
CENTRE, WEST = entry("square"), entry("square", area="west")


def at(day: str, zone: int = 0) -> int:
    return int(datetime.combine(date.fromisoformat(day), time(), timezone(timedelta(hours=zone))).timestamp())


@pytest.mark.parametrize(
    ("begins", "ends", "others", "found"),
    [
        ("2027-01-04", "2027-04-01", 0, Cover.COVERED),
        ("2027-01-04", "2028-01-01", 0, Cover.COVERED),
        ("2027-01-03", "2027-04-01", 0, Cover.NO_STAGE),
        ("2027-01-04", "2028-01-02", 0, Cover.NO_STAGE),
        ("2028-01-01", "2028-01-02", 0, Cover.NO_STAGE),
        ("2027-02-01", "2027-02-01", 0, Cover.NO_STAGE),
        ("2027-01-04", "2027-02-01", 1, Cover.FULL),
        ("2027-04-01", "2027-05-01", 1, Cover.COVERED),
        ("2027-04-01", "2027-05-01", 2, Cover.FULL),
        ("2027-03-01", "2027-05-01", 1, Cover.FULL),
    ],
)
def test_days_and_numbers(begins: str, ends: str, others: int, found: Cover) -> None:
    assert cover(a_plan(TWO), CENTRE, at(begins), at(ends), others) is found


def test_places_owners_and_purposes() -> None:
    plan, times = a_plan(TWO), (at("2027-01-04"), at("2027-02-01"), 0)
    assert cover(plan, WEST, *times) is Cover.COVERED
    assert cover(plan, WEST, at("2027-03-01"), at("2027-05-01"), 0) is Cover.OTHER_AREA
    assert cover(plan, entry("square", area="north"), *times) is Cover.OTHER_AREA
    assert cover(plan, entry("square", owner="x"), *times) is Cover.OTHER_OWNER
    assert cover(plan, entry("square", purposes=["audit"]), *times) is Cover.OTHER_PURPOSE
    assert cover(plan, entry("square", purposes=[]), *times) is Cover.OTHER_PURPOSE
    assert cover(plan, entry("square", analyses=["crowd", "live"]), *times) is Cover.OTHER_ANALYSIS
    assert plan.totals() == {"centre": 2, "west": 3}


def test_a_gap_between_phases_is_no_phase() -> None:
    gap = stage("one", "2027-01-01", "2027-01-31") + stage("two", "2027-02-02", "2027-12-31")
    assert cover(a_plan(gap), CENTRE, at("2027-01-01"), at("2027-03-01"), 0) is Cover.NO_STAGE
    assert cover(a_plan(gap), CENTRE, at("2027-01-01"), at("2027-02-01"), 0) is Cover.COVERED


@given(
    st.dates(date(1999, 1, 1), date(2099, 1, 1)),
    st.integers(0, 800),
    st.integers(-12, 14),
    st.integers(-1, 1),
    st.integers(-1, 1),
)
def test_the_first_and_last_second_in_every_zone(first: date, length: int, zone: int, early: int, late: int) -> None:
    """The plan's own days decide: against Python's own time zones, over leap days and the ends of years."""
    last = first + timedelta(days=length)
    plan = a_plan(stage("one", first.isoformat(), last.isoformat()), zone=str(zone))
    here = timezone(timedelta(hours=zone))
    begins = int(datetime.combine(first, time(), here).timestamp()) + early
    ends = int(datetime.combine(last + timedelta(days=1), time(), here).timestamp()) + late
    fits = early >= 0 and late <= 0
    assert (cover(plan, CENTRE, begins, ends, 0) is Cover.COVERED) == (fits and begins < ends)
    assert plan.day_of(begins) == datetime.fromtimestamp(begins, UTC).astimezone(here).date()
    assert plan.first_second(first) == begins - early


def test_a_leap_day_is_a_day() -> None:
    plan = a_plan(stage("one", "2028-02-29", "2028-02-29"))
    assert cover(plan, CENTRE, at("2028-02-29"), at("2028-03-01"), 0) is Cover.COVERED
    assert at("2028-03-01") - at("2028-02-29") == DAY
    with pytest.raises(Flawed):
        a_plan(stage("one", "2027-02-29", "2027-03-01"))


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        (plan_text(stage("a", "2027-02-01", "2027-01-01")), Flaw.SENSE),
        (plan_text(stage("a", "2027-01-01", "2027-02-01") + stage("b", "2027-02-01", "2027-03-01")), Flaw.SENSE),
        (plan_text(stage("a", "2027-01-01", "2027-02-01") + stage("a", "2027-02-02", "2027-03-01")), Flaw.TWICE),
        (plan_text(stage("a", "2027-01-01", "2027-02-01", "{}")), Flaw.SYNTAX),
        (plan_text(stage("a", "2027-01-01", "2027-02-01", "{centre = 0}")), Flaw.RANGE),
        (plan_text(stage("a", "2027-01-01", "2027-02-01", "{centre = 2.5}")), Flaw.NO_NUMBER),
        (plan_text("phases = []\n"), Flaw.EMPTY),
        (plan_text(zone="15"), Flaw.RANGE),
        (plan_text(id='"../x"'), Flaw.NO_ID),
    ],
)
def test_plans_that_are_none(text: bytes, flaw: Flaw) -> None:
    with pytest.raises(Flawed) as refused:
        parse_plan(text)
    assert refused.value.flaw is flaw


def test_what_a_plan_lacks() -> None:
    assert lacks(a_plan()) == []
    assert len(lacks(parse_plan(EXAMPLE.encode()))) == 4
