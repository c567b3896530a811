"""Matters at known moments, and every state of each kind."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from passerby.charter.matter import case, complaint, incident, request
from passerby.charter.matter.clock import Calendar, Term, Unit
from passerby.charter.matter.laws import LAWS
from passerby.charter.matter.record import Kind, Matter, Others, Told

DAY = 86400
NOW = 1_790_000_000
CALENDAR = Calendar(ZoneInfo("Europe/Amsterdam"))
ID, CONTENT = "ab" * 32, "cd" * 32
CLERK, CHIEF, WATCHER = ("p-" + sign * 32 for sign in "123")
MONTH, NOTICE = Term(30, Unit.DAYS), Term(72, Unit.HOURS)
SCOPE = case.Scope(("gate-1", "gate-2"), NOW - DAY, NOW - DAY + 3600, NOW + DAY)


def a_request(law: str = "gdpr", state: request.State = request.State.RECEIVED) -> Matter:
    return replace(request.begin(ID, CLERK, NOW, LAWS[law], CALENDAR, CONTENT).matter, state=state.value)


def a_complaint(state: complaint.State = complaint.State.RECEIVED) -> Matter:
    return replace(complaint.begin(ID, CLERK, NOW, MONTH, CALENDAR, CONTENT).matter, state=state.value)


def an_incident(state: incident.State = incident.State.KNOWN) -> Matter:
    return replace(incident.begin(ID, CLERK, NOW, NOTICE, CALENDAR, CONTENT).matter, state=state.value)


def a_case(state: case.State = case.State.OPEN, *, emergency: bool = False) -> Matter:
    why = ("crowd-safety", "overcrowding")
    begun = case.begin(ID, WATCHER, NOW, why, SCOPE, emergency=emergency, allowed=True).matter
    return replace(begun, state=state.value)


def all_told(at: int = NOW + DAY, reason: str = "") -> Told:
    """Everything that any event could ask for."""
    return Told(at, reason, Others.HIDDEN, 5, why=True)


KINDS = {Kind.CASE: case, Kind.REQUEST: request, Kind.COMPLAINT: complaint, Kind.INCIDENT: incident}
