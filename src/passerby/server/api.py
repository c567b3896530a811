"""/api/v1: what the station knows, for reading."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from passerby.access.caller import Caller
from passerby.access.rights import Right
from passerby.archive.keeper.looks import Looks
from passerby.archive.playlists import pieces_between, playback
from passerby.server.hls import PLAYLIST, names
from passerby.server.models import (
    US,
    AbsenceModel,
    AlertModel,
    AlertsModel,
    CameraDetailModel,
    CameraModel,
    CamerasModel,
    CountModel,
    CountsModel,
    HealthModel,
    LineMinuteModel,
    MinuteModel,
    PlacesModel,
    StatusModel,
    VehicleMinuteModel,
    ZoneMinuteModel,
)
from passerby.server.opening import Opening
from passerby.server.problems import Problem
from passerby.server.rights import Places, needs, no_camera
from passerby.store.cameras import Camera, get_camera, list_cameras
from passerby.store.counts import latest, minutes, recent
from passerby.store.database import Store
from passerby.store.epochs import any_epochs
from passerby.store.events import latest_health, list_absences, list_alerts
from passerby.store.marks import SWEPT_US, get_mark
from passerby.store.now import Now
from passerby.store.places import line_minutes_between, zone_minutes_between
from passerby.store.traffic import vehicle_minutes_between

DAY_S = 86_400
LONGEST_PLAYBACK_S = 6 * 3600
LONGEST_COUNTS_S = DAY_S
SWEEP_PATIENCE_S = 120.0
LAST_TIME = 253_402_300_799
CameraId = Annotated[str, Path(pattern="^[a-z0-9-]{1,63}$")]
From = Annotated[float | None, Query(alias="from", ge=0, le=LAST_TIME, description="Seconds since 1970.")]
Watches = Annotated[Caller, needs(Right.LOOK)]
Sees = Annotated[Caller, needs(Right.SEE_NUMBERS)]
To = Annotated[float | None, Query(ge=0, le=LAST_TIME, description="Seconds since 1970; not included.")]


def _retention(store: Store, now_s: float) -> Literal["nothing kept", "kept", "overdue"]:
    """Dead-man's alarm: where something is kept, somebody has to have swept lately, whether a station runs or not."""
    swept = get_mark(store, SWEPT_US)
    if not any_epochs(store):
        return "nothing kept"
    return "kept" if swept is not None and now_s - int(swept) / US < SWEEP_PATIENCE_S else "overdue"


def routes(
    store: Store, clock: Callable[[], float], now: Callable[[], Now | None], looks: Looks, places: Places
) -> APIRouter:
    """The interface's routes.

    Args:
        store: Open for reading.
        clock: Unix seconds.
        now: What the station said last.
        looks: Has it logged that somebody looks, before there is anything to see.
        places: Whose cameras are where.
    """
    router = APIRouter(prefix="/api/v1")

    def known(caller: Caller, right: Right, camera_id: str) -> Camera:
        """The camera, if there is one and the caller may do this there: neither tells which it was."""
        places.check(caller, right, camera_id)
        found = get_camera(store, camera_id)
        if found is None:
            raise no_camera()
        return found

    @router.get("/status")
    def status(caller: Annotated[Caller, needs(Right.READ_HEALTH)]) -> StatusModel:
        ids = places.seen(caller, Right.READ_HEALTH, [camera.id for camera in list_cameras(store)])
        return StatusModel(retention=_retention(store, clock()), cameras=len(ids), keeper=looks.proven, time=clock())

    @router.get("/cameras")
    def cameras(caller: Sees) -> CamerasModel:
        newest = latest(store)
        said, time_s, all_ = now(), clock(), list_cameras(store)
        seen = places.seen(caller, Right.SEE_NUMBERS, [camera.id for camera in all_])
        found = [CameraModel.of(c, newest.get(c.id)).told(said, time_s) for c in all_ if c.id in seen]
        return CamerasModel(cameras=found)

    @router.get("/cameras/{camera_id}")
    def camera(caller: Sees, camera_id: CameraId) -> CameraDetailModel:
        found = known(caller, Right.SEE_NUMBERS, camera_id)
        sample = latest_health(store, camera_id)
        now_us = round(clock() * US)
        return CameraDetailModel(
            camera=CameraModel.of(found, latest(store).get(camera_id)).told(now(), clock()),
            health=HealthModel.of(sample) if sample else None,
            absences=[AbsenceModel.of(a) for a in list_absences(store, camera_id, now_us - DAY_S * US, now_us + US)],
        )

    @router.get("/cameras/{camera_id}/counts")
    def counts(caller: Sees, camera_id: CameraId, start: From = None, to: To = None) -> CountsModel:
        known(caller, Right.SEE_NUMBERS, camera_id)
        begin, end = _span(start, to, clock(), 900, LONGEST_COUNTS_S)
        return CountsModel(
            recent=[CountModel.of(c) for c in recent(store, camera_id, begin, end)],
            minutes=[MinuteModel.of(m) for m in minutes(store, camera_id, begin, end)],
        )

    @router.get("/cameras/{camera_id}/places")
    def counted(caller: Sees, camera_id: CameraId, start: From = None, to: To = None) -> PlacesModel:
        known(caller, Right.SEE_NUMBERS, camera_id)
        begin, end = _span(start, to, clock(), 3600, LONGEST_COUNTS_S)
        return PlacesModel(
            zones=[ZoneMinuteModel.of(m) for m in zone_minutes_between(store, camera_id, begin, end)],
            lines=[LineMinuteModel.of(m) for m in line_minutes_between(store, camera_id, begin, end)],
            vehicles=[VehicleMinuteModel.of(m) for m in vehicle_minutes_between(store, camera_id, begin, end)],
        )

    @router.get("/cameras/{camera_id}/alerts")
    def alerts(caller: Sees, camera_id: CameraId, start: From = None, to: To = None) -> AlertsModel:
        known(caller, Right.SEE_NUMBERS, camera_id)
        begin, end = _span(start, to, clock(), DAY_S, 366 * DAY_S)
        return AlertsModel(alerts=[AlertModel.of(a) for a in list_alerts(store, camera_id, begin, end)])

    begins = Opening()

    def kept(caller: Caller, camera_id: str, begin: int, end: int) -> str:
        known(caller, Right.LOOK, camera_id)
        pieces = pieces_between(store, camera_id, begin, end)
        if all(p.segment.gap for p in pieces):
            raise Problem(
                404, "nothing was kept in this time", "the camera records nothing, or was away, or its time is over"
            )
        return playback(pieces, names(camera_id))

    @router.get("/cameras/{camera_id}/playback", response_class=Response)
    async def playlist(
        caller: Annotated[Caller, needs(Right.LOOK)], camera_id: CameraId, start: From = None, to: To = None
    ) -> Response:
        begin, end = _span(start, to, clock(), 600, LONGEST_PLAYBACK_S)
        found = await asyncio.to_thread(kept, caller, camera_id, begin, end)
        await begins(looks.begin, camera_id, begin, end, caller.pseudonym)
        return Response(found, media_type=PLAYLIST)

    return router


def _span(start: float | None, to: float | None, now: float, usual_s: float, longest_s: float) -> tuple[int, int]:
    """Microseconds of a span; where its end is left out it is now, where its beginning is, a usual time before."""
    end = now + 1 if to is None else to
    begin = end - usual_s if start is None else start
    if begin >= end:
        raise Problem(422, "from must be before to")
    if end - begin > longest_s + 1:
        raise Problem(422, f"at most {longest_s / 3600:g} hours at once", "ask for less")
    return max(0, round(begin * US)), round(end * US)
