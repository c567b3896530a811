"""Bringing a database up to date, and setting a damaged one aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import inspect, text

from passerby.base.errors import StoreError
from passerby.store.database import ADVICE, START_ONE, Store, is_there, sqlite_writer
from passerby.store.feeds import raise_feeds
from passerby.store.postgres import address_beside, check_server, postgres_engine

NEWEST = "0012"
SCRIPTS = Path(__file__).with_name("migrations")
PARTS = ("", "-wal", "-shm")


def open_store(path: Path, clock: Callable[[], float], *, keep: bool = False) -> Store:
    """Open for writing, and bring the tables up to date.

    A database that SQLite calls damaged is set aside under another name and a new one is begun: counting and
    recording matter more than old numbers, and the archive's files describe themselves.

    Args:
        path: The SQLite file; made where it is missing.
        clock: Unix seconds, for the name of what is set aside.
        keep: Refuse a damaged database instead: what is in it can't be begun anew.

    Raises:
        StoreError: It can't be opened, or a newer Passerby made it.
    """
    if (address := address_beside(path)) is not None:
        return open_postgres(address, path)
    if not _sound(path):
        if keep:
            raise StoreError(f"{path} is damaged", "restore it from a backup: nothing was changed")
        set_aside(path, f"damaged-{_stamp(clock())}")
    return _upgraded(Store(sqlite_writer(path), path))


def open_durable(path: Path) -> Store:
    """Open for writing what no power cut may take back, beside a station. Never sets a damaged database aside.

    Args:
        path: The SQLite file.

    Raises:
        StoreError: There is none, it is damaged, or a newer Passerby made it.
    """
    if not is_there(path):
        raise StoreError(f"{path.parent} holds no database", START_ONE)
    if (address := address_beside(path)) is not None:
        return open_postgres(address, path)
    return open_sqlite(path)


def open_sqlite(path: Path) -> Store:
    """The SQLite file, whatever lies beside it; each commit is durable. Made where it is missing.

    Raises:
        StoreError: It is damaged, or a newer Passerby made it.
    """
    if not _sound(path):
        raise StoreError(f"{path} is damaged", "restore it from a backup: what was published must not be drawn again")
    return _upgraded(Store(sqlite_writer(path, durable=True), path))


def open_postgres(address: str, path: Path) -> Store:
    """Open a PostgreSQL database for writing, and bring its tables up to date. Each commit is durable.

    Args:
        address: Of the database (`store.postgres`).
        path: The SQLite file in whose place it is.

    Raises:
        StoreError: It can't be reached, is made the wrong way, or a newer Passerby made it.
    """
    store = Store(postgres_engine(address), path)
    try:
        with store.reading() as connection:
            check_server(connection)
        _upgraded(store)
        with store.writing() as connection:
            raise_feeds(connection)
    except StoreError:
        store.close()
        raise
    return store


def go_back(store: Store, version: str) -> None:
    """Give a database the tables of an older version, for a Passerby of that time. What it has no room for is lost.

    Raises:
        StoreError: There is no such version, or the database takes no writing.
    """
    _alembic(store, version, back=True)


def _upgraded(store: Store) -> Store:
    try:
        if (version := _version(store)) != NEWEST:
            if version is not None and version < NEWEST and not store.postgres:
                _copy(store.path, version)
            _alembic(store, "head")
    except StoreError:
        store.close()
        raise
    return store


def _version(store: Store) -> str | None:
    with store.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _alembic(store: Store, version: str, *, back: bool = False) -> None:
    # Alembic takes a third of a second to import; most starts don't need it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    try:
        with store.writing() as connection:
            config.attributes["connection"] = connection
            (command.downgrade if back else command.upgrade)(config, version)
    except CommandError as error:
        raise StoreError(f"{store.path} was made by another version of Passerby", "use that one, or a newer") from error


def _copy(path: Path, version: str) -> None:
    """What the version before can go back to; made once, and private like the database itself."""
    copy = before_upgrade(path, version)
    if copy.exists():
        return
    try:
        new = copy.with_name(f".{copy.name}.new")
        new.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(new)) as target:
            old.backup(target)
        new.chmod(path.stat().st_mode & 0o777)
        new.rename(copy)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} can't be copied before its upgrade ({error})", ADVICE) from error


def before_upgrade(path: Path, version: str) -> Path:
    """Where a database of this version was copied to before it was brought up to date."""
    return path.with_name(f"{path.name}.version-{version}")


def _sound(path: Path) -> bool:
    """Whether there is nothing yet, or something that SQLite finds whole."""
    if not path.exists():
        return True
    try:
        connection = sqlite3.connect(path)
        try:
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error) or "malformed" in str(error):
            return False
        raise StoreError(f"{path} can't be opened ({error})", ADVICE) from error
    return bool(answer == ("ok",))


def set_aside(path: Path, mark: str) -> None:
    """Give a database that is not in use another name: its own and a mark.

    Raises:
        StoreError: The folder takes no change.
    """
    try:
        for part in PARTS:
            old = path.with_name(path.name + part)
            if old.exists():
                old.rename(path.with_name(f"{path.name}.{mark}{part}"))
    except OSError as error:
        raise StoreError(f"{path} can't be set aside ({error.strerror})", ADVICE) from error


def _stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")


def damaged(path: Path) -> list[Path]:
    """Databases that were set aside, newest last."""
    return sorted(p for p in path.parent.glob(f"{path.name}.damaged-*") if not p.name.endswith(PARTS[1:]))
