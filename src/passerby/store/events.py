"""What happens: alerts, health, and when a camera was away."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from passerby.store.database import Store
from passerby.store.feeds import settled
from passerby.store.schema import absences, alerts, health, minute_counts, recent_counts

HEALTH_KEPT_US = 7 * 24 * 3600 * 1_000_000
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A place that needs attention; never a person.

    Args:
        camera_id: Which camera.
        time_us: The time of the frame.
        what: A number of `crowd.alerts.What`.
        severity: A number of `crowd.alerts.Severity`.
        zone: The place's number (`outlet.messages.Alert`).
        value: What was measured.
        low: Lower end of its 90 % interval.
        high: Upper end.
        place: The id of the zone or line; empty for the camera as a whole.
        id: Counts up.
    """

    camera_id: str
    time_us: int
    what: int
    severity: int
    zone: int
    value: float
    low: float
    high: float
    place: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class HealthRow:
    """How a camera's darkroom is doing.

    Args:
        camera_id: Which camera.
        time_us: When.
        fps: Frames shown a second, since the last sample.
        dropped: Frames dropped since the camera started.
        hidden: Share of the picture that was hidden, 0–1, since the last sample.
        mosaic: Why the picture is a mosaic, or ``none``.
        build: Hash of the running build, as hexadecimal text.
        site_root: Hash of the site root in force, likewise; empty where there is none.
        sealed: Originals that left as ciphertext since the connection began; 0 where nothing is sealed.
    """

    camera_id: str
    time_us: int
    fps: float
    dropped: int
    hidden: float
    mosaic: str
    build: str
    site_root: str = ""
    id: int = 0
    sealed: int = 0


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which a camera was away; ``to_us`` is None while it still is."""

    camera_id: str
    from_us: int
    to_us: int | None
    reason: str
    id: int = 0


def add_alert(store: Store, alert: AlertRow) -> None:
    """Keep an alert.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        put_alert(connection, alert)


def put_alert(connection: Connection, alert: AlertRow) -> None:
    """`add_alert` inside a transaction."""
    connection.execute(insert(alerts).values(**{n: getattr(alert, n) for n in AlertRow.__slots__ if n != "id"}))


def list_alerts(store: Store, camera_id: str, from_us: int, to_us: int, most: int = 1000) -> list[AlertRow]:
    """A camera's alerts in ``[from, to)``, newest first.

    Raises:
        StoreError: The database can't be read.
    """
    table = alerts.c
    with store.reading() as connection:
        rows = connection.execute(
            select(*[table[n] for n in AlertRow.__slots__])
            .where(table.camera_id == camera_id, table.time_us >= from_us, table.time_us < to_us)
            .order_by(table.time_us.desc(), table.id.desc())
            .limit(most)
        )
        return [AlertRow(**row._mapping) for row in rows]


def alerts_between(store: Store, from_us: int, to_us: int, before_id: int | None, most: int) -> list[AlertRow]:
    """Alerts of all cameras in ``[from, to)``, newest first; from an id on backwards where one is given.

    Raises:
        StoreError: The database can't be read.
    """
    table = alerts.c
    asked = select(*[table[n] for n in AlertRow.__slots__]).where(table.time_us >= from_us, table.time_us < to_us)
    if before_id is not None:
        asked = asked.where(table.id < before_id)
    with store.reading() as connection:
        return [AlertRow(**row._mapping) for row in connection.execute(asked.order_by(table.id.desc()).limit(most))]


def alerts_after(store: Store, last_id: int, most: int = 1000) -> list[AlertRow]:
    """Alerts that came after one, over all cameras.

    Raises:
        StoreError: The database can't be read.
    """
    table = alerts.c
    with store.reading() as connection:
        rows = connection.execute(
            select(*[table[n] for n in AlertRow.__slots__])
            .where(table.id > last_id, settled(connection, table.id))
            .order_by(table.id)
            .limit(most)
        )
        return [AlertRow(**row._mapping) for row in rows]


def alert_totals(store: Store) -> list[tuple[str, int, int, int]]:
    """How many alerts there are by camera, kind and severity.

    Raises:
        StoreError: The database can't be read.
    """
    table = alerts.c
    about = (table.camera_id, table.what, table.severity)
    with store.reading() as connection:
        rows = connection.execute(select(*about, func.count()).group_by(*about).order_by(*about))
        return [(row[0], row[1], row[2], row[3]) for row in rows]


def get_alert(store: Store, alert_id: int) -> AlertRow | None:
    """One alert; None where there is none of that id.

    Raises:
        StoreError: The database can't be read.
    """
    table = alerts.c
    with store.reading() as connection:
        row = connection.execute(
            select(*[table[n] for n in AlertRow.__slots__]).where(table.id == alert_id)
        ).one_or_none()
        return AlertRow(**row._mapping) if row else None


def is_over(store: Store, camera_id: str, what: int, place: str, alert_id: int) -> bool:
    """Whether an alert has ended since: something newer of the same kind and place says that it is cleared.

    Raises:
        StoreError: The database can't be read.
    """
    table = alerts.c
    about = (table.camera_id == camera_id, table.what == what, table.place == place, table.id > alert_id)
    with store.reading() as connection:
        last = connection.execute(select(table.severity).where(*about).order_by(table.id.desc()).limit(1)).scalar()
        return last == 0


def add_health(store: Store, sample: HealthRow) -> None:
    """Keep a health sample, and let those older than a week go.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        put_health(connection, sample)


def put_health(connection: Connection, sample: HealthRow) -> None:
    """`add_health` inside a transaction."""
    connection.execute(insert(health).values(**{n: getattr(sample, n) for n in HealthRow.__slots__ if n != "id"}))
    if connection.dialect.name == "sqlite":  # elsewhere whole partitions go (`store.partitions`)
        old = health.c.time_us < sample.time_us - HEALTH_KEPT_US
        connection.execute(delete(health).where(health.c.camera_id == sample.camera_id, old))


def latest_health(store: Store, camera_id: str) -> HealthRow | None:
    """The newest sample of a camera.

    Raises:
        StoreError: The database can't be read.
    """
    table = health.c
    with store.reading() as connection:
        row = connection.execute(
            select(*[table[n] for n in HealthRow.__slots__])
            .where(table.camera_id == camera_id)
            .order_by(table.id.desc())
            .limit(1)
        ).one_or_none()
        return HealthRow(**row._mapping) if row else None


def health_after(store: Store, last_id: int, most: int = 1000) -> list[HealthRow]:
    """Samples that came after one, over all cameras.

    Raises:
        StoreError: The database can't be read.
    """
    table = health.c
    with store.reading() as connection:
        rows = connection.execute(
            select(*[table[n] for n in HealthRow.__slots__])
            .where(table.id > last_id, settled(connection, table.id))
            .order_by(table.id)
            .limit(most)
        )
        return [HealthRow(**row._mapping) for row in rows]


def newest_ids(store: Store) -> tuple[int, int, int]:
    """The largest ids of counts, alerts and health samples so far; 0 where there is none.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        counts, warned, samples = (
            int(
                connection.execute(
                    select(func.coalesce(func.max(table.c.id), 0)).where(settled(connection, table.c.id))
                ).scalar_one()
            )
            for table in (recent_counts, alerts, health)
        )
        return counts, warned, samples


def gone(store: Store, camera_id: str, now_us: int, reason: str) -> None:
    """A camera has gone away. While it is away already, nothing changes: the first reason stands.

    Raises:
        StoreError: The database takes no writing.
    """
    table = absences.c
    with store.writing() as connection:
        still = select(table.id).where(table.camera_id == camera_id, table.to_us.is_(None))
        if connection.execute(still).first() is None:
            connection.execute(
                insert(absences).values(camera_id=camera_id, from_us=now_us, reason=reason[:LONGEST_REASON])
            )


def back(store: Store, camera_id: str, now_us: int) -> None:
    """A camera has come back. Nothing happens where it was not away.

    Raises:
        StoreError: The database takes no writing.
    """
    table = absences.c
    with store.writing() as connection:
        connection.execute(
            update(absences).where(table.camera_id == camera_id, table.to_us.is_(None)).values(to_us=now_us)
        )


def list_absences(store: Store, camera_id: str, from_us: int, to_us: int, most: int = 1000) -> list[Absence]:
    """The times away that touch ``[from, to)``, newest first.

    Raises:
        StoreError: The database can't be read.
    """
    table = absences.c
    with store.reading() as connection:
        rows = connection.execute(
            select(*[table[n] for n in Absence.__slots__])
            .where(
                table.camera_id == camera_id, table.from_us < to_us, or_(table.to_us.is_(None), table.to_us > from_us)
            )
            .order_by(table.from_us.desc(), table.id.desc())
            .limit(most)
        )
        return [Absence(**row._mapping) for row in rows]


def health_shares(store: Store, camera_id: str, from_us: int, to_us: int) -> dict[str, float]:
    """Why the picture was a mosaic: each reason's share of the samples in ``[from, to)``, most frequent first.

    Raises:
        StoreError: The database can't be read.
    """
    table = health.c
    asked = (
        select(table.mosaic, func.count())
        .where(table.camera_id == camera_id, table.time_us >= from_us, table.time_us < to_us)
        .group_by(table.mosaic)
    )
    with store.reading() as connection:
        found = {str(why): int(count) for why, count in connection.execute(asked)}
    total = sum(found.values())
    return {why: count / total for why, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))}


def presence(store: Store, camera_id: str, from_us: int) -> int | None:
    """When a camera was first heard of at or after a time: a minute's counts, or a time away. None: never.

    Raises:
        StoreError: The database can't be read.
    """
    minutes, away = minute_counts.c, absences.c
    counted = select(func.min(minutes.minute_us)).where(minutes.camera_id == camera_id, minutes.minute_us >= from_us)
    gone = select(func.min(away.from_us)).where(away.camera_id == camera_id, away.from_us >= from_us)
    with store.reading() as connection:
        found = [connection.execute(asked).scalar() for asked in (counted, gone)]
    return min((int(time_us) for time_us in found if time_us is not None), default=None)
