"""A matter as it stands, and what an event changes: the new record, and the acts that the ledger gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from passerby.base.errors import CharterError
from passerby.ledger.schema import MOST, Act


class Kind(Enum):
    """What a matter is."""

    CASE = "case"
    REQUEST = "request"
    COMPLAINT = "complaint"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Matter:
    """A case, request, complaint or incident, without any words of people. Times are seconds since 1970.

    Args:
        id: 64 hexadecimal digits, drawn at random: the ledger's `case` and `subject`.
        kind: What it is.
        state: Where it stands: the value of a state of its kind.
        by: Pseudonym of who began it.
        begun: When it came, or became known.
        due: The first second that is too late for its answer; 0 where nothing is owed.
        purpose: A case's purpose, of the ledger's closed list.
        reason: A case's reason, of the closed list of its purpose.
        until: When a case ends by itself; 0 for others.
        cameras: Those that a case may look at, sorted.
        since: From when on the recordings that a case may look at; with `upto`, its scope.
        upto: Until when.
        extended: Whether its clock was prolonged.
        over: When it ended; 0 while it is open.
    """

    id: str
    kind: Kind
    state: str
    by: str
    begun: int
    due: int = 0
    purpose: str = ""
    reason: str = ""
    until: int = 0
    cameras: tuple[str, ...] = ()
    since: int = 0
    upto: int = 0
    extended: bool = False
    over: int = 0

    def overdue(self, now: int) -> bool:
        """Whether an answer is owed and late."""
        return self.due != 0 and not self.over and now >= self.due


@dataclass(frozen=True, slots=True)
class Change:
    """What an event makes of a matter.

    Args:
        matter: How it stands then.
        acts: What goes to the ledger, in order; the caller adds the actor.
        note: A line for the office's own book: a refusal's article, a fee.
    """

    matter: Matter
    acts: Sequence[Act] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What comes with an event.

    Args:
        at: When, in seconds since 1970.
        reason: The value of a closed list, where the event needs one.
        others: Of an answer: whether other people in it were hidden.
        amount: A fee in the currency's smallest unit.
        why: Whether written reasons come along; they stay in the store.
    """

    at: int
    reason: str = ""
    others: Others | None = None
    amount: int = 0
    why: bool = False


class Others(Enum):
    """What became of other people in what is handed over."""

    HIDDEN = "hidden"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Owed:
    """The acts of a promise with a date."""

    subject: str
    duty: str

    def due(self, until: int) -> Act:
        """It is promised."""
        return {"act": "due", "subject": self.subject, "duty": self.duty, "until": until}

    def done(self, outcome: str) -> Act:
        """It is kept, or broken and over."""
        return {"act": "done", "subject": self.subject, "duty": self.duty, "outcome": outcome}


def because(subject: str, reason: str) -> Act:
    """Why, in a word of a closed list."""
    return {"act": "because", "subject": subject, "reason": reason}


def need(holds: bool, otherwise: str, advice: str = "") -> None:
    """Refuse what may not be.

    Raises:
        CharterError: It does not hold.
    """
    if not holds:
        raise CharterError(otherwise, advice)


def not_before(matter: Matter, told: Told) -> None:
    """Nothing happens to a matter before it began.

    Raises:
        CharterError: It would.
    """
    need(matter.begun <= told.at <= MOST, f"this would be before the {matter.kind.value} began", "look at the clock")
