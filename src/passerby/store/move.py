"""Moving a data folder's numbers from SQLite to PostgreSQL, or back: resumable, and checked by hash before it counts.

The source is locked for writing and never changed. Rows go over in the order of their keys; each batch and the mark of
how far it came are one transaction of the target, so that whoever is interrupted goes on from there. In the end both
sides are read again, table by table, and only where each gives the same hash does the file beside the database change,
which is what decides (`store.postgres`). Leases stay: they are their own database's.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
    update,
)

from passerby.base.errors import StoreError
from passerby.store.database import START_ONE, Store
from passerby.store.feeds import FEEDS, raise_feeds
from passerby.store.leases import now_us
from passerby.store.migrate import open_postgres, open_sqlite, set_aside
from passerby.store.partitions import PARTED, Parted, make
from passerby.store.postgres import address_beside, drop_address, put_address
from passerby.store.rows import Row, copy_rows
from passerby.store.schema import leases, metadata

BATCH = 20_000
MOVED = "moved"
TABLES = [table for table in metadata.sorted_tables if table is not leases]
_BY_TIME = {parted.table: parted for parted in PARTED}
# Version 2 writes equal values as equal bytes; later ones may refer back.
_MARSHAL = 2

_progress = Table(
    "moving",
    MetaData(),
    Column("name", String(60), primary_key=True),
    Column("last", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move came to.

    Args:
        rows: In each table.
        hash: Over all tables' hashes, by name.
    """

    rows: dict[str, int]
    hash: str


@dataclass(frozen=True, slots=True)
class Step:
    """How far it is: which table is being copied, or compared, and how many of its rows are done."""

    what: str
    table: str
    rows: int


Told = Callable[[Step], None]


def to_postgres(path: Path, address: str, told: Told = lambda _: None, *, anew: bool = False) -> Moved:
    """From the SQLite file at this path into the database at an address, which is the folder's from then on.

    Args:
        path: Nobody writes the file meanwhile.
        address: Of a database without rows, or of one where this move was interrupted.
        told: Hears how far it is.
        anew: Empty what an interrupted move left there.

    Raises:
        StoreError: It can't be done, or the copy is not the same. Then nothing has changed.
    """
    if address_beside(path) is not None:
        raise StoreError("this folder's numbers are in PostgreSQL already", "nothing was changed")
    if not path.is_file():
        raise StoreError(f"{path.parent} holds no database", START_ONE)
    with open_sqlite(path) as source, open_postgres(address, path) as target:
        moved = _move(source, target, f"file {path.resolve()}", told, anew=anew)
        put_address(path, address)
        _forget(target)
    set_aside(path, MOVED)
    return moved


def to_sqlite(path: Path, told: Told = lambda _: None, *, anew: bool = False) -> Moved:
    """From the PostgreSQL database into a SQLite file at this path, which is the folder's database from then on.

    Args:
        path: Nobody writes the database meanwhile.
        told: Hears how far it is.
        anew: Empty what an interrupted move left there.

    Raises:
        StoreError: It can't be done, or the copy is not the same. Then nothing has changed.
    """
    address = address_beside(path)
    if address is None:
        raise StoreError("this folder's numbers are in its SQLite file already", "nothing was changed")
    if path.exists():
        with open_sqlite(path) as old:
            stale = not _begun(old)
        if stale:
            set_aside(path, MOVED)
    with open_postgres(address, path) as source, open_sqlite(path) as target:
        moved = _move(source, target, f"database {address}", told, anew=anew)
        drop_address(path)
        _forget(target)
    return moved


def _move(source: Store, target: Store, name: str, told: Told, *, anew: bool) -> Moved:
    with source.writing() as held:  # nobody writes it until all is compared
        if source.postgres:
            _nobody_runs(held)
        _begin(target, name, anew=anew)
        for table in TABLES:
            _copy(held, target, table, told)
        with target.writing() as connection:
            _settle(connection)
        return _compare(held, target, told)


def _nobody_runs(connection: Connection) -> None:
    """Who has a lease waits for no lock of the other writers; while this one holds, nobody gets a lease."""
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # it waits while both sides are read
    connection.execute(text("LOCK TABLE leases IN SHARE MODE"))
    running = connection.execute(select(leases.c.shard).where(leases.c.until_us > now_us())).scalars().first()
    if running is not None:
        raise StoreError(f"{running} is running", "stop every station first")


def _begun(store: Store) -> bool:
    with store.reading() as connection:
        return inspect(connection).has_table(_progress.name)


def _begin(target: Store, name: str, *, anew: bool) -> None:
    """The list of what is done; refuses a database that holds something else."""
    begun = _begun(target)
    with target.writing() as connection:
        if begun and anew:
            for table in TABLES:
                connection.execute(delete(table))
            connection.execute(delete(_progress))
        if begun and not anew:
            known = connection.execute(select(_progress.c.last).where(_progress.c.name == "")).scalar_one_or_none()
            if known not in (None, name):
                raise StoreError(f"another move into this database was interrupted: of the {known}", "give --anew")
            if known is not None:
                return
        for table in TABLES:
            if connection.execute(select(table).limit(1)).first() is not None:
                raise StoreError("the database that is moved to holds rows already", "make a new one")
        _progress.create(connection, checkfirst=True)
        connection.execute(insert(_progress).values(name="", last=name, rows=0, done=False))


def _forget(target: Store) -> None:
    with target.writing() as connection:
        _progress.drop(connection)


def _copy(source: Connection, target: Store, table: Table, told: Told) -> None:
    with target.writing() as connection:
        row = connection.execute(select(_progress).where(_progress.c.name == table.name)).one_or_none()
        if row is None:
            connection.execute(insert(_progress).values(name=table.name, last="", rows=0, done=False))
    if row is not None and row.done:
        return
    after, copied = (json.loads(row.last) if row is not None and row.last else None), row.rows if row is not None else 0
    for batch in _batches(source, table, after):
        copied += len(batch)
        with target.writing() as connection:
            _add(connection, table, batch)
            _mark(connection, table, last=json.dumps(_key(table, batch[-1])), rows=copied)
        told(Step("copied", table.name, copied))
    with target.writing() as connection:
        _mark(connection, table, done=True)


def _mark(connection: Connection, table: Table, **values: object) -> None:
    connection.execute(update(_progress).where(_progress.c.name == table.name).values(**values))


def _add(connection: Connection, table: Table, batch: list[Row]) -> None:
    names = [column.name for column in table.columns]
    if connection.dialect.name == "postgresql":
        if (parted := _BY_TIME.get(table.name)) is not None:
            _make_partitions(connection, parted, batch, names.index(parted.column))
        copy_rows(connection, table.name, names, batch)
        return
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', batch)


def _make_partitions(connection: Connection, parted: Parted, batch: list[Row], at: int) -> None:
    times = {int(str(row[at])) // parted.length_us for row in batch}
    for time in sorted(times):
        make(connection, parted, time * parted.length_us)


def _key(table: Table, row: Row) -> list[object]:
    names = [column.name for column in table.columns]
    return [row[names.index(column.name)] for column in table.primary_key.columns]


def _batches(connection: Connection, table: Table, after: list[object] | None = None) -> Iterator[list[Row]]:
    """All rows behind a key, in the order of keys."""
    keys = list(table.primary_key.columns)
    while True:
        asked = select(table).order_by(*keys).limit(BATCH)
        if after is not None:
            asked = asked.where(tuple_(*keys) > tuple_(*after))
        batch = [tuple(row) for row in connection.execute(asked)]
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        after = _key(table, batch[-1])


def _settle(connection: Connection) -> None:
    """Numbers go on above those that came over. SQLite sees to that itself."""
    if connection.dialect.name != "postgresql":
        return
    raise_feeds(connection)
    for table in TABLES:
        if table in FEEDS or table.autoincrement_column is None:
            continue
        newest = connection.execute(select(func.max(table.autoincrement_column))).scalar()
        if newest is not None:
            sequence = f"pg_get_serial_sequence('{table.name}', '{table.autoincrement_column.name}')"
            connection.execute(text(f"SELECT setval({sequence}, {int(newest)})"))


def _compare(source: Connection, target: Store, told: Told) -> Moved:
    rows, whole = dict[str, int](), sha256()
    for table in TABLES:
        ours = _hash(source, table, lambda _: None)
        with target.reading() as connection:
            theirs = _hash(connection, table, told)
        if ours != theirs:
            raise StoreError(
                f"the copy of {table.name} is not the same: {ours[0]} rows here, {theirs[0]} there",
                "somebody wrote meanwhile: stop them, and give --anew",
            )
        rows[table.name] = ours[0]
        whole.update(f"{table.name} {ours[0]} {ours[1]}\n".encode())
    return Moved(rows, whole.hexdigest())


def _hash(connection: Connection, table: Table, told: Told) -> tuple[int, str]:
    """How many rows, and the hash of all their values in the order of keys."""
    count, running = 0, sha256()
    for batch in _batches(connection, table):
        running.update(b"".join(marshal.dumps(cast("tuple[int, ...]", row), _MARSHAL) for row in batch))
        count += len(batch)
        told(Step("compared", table.name, count))
    return count, running.hexdigest()
