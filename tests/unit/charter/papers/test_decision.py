"""Decisions: who must sign what, and that a paper's byte changes everything."""

from __future__ import annotations

import pytest
from tests.unit.charter.world import DAY, ROOT, T0, sha, signed

from passerby.charter.changes import ended
from passerby.charter.document import Unsound
from passerby.charter.keys import State
from passerby.charter.papers.decision import Answer, Decision, Kind, judge_decision, parse_decision

AT = T0 + 5 * DAY
PAPER = sha("paper")


def decision(answer: Answer = Answer.ACCEPTED, kind: Kind = Kind.PLAN, site: str = ROOT.site) -> Decision:
    return Decision(site, kind, PAPER, answer, AT, AT + 90 * DAY)


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize(
    ("who", "accepts", "refuses"),
    [
        (("op1", "rev1"), True, True), (("rev2", "op2"), True, True), (("rev1",), False, True),
        (("op1",), False, False),
        (("op1", "op2"), False, False), (("rev1", "rev2"), False, False), (("officer",), False, False),
        (("keep", "op1"), False, False),
    ],
)  # fmt: skip
def test_who_signs(answer: Answer, who: tuple[str, ...], accepts: bool, refuses: bool) -> None:
    note = signed(decision(answer).text(), *who)
    if accepts if answer is Answer.ACCEPTED else refuses:
        assert judge_decision(note, ROOT, Kind.PLAN, PAPER) == decision(answer)
    else:
        with pytest.raises(Unsound):
            judge_decision(note, ROOT, Kind.PLAN, PAPER)


@pytest.mark.parametrize("kind", Kind)
def test_it_is_on_one_paper_of_one_kind(kind: Kind) -> None:
    note = signed(decision(kind=kind).text(), "op1", "rev1")
    assert judge_decision(note, ROOT, kind, PAPER).kind is kind
    for other in set(Kind) - {kind}:
        with pytest.raises(Unsound):
            judge_decision(note, ROOT, other, PAPER)
    with pytest.raises(Unsound):
        judge_decision(note, ROOT, kind, sha("another paper"))
    with pytest.raises(Unsound):
        judge_decision(signed(decision(kind=kind, site="other.org").text(), "op1", "rev1"), ROOT, kind, PAPER)


def test_a_key_that_was_gone_decides_nothing() -> None:
    root = ended(ROOT, next(k for k in ROOT.keys.values() if k.key.name.startswith("rev1")).key, State.LOST, AT - 1, AT)
    with pytest.raises(Unsound):
        judge_decision(signed(decision().text(), "op1", "rev1"), root, Kind.PLAN, PAPER)


def test_a_byte_changed() -> None:
    note = signed(decision().text(), "op1", "rev1")
    for at in range(0, len(note), 3):
        garbled = bytearray(note)
        garbled[at] ^= 1
        with pytest.raises(Unsound):
            judge_decision(bytes(garbled), ROOT, Kind.PLAN, PAPER)


def test_one_that_is_over_before_it_begins() -> None:
    with pytest.raises(Unsound):
        parse_decision(signed(Decision(ROOT.site, Kind.PLAN, PAPER, Answer.ACCEPTED, AT, AT).text(), "op1"))
