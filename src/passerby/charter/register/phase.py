"""How far a camera has come: a closed set of phases, and the one function that leads from one to the next.

    proposed ──▶ assessed ──▶ noticed ──▶ active ◀──▶ suspended ──▶ removed

A change of what is captured leads back to the beginning, because its assessment and its sign are of something else. A
camera that was removed never comes back: a new one has a new id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Phase(Enum):
    """How far a camera has come."""

    PROPOSED = "proposed"
    ASSESSED = "assessed"
    NOTICED = "noticed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class Step(Enum):
    """What can happen to a camera."""

    ASSESS = "assess"
    NOTICE = "notice"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class NoStep:
    """It can't happen now.

    Args:
        why: One sentence.
    """

    why: str


_P, _S = Phase, Step
NEXT: Mapping[tuple[Phase, Step], Phase] = MappingProxyType(
    {
        (_P.PROPOSED, _S.ASSESS): _P.ASSESSED,
        (_P.ASSESSED, _S.NOTICE): _P.NOTICED,
        (_P.NOTICED, _S.ACTIVATE): _P.ACTIVE,
        (_P.ACTIVE, _S.SUSPEND): _P.SUSPENDED,
        (_P.SUSPENDED, _S.RESUME): _P.ACTIVE,
        **{(phase, _S.CHANGE): _P.PROPOSED for phase in Phase if phase is not _P.REMOVED},
        **{(phase, _S.REMOVE): _P.REMOVED for phase in Phase if phase is not _P.REMOVED},
    }
)
# Steps that let a camera see people: they need what `charter.ready` demands.
OPENS = frozenset({Step.ACTIVATE, Step.RESUME})


def advance(phase: Phase, step: Step) -> Phase | NoStep:
    """The phase after a step. Total: whatever is not in the table can't happen.

    Args:
        phase: Where the camera is.
        step: What shall happen.
    """
    found = NEXT.get((phase, step))
    if found is not None:
        return found
    if phase is Phase.REMOVED:
        return NoStep("the camera was removed: register a new one under a new id")
    possible = ", ".join(sorted(s.value for p, s in NEXT if p is phase))
    return NoStep(f"a camera that is {phase.value} can't {step.value}; it can {possible}")
