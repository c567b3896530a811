"""A case: why somebody looks. Opened before any look, for a purpose and a reason of closed lists, over stated cameras
and hours, until a stated end; in the ledger before it opens anything.

    open ──▶ closed                  emergency ──▶ justified ──▶ closed
                                         └ not within seven days: whoever opened it is locked out, as everybody sees

Source of the seven days: San Francisco Administrative Code, 19B.7 (19.6 in earlier drafts).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from passerby.charter.matter.flow import Flow
from passerby.charter.matter.record import Change, Kind, Matter, Owed, Told, because, need, not_before

DUTY = "justification"
DAY = 86400
JUSTIFY_S, LONGEST_S, LONGEST_LOOK_S = 7 * DAY, 92 * DAY, 15 * 60
MOST_CAMERAS = 512
# Which reasons a purpose knows. No purpose knows all, and statistics know none: nobody looks for them.
REASONS: dict[str, tuple[str, ...]] = {
    "access-request": ("data-subject",),
    "audit": ("spot-check",),
    "complaint": ("complaint",),
    "crowd-safety": ("emergency", "evacuation", "fall", "fire", "lost-child", "obstruction", "overcrowding"),
    "flow-statistics": (),
    "incident-review": ("assault", "damage", "emergency", "fall", "fire", "injury"),
    "legal-order": ("court-order", "statute", "warrant"),
    "maintenance": ("calibration", "picture-fault"),
}


class State(Enum):
    """Where a case stands."""

    OPEN = "open"
    EMERGENCY = "emergency"
    JUSTIFIED = "justified"
    CLOSED = "closed"


class Event(Enum):
    """What can happen to a case."""

    JUSTIFY = "justify"
    CLOSE = "close"


FLOW = Flow(
    "a case",
    State.OPEN,
    {
        (State.EMERGENCY, Event.JUSTIFY): State.JUSTIFIED,
        (State.OPEN, Event.CLOSE): State.CLOSED,
        (State.JUSTIFIED, Event.CLOSE): State.CLOSED,
    },
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a case may look at.

    Args:
        cameras: Their names.
        since: From when on, in seconds since 1970.
        upto: Until when.
        until: When the case ends by itself.
    """

    cameras: tuple[str, ...]
    since: int
    upto: int
    until: int


def begin(
    matter_id: str, by: str, at: int, why: tuple[str, str], scope: Scope, *, emergency: bool, allowed: bool
) -> Change:
    """Open a case.

    Args:
        matter_id: Drawn at random.
        by: Pseudonym of who opens it.
        at: When, in seconds since 1970.
        why: Purpose and reason.
        scope: What it may look at.
        emergency: Whether a superior's approval comes later.
        allowed: Whether this office knows emergencies.

    Raises:
        CharterError: Purpose, reason or scope are none.
    """
    purpose, reason = why
    need(purpose in REASONS, f"no purpose is called {purpose[:40]!r}", f"use {', '.join(REASONS)}")
    need(bool(REASONS[purpose]), f"nobody looks for {purpose}", "it needs numbers only")
    need(reason in REASONS[purpose], f"{purpose} knows no such reason", f"use --reason {'|'.join(REASONS[purpose])}")
    need(0 < len(scope.cameras) <= MOST_CAMERAS, f"a case names 1 to {MOST_CAMERAS} cameras", "name them with --camera")
    need(scope.since < scope.upto, "a case's hours end after they begin", "turn --since and --upto round")
    need(at < scope.until <= at + LONGEST_S, "a case ends within 92 days, and not before it begins", "see --until")
    need(allowed or not emergency, "this office knows no emergencies", "ask first; or `emergencies = true`")
    state = State.EMERGENCY if emergency else State.OPEN
    due = at + JUSTIFY_S if emergency else 0
    cameras = tuple(sorted(set(scope.cameras)))
    matter = Matter(
        matter_id, Kind.CASE, state.value, by, at, due, purpose, reason, scope.until, cameras, scope.since, scope.upto
    )
    acts = [{"act": "case", "case": matter_id, "purpose": purpose}, because(matter_id, reason)]
    return Change(matter, [*acts, Owed(matter_id, DUTY).due(due)] if emergency else acts)


def go_on(matter: Matter, event: Event, told: Told, by: str) -> Change:
    """Something happens to a case. An emergency is justified by another person, in writing; late, it counts as late.

    Raises:
        CharterError: It can't happen now, or something that it needs is missing.
    """
    not_before(matter, told)
    state = FLOW.step(State(matter.state), event)
    after = replace(matter, state=state.value)
    if event is Event.CLOSE:
        return Change(replace(after, over=matter.over or told.at, until=min(matter.until, told.at)))
    need(by != matter.by, "a superior justifies an emergency, not whoever declared it", "have another person do it")
    need(told.why, "an emergency is justified in writing", "give the reasons with --text")
    late = "late" if matter.overdue(told.at) else ""
    return Change(replace(after, over=told.at), [Owed(matter.id, DUTY).done("justified")], late)


class No(Enum):
    """Why a look may not be."""

    NO_CASE = "there is no such case: open one first"
    NOT_LOGGED = "the case is not in the ledger yet: deliver its act first"
    TOO_NEW = "the case was not opened before the look"
    CLOSED = "the case is closed"
    ENDED = "the case has ended: open another"
    OTHER_PURPOSE = "the case is for another purpose"
    OTHER_CAMERA = "the case does not name this camera"
    OTHER_HOURS = "the case does not cover these hours"
    TOO_LONG = "one look lasts 15 minutes at most: ask again after it"


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody wants to see.

    Args:
        camera: Whose recordings.
        purpose: Of the closed list.
        since: From when on, in seconds since 1970.
        upto: Until when.
        at: When the look begins.
        lasts_s: How long it takes.
    """

    camera: str
    purpose: str
    since: int
    upto: int
    at: int
    lasts_s: int


def judge(case: Matter | None, look: Look, logged: int | None) -> No | None:
    """Why this look may not be under this case; None where it may. Total; the first reason wins.

    Args:
        case: The case named, if there is one.
        look: What is wanted.
        logged: When the case's act came into the ledger; None where it hasn't.
    """
    if case is None or case.kind is not Kind.CASE:
        return No.NO_CASE
    for holds, otherwise in (
        (logged is not None, No.NOT_LOGGED),
        (logged is not None and max(case.begun, logged) <= look.at, No.TOO_NEW),
        (case.state != State.CLOSED.value, No.CLOSED),
        (look.at + look.lasts_s <= case.until, No.ENDED),
        (look.purpose == case.purpose, No.OTHER_PURPOSE),
        (look.camera in case.cameras, No.OTHER_CAMERA),
        (case.since <= look.since < look.upto <= case.upto, No.OTHER_HOURS),
        (0 < look.lasts_s <= LONGEST_LOOK_S, No.TOO_LONG),
    ):
        if not holds:
            return otherwise
    return None
