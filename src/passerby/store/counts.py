"""Counts: the last quarter of an hour as it came, the newest of each camera, every minute and every hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, delete, func, select

from passerby.store.database import Store
from passerby.store.feeds import settled
from passerby.store.rows import add_rows, merge_rows
from passerby.store.schema import hour_counts, latest_counts, minute_counts, recent_counts

US = 1_000_000
MINUTE_US = 60 * US
HOUR_US = 60 * MINUTE_US
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
    add_many(store, [(count, mosaic)])


def add_many(store: Store, counts: Sequence[tuple[Count, bool]]) -> None:
    """Keep many counts at once, in the order of their coming: all or none.

    Args:
        store: Open for writing.
        counts: Each with whether the whole picture was a mosaic.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        put_many(connection, counts)


def put_many(connection: Connection, counts: Sequence[tuple[Count, bool]]) -> None:
    """`add_many` inside a transaction."""
    newest = {count.camera_id: count for count, _ in counts}
    names = [name for name in Count.__slots__ if name != "id"]
    add_rows(connection, recent_counts, names, [tuple(getattr(count, name) for name in names) for count, _ in counts])
    table = recent_counts.c
    if connection.dialect.name == "sqlite":  # elsewhere whole partitions go (`store.partitions`)
        for camera, count in newest.items():
            old = (table.camera_id == camera, table.time_us < count.time_us - RECENT_US)
            connection.execute(delete(recent_counts).where(*old))
    asked = select(table.camera_id, func.max(table.id)).where(table.camera_id.in_(newest)).group_by(table.camera_id)
    ids = {row[0]: row[1] for row in connection.execute(asked)}
    latest_rows = [(*(getattr(c, n) for n in names), ids[c.camera_id]) for c in newest.values()]
    merge_rows(connection, latest_counts, [*names, "id"], latest_rows)
    put_sums(connection, _by_minute(counts))


@dataclass(frozen=True, slots=True)
class Sums:
    """What the counts of a camera's minute add up to, or those of a part of it."""

    camera_id: str
    minute_us: int
    samples: int
    people_sum: float
    low_sum: float
    high_sum: float
    people_max: float
    vehicles_sum: float
    mosaic_samples: int

    def plus(self, other: Sums) -> Sums:
        """With those of another part."""
        return Sums(
            self.camera_id,
            self.minute_us,
            self.samples + other.samples,
            self.people_sum + other.people_sum,
            self.low_sum + other.low_sum,
            self.high_sum + other.high_sum,
            max(self.people_max, other.people_max),
            self.vehicles_sum + other.vehicles_sum,
            self.mosaic_samples + other.mosaic_samples,
        )


def put_sums(connection: Connection, minutes_: Iterable[Sums]) -> None:
    """Add to the minutes, and to their hours."""
    minute_rows = sorted(minutes_, key=lambda m: (m.camera_id, m.minute_us))
    merge_rows(connection, minute_counts, _SUMS, [_row(m, m.minute_us) for m in minute_rows], _ADDED, _LARGEST)
    hours: dict[tuple[str, int], Sums] = {}
    for minute in minute_rows:
        key = (minute.camera_id, minute.minute_us - minute.minute_us % HOUR_US)
        hours[key] = hours[key].plus(minute) if key in hours else minute
    hour_rows = [_row(sums, hour_us) for (_, hour_us), sums in hours.items()]
    merge_rows(connection, hour_counts, ["camera_id", "hour_us", *_SUMS[2:]], hour_rows, _ADDED, _LARGEST)


_SUMS = list(Sums.__slots__)
_ADDED = frozenset({"samples", "people_sum", "low_sum", "high_sum", "vehicles_sum", "mosaic_samples"})
_LARGEST = frozenset({"people_max"})


def _row(sums: Sums, time_us: int) -> tuple[object, ...]:
    return (sums.camera_id, time_us, *(getattr(sums, name) for name in _SUMS[2:]))


def _by_minute(counts: Iterable[tuple[Count, bool]]) -> list[Sums]:
    found: dict[tuple[str, int], Sums] = {}
    for c, mosaic in counts:
        key = (c.camera_id, c.time_us - c.time_us % MINUTE_US)
        one = Sums(*key, 1, c.people, c.low, c.high, c.people, c.vehicles, int(mosaic))
        found[key] = found[key].plus(one) if key in found else one
    return list(found.values())


def recent(store: Store, camera_id: str, from_us: int, to_us: int) -> list[Count]:
    """Counts of the last quarter of an hour in ``[from, to)``, in order of time.

    Raises:
        StoreError: The database can't be read.
    """
    table = recent_counts.c
    newest = select(latest_counts.c.time_us).where(latest_counts.c.camera_id == camera_id).scalar_subquery()
    with store.reading() as connection:
        rows = connection.execute(
            select(*[table[n] for n in Count.__slots__])
            .where(table.camera_id == camera_id, table.time_us >= from_us, table.time_us < to_us)
            .where(table.time_us >= newest - RECENT_US)
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
            select(*[table[n] for n in Count.__slots__])
            .where(table.id > last_id, settled(connection, table.id))
            .order_by(table.id)
            .limit(most)
        )
        return [Count(**row._mapping) for row in rows]


def latest(store: Store) -> dict[str, Count]:
    """The newest count of each camera that has one.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        rows = connection.execute(select(*[latest_counts.c[n] for n in Count.__slots__]))
        return {row.camera_id: Count(**row._mapping) for row in rows}


def minutes(store: Store, camera_id: str, from_us: int, to_us: int, most: int = 1440) -> list[Minute]:
    """The minutes that begin in ``[from, to)``, in order, at most ``most``. Minutes without a count are missing.

    Raises:
        StoreError: The database can't be read.
    """
    return _sums(store, minute_counts, minute_counts.c.minute_us, camera_id, from_us, to_us, most)


def hours(store: Store, camera_id: str, from_us: int, to_us: int, most: int = 1000) -> list[Minute]:
    """The hours that begin in ``[from, to)``, as `minutes`: each ``minute_us`` is when the hour begins.

    Raises:
        StoreError: The database can't be read.
    """
    return _sums(store, hour_counts, hour_counts.c.hour_us, camera_id, from_us, to_us, most)


def _sums(
    store: Store, table: Table, time: Column[int], camera_id: str, from_us: int, to_us: int, most: int
) -> list[Minute]:
    asked = select(time.label("begin_us"), *[table.c[name] for name in _SUMS[2:]])
    asked = asked.where(table.c.camera_id == camera_id, time >= from_us, time < to_us).order_by(time).limit(most)
    with store.reading() as connection:
        return [
            Minute(
                r.begin_us,
                r.samples,
                r.people_sum / r.samples,
                r.low_sum / r.samples,
                r.high_sum / r.samples,
                r.people_max,
                r.vehicles_sum / r.samples,
                r.mosaic_samples / r.samples,
            )
            for r in connection.execute(asked)
        ]
