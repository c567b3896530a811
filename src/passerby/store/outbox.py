"""Acts that are written in the same transaction as what they tell of, then handed to the queue for the ledger.

Whatever happens in between, an act is neither lost nor told twice: each keeps its key, by which the ledger knows it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select

from passerby.ledger.schema import Act, format_act, parse_act
from passerby.store.acts import KEY_BYTES, ActQueue
from passerby.store.database import Store
from passerby.store.schema import outbox

GROUP = 2000


def tell(
    connection: Connection, acts: Iterable[Mapping[str, object]], randomness: Callable[[int], bytes] = os.urandom
) -> None:
    """Add acts to a transaction.

    Args:
        connection: Of the transaction that does what they tell of.
        acts: Each with `act`, `actor`, `time` and the fields of its kind.
        randomness: Gives so many random bytes.
    """
    rows = [{"key": randomness(KEY_BYTES), "act": format_act(dict(act)).decode()} for act in acts]
    if rows:
        connection.execute(insert(outbox), rows)


def hand_over(store: Store, queue: ActQueue) -> int:
    """Move what waits in the database to the queue; how many there were.

    Raises:
        StoreError: It can't be read or written; what was handed over twice is one act to the ledger.
    """
    moved = 0
    while True:
        with store.reading() as connection:
            rows = connection.execute(select(outbox).order_by(outbox.c.id).limit(GROUP)).all()
        if not rows:
            return moved
        queue.put_many([(parse_act(row.act.encode()), row.key) for row in rows])
        with store.writing() as connection:
            # By their own numbers: a smaller one may have come meanwhile, where several write.
            connection.execute(delete(outbox).where(outbox.c.id.in_([row.id for row in rows])))
        moved += len(rows)


def collect(store: Store, queue: ActQueue) -> int:
    """The other way: move what waits in a machine's own queue to the database that many share; how many there were.

    Raises:
        StoreError: It can't be read or written; what was moved twice is one act to the ledger.
    """

    def take(acts: Sequence[tuple[Act, bytes]]) -> None:
        rows = [{"key": key, "act": format_act(dict(act)).decode()} for act, key in acts]
        with store.writing() as connection:
            connection.execute(insert(outbox), rows)

    return queue.deliver(take)
