"""Leases: who may write for a shard, proven inside each transaction.

A shard is a group of cameras that move together. Whoever takes its lease gets a token one above the last. The first
step of each write is to find that very token in the lease's row, still in time by the database's own clock, and to hold
the row until the commit: nobody can take the lease between the look and the commit, and what comes later is refused. So
two owners never both succeed, whatever their clocks say, however long one was stopped or cut off (Kleppmann, 2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, literal_column, select, text, update

from passerby.base.errors import Fenced, StoreError
from passerby.base.ids import checked_id
from passerby.store.database import Store
from passerby.store.schema import leases

US = 1_000_000
NOW_SQL = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
# Whoever wants a lease waits no longer than this for a write of its holder that is under way.
PATIENCE = "2s"
LONGEST_HOLDER = 200
Work = Callable[[Connection], None]


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write for a shard.

    Args:
        shard: Which.
        holder: Who has it, for people.
        token: Grows with each owner.
    """

    shard: str
    holder: str
    token: int


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as others see it; ``left_us`` is negative where it has run out."""

    shard: str
    holder: str
    token: int
    left_us: int


def now_us() -> ColumnElement[int]:
    """The database's own clock, as it runs inside a transaction."""
    return literal_column(NOW_SQL)


def take(store: Store, shard: str, holder: str, length_us: int) -> Lease | None:
    """Take a shard's lease, unless somebody has it.

    Args:
        store: A PostgreSQL database.
        shard: Which.
        holder: Who asks, for people.
        length_us: How long it holds without being renewed.

    Raises:
        StoreError: The database takes no writing now.
        UsageError: The shard's name is not safe.
    """
    statement = text(
        "INSERT INTO leases (shard, holder, token, until_us, batches)"
        f" VALUES (:shard, :holder, 1, {NOW_SQL} + :length, 0)"
        " ON CONFLICT (shard) DO UPDATE SET holder = excluded.holder, token = leases.token + 1,"
        f" until_us = {NOW_SQL} + :length, batches = 0 WHERE leases.until_us < {NOW_SQL} RETURNING token"
    )
    values = {"shard": checked_id(shard), "holder": holder[:LONGEST_HOLDER], "length": length_us}
    with _free(store).writing() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
        token = connection.execute(statement, values).scalar_one_or_none()
    return None if token is None else Lease(shard, holder, int(token))


def renew(store: Store, lease: Lease, length_us: int) -> bool:
    """Hold it for longer, from now on. False where it is over: then it stays over.

    Raises:
        StoreError: The database takes no writing now.
    """
    with _free(store).writing() as connection:
        # A renewal that a crash of the server takes back only makes the lease end sooner.
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        row = update(leases).where(*_here(lease)).values(until_us=now_us() + length_us)
        return bool(connection.execute(row).rowcount)


def release(store: Store, lease: Lease) -> None:
    """Give it back, for the next to take at once.

    Raises:
        StoreError: The database takes no writing now.
    """
    with _free(store).writing() as connection:
        connection.execute(update(leases).where(*_here(lease)).values(until_us=0))


def list_leases(store: Store) -> list[Held]:
    """Every shard that ever had an owner.

    Raises:
        StoreError: The database can't be read.
    """
    asked = select(leases.c.shard, leases.c.holder, leases.c.token, (leases.c.until_us - now_us()).label("left_us"))
    with store.reading() as connection:
        return [Held(*row) for row in connection.execute(asked.order_by(leases.c.shard))]


class Fence:
    """The first step of each write of a lease's holder (`Store.under`).

    Args:
        lease: The holder's.
        valid: A look at the holder's own watch first: what is over by it isn't even asked.
    """

    def __init__(self, lease: Lease, valid: Callable[[], bool] = lambda: True) -> None:
        self.lease = lease
        self._valid = valid

    def __call__(self, connection: Connection) -> None:
        """Hold the lease's row until the transaction ends.

        Raises:
            Fenced: The lease is over, or somebody else's.
        """
        self._row(connection)

    def watch(self, connection: Connection) -> None:
        """The first step of writes on the holder's own machine, where nobody else writes: only its watch is asked.

        Raises:
            Fenced: The lease may be over.
        """
        del connection
        if not self._valid():
            raise self._fenced()

    def first_time(self, connection: Connection, number: int) -> bool:
        """Whether this batch was not written yet; from now on it is, with this transaction.

        Args:
            connection: Of a transaction of this fence.
            number: Counted from 1 by the holder of this token.

        Raises:
            Fenced: The lease is over.
            StoreError: A batch was left out.
        """
        done = int(self._row(connection).batches)
        if number <= done:
            return False
        if number != done + 1:
            raise StoreError(f"{self.lease.shard}: batch {number} comes after {done}", "start the station anew")
        connection.execute(update(leases).where(leases.c.shard == self.lease.shard).values(batches=number))
        return True

    def _row(self, connection: Connection) -> Row[Any, Any]:
        if self._valid():
            asked = select(leases.c.token, leases.c.batches).where(*_here(self.lease)).with_for_update(key_share=True)
            row = connection.execute(asked).one_or_none()
            if row is not None:
                return row
        raise self._fenced()

    def _fenced(self) -> Fenced:
        return Fenced(f"{self.lease.shard} is not this process's any more (token {self.lease.token})", "it has to end")


class Numbered:
    """Writes that are safe to do again although they add to what is there: each batch has a number of its token.

    Args:
        store: Under the fence.
        fence: Of the lease.
    """

    def __init__(self, store: Store, fence: Fence) -> None:
        self._store, self._fence, self._next = store, fence, 1

    def __call__(self, work: Work) -> Callable[[], None]:
        """What does this work once, however often it is called. Only once it has returned, call the next."""
        number = 0

        def once() -> None:
            nonlocal number
            if not number:
                number, self._next = self._next, self._next + 1
            with self._store.writing() as connection:
                if self._fence.first_time(connection, number):
                    work(connection)

        return once


def plain(store: Store) -> Callable[[Work], Callable[[], None]]:
    """The same for a database without leases: each call does the work."""

    def numbered(work: Work) -> Callable[[], None]:
        def again() -> None:
            with store.writing() as connection:
                work(connection)

        return again

    return numbered


def _here(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return leases.c.shard == lease.shard, leases.c.token == lease.token, leases.c.until_us > now_us()


def _free(store: Store) -> Store:
    """Leases are rows of their own: who asks for one waits for nobody else's."""
    if not store.postgres:
        raise StoreError("leases need PostgreSQL", "move the numbers there: passerby store migrate")
    return store.under(lambda _: None)
