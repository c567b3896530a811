"""A complaint: its receipt, its states, its clock. Anybody may complain, under no name.

    received ──▶ looked into ──▶ upheld · partly upheld · dismissed · referred · withdrawn

The receipt is the matter's id and the hash of what was said: with both, the complainant finds the complaint in the
ledger without asking anybody.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from passerby.charter.matter.clock import Calendar, Term
from passerby.charter.matter.flow import Flow
from passerby.charter.matter.record import Change, Kind, Matter, Owed, Told, need, not_before

DUTY = "complaint"


class State(Enum):
    """Where a complaint stands."""

    RECEIVED = "received"
    LOOKED_INTO = "looked into"
    UPHELD = "upheld"
    PARTLY_UPHELD = "partly upheld"
    DISMISSED = "dismissed"
    REFERRED = "referred"
    WITHDRAWN = "withdrawn"


class Event(Enum):
    """What can happen to a complaint."""

    LOOK_INTO = "look-into"
    EXPLAIN = "explain"
    UPHOLD = "uphold"
    UPHOLD_PARTLY = "uphold-partly"
    DISMISS = "dismiss"
    REFER = "refer"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


_OPEN = (State.RECEIVED, State.LOOKED_INTO)
_DECIDED = {Event.UPHOLD: State.UPHELD, Event.UPHOLD_PARTLY: State.PARTLY_UPHELD, Event.DISMISS: State.DISMISSED}
FLOW = Flow(
    "a complaint",
    State.RECEIVED,
    {
        (State.RECEIVED, Event.LOOK_INTO): State.LOOKED_INTO,
        # Nothing is decided unseen.
        **{(State.LOOKED_INTO, event): state for event, state in _DECIDED.items()},
        **{(state, Event.EXPLAIN): state for state in _OPEN},
        **{(state, Event.REFER): State.REFERRED for state in _OPEN},
        **{(state, Event.WITHDRAW): State.WITHDRAWN for state in _OPEN},
        (State.DISMISSED, Event.REOPEN): State.RECEIVED,
        (State.PARTLY_UPHELD, Event.REOPEN): State.RECEIVED,
    },
)
_OUTCOMES = {
    State.UPHELD: "upheld",
    State.PARTLY_UPHELD: "part-upheld",
    State.DISMISSED: "dismissed",
    State.REFERRED: "passed-on",
    State.WITHDRAWN: "withdrawn",
}


def begin(matter_id: str, by: str, at: int, answer: Term, calendar: Calendar, content: str) -> Change:
    """A complaint has come; arguments as of `request.begin`."""
    due = calendar.due(at, answer)
    matter = Matter(matter_id, Kind.COMPLAINT, State.RECEIVED.value, by, at, due, "complaint")
    acts = [
        {"act": "case", "case": matter_id, "purpose": "complaint"},
        {"act": "complaint", "case": matter_id, "content": content},
        Owed(matter_id, DUTY).due(due),
    ]
    return Change(matter, acts)


def go_on(matter: Matter, event: Event, told: Told, answer: Term, calendar: Calendar) -> Change:
    """Something happens to a complaint.

    Raises:
        CharterError: It can't happen now, or its written answer is missing.
    """
    not_before(matter, told)
    state, owed = FLOW.step(State(matter.state), event), Owed(matter.id, DUTY)
    after = replace(matter, state=state.value)
    if event is Event.REOPEN:
        due = calendar.due(told.at, answer)
        return Change(replace(after, due=due, over=0), [owed.due(due)])
    if event is Event.EXPLAIN:
        need(told.why, "a delay is explained in writing", "give the letter with --text")
        return Change(after, note="told why it takes longer")
    if state not in _OUTCOMES:
        return Change(after)
    if event is not Event.WITHDRAW:
        need(told.why, "a complaint is answered in writing", "give the letter with --text")
    return Change(replace(after, over=told.at), [owed.done(_OUTCOMES[state])])
