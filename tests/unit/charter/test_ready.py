"""Ready or not: every paper missing, over or about something else, with every set of demands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.papers.samples import a_plan, a_record, a_sign, entry, example, filed, owner, stage

from passerby.charter.ready import Files, Readiness, Terms, for_permit, for_step
from passerby.charter.register.entry import Entry
from passerby.charter.register.phase import Phase, Step
from passerby.charter.root import DAY, DEMANDS

NOW = int(datetime(2027, 1, 5, tzinfo=UTC).timestamp())
ALL = frozenset(DEMANDS)
HELD = entry("square")
MODELS = {"nanodet": "aa" * 32}
TERMS = Terms(("crowd",), "crowd-safety", 0, NOW + 10 * DAY, NOW + 70 * DAY, MODELS)
FILES = Files(
    {"crowd": filed(example("square"))}, filed(a_sign(HELD)), [filed(a_plan())], [filed(a_record())], 0
)  # fmt: skip
SUBSETS = [frozenset(some) for size in range(len(DEMANDS) + 1) for some in combinations(DEMANDS, size)]


def permit(
    files: Files = FILES,
    terms: Terms = TERMS,
    demands: frozenset[str] = ALL,
    held: Entry = HELD,
    phase: Phase = Phase.NOTICED,
    now: int = NOW,
) -> Readiness:
    return for_permit(held, owner(), phase, files, terms, demands, now)


def test_all_there() -> None:
    found = permit()
    assert found.obstacles == ()
    assert set(found.papers) == {"assessment-crowd", "notice", "plan", "supplier-acme"}


Change = Callable[[Files], Files]
SPOILED: list[tuple[str, str, Change]] = [
    ("assessment", "there is no assessment of crowd", lambda f: replace(f, assessments={})),
    ("assessment", "is not accepted", lambda f: replace(
        f, assessments={"crowd": filed(example("square"), accepted=False)})),
    ("assessment", "is accepted until", lambda f: replace(
        f, assessments={"crowd": filed(example("square"), until=TERMS.ends - 1)})),
    ("assessment", "something else than what is captured", lambda f: replace(
        f, assessments={"crowd": filed(replace(example("square"), capture="00" * 32))})),
    ("assessment", "looked at again by", lambda f: replace(
        f, assessments={"crowd": filed(replace(example("square"), review_by=date(2027, 3, 1)))})),
    ("notice", "no sign", lambda f: replace(f, placed=None)),
    ("notice", "says something else", lambda f: replace(f, placed=filed(a_sign(HELD, "00" * 32)))),
    ("plan", "there is no rollout plan", lambda f: replace(f, plans=[])),
    ("plan", "is not accepted", lambda f: replace(f, plans=[filed(a_plan(), accepted=False)])),
    ("plan", "is accepted until", lambda f: replace(f, plans=[filed(a_plan(), until=TERMS.ends - 1)])),
    ("plan", "days in no phase", lambda f: replace(f, plans=[filed(a_plan(stage("a", "2027-01-01", "2027-02-01")))])),
    ("plan", "are all there", lambda f: replace(f, others=1)),
    ("supplier", "no supplier's record", lambda f: replace(f, suppliers=[])),
    ("supplier", "no supplier's record", lambda f: replace(f, suppliers=[filed(a_record("bb" * 32))])),
    ("supplier", "is not accepted", lambda f: replace(f, suppliers=[filed(a_record(), accepted=False)])),
    ("supplier", "is accepted until", lambda f: replace(f, suppliers=[filed(a_record(), until=NOW - 1)])),
    ("supplier", "has expired", lambda f: replace(f, suppliers=[filed(a_record(valid_until="2027-01-03"))])),
]  # fmt: skip


@pytest.mark.parametrize(("name", "why", "spoil"), SPOILED, ids=[f"{n}: {w}" for n, w, _ in SPOILED])
def test_each_paper_spoiled_with_every_set_of_demands(name: str, why: str, spoil: Change) -> None:
    for demands in SUBSETS:
        found = permit(spoil(FILES), demands=demands)
        assert bool(found.obstacles) == (name in demands), demands
        assert all(why in obstacle for obstacle in found.obstacles)
        assert not any(paper.startswith(name) for paper in found.papers), "nothing spoiled is named"


def test_the_best_plan_counts() -> None:
    plans = [filed(a_plan(stage("a", "2020-01-01", "2020-02-01"))), filed(a_plan())]
    assert permit(replace(FILES, plans=plans)).obstacles == ()


TERMED: list[tuple[str, Terms]] = [
    ("does not have live", replace(TERMS, analyses=("crowd", "live"))),
    ("does not have the purpose audit", replace(TERMS, purpose="audit")),
    ("keeps 0 hours", replace(TERMS, retention_s=3600)),
    ("its entry ends on 2028-01-10", replace(TERMS, ends=NOW + 380 * DAY)),
]


@pytest.mark.parametrize(("why", "terms"), TERMED, ids=[w for w, _ in TERMED])
def test_a_permit_allows_no_more_than_the_register(why: str, terms: Terms) -> None:
    assert any(why in obstacle for obstacle in permit(terms=terms, demands=frozenset()).obstacles)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("demands", SUBSETS, ids=lambda s: "+".join(sorted(s)) or "none")
def test_how_far_a_camera_must_have_come(phase: Phase, demands: frozenset[str]) -> None:
    enough = {Phase.NOTICED, Phase.ACTIVE, Phase.SUSPENDED}
    enough |= set() if "notice" in demands else {Phase.ASSESSED}
    enough |= set() if "assessment" in demands else {Phase.PROPOSED}
    assert (permit(phase=phase, demands=demands).obstacles == ()) == (phase in enough)


def test_what_is_not_publishable_gets_no_permit() -> None:
    found = permit(held=entry("square", why=""), demands=frozenset())
    assert found.obstacles == ("old-market is not publishable: it lacks why",)


@pytest.mark.parametrize("step", Step)
def test_steps_that_narrow_have_nothing_in_the_way(step: Step) -> None:
    found = for_step(step, entry("square", why=""), owner(), Files(), ALL, NOW)
    assert (found == ()) == (step in (Step.SUSPEND, Step.REMOVE, Step.CHANGE))


def test_what_each_step_needs() -> None:
    def needs(step: Step, files: Files, demands: frozenset[str] = ALL) -> int:
        return len(for_step(step, HELD, owner(), files, demands, NOW))

    none = Files()
    assert [needs(step, FILES) for step in Step] == [0] * len(Step)
    assert needs(Step.ASSESS, none) == 1 and needs(Step.ASSESS, none, frozenset()) == 0
    assert needs(Step.NOTICE, none) == 2 and needs(Step.NOTICE, none, frozenset({"notice"})) == 1
    assert needs(Step.ACTIVATE, none) == needs(Step.RESUME, none) == 3
    assert needs(Step.ACTIVATE, replace(FILES, placed=None), ALL - {"notice"}) == 0
    assert needs(Step.ACTIVATE, replace(FILES, placed=None)) == 1, "a missing sign blocks where the root says so"


@given(st.integers(-2 * DAY, 2 * DAY), st.dates(date(2026, 1, 1), date(2060, 12, 31)))
def test_a_record_ends_with_its_last_day_wherever_that_ends_last(off: int, day: date) -> None:
    ends = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + DAY + 12 * 3600
    files = replace(FILES, suppliers=[filed(a_record(valid_until=day.isoformat()))])
    found = permit(files, demands=frozenset({"supplier"}), now=ends + off, held=HELD)
    assert bool(found.obstacles) == (off >= 0)
