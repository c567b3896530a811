"""Every state and every event of every kind: exactly the steps that are written down here, and no other."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from tests.unit.charter.matter import kit

from passerby.base.errors import CharterError
from passerby.charter.matter import case, complaint, incident, request
from passerby.charter.matter.kinds import is_over
from passerby.charter.matter.laws import LAWS
from passerby.charter.matter.record import Change, Kind, Matter

# State: what each event makes of it. Written out a second time, so that a slip in either table shows.
TABLE: dict[Kind, dict[str, dict[str, str]]] = {
    Kind.CASE: {
        "open": {"close": "closed"},
        "emergency": {"justify": "justified"},
        "justified": {"close": "closed"},
        "closed": {},
    },
    Kind.REQUEST: {
        "received": {
            "ask": "asked back", "extend": "received", "explain": "received", "fee": "received",
            "answer-part": "partly answered", "answer": "answered", "refuse": "refused",
            "cannot-identify": "not identified", "withdraw": "withdrawn",
        },
        "asked back": {
            "ask": "asked back", "reply": "received", "extend": "asked back", "explain": "asked back",
            "fee": "asked back", "refuse": "refused", "cannot-identify": "not identified", "withdraw": "withdrawn",
        },
        "partly answered": {
            "extend": "partly answered", "explain": "partly answered", "fee": "partly answered",
            "answer-part": "partly answered", "answer": "answered", "refuse": "partly refused",
            "withdraw": "withdrawn",
        },
        "answered": {},
        "partly refused": {"reopen": "received"},
        "refused": {"reopen": "received"},
        "not identified": {"reopen": "received"},
        "withdrawn": {},
    },
    Kind.COMPLAINT: {
        "received": {
            "look-into": "looked into", "explain": "received", "refer": "referred", "withdraw": "withdrawn",
        },
        "looked into": {
            "explain": "looked into", "uphold": "upheld", "uphold-partly": "partly upheld", "dismiss": "dismissed",
            "refer": "referred", "withdraw": "withdrawn",
        },
        "upheld": {},
        "partly upheld": {"reopen": "received"},
        "dismissed": {"reopen": "received"},
        "referred": {},
        "withdrawn": {},
    },
    Kind.INCIDENT: {
        "known": {"add": "known", "notify": "notified", "no-notice": "not notifiable"},
        "notified": {"add": "notified", "tell-people": "people told", "close": "closed"},
        "not notifiable": {"add": "not notifiable", "worse": "known", "close": "closed"},
        "people told": {"add": "people told", "close": "closed"},
        "closed": {"worse": "known"},
    },
}  # fmt: skip
EVERY = [
    (kind, state, event)
    for kind, module in kit.KINDS.items()
    for state in module.State  # type: ignore[attr-defined]
    for event in module.Event  # type: ignore[attr-defined]
]


def test_the_table_has_every_state() -> None:
    for kind, module in kit.KINDS.items():
        assert set(TABLE[kind]) == {state.value for state in module.State}  # type: ignore[attr-defined]
        known = {event.value for event in module.Event}  # type: ignore[attr-defined]
        assert {event for steps in TABLE[kind].values() for event in steps} == known, "an event that nothing takes"


def go_on(kind: Kind, state: Any, event: Any) -> Change:
    """The event with all that it could need."""
    reason = {request.Event.REFUSE: "excessive", request.Event.CANNOT_IDENTIFY: "only-redacted"}.get(event, "excessive")
    told = kit.all_told(reason=reason)
    match kind:
        case Kind.REQUEST:
            return request.go_on(kit.a_request(state=state), event, told, LAWS["gdpr"], kit.CALENDAR, 10)
        case Kind.COMPLAINT:
            return complaint.go_on(kit.a_complaint(state), event, told, kit.MONTH, kit.CALENDAR)
        case Kind.INCIDENT:
            return incident.go_on(kit.an_incident(state), event, told, kit.NOTICE, kit.CALENDAR)
        case Kind.CASE:
            emergency = state in (case.State.EMERGENCY, case.State.JUSTIFIED)
            return case.go_on(kit.a_case(state, emergency=emergency), event, told, kit.CHIEF)


@pytest.mark.parametrize(("kind", "state", "event"), EVERY, ids=lambda item: getattr(item, "value", str(item)))
def test_each_step(kind: Kind, state: Enum, event: Enum) -> None:
    want = TABLE[kind][state.value].get(event.value)
    if want is None:
        with pytest.raises(CharterError, match="can't be given") as refused:
            go_on(kind, state, event)
        assert "it takes: " in refused.value.advice
    else:
        assert go_on(kind, state, event).matter.state == want


@pytest.mark.parametrize(("kind", "state", "event"), EVERY, ids=lambda item: getattr(item, "value", str(item)))
def test_what_is_owed_ends_exactly_with_an_outcome(kind: Kind, state: Enum, event: Enum) -> None:
    """A duty is done in the ledger when, and only when, the matter is over in the store."""
    if event.value not in TABLE[kind][state.value]:
        return
    change = go_on(kind, state, event)
    done = [act for act in change.acts if act["act"] == "done"]
    due = [act for act in change.acts if act["act"] == "due"]
    assert len(done) + len(due) <= 1
    if due:
        assert change.matter.over == 0 and change.matter.due == due[0]["until"]
    if done:
        assert change.matter.over == kit.NOW + kit.DAY


def test_what_is_over_is_what_nothing_but_a_new_beginning_leaves() -> None:
    over = {
        (kind, state.value)
        for kind, module in kit.KINDS.items()
        for state in module.State  # type: ignore[attr-defined]
        if is_over(Matter(kit.ID, kind, state.value, kit.CLERK, kit.NOW))
    }
    assert over == {
        (kind, state)
        for kind, states in TABLE.items()
        for state, steps in states.items()
        if not steps or set(steps) in ({"reopen"}, {"worse"})
    }
    assert (Kind.CASE, "justified") not in over and (Kind.INCIDENT, "notified") not in over


def test_ends() -> None:
    assert request.FLOW.ends() == {
        request.State.ANSWERED, request.State.PARTLY_REFUSED, request.State.REFUSED, request.State.NOT_IDENTIFIED,
        request.State.WITHDRAWN,
    }  # fmt: skip
    assert complaint.FLOW.ends() == set(complaint.State) - {complaint.State.RECEIVED, complaint.State.LOOKED_INTO}
    assert case.FLOW.ends() == {case.State.CLOSED}
    assert incident.FLOW.ends() == {incident.State.CLOSED}
