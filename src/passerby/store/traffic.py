"""Vehicles at lines, minute by minute, for good: how many of each kind, and how long the line was taken up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from passerby.store.database import Store
from passerby.store.schema import line_minutes, vehicle_minutes

MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Driven:
    """Vehicles at a line over a second or so.

    Args:
        camera_id: Which camera.
        line: The line's id.
        time_us: When.
        into: How many of each kind went in since the last time, by the kind's name; those of which there were some.
        out_of: The same out.
        occupied: The share of the time in which a vehicle stood on the line.
        width_m: Of the line on the ground; None where that is not known.
    """

    camera_id: str
    line: str
    time_us: int
    into: dict[str, int]
    out_of: dict[str, int]
    occupied: float
    width_m: float | None


@dataclass(frozen=True, slots=True)
class VehicleMinute:
    """How many vehicles of a kind crossed a line in a minute."""

    line: str
    minute_us: int
    vehicle: str
    into: int
    out_of: int


def add_driven(connection: Connection, driven: Driven) -> None:
    """Add what was counted to its minute."""
    minute = driven.time_us - driven.time_us % MINUTE_US
    here: dict[str, object] = {"camera_id": driven.camera_id, "line": driven.line, "minute_us": minute}
    table = line_minutes.c
    changed = connection.execute(
        update(line_minutes)
        .where(*(table[name] == value for name, value in here.items()))
        .values(
            width_m=driven.width_m,
            occupied_samples=table.occupied_samples + 1,
            occupied_sum=table.occupied_sum + driven.occupied,
        )
    )
    if not changed.rowcount:
        first = {"width_m": driven.width_m, "occupied_samples": 1, "occupied_sum": driven.occupied}
        connection.execute(insert(line_minutes).values(**here, into=0, out_of=0, **first))
    for vehicle in driven.into.keys() | driven.out_of.keys():
        _add_kind(connection, here | {"vehicle": vehicle}, driven.into.get(vehicle, 0), driven.out_of.get(vehicle, 0))


def _add_kind(connection: Connection, here: dict[str, object], into: int, out_of: int) -> None:
    table = vehicle_minutes.c
    changed = connection.execute(
        update(vehicle_minutes)
        .where(*(table[name] == value for name, value in here.items()))
        .values(into=table.into + into, out_of=table.out_of + out_of)
    )
    if not changed.rowcount:
        connection.execute(insert(vehicle_minutes).values(**here, into=into, out_of=out_of))


def vehicle_minutes_between(store: Store, camera_id: str, from_us: int, to_us: int) -> list[VehicleMinute]:
    """Each line's vehicles by kind in minutes that begin in ``[from, to)``, in order of time.

    Raises:
        StoreError: The database can't be read.
    """
    table = vehicle_minutes.c
    with store.reading() as connection:
        rows = connection.execute(
            select(table.line, table.minute_us, table.vehicle, table.into, table.out_of)
            .where(table.camera_id == camera_id, table.minute_us >= from_us, table.minute_us < to_us)
            .order_by(table.minute_us, table.line, table.vehicle)
        )
        return [VehicleMinute(**row._mapping) for row in rows]
