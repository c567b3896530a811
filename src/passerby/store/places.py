"""What was counted in zones and over lines, minute by minute, for good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, case, insert, select, update

from passerby.store.database import Store
from passerby.store.schema import line_minutes, zone_minutes
from passerby.store.traffic import MINUTE_US, Driven, add_driven

DIRECTIONS = 8


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
class Stood:
    """How a zone's crowd stood and moved in the second that a `ZoneCount` of the same time has counted.

    Args:
        camera_id: Which camera.
        zone: The zone's id.
        time_us: That of the count.
        profile: What people do there, by which its density is judged.
        ways: Shares of eight directions in 1/255; all 0 where nobody moved.
        pressure: The highest of a cell, in 1/s²; None where not known.
        densest: The highest density of a cell, in 1/m²; None where not known.
        queue: People in the zone's queue, and its length in metres; None where it has none.
    """

    camera_id: str
    zone: str
    time_us: int
    profile: str
    ways: tuple[int, ...]
    pressure: float | None
    densest: float | None
    queue: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Crossed:
    """How many crossed a line since the last time it was told, from its left to its right and back.

    ``width_m`` is the line's on the ground, None where that is not known.
    """

    camera_id: str
    line: str
    time_us: int
    into: int
    out_of: int
    width_m: float | None = None


@dataclass(frozen=True, slots=True)
class ZoneMinute:
    """A zone's minute: means of people, bounds and speed, the most people at once.

    Densities are in 1/m², speed in m/s, pressure in 1/s², the queue's length in m: None where they were not known.
    ``density_max`` is that of the most people at once, ``densest`` that of the fullest cell. ``ways`` are shares of
    eight directions, all 0 where nobody moved.
    """

    zone: str
    minute_us: int
    people: float
    low: float
    high: float
    people_max: float
    density: float | None
    speed: float | None
    profile: str = "walkway"
    density_max: float | None = None
    ways: tuple[float, ...] = (0.0,) * DIRECTIONS
    pressure: float | None = None
    densest: float | None = None
    queue: float | None = None
    queue_m: float | None = None


@dataclass(frozen=True, slots=True)
class LineMinute:
    """How many crossed a line in a minute, from its left to its right and back.

    ``occupied`` is the share of the time in which a vehicle stood on it, None where that was not asked.
    """

    line: str
    minute_us: int
    into: int
    out_of: int
    width_m: float | None = None
    occupied: float | None = None


def add_places(
    store: Store,
    zones: Iterable[ZoneCount],
    crossings: Iterable[Crossed],
    stood: Iterable[Stood] = (),
    driven: Iterable[Driven] = (),
) -> None:
    """Add what was counted to its minutes: all of it or nothing.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        put_places(connection, zones, crossings, stood, driven)


def put_places(
    connection: Connection,
    zones: Iterable[ZoneCount],
    crossings: Iterable[Crossed],
    stood: Iterable[Stood] = (),
    driven: Iterable[Driven] = (),
) -> None:
    """`add_places` inside a transaction."""
    for zone in zones:
        _add_zone(connection, zone)
    for how in stood:
        _add_stood(connection, how)
    for crossed in crossings:
        _add_crossed(connection, crossed)
    for vehicles in driven:
        add_driven(connection, vehicles)


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


def _add_stood(connection: Connection, how: Stood) -> None:
    """Into the minute that the count of the same time has made; without one there is nothing to add to."""
    table, minute = zone_minutes.c, how.time_us - how.time_us % MINUTE_US
    values: dict[str, object] = {"profile": how.profile}
    for number, share in enumerate(how.ways):
        values[f"way_{number}"] = table[f"way_{number}"] + share
    for name, value in (("pressure_max", how.pressure), ("densest_max", how.densest)):
        if value is not None:
            values[name] = case((table[name] > value, table[name]), else_=value)
    if how.queue is not None:
        values |= {
            "queue_samples": table.queue_samples + 1,
            "queue_sum": table.queue_sum + how.queue[0],
            "queue_m_sum": table.queue_m_sum + how.queue[1],
        }
    connection.execute(
        update(zone_minutes)
        .where(table.camera_id == how.camera_id, table.zone == how.zone, table.minute_us == minute)
        .values(**values)
    )


def _add_crossed(connection: Connection, crossed: Crossed) -> None:
    table, minute = line_minutes.c, crossed.time_us - crossed.time_us % MINUTE_US
    here = {"camera_id": crossed.camera_id, "line": crossed.line, "minute_us": minute}
    changed = connection.execute(
        update(line_minutes)
        .where(*(table[name] == value for name, value in here.items()))
        .values(into=table.into + crossed.into, out_of=table.out_of + crossed.out_of, width_m=crossed.width_m)
    )
    if not changed.rowcount:
        first = {"into": crossed.into, "out_of": crossed.out_of, "width_m": crossed.width_m}
        connection.execute(insert(line_minutes).values(**here, **first))


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
        return [_zone_minute(row) for row in rows]


def _zone_minute(r: Row[Any]) -> ZoneMinute:
    moved = [getattr(r, f"way_{number}") for number in range(DIRECTIONS)]
    return ZoneMinute(
        r.zone,
        r.minute_us,
        r.people_sum / r.samples,
        r.low_sum / r.samples,
        r.high_sum / r.samples,
        r.people_max,
        r.people_sum / r.samples / r.area_m2 if r.area_m2 else None,
        r.speed_sum / r.speed_samples if r.speed_samples else None,
        r.profile,
        r.people_max / r.area_m2 if r.area_m2 else None,
        tuple(n / max(1, sum(moved)) for n in moved),
        r.pressure_max,
        r.densest_max,
        r.queue_sum / r.queue_samples if r.queue_samples else None,
        r.queue_m_sum / r.queue_samples if r.queue_samples else None,
    )


def line_minutes_between(store: Store, camera_id: str, from_us: int, to_us: int) -> list[LineMinute]:
    """Each line's minutes that begin in ``[from, to)``, in order of time. Minutes without a crossing may be missing.

    Raises:
        StoreError: The database can't be read.
    """
    table = line_minutes.c
    with store.reading() as connection:
        rows = connection.execute(
            select(line_minutes)
            .where(table.camera_id == camera_id, table.minute_us >= from_us, table.minute_us < to_us)
            .order_by(table.minute_us, table.line)
        )
        return [
            LineMinute(
                r.line,
                r.minute_us,
                r.into,
                r.out_of,
                r.width_m,
                r.occupied_sum / r.occupied_samples if r.occupied_samples else None,
            )
            for r in rows
        ]
