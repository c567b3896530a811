"""The four kinds of matter, and whether one is wholly over: nothing owed, nothing open, nothing to come."""

from __future__ import annotations

from passerby.charter.matter import case, complaint, incident, request
from passerby.charter.matter.record import Kind, Matter


def is_over(matter: Matter) -> bool:
    """Whether only something new could open it again."""
    if matter.kind is Kind.CASE:
        return case.FLOW.is_over(case.State(matter.state))
    if matter.kind is Kind.REQUEST:
        return request.FLOW.is_over(request.State(matter.state))
    if matter.kind is Kind.COMPLAINT:
        return complaint.FLOW.is_over(complaint.State(matter.state))
    return incident.FLOW.is_over(incident.State(matter.state))
