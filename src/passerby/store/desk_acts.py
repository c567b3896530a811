"""Acts of the desk on their way to the ledger: written in the same transaction as what they account for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, func, insert, select, update

from passerby.ledger.schema import Act, format_act, parse_act
from passerby.store.acts import KEY_BYTES, Deliver
from passerby.store.database import Store
from passerby.store.schema import desk_acts

_GROUP = 1000


def add_acts(connection: Connection, subject: str, acts: Sequence[Act], randomness: Callable[[int], bytes]) -> None:
    """Add acts, in order; they wait from when the transaction is done.

    Args:
        connection: Inside the transaction.
        subject: The matter or person that they are about, so that its way can be looked up.
        acts: Each with `act`, `actor`, `time` and the fields of its kind.
        randomness: Gives so many random bytes.
    """
    for act in acts:
        row = {"key": randomness(KEY_BYTES), "act": format_act(act), "subject": subject, "delivered_s": 0}
        connection.execute(insert(desk_acts).values(**row))


def waiting(store: Store) -> list[Act]:
    """The acts that no ledger has yet, the oldest first.

    Raises:
        StoreError: The database can't be read.
    """
    table = desk_acts.c
    with store.reading() as connection:
        rows = connection.execute(select(table.act).where(table.delivered_s == 0).order_by(table.id))
        return [parse_act(row.act) for row in rows]


def deliver(store: Store, take: Deliver, clock: Callable[[], int]) -> int:
    """Hand over all that waits, in order, each with its key. How many there were.

    Args:
        store: Where they wait.
        take: Returns once all are durable elsewhere (`ActWriter.append_many`). Before this marks them delivered they
            may be handed over again, with the same keys, to no effect.
        clock: Seconds since 1970.

    Raises:
        StoreError: The database fails.
    """
    table, count = desk_acts.c, 0
    while True:
        with store.reading() as connection:
            query = (
                select(table.id, table.key, table.act).where(table.delivered_s == 0).order_by(table.id).limit(_GROUP)
            )
            rows = connection.execute(query).all()
        if not rows:
            return count
        take([(parse_act(row.act), row.key) for row in rows])
        with store.writing() as connection:
            done = update(desk_acts).where(table.id.between(rows[0].id, rows[-1].id)).values(delivered_s=clock())
            connection.execute(done)
        count += len(rows)


def logged_since(store: Store, subject: str) -> int | None:
    """Since when every act about this subject has been in the ledger; None while one waits, or where there is none.

    Raises:
        StoreError: The database can't be read.
    """
    table = desk_acts.c
    with store.reading() as connection:
        query = select(func.min(table.delivered_s), func.max(table.delivered_s)).where(table.subject == subject)
        first, last = connection.execute(query).one()
    return int(last) if first else None
