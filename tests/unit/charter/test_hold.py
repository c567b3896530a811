"""A legal hold counts signed by a reviewer and logged first, covers what it says, and ends by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.world import DAY, HOUR, ROOT, T0, Ledger, signed

from passerby.charter.document import Unsound
from passerby.charter.hold import LONGEST_S, LONGEST_SCOPE_S, Hold, checked, judge_hold, parse_hold

HOLD = Hold(
    site="example.org",
    camera="gate-1",
    owner="p-" + "5" * 32,
    case="ab" * 32,
    reason="legal-order",
    scope_from=T0 + 50 * DAY,
    scope_to=T0 + 50 * DAY + 3 * HOUR,
    begins=T0 + 51 * DAY,
    ends=T0 + 80 * DAY,
)


def judged(hold: Hold = HOLD, signers: tuple[str, ...] = ("rev1",), **other: object) -> Hold | str:
    note = signed(hold.text, *signers)
    logged = Ledger().add({**hold.act(), **other}, hold.begins + 60)
    return judge_hold(note, logged, [ROOT])


def test_it_counts_signed_by_a_reviewer_and_logged() -> None:
    assert judged() == HOLD
    assert judged(signers=("rev2", "op1")) == HOLD


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (lambda: judged(signers=("op1",)), "no reviewer"),
        (lambda: judged(signers=("w1",)), "counts for nothing|no reviewer"),
        (lambda: judge_hold(signed(HOLD.text, "rev1"), None, [ROOT]), "not proven to be in the ledger"),
        (lambda: judged(until=HOLD.ends + 1), "not proven to be in the ledger"),
        (lambda: judged(case="cd" * 32), "not proven to be in the ledger"),
        (lambda: judged(replace(HOLD, site="example.net")), "another site's"),
        (lambda: judged(replace(HOLD, begins=T0 - 900 * DAY, ends=T0 - 899 * DAY)), "no reviewer|not proven"),
        (lambda: judge_hold(b"no note", None, [ROOT]), "not a signed note"),
    ],
)
def test_it_does_not_count_and_says_why(found, why: str) -> None:  # type: ignore[no-untyped-def]
    said = found()
    assert isinstance(said, str)
    assert any(part in said for part in why.split("|")), said


def test_every_byte_of_it_counts() -> None:
    note = signed(HOLD.text, "rev1")
    logged = Ledger().add(HOLD.act(), HOLD.begins + 60)
    for at in range(0, len(note), 3):
        changed = note[:at] + bytes((note[at] ^ 1,)) + note[at + 1 :]
        assert isinstance(judge_hold(changed, logged, [ROOT]), str), at


@pytest.mark.parametrize(
    "odd",
    [
        replace(HOLD, ends=HOLD.begins),
        replace(HOLD, ends=HOLD.begins + LONGEST_S + 1),
        replace(HOLD, scope_to=HOLD.scope_from),
        replace(HOLD, scope_to=HOLD.scope_from + LONGEST_SCOPE_S + 1),
    ],
)
def test_its_times_fit_together(odd: Hold) -> None:
    with pytest.raises(Unsound, match="contradict"):
        checked(odd)
    with pytest.raises(Unsound):
        parse_hold(signed(odd.text, "rev1"))


@pytest.mark.parametrize("odd", [{"reason": "because"}, {"owner": "Mr Smith"}, {"case": "7"}, {"camera": "../gate"}])
def test_it_takes_no_names_and_no_free_text(odd: dict[str, str]) -> None:
    with pytest.raises(Unsound):
        parse_hold(signed(replace(HOLD, **odd).text, "rev1"))


TIMES = st.integers(HOLD.scope_from - 9 * HOUR, HOLD.scope_to + 9 * HOUR)


@given(TIMES, st.integers(1, 5 * HOUR), st.integers(HOLD.begins - DAY, HOLD.ends + DAY))
def test_it_covers_what_it_says_while_it_lasts(begin: int, length: int, now: int) -> None:
    touches = any(HOLD.scope_from <= t < HOLD.scope_to for t in (begin, begin + length - 1)) or (
        begin < HOLD.scope_from and begin + length > HOLD.scope_to
    )
    assert HOLD.holds("gate-1", begin, begin + length, now) == (touches and now < HOLD.ends)
    assert not HOLD.holds("gate-2", begin, begin + length, now)
