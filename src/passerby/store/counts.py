"""Counts: the last quarter of an hour as it came, and every minute for good."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Case, Connection, case, delete, func, insert, select, update

from passerby.store.database import Store
from passerby.store.schema import minute_counts, recent_counts

US = 1_000_000
MINUTE_US = 60 * US
RECENT_US = 15 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Count:
    """How many at one moment; ``low`` and ``high`` bound a 90 % interval. ``id`` counts up over all cameras."""

    camera_id: str
    time_us: int
    people: float
    low: float
    high: float
    vehicles: float
    id: int = 0


@dataclass(frozen=True, slots=True)
class Minute:
    """A minute: means of people, bounds and vehicles, the most people at once, and how much of it was a mosaic."""

    minute_us: int
    samples: int
    people: float
    low: float
    high: float
    people_max: float
    vehicles: float
    mosaic_share: float


def add_counts(store: Store, count: Count, *, mosaic: bool) -> None:
    """Keep one count, and let what is older than a quarter of an hour go.

    Args:
        store: Open for writing.
        count: Its ``id`` is not used.
        mosaic: The whole picture was a mosaic then.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        connection.execute(insert(recent_counts).values(**{n: getattr(count, n) for n in Count.__slots__ if n != "id"}))
        connection.execute(
            delete(recent_counts).where(
                recent_counts.c.camera_id == count.camera_id, recent_counts.c.time_us < count.time_us - RECENT_US
            )
        )
        _add_to_minute(connection, count, mosaic=mosaic)


def _add_to_minute(connection: Connection, count: Count, *, mosaic: bool) -> None:
    minute = count.time_us - count.time_us % MINUTE_US
    table = minute_counts.c
    changed = connection.execute(
        update(minute_counts)
        .where(table.camera_id == count.camera_id, table.minute_us == minute)
        .values(
            samples=table.samples + 1,
            people_sum=table.people_sum + count.people,
            low_sum=table.low_sum + count.low,
            high_sum=table.high_sum + count.high,
            people_max=_larger(count.people),
            vehicles_sum=table.vehicles_sum + count.vehicles,
            mosaic_samples=table.mosaic_samples + int(mosaic),
        )
    )
    if not changed.rowcount:
        connection.execute(
            insert(minute_counts).values(
                camera_id=count.camera_id,
                minute_us=minute,
                samples=1,
                people_sum=count.people,
                low_sum=count.low,
                high_sum=count.high,
                people_max=count.people,
                vehicles_sum=count.vehicles,
                mosaic_samples=int(mosaic),
            )
        )


def _larger(people: float) -> Case[float]:
    return case((minute_counts.c.people_max < people, people), else_=minute_counts.c.people_max)


def recent(store: Store, camera_id: str, from_us: int, to_us: int) -> list[Count]:
    """Counts of the last quarter of an hour in ``[from, to)``, in order of time.

    Raises:
        StoreError: The database can't be read.
    """
    table = recent_counts.c
    with store.reading() as connection:
        rows = connection.execute(
            select(*[table[n] for n in Count.__slots__])
            .where(table.camera_id == camera_id, table.time_us >= from_us, table.time_us < to_us)
            .order_by(table.time_us, table.id)
        )
        return [Count(**row._mapping) for row in rows]


def counts_after(store: Store, last_id: int, most: int = 1000) -> list[Count]:
    """What came after a count, over all cameras, in the order of coming.

    Raises:
        StoreError: The database can't be read.
    """
    table = recent_counts.c
    with store.reading() as connection:
        rows = connection.execute(
            select(*[table[n] for n in Count.__slots__]).where(table.id > last_id).order_by(table.id).limit(most)
        )
        return [Count(**row._mapping) for row in rows]


def latest(store: Store) -> dict[str, Count]:
    """The newest count of each camera that has one.

    Raises:
        StoreError: The database can't be read.
    """
    table = recent_counts.c
    newest = select(func.max(table.id)).group_by(table.camera_id)
    with store.reading() as connection:
        rows = connection.execute(select(*[table[n] for n in Count.__slots__]).where(table.id.in_(newest)))
        return {row.camera_id: Count(**row._mapping) for row in rows}


def minutes(store: Store, camera_id: str, from_us: int, to_us: int, most: int = 1440) -> list[Minute]:
    """The minutes that begin in ``[from, to)``, in order, at most ``most``. Minutes without a count are missing.

    Raises:
        StoreError: The database can't be read.
    """
    table = minute_counts.c
    with store.reading() as connection:
        rows = connection.execute(
            select(minute_counts)
            .where(table.camera_id == camera_id, table.minute_us >= from_us, table.minute_us < to_us)
            .order_by(table.minute_us)
            .limit(most)
        )
        return [
            Minute(
                r.minute_us,
                r.samples,
                r.people_sum / r.samples,
                r.low_sum / r.samples,
                r.high_sum / r.samples,
                r.people_max,
                r.vehicles_sum / r.samples,
                r.mosaic_samples / r.samples,
            )
            for r in rows
        ]
