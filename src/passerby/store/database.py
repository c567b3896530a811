"""Opening the database: one writer, many readers that can't write, errors in the one tree."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, cast
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from passerby.base.errors import StoreError
from passerby.store.postgres import address_beside, address_file, postgres_engine

WAIT_S = 5.0
# Pages after which the write-ahead log is folded back: 4 MiB, so that it stays small beside an hour of video.
CHECKPOINT_PAGES = 1000
ADVICE = "look at the disk and the rights of the data folder"
SERVER_ADVICE = "look at the database server, and at who may use it"
START_ONE = "start a station on it first: passerby run"
# The advisory lock of PostgreSQL that writers take who hold no lease.
WRITERS = 7_277_395
# What a reader is told for a moment only, and how long it waits before it tries again.
_PASSING = ("SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_PROTOCOL")
AGAIN_S = 0.01


Turn = Callable[[Connection], None]


class Store:
    """The database of one data folder: a SQLite file, or a PostgreSQL database that a file beside it names.

    Use `open_store` to write and `read_store` to read. Safe to use from several threads.

    Args:
        engine: Made for SQLite or PostgreSQL.
        path: The SQLite file, which may have a file beside it that names a database (`store.postgres`); for messages.
        turn: The first step of each writing transaction: waits until nobody else writes what this store may write, or
            refuses (`store.leases`). Without one, PostgreSQL has one writer at a time, as SQLite always has.
    """

    def __init__(self, engine: Engine, path: Path, turn: Turn | None = None) -> None:
        self.engine = engine
        self.path = path
        self._turn = turn or (one_by_one if self.postgres else None)

    @property
    def postgres(self) -> bool:
        """Whether it is a PostgreSQL database."""
        return self.engine.dialect.name == "postgresql"

    def under(self, turn: Turn) -> Store:
        """The same database, written in another way; the connections are shared."""
        return Store(self.engine, self.path, turn)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is done whole or not at all. What it reads, nobody else changes meanwhile.

        Raises:
            StoreError: The database takes no writing now.
        """
        with _one_tree(self.path, "written"), self.engine.begin() as connection:
            if self._turn is not None:
                self._turn(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database throughout.

        Raises:
            StoreError: The database can't be read.
        """
        with _one_tree(self.path, "read"), self.engine.connect() as connection:
            if self.postgres:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        """For ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes."""
        self.close()


class Changes:
    """Tells cheaply whether any other process has written since the last look.

    By SQLite's ``data_version``; by PostgreSQL's list of transactions, which tells of every database of the server.
    Holds one connection. Not for several threads.
    """

    def __init__(self, store: Store) -> None:
        self._path, self._engine = store.path, store.engine
        self._question = "SELECT pg_current_snapshot()::text" if store.postgres else "PRAGMA data_version"
        with _one_tree(self._path, "read"):
            self._connection = self._engine.connect()
        self._seen: object = None

    def __call__(self) -> bool:
        """True at the first call, and when something has changed."""
        with _one_tree(self._path, "read"):
            if self._connection.invalidated or _outdated(self._connection.connection.dbapi_connection, self._path):
                self._connection.close()
                self._connection, self._seen = self._engine.connect(), None
            version = self._connection.exec_driver_sql(self._question).scalar_one()
            self._connection.rollback()
        changed, self._seen = version != self._seen, version
        return changed

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def sqlite_writer(path: Path, *, durable: bool = False) -> Engine:
    """An engine that writes; creates the file where it is missing.

    Args:
        path: The file.
        durable: Sync at each commit, so that no power cut takes one back.
    """

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=WAIT_S, check_same_thread=False, isolation_level=None)
        # NORMAL: a power cut can take the last seconds of the index but never damages it; files are scanned then.
        # FULL syncs the log at each commit, with all that others wrote into it before.
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'NORMAL'}",
            "foreign_keys=ON",
            "secure_delete=ON",
            # A locked process may write no temporary file.
            "temp_store=MEMORY",
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()
        return connection

    return _engine(connect, lambda connection: connection.execute("BEGIN IMMEDIATE").close())


def sqlite_reader(path: Path) -> Engine:
    """An engine that opens nothing for writing: neither the file, nor its log, nor their shared memory.

    After a clean end of the station there is no log, and SQLite would have to make one. Then the file is opened as one
    that nobody changes, and opened anew as soon as a station has begun a log.
    """
    address = f"file:{quote(str(path.absolute()))}?mode=ro"

    def connect() -> sqlite3.Connection:
        options = {"uri": True, "timeout": WAIT_S, "check_same_thread": False, "isolation_level": None}
        if _log(path).exists():
            return _sorts_in_memory(sqlite3.connect(f"{address}&readonly_shm=1", **options))  # type: ignore[arg-type]
        unchanging = sqlite3.connect(f"{address}&immutable=1", factory=_Unchanging, **options)  # type: ignore[arg-type]
        return _sorts_in_memory(unchanging)

    engine = _engine(connect, _begin_reading)

    @event.listens_for(engine, "checkout")
    def _(connection: object, _record: object, _proxy: object) -> None:
        if _outdated(connection, path):
            raise DisconnectionError

    return engine


def _sorts_in_memory(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A locked process may write no temporary file, and grouping a large table would need one."""
    connection.execute("PRAGMA temp_store=MEMORY").close()
    return connection


class _Unchanging(sqlite3.Connection):
    """Reads a file that had no log when it was opened."""


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _outdated(connection: object, path: Path) -> bool:
    return isinstance(connection, _Unchanging) and _log(path).exists()


def one_by_one(connection: Connection) -> None:
    """Wait for PostgreSQL's other writers: many a transaction reads first what it then adds to."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")


def _begin_reading(connection: sqlite3.Connection) -> None:
    """Fix the state that is read. One who may not write in the log's shared memory sometimes finds no place there.

    While the station begins its log anew SQLite says that to such a reader as "readonly database", and a moment later
    no more (``SQLITE_READONLY_CANTINIT``, ``_RECOVERY``): one of 16,000 reads beside a writer that never rests.
    """
    until_s = time.monotonic() + WAIT_S
    while True:
        connection.execute("BEGIN").close()
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").close()
        except sqlite3.OperationalError as error:
            connection.execute("ROLLBACK").close()
            if not error.sqlite_errorname.startswith(_PASSING) or time.monotonic() > until_s:
                raise
            time.sleep(AGAIN_S)
        else:
            return


def _engine(connect: Callable[[], sqlite3.Connection], begin: Callable[[sqlite3.Connection], None]) -> Engine:
    engine = create_engine("sqlite+pysqlite://", creator=connect, poolclass=QueuePool, max_overflow=20)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        begin(cast("sqlite3.Connection", connection.connection.dbapi_connection))

    return engine


def read_store(path: Path) -> Store:
    """Open for reading only.

    Raises:
        StoreError: There is no database there.
    """
    if not is_there(path):
        raise StoreError(f"{path.parent} holds no database", START_ONE)
    if (address := address_beside(path)) is not None:
        store = Store(postgres_engine(address, read_only=True), path)
        table = "alembic_version"
    else:
        store, table = Store(sqlite_reader(path), path), "sqlite_master"
    try:
        with store.reading() as connection:
            connection.execute(text(f"SELECT count(*) FROM {table}"))
    except StoreError:
        store.close()
        raise
    return store


def is_there(path: Path) -> bool:
    """Whether a data folder has its database: the SQLite file, or one that a file beside it names."""
    return path.is_file() or address_file(path).is_file()


def rewrite(store: Store, *tables: str) -> None:
    """Have PostgreSQL write small tables anew, without what was erased. Its log holds that until it is recycled.

    Raises:
        StoreError: The database takes no writing.
    """
    with _one_tree(store.path, "written"), store.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in tables:
            alone.exec_driver_sql(f"VACUUM FULL {table}")


@contextmanager
def _one_tree(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error.__class__.__name__).partition("\n")[0]
        if isinstance(error, DBAPIError) and not isinstance(error.orig, sqlite3.Error):
            raise StoreError(f"the database of {path.parent} can't be {what} ({reason})", SERVER_ADVICE) from error
        raise StoreError(f"{path} can't be {what} ({reason})", ADVICE) from error
    except sqlite3.Error as error:
        raise StoreError(f"{path} can't be {what} ({error})", ADVICE) from error
