"""A request for access to one's own data: its states, its clock, its answers.

    received ──▶ asked back ──▶ partly answered ──▶ answered · partly refused · refused · not identified · withdrawn

Sources: see `laws`. Nothing here identifies anybody: an answer is found by place and time, and where nobody can say
which of the people in a recording the asker is, that is the answer (GDPR, art. 11(2)), with its reason.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from passerby.base.errors import CharterError
from passerby.charter.matter.clock import Calendar
from passerby.charter.matter.flow import Flow
from passerby.charter.matter.laws import WHY_UNIDENTIFIED, Law, Refusal, Unidentified
from passerby.charter.matter.record import Change, Kind, Matter, Others, Owed, Told, because, need, not_before

DUTY = "access-request"


class State(Enum):
    """Where a request stands."""

    RECEIVED = "received"
    ASKED = "asked back"
    PARTLY = "partly answered"
    ANSWERED = "answered"
    PARTLY_REFUSED = "partly refused"
    REFUSED = "refused"
    NOT_IDENTIFIED = "not identified"
    WITHDRAWN = "withdrawn"


class Event(Enum):
    """What can happen to a request."""

    ASK = "ask"
    REPLY = "reply"
    EXTEND = "extend"
    EXPLAIN = "explain"
    FEE = "fee"
    ANSWER_PART = "answer-part"
    ANSWER = "answer"
    REFUSE = "refuse"
    CANNOT_IDENTIFY = "cannot-identify"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


_OPEN = (State.RECEIVED, State.ASKED, State.PARTLY)
FLOW = Flow(
    "a request",
    State.RECEIVED,
    {
        (State.RECEIVED, Event.ASK): State.ASKED,
        (State.ASKED, Event.ASK): State.ASKED,
        (State.ASKED, Event.REPLY): State.RECEIVED,
        (State.RECEIVED, Event.ANSWER_PART): State.PARTLY,
        (State.PARTLY, Event.ANSWER_PART): State.PARTLY,
        (State.RECEIVED, Event.ANSWER): State.ANSWERED,
        (State.PARTLY, Event.ANSWER): State.ANSWERED,
        (State.RECEIVED, Event.REFUSE): State.REFUSED,
        (State.ASKED, Event.REFUSE): State.REFUSED,
        (State.PARTLY, Event.REFUSE): State.PARTLY_REFUSED,
        (State.RECEIVED, Event.CANNOT_IDENTIFY): State.NOT_IDENTIFIED,
        (State.ASKED, Event.CANNOT_IDENTIFY): State.NOT_IDENTIFIED,
        **{(state, Event.WITHDRAW): State.WITHDRAWN for state in _OPEN},
        **{(state, event): state for state in _OPEN for event in (Event.EXTEND, Event.EXPLAIN, Event.FEE)},
        # What comes later makes another answer possible: a complaint that was upheld, or the place and the time.
        (State.REFUSED, Event.REOPEN): State.RECEIVED,
        (State.PARTLY_REFUSED, Event.REOPEN): State.RECEIVED,
        (State.NOT_IDENTIFIED, Event.REOPEN): State.RECEIVED,
    },
)
_OUTCOMES = {
    State.ANSWERED: "answered",
    State.PARTLY_REFUSED: "part-answered",
    State.REFUSED: "refused",
    State.NOT_IDENTIFIED: "not-identified",
    State.WITHDRAWN: "withdrawn",
}


def begin(matter_id: str, by: str, at: int, law: Law, calendar: Calendar, content: str) -> Change:
    """A request has come.

    Args:
        matter_id: Drawn at random.
        by: Pseudonym of who took it in.
        at: When it came, in seconds since 1970.
        law: The office's.
        calendar: The office's.
        content: Salted hash of what it says.
    """
    due = calendar.due(at, law.answer)
    matter = Matter(matter_id, Kind.REQUEST, State.RECEIVED.value, by, at, due, "access-request")
    acts = [
        {"act": "case", "case": matter_id, "purpose": "access-request"},
        {"act": "request", "case": matter_id, "content": content},
        Owed(matter_id, DUTY).due(due),
    ]
    return Change(matter, acts)


def go_on(matter: Matter, event: Event, told: Told, law: Law, calendar: Calendar, fee_most: int) -> Change:
    """Something happens to a request.

    Args:
        matter: As it stands.
        event: What happens.
        told: What comes with it.
        law: The office's.
        calendar: The office's.
        fee_most: The most that the office charges, in the currency's smallest unit.

    Raises:
        CharterError: It can't happen now, or something that it needs is missing.
    """
    not_before(matter, told)
    state, owed = FLOW.step(State(matter.state), event), Owed(matter.id, DUTY)
    after = replace(matter, state=state.value)
    match event:
        case Event.EXTEND:
            return _extended(after, law, told, calendar)
        case Event.EXPLAIN:
            need(told.why, "a delay is explained in writing", "give the letter with --text")
            return Change(after, note="told why it takes longer")
        case Event.FEE:
            return _charged(after, law, told, fee_most)
        case Event.REOPEN:
            due = calendar.due(told.at, law.answer)
            return Change(replace(after, due=due, over=0, extended=False), [owed.due(due)])
        case Event.ANSWER | Event.ANSWER_PART:
            need(told.others is not None, "an answer says what became of other people in it", "add --others")
            note = "others hidden" if told.others is Others.HIDDEN else "nobody else in it"
            if event is Event.ANSWER_PART:
                return Change(after, note=note)
            return Change(replace(after, over=told.at), [owed.done(_OUTCOMES[state])], note)
        case Event.REFUSE:
            refusal = refusal_of(law, told.reason)
            need(told.why, "a refusal is given in writing, with its reasons", "give the letter with --text")
            acts = [because(matter.id, refusal.value), owed.done(_OUTCOMES[state])]
            return Change(replace(after, over=told.at), acts, f"{refusal.value}: {law.name}, {law.refusals[refusal]}")
        case Event.CANNOT_IDENTIFY:
            reason = unidentified_of(told.reason)
            acts = [because(matter.id, reason.value), owed.done(_OUTCOMES[state])]
            return Change(replace(after, over=told.at), acts, WHY_UNIDENTIFIED[reason])
        case Event.WITHDRAW:
            return Change(replace(after, over=told.at), [owed.done(_OUTCOMES[state])])
        case Event.ASK | Event.REPLY:
            return Change(after)


def _extended(after: Matter, law: Law, told: Told, calendar: Calendar) -> Change:
    need(law.extended is not None, f"{law.name} knows no longer time", "answer, or `explain` in writing why not yet")
    need(not after.extended, "its time was extended once already", "answer it")
    need(told.at < after.due, "its time is over: it can't be extended any more", "answer it; it is shown as late")
    need(told.why, "the asker is told in writing why it takes longer", "give the letter with --text")
    assert law.extended is not None
    due = calendar.due(after.begun, law.extended)
    return Change(
        replace(after, due=due, extended=True), [Owed(after.id, DUTY).due(due)], f"extended to {law.extended}"
    )


def _charged(after: Matter, law: Law, told: Told, most: int) -> Change:
    need(0 < told.amount <= most, f"a fee is from 1 to {most} here", "charge less, or change fee_most in the settings")
    if law.fee_reasons:
        refusal = refusal_of(law, told.reason)
        need(refusal in law.fee_reasons, f"{law.name} lets nobody charge for '{refusal.value}'", "charge nothing")
    return Change(after, note=f"fee {told.amount}")


def refusal_of(law: Law, reason: str) -> Refusal:
    """A lawful reason to refuse.

    Raises:
        CharterError: It is none under this law.
    """
    known = {refusal.value: refusal for refusal in law.refusals}
    if reason not in known:
        raise CharterError(f"{law.name} refuses for no such reason", f"use --reason {'|'.join(known)}")
    return known[reason]


def unidentified_of(reason: str) -> Unidentified:
    """Why nobody can say which person the asker is.

    Raises:
        CharterError: It is none of the reasons.
    """
    known = {item.value: item for item in Unidentified}
    if reason not in known:
        raise CharterError("'cannot identify' needs its reason", f"use --reason {'|'.join(known)}")
    return known[reason]
