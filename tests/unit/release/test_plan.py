"""Plans: strict, signed by two institutions, revocable; and the budget of a camera's day, in a chain."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.world import ROOT, Ledger, World, signed
from tests.unit.release.kit import DAY, GAUSSIAN, PLAN, note_of, plan

from passerby.base.errors import BudgetError, ReleaseError
from passerby.charter.document import Unsound, write
from passerby.charter.proofs import Site, open_site
from passerby.charter.site_permit import revocation
from passerby.release import calendar, lawful
from passerby.release.budget import Charge, Kept, Record, allow, follow, spent
from passerby.release.noise import Mechanism
from passerby.release.plan import parse_plan
from passerby.release.tree import Level, Shape

HASH = "ab" * 32


def changed(**values: Any) -> bytes:
    return signed(write(json.loads(PLAN.text()) | values), "op1", "rev1")


def test_what_is_signed_is_read() -> None:
    assert parse_plan(note_of(PLAN)) == PLAN
    assert parse_plan(note_of(plan(shape=GAUSSIAN))).shape == GAUSSIAN
    assert parse_plan(note_of(PLAN)).hash == PLAN.hash != plan(threshold=11).hash


@pytest.mark.parametrize("values", [
    {"format": "passerby/permit@1"}, {"cap": 0}, {"cap": 3001}, {"cap": True}, {"threshold": -1}, {"clamp": 0},
    {"zone": "Mars/Base"}, {"zone": "../etc"}, {"mechanism": "laplace"}, {"levels": [[0, 1]]},
    {"levels": [[0, 1], [1, 0]]},
    {"levels": [[1, 1], [1, 1]]}, {"levels": [[0, 1], [3, 1], [2, 1], [1, 1]]}, {"levels": [[0, 1], [0, 1], [1, 1]]},
    {"levels": [[0, 2000], [1, 1]]}, {"cameras": {}}, {"cameras": {"gate-1": []}}, {"cameras": {"Gate": ["a"]}},
    {"cameras": {"gate-1": ["=cmd"]}}, {"first_day": "2026-1-1"}, {"first_day": "2028-01-01"}, {"bin_minutes": 5},
    {"licence": "all rights reserved"}, {"purpose": "marketing"}, {"names": {"gate-9": {"en": "x"}}},
    {"names": {"square": {"fr": "x"}}}, {"areas": {"a": {"closed": 1, "lines": {"gate-1/north": "in"}}}},
    {"areas": {"a": {"closed": True, "lines": {"gate-1/west": "in"}}}}, {"areas": {"a": {"closed": True, "lines": {}}}},
    {"more": 1},
], ids=str)  # fmt: skip
def test_each_fault_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(Unsound):
        parse_plan(changed(**values))


def site(*more: Any) -> Site:
    world = World()
    ledger = Ledger()
    logged = ledger.add({"act": "site-root", "content": ROOT.hash}, ROOT.at)
    return open_site(world.notes, ROOT.hash, [logged, *more])


def test_a_plan_of_both_sides_counts() -> None:
    lawful.judge(PLAN, note_of(PLAN), site(), ())


@pytest.mark.parametrize(("signers", "why"), [
    (("op1",), "operator only"), (("rev1",), "reviewer only"), (("op1", "op2"), "one institution"),
    (("keep",), "neither"), (("w3",), "neither"),
])  # fmt: skip
def test_one_side_is_not_enough(signers: tuple[str, ...], why: str) -> None:
    with pytest.raises(ReleaseError, match=why):
        lawful.judge(PLAN, note_of(PLAN, *signers), site(), ())


@pytest.mark.parametrize(("values", "why"), [
    ({"site": "other.org"}, "another site"), ({"root": HASH}, "another site"), ({"purpose": "audit"}, "does not allow"),
])  # fmt: skip
def test_a_plan_of_elsewhere_does_not_count(values: dict[str, Any], why: str) -> None:
    found = plan(**values)
    with pytest.raises(ReleaseError, match=why):
        lawful.judge(found, note_of(found), site(), ())


def test_a_plan_can_be_revoked_by_one_side() -> None:
    word = signed(revocation(PLAN.hash, ROOT.at + 2000), "rev2")
    with pytest.raises(ReleaseError, match="ended"):
        lawful.judge(PLAN, note_of(PLAN), site(), (word,))
    other = signed(revocation(HASH, ROOT.at + 2000), "rev2")
    lawful.judge(PLAN, note_of(PLAN), site(), (other,))


def test_an_unproven_root_is_none() -> None:
    with pytest.raises(ReleaseError, match="not proven"):
        lawful.judge(PLAN, note_of(PLAN), replace(site(), proven=False), ())


def test_days_are_due_by_the_calendar_alone() -> None:
    end = calendar.starts("2026-11-03", PLAN.zone)
    assert lawful.due(PLAN, end + 6 * 3600 - 1) == []
    assert lawful.due(PLAN, end + 6 * 3600) == [DAY]
    assert lawful.due(PLAN, end + 30 * 86400)[-1] == "2026-12-01"


@pytest.mark.parametrize(("day", "zone", "bins"), [
    ("2026-11-02", "Asia/Hong_Kong", 96), ("2026-03-29", "Europe/Berlin", 92), ("2026-10-25", "Europe/Berlin", 100),
    ("2026-04-05", "Australia/Lord_Howe", 98), ("2026-06-01", "Asia/Kathmandu", 96),
])  # fmt: skip
def test_days_have_their_quarter_hours(day: str, zone: str, bins: int) -> None:
    starts = calendar.bin_starts(day, zone)
    assert len(starts) == bins
    assert calendar.local(starts[0], zone).startswith(f"{day}T00:00")
    assert calendar.day_of(starts[-1], zone) == day
    assert starts[-1] + calendar.BIN_S == calendar.starts(calendar.after(day), zone)


def charge(number: int, previous: str, **values: Any) -> Charge:
    found = Charge(number, "gate-1", DAY, PLAN.hash, PLAN.shape.mechanism.value, 1000, 2000, 5, previous)
    return replace(found, **values)


def chain(*makers: Callable[[int, str], Record]) -> list[Record]:
    found: list[Record] = []
    for make in makers:
        found.append(make(len(found) + 1, found[-1].hash if found else ""))
    return found


def kept(number: int, previous: str, **values: Any) -> Kept:
    return replace(Kept(number, 1, "gate-1", DAY, "passerby", HASH, HASH, 6, previous), **values)


def test_a_chain_is_followed() -> None:
    found = chain(charge, charge, lambda n, p: kept(n, p, charge=2))
    follow(found)
    assert spent(found, "gate-1", DAY) == 2000
    assert spent(found, "gate-1", "2026-11-03") == 0


@pytest.mark.parametrize(("makers", "why"), [
    ([lambda n, p: charge(n + 1, p)], "does not follow"),
    ([charge, lambda n, p: charge(n, HASH)], "does not follow"),
    ([charge, charge, charge], "exceeds its budget"),
    ([charge, lambda n, p: charge(n, p, cap=1500)], "exceeds its budget"),
    ([charge, lambda n, p: charge(n, p, mechanism=Mechanism.GAUSSIAN.value)], "exceeds its budget"),
    ([kept], "without a record"),
    ([charge, lambda n, p: kept(n, p, day="2026-11-03")], "without a record"),
    ([charge, kept, kept], "published twice"),
], ids=["number", "hash", "third", "cap", "mechanism", "no-charge", "other-day", "twice"])  # fmt: skip
def test_each_break_of_a_chain_is_seen(makers: list[Callable[[int, str], Record]], why: str) -> None:
    with pytest.raises(ReleaseError, match=why):
        follow(chain(*makers))


@given(st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), max_size=6), st.integers(1, 3000))
def test_no_path_exceeds_a_cameras_day(before: list[tuple[int, int]], cost: int) -> None:
    """Whatever plans charged before, with whatever caps: what `allow` lets through, `follow` finds within all."""
    charges: list[Record] = []
    for amount, cap in [*before, (cost, 3000)]:
        if amount > cap:
            continue
        wanted = plan(shape=Shape(Mechanism.LAPLACE, (Level(0, 0), Level(1, amount))), cap=cap)
        try:
            allow(wanted, "gate-1", DAY, [c for c in charges if isinstance(c, Charge)])
        except BudgetError:
            continue
        previous = charges[-1].hash if charges else ""
        charges.append(charge(len(charges) + 1, previous, cost=amount, cap=cap, plan=wanted.hash))
    follow(charges)
    caps = [c.cap for c in charges if isinstance(c, Charge)]
    assert spent(charges, "gate-1", DAY) <= min(caps, default=0)


def test_budget_is_refused_in_one_line() -> None:
    first = charge(1, "")
    allow(PLAN, "gate-1", DAY, [first])
    with pytest.raises(BudgetError, match=r"has 0 epsilon left and this draw costs 1"):
        allow(PLAN, "gate-1", DAY, [first, charge(2, first.hash)])
    with pytest.raises(BudgetError, match="another measure"):
        allow(plan(shape=GAUSSIAN), "gate-1", DAY, [first])
