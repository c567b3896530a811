"""Alerts over all cameras, and which office has taken one on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from passerby.access.caller import Caller
from passerby.access.rights import Right
from passerby.server.models import US, AlertModel
from passerby.server.problems import Problem
from passerby.server.rights import Places, needs
from passerby.store.database import Store
from passerby.store.deliveries import acknowledge, acknowledged
from passerby.store.events import alerts_between, get_alert

DAY_S = 86_400
MOST = 200


class Taken(BaseModel):
    """Which office has taken an alert on, and when. Never a person's name."""

    office: str
    at: float


class TakeOn(BaseModel):
    """An office takes an alert on."""

    office: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[^\x00-\x1f\x7f<>]+$")]


class ListedAlert(AlertModel):
    """An alert, and who has taken it on."""

    taken: Taken | None = None


class AlertPage(BaseModel):
    """Newest first; ``next`` is to be given as ``after`` for older ones, null at the end."""

    items: list[ListedAlert]
    next: str | None


def routes(
    store: Store,
    notify: Callable[[], Store],
    clock: Callable[[], float],
    tell: Callable[[str, BaseModel, str], None],
    places: Places,
) -> APIRouter:
    """The routes.

    Args:
        store: The station's, open for reading.
        notify: Opens the database of alerts on their way, for writing.
        clock: Seconds since 1970.
        tell: Sends an event about a camera to every page that may hear of it.
        places: Whose cameras are where.
    """
    router = APIRouter(prefix="/api/v1/alerts")

    @router.get("")
    def alerts(
        caller: Annotated[Caller, needs(Right.SEE_NUMBERS)],
        start: Annotated[float | None, Query(alias="from", ge=0, le=253_402_300_799)] = None,
        after: Annotated[int | None, Query(ge=1, le=2**53)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
    ) -> AlertPage:
        """Alerts since a time (the last day, if none is given), newest first."""
        begin = round((clock() - DAY_S if start is None else start) * US)
        rows = alerts_between(store, begin, 2**62, after, limit)
        seen = places.seen(caller, Right.SEE_NUMBERS, {row.camera_id for row in rows})
        taken = acknowledged(notify(), [row.id for row in rows])
        items = [
            ListedAlert(**AlertModel.of(row).model_dump(), taken=_taken(taken.get(row.id)))
            for row in rows
            if row.camera_id in seen
        ]
        return AlertPage(items=items, next=str(rows[-1].id) if len(rows) == limit else None)

    @router.post("/{alert_id}/taken")
    async def take(
        caller: Annotated[Caller, needs(Right.ACKNOWLEDGE)],
        alert_id: Annotated[int, Path(ge=1, le=2**53)],
        by: TakeOn,
    ) -> ListedAlert:
        """An office takes an alert on; who was first stands, and channels that wait for it are spared."""
        found = await asyncio.to_thread(taken_on, caller, alert_id, by.office)
        tell("taken", found, found.camera)
        return found

    def taken_on(caller: Caller, alert_id: int, office: str) -> ListedAlert:
        row = get_alert(store, alert_id)
        # An alert out of sight and one that never was look the same.
        if row is None or row.camera_id not in places.seen(caller, Right.ACKNOWLEDGE, [row.camera_id]):
            raise Problem(404, "there is no such alert", "see /api/v1/alerts")
        own = notify()
        acknowledge(own, alert_id, office, round(clock() * US))
        return ListedAlert(**AlertModel.of(row).model_dump(), taken=_taken(acknowledged(own, [alert_id])[alert_id]))

    return router


def _taken(found: tuple[str, int] | None) -> Taken | None:
    return None if found is None else Taken(office=found[0], at=found[1] / US)
