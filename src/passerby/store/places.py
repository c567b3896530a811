"""What was counted in zones and over lines, minute by minute, for good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, case, insert, select, update

from passerby.store.database import Store
from passerby.store.schema import line_minutes, zone_minutes

MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """A zone over a second or so; ``low`` and ``high`` bound a 90 % interval.

    Args:
        camera_id: Which camera.
        zone: The zone's id.
        time_us: When.
        people: How many, on average.
        low: Lower end.
        high: Upper end.
        area_m2: Of the zone on the ground; None where that is not known.
        speed: Mean, in m/s; None where not known.
    """

    camera_id: str
    zone: str
    time_us: int
    people: float
    low: float
    high: float
    area_m2: float | None
    speed: float | None


@dataclass(frozen=True, slots=True)
class Crossed:
    """How many crossed a line since the last time it was told, from its left to its right and back."""

    camera_id: str
    line: str
    time_us: int
    into: int
    out_of: int


@dataclass(frozen=True, slots=True)
class ZoneMinute:
    """A zone's minute: means of people, bounds and speed, the most people at once; density in 1/m² where known."""

    zone: str
    minute_us: int
    people: float
    low: float
    high: float
    people_max: float
    density: float | None
    speed: float | None


@dataclass(frozen=True, slots=True)
class LineMinute:
    """How many crossed a line in a minute, from its left to its right and back."""

    line: str
    minute_us: int
    into: int
    out_of: int


def add_places(store: Store, zones: Iterable[ZoneCount], crossings: Iterable[Crossed]) -> None:
    """Add what was counted to its minutes: all of it or nothing.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        put_places(connection, zones, crossings)


def put_places(connection: Connection, zones: Iterable[ZoneCount], crossings: Iterable[Crossed]) -> None:
    """`add_places` inside a transaction."""
    for zone in zones:
        _add_zone(connection, zone)
    for crossed in crossings:
        _add_crossed(connection, crossed)


def _add_zone(connection: Connection, count: ZoneCount) -> None:
    table, speeds = zone_minutes.c, int(count.speed is not None)
    here = {"camera_id": count.camera_id, "zone": count.zone, "minute_us": count.time_us - count.time_us % MINUTE_US}
    sums = {"people_sum": count.people, "low_sum": count.low, "high_sum": count.high, "speed_sum": count.speed or 0.0}
    changed = connection.execute(
        update(zone_minutes)
        .where(*(table[name] == value for name, value in here.items()))
        .values(
            samples=table.samples + 1,
            people_max=case((table.people_max < count.people, count.people), else_=table.people_max),
            area_m2=count.area_m2,
            speed_samples=table.speed_samples + speeds,
            **{name: table[name] + value for name, value in sums.items()},
        )
    )
    if not changed.rowcount:
        first = {"samples": 1, "people_max": count.people, "area_m2": count.area_m2, "speed_samples": speeds}
        connection.execute(insert(zone_minutes).values(**here, **first, **sums))


def _add_crossed(connection: Connection, crossed: Crossed) -> None:
    table, minute = line_minutes.c, crossed.time_us - crossed.time_us % MINUTE_US
    here = {"camera_id": crossed.camera_id, "line": crossed.line, "minute_us": minute}
    changed = connection.execute(
        update(line_minutes)
        .where(*(table[name] == value for name, value in here.items()))
        .values(into=table.into + crossed.into, out_of=table.out_of + crossed.out_of)
    )
    if not changed.rowcount:
        connection.execute(insert(line_minutes).values(**here, into=crossed.into, out_of=crossed.out_of))


def zone_minutes_between(store: Store, camera_id: str, from_us: int, to_us: int) -> list[ZoneMinute]:
    """Each zone's minutes that begin in ``[from, to)``, in order of time.

    Raises:
        StoreError: The database can't be read.
    """
    table = zone_minutes.c
    with store.reading() as connection:
        rows = connection.execute(
            select(zone_minutes)
            .where(table.camera_id == camera_id, table.minute_us >= from_us, table.minute_us < to_us)
            .order_by(table.minute_us, table.zone)
        )
        return [
            ZoneMinute(
                r.zone,
                r.minute_us,
                r.people_sum / r.samples,
                r.low_sum / r.samples,
                r.high_sum / r.samples,
                r.people_max,
                r.people_sum / r.samples / r.area_m2 if r.area_m2 else None,
                r.speed_sum / r.speed_samples if r.speed_samples else None,
            )
            for r in rows
        ]


def line_minutes_between(store: Store, camera_id: str, from_us: int, to_us: int) -> list[LineMinute]:
    """Each line's minutes that begin in ``[from, to)``, in order of time. Minutes without a crossing may be missing.

    Raises:
        StoreError: The database can't be read.
    """
    table = line_minutes.c
    with store.reading() as connection:
        rows = connection.execute(
            select(table.line, table.minute_us, table.into, table.out_of)
            .where(table.camera_id == camera_id, table.minute_us >= from_us, table.minute_us < to_us)
            .order_by(table.minute_us, table.line)
        )
        return [LineMinute(**row._mapping) for row in rows]
