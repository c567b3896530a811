"""/api/v1: what the station knows, for reading."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from passerby import __version__
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
    ServerHealthModel,
    VehicleMinuteModel,
    ZoneMinuteModel,
)
from passerby.server.opening import Opening
from passerby.server.problems import Problem
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
To = Annotated[float | None, Query(ge=0, le=LAST_TIME, description="Seconds since 1970; not included.")]


def _retention(store: Store, now_s: float) -> Literal["nothing kept", "kept", "overdue"]:
    """Dead-man's alarm: where something is kept, somebody has to have swept lately, whether a station runs or not."""
    swept = get_mark(store, SWEPT_US)
    if not any_epochs(store):
        return "nothing kept"
    return "kept" if swept is not None and now_s - int(swept) / US < SWEEP_PATIENCE_S else "overdue"


def routes(store: Store, clock: Callable[[], float], now: Callable[[], Now | None], looks: Looks) -> APIRouter:
    """The interface's routes.

    Args:
        store: Open for reading.
        clock: Unix seconds.
        now: What the station said last.
        looks: Has it logged that somebody looks, before there is anything to see.
    """
    router = APIRouter(prefix="/api/v1")

    @router.get("/health")
    def health() -> ServerHealthModel:
        return ServerHealthModel(
            status="ok",
            retention=_retention(store, clock()),
            version=__version__,
            cameras=len(list_cameras(store)),
            keeper=looks.proven,
            time=clock(),
        )

    @router.get("/cameras")
    def cameras() -> CamerasModel:
        newest = latest(store)
        said, time_s = now(), clock()
        found = [CameraModel.of(c, newest.get(c.id)).told(said, time_s) for c in list_cameras(store)]
        return CamerasModel(cameras=found)

    @router.get("/cameras/{camera_id}")
    def camera(camera_id: CameraId) -> CameraDetailModel:
        found = known(store, camera_id)
        sample = latest_health(store, camera_id)
        now_us = round(clock() * US)
        return CameraDetailModel(
            camera=CameraModel.of(found, latest(store).get(camera_id)).told(now(), clock()),
            health=HealthModel.of(sample) if sample else None,
            absences=[AbsenceModel.of(a) for a in list_absences(store, camera_id, now_us - DAY_S * US, now_us + US)],
        )

    @router.get("/cameras/{camera_id}/counts")
    def counts(camera_id: CameraId, start: From = None, to: To = None) -> CountsModel:
        known(store, camera_id)
        begin, end = _span(start, to, clock(), 900, LONGEST_COUNTS_S)
        return CountsModel(
            recent=[CountModel.of(c) for c in recent(store, camera_id, begin, end)],
            minutes=[MinuteModel.of(m) for m in minutes(store, camera_id, begin, end)],
        )

    @router.get("/cameras/{camera_id}/places")
    def places(camera_id: CameraId, start: From = None, to: To = None) -> PlacesModel:
        known(store, camera_id)
        begin, end = _span(start, to, clock(), 3600, LONGEST_COUNTS_S)
        return PlacesModel(
            zones=[ZoneMinuteModel.of(m) for m in zone_minutes_between(store, camera_id, begin, end)],
            lines=[LineMinuteModel.of(m) for m in line_minutes_between(store, camera_id, begin, end)],
            vehicles=[VehicleMinuteModel.of(m) for m in vehicle_minutes_between(store, camera_id, begin, end)],
        )

    @router.get("/cameras/{camera_id}/alerts")
    def alerts(camera_id: CameraId, start: From = None, to: To = None) -> AlertsModel:
        known(store, camera_id)
        begin, end = _span(start, to, clock(), DAY_S, 366 * DAY_S)
        return AlertsModel(alerts=[AlertModel.of(a) for a in list_alerts(store, camera_id, begin, end)])

    begins = Opening()

    def kept(camera_id: str, begin: int, end: int) -> str:
        known(store, camera_id)
        pieces = pieces_between(store, camera_id, begin, end)
        if all(p.segment.gap for p in pieces):
            raise Problem(
                404, "nothing was kept in this time", "the camera records nothing, or was away, or its time is over"
            )
        return playback(pieces, names(camera_id))

    @router.get("/cameras/{camera_id}/playback", response_class=Response)
    async def playlist(camera_id: CameraId, start: From = None, to: To = None) -> Response:
        begin, end = _span(start, to, clock(), 600, LONGEST_PLAYBACK_S)
        found = await asyncio.to_thread(kept, camera_id, begin, end)
        await begins(looks.begin, camera_id, begin, end)
        return Response(found, media_type=PLAYLIST)

    return router


def known(store: Store, camera_id: str) -> Camera:
    """The camera.

    Raises:
        Problem: There is none such.
    """
    found = get_camera(store, camera_id)
    if found is None:
        raise Problem(404, "there is no such camera", "see /api/v1/cameras")
    return found


def _span(start: float | None, to: float | None, now: float, usual_s: float, longest_s: float) -> tuple[int, int]:
    """Microseconds of a span; where its end is left out it is now, where its beginning is, a usual time before."""
    end = now + 1 if to is None else to
    begin = end - usual_s if start is None else start
    if begin >= end:
        raise Problem(422, "from must be before to")
    if end - begin > longest_s + 1:
        raise Problem(422, f"at most {longest_s / 3600:g} hours at once", "ask for less")
    return max(0, round(begin * US)), round(end * US)
