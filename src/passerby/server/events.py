"""/api/v1/events: what happens, as it happens, to whom it is for. ``/events`` is the same, as it was called before."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from passerby.access.caller import Caller
from passerby.access.rights import Right
from passerby.server.hub import Hub
from passerby.server.problems import Problem
from passerby.server.rights import Places, maybe, needs


class Listener:
    """Whoever is signed in, for as long as they are: `passerby.server.hub.Audience`.

    Args:
        request: Theirs.
        places: Whose cameras are where.
    """

    def __init__(self, request: Request, places: Places) -> None:
        self._request, self._places = request, places

    def _caller(self) -> Caller | None:
        try:
            return maybe(self._request)
        except Problem:  # a key that has ended
            return None

    def of(self, cameras: set[str]) -> set[str]:
        """Those of the cameras of which they may hear now."""
        caller = self._caller()
        return self._places.seen(caller, Right.SEE_NUMBERS, cameras) if caller is not None else set()

    def listens(self) -> bool:
        """Whether they are still signed in, and see numbers anywhere."""
        caller = self._caller()
        return caller is not None and caller.has(Right.SEE_NUMBERS)


def routes(hub: Hub, places: Places) -> APIRouter:
    """The stream.

    Args:
        hub: Tells what happens.
        places: Whose cameras are where.
    """
    router = APIRouter()

    @router.get("/api/v1/events", response_class=StreamingResponse)
    @router.get("/events", include_in_schema=False)
    async def events(request: Request, caller: Annotated[Caller, needs(Right.SEE_NUMBERS)]) -> StreamingResponse:
        """Server-sent events: ``state``, ``counts``, ``alert``, ``health``, ``gone``."""
        del caller  # who may hear what is asked again and again while the stream goes on
        if hub.full:
            raise Problem(503, "as many listen as this server holds", "try again later", headers={"retry-after": "30"})
        return StreamingResponse(hub.events(Listener(request, places)), media_type="text/event-stream")

    return router
