"""Bringing a database up to date, and setting a damaged one aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import inspect, text

from passerby.base.errors import StoreError
from passerby.store.database import ADVICE, Store, sqlite_writer

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
    if not _sound(path):
        if keep:
            raise StoreError(f"{path} is damaged", "restore it from a backup: nothing was changed")
        _set_aside(path, clock())
    return _upgraded(Store(sqlite_writer(path), path))


def open_durable(path: Path) -> Store:
    """Open for writing what no power cut may take back, beside a station. Never sets a damaged database aside.

    Args:
        path: The SQLite file.

    Raises:
        StoreError: There is none, it is damaged, or a newer Passerby made it.
    """
    if not path.is_file():
        raise StoreError(f"{path.parent} holds no database", "start a station on it first: passerby run")
    if not _sound(path):
        raise StoreError(f"{path} is damaged", "restore it from a backup: what was published must not be drawn again")
    return _upgraded(Store(sqlite_writer(path, durable=True), path))


def _upgraded(store: Store) -> Store:
    try:
        if (version := _version(store)) != NEWEST:
            if version is not None and version < NEWEST:
                _copy(store.path, version)
            _upgrade(store)
    except StoreError:
        store.close()
        raise
    return store


def _version(store: Store) -> str | None:
    with store.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(store: Store) -> None:
    # Alembic takes a third of a second to import; most starts don't need it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    try:
        with store.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
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


def _set_aside(path: Path, now: float) -> None:
    mark = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    try:
        for part in PARTS:
            old = path.with_name(path.name + part)
            if old.exists():
                old.rename(path.with_name(f"{path.name}.damaged-{mark}{part}"))
    except OSError as error:
        raise StoreError(f"{path} is damaged and can't be set aside ({error.strerror})", ADVICE) from error


def damaged(path: Path) -> list[Path]:
    """Databases that were set aside, newest last."""
    return sorted(p for p in path.parent.glob(f"{path.name}.damaged-*") if not p.name.endswith(PARTS[1:]))
