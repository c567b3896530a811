"""The gate's whole state space: only the lawful states open, and no state is without an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from enum import Enum
from itertools import product
from typing import Any, get_type_hints

import pytest

from passerby.charter import standing as states
from passerby.charter.gate import ALONE, ANALYSES, LAWFUL, ORDER, TOGETHER, Caution, Denied, Lawful, decide
from passerby.charter.root import ANALYSES as LISTED
from passerby.charter.standing import (
    Binding,
    Bounds,
    Build,
    Clock,
    Dates,
    Emergency,
    Form,
    Heartbeat,
    Kind,
    Officers,
    Published,
    Reason,
    Review,
    Revocation,
    Root,
    Seat,
    Signatures,
    Standing,
    Waiting,
)  # fmt: skip

GOOD = Standing(
    Form.SOUND, Root.KNOWN, Signatures.BOTH, Binding.SAME, Build.LISTED, Bounds.WITHIN, Clock.STEADY, Dates.WITHIN,
    Published.YES, Waiting.OVER, Heartbeat.FRESH, Revocation.NONE, Seat.HELD, Kind.NEW, Emergency.NO, Review.CURRENT,
    Officers.PAIR,
)  # fmt: skip
HINTS = get_type_hints(Standing)
# Written down a second time, by hand, from the contract: what may be so for a camera to run.
OPEN: dict[str, set[Enum]] = {
    "form": {Form.SOUND},
    "root": {Root.KNOWN},
    "binding": {Binding.SAME},
    "build": {Build.NAMED, Build.LISTED},
    "bounds": {Bounds.WITHIN},
    "clock": {Clock.STEADY},
    "dates": {Dates.WITHIN},
    "published": {Published.YES},
    "revocation": {Revocation.NONE},
    "review": {Review.CURRENT, Review.DUE},
    "emergency": {Emergency.NO, Emergency.OPEN, Emergency.JUSTIFIED},
}
APART = ("signatures", "waiting", "heartbeat", "seat", "kind", "emergency", "officers")


def lawful_together(s: Standing, analysis: str) -> bool:
    urgent = s.emergency is Emergency.OPEN or s.emergency is Emergency.JUSTIFIED
    signed = s.signatures is Signatures.BOTH or (urgent and s.signatures is Signatures.OPERATOR_ONLY)
    waited = urgent or s.waiting is Waiting.OVER
    beats = s.heartbeat is Heartbeat.FRESH or (s.heartbeat is Heartbeat.FADING and analysis in ("crowd", "traffic"))
    barred = s.seat is Seat.NO_RENEWALS or (s.kind is Kind.NEW and s.seat is Seat.NO_NEW)
    opened_by = analysis != "seal" or s.officers is Officers.PAIR
    return signed and waited and beats and opened_by and not barred


def lawful(s: Standing, analysis: str) -> bool:
    return all(getattr(s, name) in values for name, values in OPEN.items()) and lawful_together(s, analysis)


def every(names: tuple[str, ...], base: Standing = GOOD) -> Iterator[Standing]:
    for values in product(*(HINTS[name] for name in names)):
        yield replace(base, **dict(zip(names, values, strict=True)))


def agree(standing: Standing, analysis: str) -> bool:
    answer = decide(standing, analysis)
    return isinstance(answer, Lawful) == lawful(standing, analysis)


def test_what_depends_on_each_other_in_every_combination() -> None:
    count = opened = 0
    for standing in every((*APART, "review", "published")):
        for analysis in ANALYSES:
            count += 1
            opened += isinstance(decide(standing, analysis), Lawful)
            assert agree(standing, analysis), (standing, analysis)
    # Signed and waited for in 13 ways, 19 of (heartbeat, officers, analysis), 5 of (seat, kind), 2 reviews. Of the 19:
    # six of heartbeat and analysis other than seal with three of officers each, and one in which originals are sealed.
    assert (count, opened) == (9 * 3 * 4 * 4 * 2 * 5 * 3 * 3 * 2 * 5, 13 * (6 * 3 + 1) * 5 * 2)


def test_all_dimensions_at_once() -> None:
    """Each dimension open or shut in one way, all together: 2 values of ten, three or four of those that interact."""
    alone = [n for n in OPEN if n != "emergency"]
    pairs = [(getattr(GOOD, n), next(v for v in HINTS[n] if v not in OPEN[n])) for n in alone]
    mixed = [
        (Signatures.BOTH, Signatures.OPERATOR_ONLY, Signatures.NEITHER),
        (Waiting.OVER, Waiting.RUNNING),
        (Heartbeat.FRESH, Heartbeat.FADING, Heartbeat.DEAD),
        (Seat.HELD, Seat.NO_NEW),
        (Kind.NEW, Kind.RENEWAL),
        (Emergency.NO, Emergency.OPEN, Emergency.OVERDUE),
        (Officers.PAIR, Officers.NO_PAIR),
    ]
    names = (*alone, "signatures", "waiting", "heartbeat", "seat", "kind", "emergency", "officers")
    wanted = [f.name for f in fields(Standing)]
    assert sorted(names) == sorted(wanted)
    opened = 0
    for values in product(*pairs, *mixed):
        standing = Standing(**dict(zip(names, values, strict=True)))
        for analysis in ("crowd", "seal"):
            answer = decide(standing, analysis)
            opened += isinstance(answer, Lawful)
            assert isinstance(answer, Lawful) == lawful(standing, analysis)
    assert opened > 0


def test_each_unlawful_value_denies_whatever_else_is_lawful() -> None:
    others = list(every(APART))
    open_ones = [s for s in others if lawful(s, "crowd")]
    assert len(open_ones) > 50
    for name in OPEN:
        for value in HINTS[name]:
            for s in open_ones:
                if name != "emergency":
                    assert isinstance(decide(replace(s, **{name: value}), "crowd"), Lawful) == (value in OPEN[name])


def test_every_value_of_every_dimension_is_told_apart() -> None:
    """Each value that shuts the gate alone has a reason of its own."""
    reasons: list[Reason] = []
    for name in OPEN:
        for value in HINTS[name]:
            answer = decide(replace(GOOD, **{name: value}), "record")
            if isinstance(answer, Denied):
                reasons.append(answer.reason)
    assert len(set(reasons)) == len(reasons)


SHUT: list[tuple[dict[str, Enum], Reason]] = [
    *[({"signatures": s}, r) for s, r in [
        (Signatures.OPERATOR_ONLY, Reason.NO_REVIEWER), (Signatures.REVIEWER_ONLY, Reason.NO_OPERATOR),
        (Signatures.NEITHER, Reason.NOBODY), (Signatures.SAME_KEY, Reason.SAME_KEY),
        (Signatures.SAME_INSTITUTION, Reason.SAME_INSTITUTION), (Signatures.WITHDRAWN, Reason.WITHDRAWN),
        (Signatures.KEY_DATES, Reason.KEY_DATES), (Signatures.FALSE, Reason.FALSE_SIGNATURE)]],
    ({"officers": Officers.NO_PAIR}, Reason.NO_OFFICERS),
    ({"officers": Officers.TOO_MANY}, Reason.MANY_OFFICERS),
    ({"waiting": Waiting.RUNNING}, Reason.WAITING),
    ({"waiting": Waiting.UNPROVEN}, Reason.NOT_WAITING),
    ({"heartbeat": Heartbeat.FADING}, Reason.FADING),
    ({"heartbeat": Heartbeat.DEAD}, Reason.DEAD),
    ({"heartbeat": Heartbeat.ABSENT}, Reason.ABSENT),
    ({"seat": Seat.NO_NEW}, Reason.SEAT_NEW),
    ({"seat": Seat.NO_RENEWALS}, Reason.SEAT_NEW),
    ({"seat": Seat.NO_RENEWALS, "kind": Kind.RENEWAL}, Reason.SEAT_RENEWAL),
    ({"form": Form.TOO_DEEP, "root": Root.OTHER}, Reason.TOO_DEEP),
    ({"form": Form.TOO_LONG}, Reason.TOO_LONG), ({"form": Form.TWICE}, Reason.TWICE),
    ({"form": Form.NOT_CANONICAL}, Reason.NOT_CANONICAL), ({"form": Form.NO_NOTE}, Reason.NO_NOTE),
    ({"form": Form.MALFORMED}, Reason.MALFORMED),
    ({"root": Root.OTHER}, Reason.OTHER_ROOT), ({"root": Root.TOO_OLD}, Reason.OLD_ROOT),
    ({"root": Root.UNPROVEN}, Reason.ROOT_UNPROVEN),
    ({"binding": Binding.OTHER_CAMERA}, Reason.OTHER_CAMERA), ({"binding": Binding.OTHER_SOURCE}, Reason.OTHER_SOURCE),
    ({"binding": Binding.OTHER_ANALYSIS}, Reason.OTHER_ANALYSIS),
    ({"form": Form.MISSING}, Reason.NO_PERMIT), ({"binding": Binding.KEPT_LONGER}, Reason.KEPT_LONGER),
    ({"root": Root.BROKEN}, Reason.BROKEN_ROOT), ({"root": Root.ROLLED_BACK}, Reason.ROLLED_BACK),
    ({"binding": Binding.OTHER_SCENE}, Reason.OTHER_SCENE), ({"binding": Binding.OTHER_MODELS}, Reason.OTHER_MODELS),
    ({"build": Build.OTHER}, Reason.OTHER_BUILD), ({"build": Build.UNLISTED}, Reason.UNLISTED_BUILD),
    ({"bounds": Bounds.ANALYSIS}, Reason.BOUND_ANALYSIS), ({"bounds": Bounds.PURPOSE}, Reason.BOUND_PURPOSE),
    ({"bounds": Bounds.RETENTION}, Reason.BOUND_RETENTION), ({"bounds": Bounds.LENGTH}, Reason.BOUND_LENGTH),
    ({"bounds": Bounds.REVIEW}, Reason.BOUND_REVIEW), ({"bounds": Bounds.PAPERS}, Reason.BOUND_PAPERS),
    ({"clock": Clock.BEHIND}, Reason.CLOCK_BEHIND), ({"clock": Clock.JUMPED}, Reason.CLOCK_JUMPED),
    ({"dates": Dates.NOT_YET}, Reason.NOT_YET), ({"dates": Dates.EXPIRED}, Reason.EXPIRED),
    ({"published": Published.NO}, Reason.UNPUBLISHED),
    ({"revocation": Revocation.REVOKED}, Reason.REVOKED),
    ({"revocation": Revocation.UNREADABLE}, Reason.REVOCATION_UNREADABLE),
    ({"emergency": Emergency.OVERDUE}, Reason.UNJUSTIFIED),
    ({"emergency": Emergency.NOT_ALLOWED}, Reason.NO_EMERGENCIES),
    ({"review": Review.OVERDUE}, Reason.REVIEW_OVERDUE),
    # An emergency excuses from the reviewer and from waiting, and from nothing else.
    *[({"emergency": e, "signatures": Signatures.REVIEWER_ONLY}, Reason.NO_OPERATOR)
      for e in (Emergency.OPEN, Emergency.JUSTIFIED)],
    ({"emergency": Emergency.OPEN, "signatures": Signatures.FALSE}, Reason.FALSE_SIGNATURE),
    ({"emergency": Emergency.OPEN, "seat": Seat.NO_NEW}, Reason.SEAT_NEW),
    ({"emergency": Emergency.OPEN, "heartbeat": Heartbeat.FADING}, Reason.FADING),
    ({"emergency": Emergency.OPEN, "published": Published.NO}, Reason.UNPUBLISHED),
]  # fmt: skip


@pytest.mark.parametrize(("values", "reason"), SHUT, ids=lambda v: v.name if isinstance(v, Reason) else "")
def test_the_right_reason(values: dict[str, Any], reason: Reason) -> None:
    analysis = "seal" if "officers" in values else "record"
    assert decide(replace(GOOD, **values), analysis) == Denied(reason)


def test_every_reason_is_reached() -> None:
    assert {reason for _, reason in SHUT} | {Reason.UNKNOWN} == set(Reason)


@pytest.mark.parametrize("name", [f.name for f in fields(Standing)])
@pytest.mark.parametrize("value", [None, "lawful", True, LAWFUL, Reason.REVOKED, [], 0])
def test_a_missing_or_foreign_attribute_never_opens(name: str, value: object) -> None:
    """Policy engines skip a "forbid" whose attribute is missing: permit all, forbid when expired, opens. Not here."""
    for base in (GOOD, replace(GOOD, emergency=Emergency.OPEN), replace(GOOD, kind=Kind.RENEWAL)):
        answer = decide(replace(base, **{name: value}), "crowd")
        assert isinstance(answer, Denied)
        assert answer == Denied(Reason.UNKNOWN, name)


@pytest.mark.parametrize("name", [f.name for f in fields(Standing)])
def test_an_attribute_that_is_not_there_at_all_never_opens(name: str) -> None:
    class Bare:
        pass

    bare = Bare()
    for f in fields(Standing):
        if f.name != name:
            setattr(bare, f.name, getattr(GOOD, f.name))
    assert decide(bare, "crowd") == Denied(Reason.UNKNOWN, name)  # type: ignore[arg-type]


def test_another_dimensions_value_never_opens() -> None:
    values = [v for f in fields(Standing) for v in HINTS[f.name]]
    for f in fields(Standing):
        for value in values:
            if not isinstance(value, HINTS[f.name]):
                assert isinstance(decide(replace(GOOD, **{f.name: value}), "crowd"), Denied)


def test_no_other_analysis() -> None:
    assert set(LISTED) == ANALYSES
    for name in ("recognise", "", "CROWD", "redact"):
        answer = decide(GOOD, name)
        assert isinstance(answer, Denied)
        assert answer.reason is Reason.OTHER_ANALYSIS
    assert all(decide(GOOD, name) == Lawful() for name in ANALYSES)


def test_the_table_names_every_value() -> None:
    for name, verdicts in ALONE.items():
        assert set(verdicts) == set(HINTS[name])
    assert ALONE.keys().isdisjoint(TOGETHER)
    assert len(set(ORDER)) == len(ORDER)
    enums = {v for v in vars(states).values() if isinstance(v, type) and issubclass(v, Enum) and v is not Enum}
    assert enums == {*HINTS.values(), Reason}


def test_cautions() -> None:
    for values, caution in (
        ({"review": Review.DUE}, Caution.REVIEW_DUE),
        ({"emergency": Emergency.OPEN}, Caution.JUSTIFY),
        ({"heartbeat": Heartbeat.FADING}, Caution.FADING),
        ({"seat": Seat.EMPTY}, Caution.SEAT_EMPTY),
    ):
        assert decide(replace(GOOD, **values), "traffic") == Lawful((caution,))  # type: ignore[arg-type]


def test_sentences_say_why_and_what_to_do() -> None:
    for reason in Reason:
        line = Denied(reason, "x").sentence
        assert reason.name in line and reason.why in line and reason.remedy in line and "(x)" in line
        assert "\n" not in line
    assert len({r.why for r in Reason}) == len(Reason)
    assert "()" not in Denied(Reason.REVOKED).sentence
