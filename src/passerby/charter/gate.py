"""The gate: may this analysis run, as things stand? Total, default deny, no path around it.

`decide` looks at a `Standing` and nothing else. A dimension opens only if its value is one of those listed as lawful:
a value that is missing, unknown or of another kind denies. No rule says "deny if": such a rule opens when its
attribute is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import get_type_hints

from passerby.charter.facts import Asked, Evidence, Time, standing
from passerby.charter.proofs import Site
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

# What goes on while the witnesses are silent for a while: numbers about crowds, so that silence can't blind safety.
FADES_LAST = frozenset({"crowd", "traffic"})
ANALYSES = frozenset({"crowd", "live", "record", "seal", "traffic"})


class Open(Enum):
    """The one answer that opens."""

    LAWFUL = "lawful"


LAWFUL = Open.LAWFUL
Answer = Open | Reason


class Caution(Enum):
    """What a lawful run is told."""

    REVIEW_DUE = "the review is due: review the camera before the permit ends"
    JUSTIFY = "this emergency is to be justified within seven days, or it stops and is publicly overdue"
    FADING = "the witnesses are silent: counts and alerts stop next"
    SEAT_EMPTY = "the reviewer's seat is empty: permits can't be renewed for long"


@dataclass(frozen=True, slots=True)
class Lawful:
    """It may run.

    Args:
        cautions: What somebody should know.
    """

    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """It may not.

    Args:
        reason: Which rule denied.
        detail: What exactly, where more is known.
    """

    reason: Reason
    detail: str = ""

    @property
    def sentence(self) -> str:
        """One sentence: which rule denied, and what would satisfy it."""
        more = f" ({self.detail})" if self.detail else ""
        return f"denied by {self.reason.name}: {self.reason.why}{more}; to run, {self.reason.remedy}"


# Dimensions that are lawful or not whatever the others say.
ALONE: Mapping[str, Mapping[Enum, Answer]] = MappingProxyType(
    {
        "form": {
            Form.SOUND: LAWFUL,
            Form.MISSING: Reason.NO_PERMIT,
            Form.TOO_LONG: Reason.TOO_LONG,
            Form.TOO_DEEP: Reason.TOO_DEEP,
            Form.TWICE: Reason.TWICE,
            Form.NOT_CANONICAL: Reason.NOT_CANONICAL,
            Form.NO_NOTE: Reason.NO_NOTE,
            Form.MALFORMED: Reason.MALFORMED,
        },
        "root": {
            Root.KNOWN: LAWFUL,
            Root.BROKEN: Reason.BROKEN_ROOT,
            Root.ROLLED_BACK: Reason.ROLLED_BACK,
            Root.OTHER: Reason.OTHER_ROOT,
            Root.TOO_OLD: Reason.OLD_ROOT,
            Root.UNPROVEN: Reason.ROOT_UNPROVEN,
        },
        "revocation": {
            Revocation.NONE: LAWFUL,
            Revocation.REVOKED: Reason.REVOKED,
            Revocation.UNREADABLE: Reason.REVOCATION_UNREADABLE,
        },
        "binding": {
            Binding.SAME: LAWFUL,
            Binding.OTHER_CAMERA: Reason.OTHER_CAMERA,
            Binding.OTHER_SOURCE: Reason.OTHER_SOURCE,
            Binding.OTHER_ANALYSIS: Reason.OTHER_ANALYSIS,
            Binding.KEPT_LONGER: Reason.KEPT_LONGER,
            Binding.OTHER_SCENE: Reason.OTHER_SCENE,
            Binding.OTHER_MODELS: Reason.OTHER_MODELS,
        },
        "build": {
            Build.NAMED: LAWFUL,
            Build.LISTED: LAWFUL,
            Build.OTHER: Reason.OTHER_BUILD,
            Build.UNLISTED: Reason.UNLISTED_BUILD,
        },
        "bounds": {
            Bounds.WITHIN: LAWFUL,
            Bounds.ANALYSIS: Reason.BOUND_ANALYSIS,
            Bounds.PURPOSE: Reason.BOUND_PURPOSE,
            Bounds.RETENTION: Reason.BOUND_RETENTION,
            Bounds.LENGTH: Reason.BOUND_LENGTH,
            Bounds.REVIEW: Reason.BOUND_REVIEW,
            Bounds.PAPERS: Reason.BOUND_PAPERS,
        },
        "clock": {Clock.STEADY: LAWFUL, Clock.BEHIND: Reason.CLOCK_BEHIND, Clock.JUMPED: Reason.CLOCK_JUMPED},
        "dates": {Dates.WITHIN: LAWFUL, Dates.NOT_YET: Reason.NOT_YET, Dates.EXPIRED: Reason.EXPIRED},
        "published": {Published.YES: LAWFUL, Published.NO: Reason.UNPUBLISHED},
        "review": {Review.CURRENT: LAWFUL, Review.DUE: LAWFUL, Review.OVERDUE: Reason.REVIEW_OVERDUE},
        "emergency": {
            Emergency.NO: LAWFUL,
            Emergency.OPEN: LAWFUL,
            Emergency.JUSTIFIED: LAWFUL,
            Emergency.OVERDUE: Reason.UNJUSTIFIED,
            Emergency.NOT_ALLOWED: Reason.NO_EMERGENCIES,
        },
    }
)
_SIGNED: Mapping[Enum, Answer] = {
    Signatures.BOTH: LAWFUL,
    Signatures.OPERATOR_ONLY: Reason.NO_REVIEWER,
    Signatures.REVIEWER_ONLY: Reason.NO_OPERATOR,
    Signatures.NEITHER: Reason.NOBODY,
    Signatures.SAME_KEY: Reason.SAME_KEY,
    Signatures.SAME_INSTITUTION: Reason.SAME_INSTITUTION,
    Signatures.WITHDRAWN: Reason.WITHDRAWN,
    Signatures.KEY_DATES: Reason.KEY_DATES,
    Signatures.FALSE: Reason.FALSE_SIGNATURE,
}
_WAITED: Mapping[Enum, Answer] = {
    Waiting.OVER: LAWFUL,
    Waiting.RUNNING: Reason.WAITING,
    Waiting.UNPROVEN: Reason.NOT_WAITING,
}
_SEATED: Mapping[tuple[Enum, Enum], Answer] = {
    (Kind.NEW, Seat.HELD): LAWFUL,
    (Kind.NEW, Seat.EMPTY): LAWFUL,
    (Kind.NEW, Seat.NO_NEW): Reason.SEAT_NEW,
    (Kind.NEW, Seat.NO_RENEWALS): Reason.SEAT_NEW,
    (Kind.RENEWAL, Seat.HELD): LAWFUL,
    (Kind.RENEWAL, Seat.EMPTY): LAWFUL,
    (Kind.RENEWAL, Seat.NO_NEW): LAWFUL,
    (Kind.RENEWAL, Seat.NO_RENEWALS): Reason.SEAT_RENEWAL,
}
_BEATS: Mapping[Enum, Answer] = {
    Heartbeat.FRESH: LAWFUL,
    Heartbeat.FADING: Reason.FADING,
    Heartbeat.DEAD: Reason.DEAD,
    Heartbeat.ABSENT: Reason.ABSENT,
}
_PAIRED: Mapping[Enum, Answer] = {
    Officers.PAIR: LAWFUL,
    Officers.NO_PAIR: Reason.NO_OFFICERS,
    Officers.TOO_MANY: Reason.MANY_OFFICERS,
}
# While an emergency is open or justified, what the operator may do before the reviewer's word and the waiting period.
_URGENT = frozenset({Emergency.OPEN, Emergency.JUSTIFIED})


def _signed(standing: Standing, analysis: str) -> Answer:  # noqa: ARG001
    if standing.emergency in _URGENT and standing.signatures is Signatures.OPERATOR_ONLY:
        return LAWFUL
    return _SIGNED[standing.signatures]


def _waited(standing: Standing, analysis: str) -> Answer:  # noqa: ARG001
    if standing.emergency in _URGENT:
        return LAWFUL
    return _WAITED[standing.waiting]


def _seated(standing: Standing, analysis: str) -> Answer:  # noqa: ARG001
    return _SEATED[standing.kind, standing.seat]


def _beats(standing: Standing, analysis: str) -> Answer:
    if standing.heartbeat is Heartbeat.FADING and analysis in FADES_LAST:
        return LAWFUL
    return _BEATS[standing.heartbeat]


def _paired(standing: Standing, analysis: str) -> Answer:
    """Nothing is sealed that nobody could open; what isn't sealed needs nobody."""
    return _PAIRED[standing.officers] if analysis == "seal" else LAWFUL


Rule = Callable[[Standing, str], Answer]
# Dimensions that depend on each other; with `ALONE`, in the order in which they are told.
TOGETHER: Mapping[str, Rule] = MappingProxyType(
    {"signatures": _signed, "waiting": _waited, "seat": _seated, "heartbeat": _beats, "officers": _paired}
)
ORDER = (
    "form", "root", "emergency", "signatures", "revocation", "binding", "build", "bounds", "clock", "dates",
    "published", "waiting", "seat", "heartbeat", "officers", "review",
)  # fmt: skip
_TYPES = get_type_hints(Standing)
assert {*ORDER, "kind"} == _TYPES.keys()
assert set(ORDER) == ALONE.keys() | TOGETHER.keys()


def decide(standing: Standing, analysis: str) -> Lawful | Denied:
    """May this analysis run? Every standing has an answer.

    Args:
        standing: How the permit stands.
        analysis: One of the closed list.
    """
    if analysis not in ANALYSES:
        return Denied(Reason.OTHER_ANALYSIS, "there is no such analysis")
    for name, kind in _TYPES.items():
        if not isinstance(getattr(standing, name, None), kind):
            return Denied(Reason.UNKNOWN, name)
    for name in ORDER:
        answer = _answer(standing, analysis, name)
        if isinstance(answer, Reason):
            return Denied(answer)
    return Lawful(_cautions(standing))


def _answer(standing: Standing, analysis: str, name: str) -> Answer:
    if name in ALONE:
        return ALONE[name][getattr(standing, name)]
    return TOGETHER[name](standing, analysis)


def _cautions(standing: Standing) -> tuple[Caution, ...]:
    held = (
        (standing.review is Review.DUE, Caution.REVIEW_DUE),
        (standing.emergency is Emergency.OPEN, Caution.JUSTIFY),
        (standing.heartbeat is Heartbeat.FADING, Caution.FADING),
        (standing.seat is not Seat.HELD, Caution.SEAT_EMPTY),
    )
    return tuple(warning for holds, warning in held if holds)


def judge(asked: Asked, permit: bytes, site: Site, evidence: Evidence, time: Time) -> Lawful | Denied:
    """May all that is asked for run? Pure and offline; every input has an answer.

    Args:
        asked: What is about to run.
        permit: The permit's note, as it came.
        site: The site's roots, verified.
        evidence: What came with the permit.
        time: This machine's clocks.
    """
    held, detail = standing(asked, permit, site, evidence, time)
    found = Lawful()
    for analysis in sorted(asked.analyses) or ["crowd"]:
        answer = decide(held, analysis)
        if isinstance(answer, Denied):
            return Denied(answer.reason, answer.detail or detail)
        found = answer
    return found


def still_lawful(asked: Asked, permit: bytes, site: Site, evidence: Evidence, time: Time) -> frozenset[str]:
    """Which of the analyses asked for may run: what a station keeps while the witnesses fall silent."""
    held, _ = standing(asked, permit, site, evidence, time)
    return frozenset(a for a in asked.analyses if isinstance(decide(held, a), Lawful))
