"""Alerts on their way to other systems: what waits, what was told, what could not be, and who took an alert on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from passerby.store.database import Store
from passerby.store.marks import get_mark, put_mark
from passerby.store.schema import acknowledgements, deliveries

WAITING, SENT, DROPPED, FAILED = "waiting", "sent", "dropped", "failed"
TAKEN = "alerts taken"
LONGEST_WHY = 200


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert for one channel.

    Args:
        channel: Its name.
        alert_id: Of the station's alert.
        camera_id: Which camera.
        what: A number of `crowd.alerts.What`.
        place: The zone's or line's id.
        severity: A number of `crowd.alerts.Severity`.
        time_us: The time of the frame.
        next_us: When to try next.
        waits: Whether it is told only while it stands and nobody has taken it on.
        body: What is sent.
        tries: How often it was tried.
        state: `WAITING`, `SENT`, `DROPPED` or `FAILED`.
        why: What the last try came to, or why it was dropped.
        id: Counts up.
    """

    channel: str
    alert_id: int
    camera_id: str
    what: int
    place: str
    severity: int
    time_us: int
    next_us: int
    waits: bool
    body: str
    tries: int = 0
    state: str = WAITING
    why: str = ""
    id: int = 0


_COLUMNS = [deliveries.c[name] for name in Delivery.__slots__]


def taken(store: Store) -> int | None:
    """The last alert that was taken over; None before the first start.

    Raises:
        StoreError: The database can't be read.
    """
    mark = get_mark(store, TAKEN)
    return None if mark is None else int(mark)


def take(store: Store, wanted: Sequence[Delivery], last_alert: int) -> None:
    """Alerts become deliveries, in one step with how far this has come: a stop in between loses and doubles none.

    Raises:
        StoreError: The database takes no writing.
    """
    rows = [{name: getattr(d, name) for name in Delivery.__slots__ if name != "id"} for d in wanted]
    with store.writing() as connection:
        if rows:
            connection.execute(insert(deliveries), rows)
        put_mark(connection, TAKEN, str(last_alert))


def due(store: Store, channel: str, now_us: int, most: int = 20) -> list[Delivery]:
    """What a channel is to be told now, oldest first.

    Raises:
        StoreError: The database can't be read.
    """
    table = deliveries.c
    with store.reading() as connection:
        rows = connection.execute(
            select(*_COLUMNS)
            .where(table.channel == channel, table.state == WAITING, table.next_us <= now_us)
            .order_by(table.next_us, table.id)
            .limit(most)
        )
        return [Delivery(**row._mapping) for row in rows]


def tried(store: Store, delivery: Delivery, state: str, why: str, next_us: int) -> None:
    """What a try came to.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == delivery.id)
            .values(state=state, why=why[:LONGEST_WHY], next_us=next_us, tries=delivery.tries + 1)
        )


def drop(store: Store, delivery: Delivery, why: str) -> None:
    """It need not be told any more.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        values = {"state": DROPPED, "why": why[:LONGEST_WHY]}
        connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(**values))


def told_before(store: Store, delivery: Delivery) -> Delivery | None:
    """The newest earlier delivery to the same channel about the same camera, place and kind, if any."""
    table = deliveries.c
    with store.reading() as connection:
        row = connection.execute(
            select(*_COLUMNS)
            .where(
                table.channel == delivery.channel,
                table.camera_id == delivery.camera_id,
                table.place == delivery.place,
                table.what == delivery.what,
                table.alert_id < delivery.alert_id,
            )
            .order_by(table.alert_id.desc())
            .limit(1)
        ).one_or_none()
        return Delivery(**row._mapping) if row else None


def newest(store: Store, most: int = 50) -> list[Delivery]:
    """What happened last, newest first, over all channels.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(deliveries.c.id.desc()).limit(most))
        return [Delivery(**row._mapping) for row in rows]


def forget_before(store: Store, before_us: int) -> None:
    """Let go what was told, dropped or given up before that time.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        old = (deliveries.c.time_us < before_us) & (deliveries.c.state != WAITING)
        connection.execute(delete(deliveries).where(old))
        connection.execute(delete(acknowledgements).where(acknowledgements.c.at_us < before_us))


def acknowledge(store: Store, alert_id: int, by: str, at_us: int) -> bool:
    """An office takes an alert on; False where another did before, which stands.

    Args:
        store: Open for writing.
        alert_id: Of the station's alert.
        by: The office's name: never a person's.
        at_us: When.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        if _taken_on(connection, alert_id):
            return False
        connection.execute(insert(acknowledgements).values(alert_id=alert_id, by=by, at_us=at_us))
        return True


def acknowledged(store: Store, alert_ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Of these alerts, those that somebody took on: by which office, and when.

    Raises:
        StoreError: The database can't be read.
    """
    table = acknowledgements.c
    with store.reading() as connection:
        rows = connection.execute(select(table.alert_id, table.by, table.at_us).where(table.alert_id.in_(alert_ids)))
        return {row.alert_id: (row.by, row.at_us) for row in rows}


def _taken_on(connection: Connection, alert_id: int) -> bool:
    found = select(acknowledgements.c.by).where(acknowledgements.c.alert_id == alert_id)
    return connection.execute(found).first() is not None
