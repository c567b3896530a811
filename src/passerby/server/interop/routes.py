"""``/metrics`` and what other systems read of counts: NGSI-LD now, tables of any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse, StreamingResponse
from prometheus_client import CollectorRegistry, generate_latest

from passerby.access.caller import Caller
from passerby.access.rights import Right
from passerby.base.errors import ReleaseError
from passerby.server.interop import ngsi, table
from passerby.server.interop.metrics import Metrics
from passerby.server.problems import TYPE, Problem
from passerby.server.rights import Places, needs
from passerby.store.cameras import list_cameras
from passerby.store.counts import minutes
from passerby.store.database import Store
from passerby.store.now import Now
from passerby.store.places import line_minutes_between, zone_minutes_between

US = 1_000_000
DAY_S = 86_400
LONGEST_CSV_S, LONGEST_PARQUET_S = 366 * DAY_S, 31 * DAY_S
NEWEST_US = 10 * 60 * US
METRICS = "text/plain; version=0.0.4; charset=utf-8"
CameraId = Annotated[str, Path(pattern="^[a-z0-9-]{1,63}$")]
LAST_TIME = 253_402_300_799
From = Annotated[
    float | None,
    Query(alias="from", ge=0, le=LAST_TIME, description="Seconds since 1970; a day before `to` if left out."),
]
To = Annotated[float | None, Query(ge=0, le=LAST_TIME, description="Seconds since 1970; now if left out.")]

CSV, PARQUET = "text/csv; charset=utf-8", "application/vnd.apache.parquet"
NO_PARQUET: dict[int | str, dict[str, Any]] = {
    501: {"description": "this server was installed without what writes Parquet", "content": {TYPE: {}}}
}


class Linked(JSONResponse):
    """JSON-LD."""

    media_type = ngsi.TYPE


def _of(kind: str) -> dict[int | str, dict[str, Any]]:
    """For the description: what comes is of this kind."""
    return {200: {"content": {kind: {}}}}


def routes(
    store: Store, site: str, clock: Callable[[], float], now: Callable[[], Now | None], places: Places
) -> APIRouter:
    """The routes.

    Args:
        store: The station's, open for reading.
        site: Its name, part of NGSI-LD ids.
        clock: Seconds since 1970.
        now: What the station said last.
        places: Whose cameras are where.
    """
    router = APIRouter()

    @router.get("/metrics", response_class=Response, responses=_of(METRICS))
    def metrics(caller: Annotated[Caller, needs(Right.READ_HEALTH)]) -> Response:
        """For Prometheus (text format 0.0.4), with a machine key as bearer token."""
        registry = CollectorRegistry()
        wanted = lambda ids: places.seen(caller, Right.READ_HEALTH, ids)  # noqa: E731
        registry.register(Metrics(store, clock, now, wanted))
        return Response(generate_latest(registry), media_type=METRICS)

    @router.get("/api/v1/ngsi-ld/entities", response_class=Linked)
    def entities(
        caller: Annotated[Caller, needs(Right.SEE_NUMBERS)],
        kind: Annotated[ngsi.Kind, Query(alias="type")] = "CrowdFlowObserved",
    ) -> Linked:
        """The newest whole minute of each camera, zone and line as NGSI-LD."""
        ids = [camera.id for camera in list_cameras(store)]
        seen = places.seen(caller, Right.SEE_NUMBERS, ids)
        found = [entity for camera in ids if camera in seen for entity in _entities(camera, kind)]
        return Linked(found)

    def _entities(camera: str, kind: ngsi.Kind) -> list[ngsi.Entity]:
        # The minute that runs now is not whole yet.
        end = round(clock() * US) // (60 * US) * 60 * US
        whole = minutes(store, camera, end - NEWEST_US, end)
        newest = whole[-1] if whole else None
        if kind == "TrafficFlowObserved":
            return list(ngsi.traffic(site, camera, newest))
        zones = {zone.zone: zone for zone in zone_minutes_between(store, camera, end - NEWEST_US, end)}
        lines = {line.line: line for line in line_minutes_between(store, camera, end - NEWEST_US, end)}
        return list(ngsi.crowds(site, camera, newest, list(zones.values()), list(lines.values())))

    @router.get("/api/v1/cameras/{camera_id}/table.csv", response_class=Response, responses=_of(CSV))
    def as_csv(
        caller: Annotated[Caller, needs(Right.SEE_NUMBERS)],
        camera_id: CameraId,
        start: From = None,
        to: To = None,
    ) -> Response:
        """Every minute of a time as CSV: the camera, its zones, its lines. At most a year."""
        places.check(caller, Right.SEE_NUMBERS, camera_id)
        begin, end = _span(start, to, clock(), LONGEST_CSV_S)
        pieces = table.as_csv(table.rows(store, camera_id, begin, end))
        return StreamingResponse(pieces, media_type=CSV, headers=_named(camera_id, "csv"))

    @router.get(
        "/api/v1/cameras/{camera_id}/table.parquet", response_class=Response, responses=_of(PARQUET) | NO_PARQUET
    )
    def as_parquet(
        caller: Annotated[Caller, needs(Right.SEE_NUMBERS)],
        camera_id: CameraId,
        start: From = None,
        to: To = None,
    ) -> Response:
        """The same as Apache Parquet. At most 31 days."""
        places.check(caller, Right.SEE_NUMBERS, camera_id)
        begin, end = _span(start, to, clock(), LONGEST_PARQUET_S)
        about = {"site": site, "camera": camera_id}
        try:
            content = table.as_parquet(table.rows(store, camera_id, begin, end), about)
        except ReleaseError as error:
            raise Problem(501, error.message, error.advice) from error
        return Response(content, media_type=PARQUET, headers=_named(camera_id, "parquet"))

    return router


def _span(start: float | None, to: float | None, now: float, longest_s: float) -> tuple[int, int]:
    end = now if to is None else to
    begin = max(0.0, end - DAY_S) if start is None else start
    if begin >= end:
        raise Problem(422, "from must be before to")
    if end - begin > longest_s:
        raise Problem(422, f"at most {longest_s / DAY_S:g} days at once", "ask for less")
    return round(begin * US), round(end * US)


def _named(camera_id: str, kind: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{camera_id}.{kind}"'}
