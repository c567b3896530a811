"""An incident: 72 hours from knowing of it the authority knows (GDPR, art. 33), and the people where the risk is high
(art. 34).

    known ──▶ notified · not notifiable ──▶ people told ──▶ closed
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from passerby.charter.matter.clock import Calendar, Term
from passerby.charter.matter.flow import Flow
from passerby.charter.matter.record import Change, Kind, Matter, Owed, Told, need, not_before

DUTY = "incident-notice"


class State(Enum):
    """Where an incident stands."""

    KNOWN = "known"
    NOTIFIED = "notified"
    NOT_NOTIFIABLE = "not notifiable"
    PEOPLE_TOLD = "people told"
    CLOSED = "closed"


class Event(Enum):
    """What can happen to an incident."""

    ADD = "add"
    NOTIFY = "notify"
    NO_NOTICE = "no-notice"
    TELL_PEOPLE = "tell-people"
    WORSE = "worse"
    CLOSE = "close"


FLOW = Flow(
    "an incident",
    State.KNOWN,
    {
        (State.KNOWN, Event.NOTIFY): State.NOTIFIED,
        (State.KNOWN, Event.NO_NOTICE): State.NOT_NOTIFIABLE,
        # What is found out later may change the answer: then its clock begins anew.
        (State.NOT_NOTIFIABLE, Event.WORSE): State.KNOWN,
        (State.CLOSED, Event.WORSE): State.KNOWN,
        (State.NOTIFIED, Event.TELL_PEOPLE): State.PEOPLE_TOLD,
        (State.NOTIFIED, Event.CLOSE): State.CLOSED,
        (State.PEOPLE_TOLD, Event.CLOSE): State.CLOSED,
        (State.NOT_NOTIFIABLE, Event.CLOSE): State.CLOSED,
        **{(state, Event.ADD): state for state in State if state is not State.CLOSED},
    },
)


def begin(matter_id: str, by: str, known: int, notice: Term, calendar: Calendar, content: str) -> Change:
    """Something went wrong, and this is when it became known; arguments as of `request.begin`."""
    due = calendar.due(known, notice)
    matter = Matter(matter_id, Kind.INCIDENT, State.KNOWN.value, by, known, due, "incident-review")
    acts = [
        {"act": "case", "case": matter_id, "purpose": "incident-review"},
        {"act": "incident", "case": matter_id, "content": content},
        Owed(matter_id, DUTY).due(due),
    ]
    return Change(matter, acts)


def go_on(matter: Matter, event: Event, told: Told, notice: Term, calendar: Calendar) -> Change:
    """Something happens to an incident. `over` is when its notice was settled: that is what is owed.

    Raises:
        CharterError: It can't happen now, or something that it needs is missing.
    """
    not_before(matter, told)
    state, owed = FLOW.step(State(matter.state), event), Owed(matter.id, DUTY)
    after = replace(matter, state=state.value)
    match event:
        case Event.NOTIFY:
            late = matter.overdue(told.at)
            need(told.why or not late, "a late notice says why it is late (art. 33(1))", "give the reasons with --text")
            return Change(replace(after, over=told.at), [owed.done("notified")], "late" if late else "")
        case Event.NO_NOTICE:
            need(told.why, "why nobody is at risk is written down (art. 33(1) and (5))", "give it with --text")
            return Change(replace(after, over=told.at), [owed.done("not-needed")])
        case Event.WORSE:
            due = calendar.due(told.at, notice)
            return Change(replace(after, due=due, over=0), [owed.due(due)])
        case Event.ADD | Event.TELL_PEOPLE:
            need(told.why, "what is added or told is kept in writing", "give it with --text")
            return Change(after)
        case Event.CLOSE:
            return Change(after)
