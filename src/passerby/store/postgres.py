"""A PostgreSQL database in place of the SQLite file: where its address is, and how it is connected to.

Beside ``passerby.db`` there may be ``passerby.postgres``, a file of one line: the database's address, as libpq has it
(``postgresql://station@db.example/passerby?sslmode=verify-full``). Then the SQLite file isn't used, by no command. No
password stands in it: libpq takes one from ``PGPASSFILE``, or a client's certificate.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.pool import QueuePool

from passerby.base.errors import StoreError

SUFFIX = ".postgres"
SCHEMES = ("postgresql://", "postgres://")
# Rows are compared and paged by their bytes, as SQLite does it.
COLLATIONS = ("C", "POSIX")
OLDEST = 13_00_00
MAKE_ONE = "make it so: createdb --template=template0 --encoding=UTF8 --locale=C NAME"
# In seconds: how long a silent server is waited for, a lock, and one who stops in the middle of a transaction.
CONNECT_S, SILENT_S, LOCK_S, IDLE_S = 5, 10, 30, 10
POOL, MORE = 5, 20


def address_file(path: Path) -> Path:
    """The file that names the database, beside a SQLite file that may or may not be there."""
    return path.with_suffix(SUFFIX)


def address_beside(path: Path) -> str | None:
    """The address that is in force in place of the SQLite file; None where there is none.

    Raises:
        StoreError: It can't be read, or is none.
    """
    file = address_file(path)
    try:
        return checked_address(file.read_text("utf-8").strip()) if file.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{file} can't be read", "check the file and its rights") from error


def checked_address(address: str) -> str:
    """An address without a password.

    Raises:
        StoreError: It is another thing, or what speaks with PostgreSQL is not installed.
    """
    _need_psycopg()
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(address) if address.startswith(SCHEMES) else None
    except psycopg.ProgrammingError:
        parts = None
    if parts is None or not parts.get("dbname"):
        raise StoreError("this is no database's address", "write postgresql://USER@HOST/NAME")
    if "password" in parts:
        raise StoreError("a database's address holds no password", "leave it out; name a file by PGPASSFILE")
    return address


def put_address(path: Path, address: str) -> None:
    """From now on this database is the data folder's; durable when this returns.

    Raises:
        StoreError: It is no address, or can't be written.
    """
    file = address_file(path)
    new = file.with_name(f".{file.name}.new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(f"{checked_address(address)}\n")
            handle.flush()
            os.fsync(handle.fileno())
        new.rename(file)
        _sync_folder(file.parent)
    except OSError as error:
        raise StoreError(f"{file} can't be written ({error.strerror})", "check the folder and its rights") from error


def drop_address(path: Path) -> None:
    """From now on the SQLite file is the data folder's database; durable when this returns.

    Raises:
        StoreError: The folder takes no change.
    """
    file = address_file(path)
    try:
        file.unlink(missing_ok=True)
        _sync_folder(file.parent)
    except OSError as error:
        raise StoreError(f"{file} can't be removed ({error.strerror})", "check the folder and its rights") from error


def postgres_engine(address: str, *, read_only: bool = False) -> Engine:
    """An engine for the database at an address; connects when it is used.

    Args:
        address: As `checked_address` gave it.
        read_only: The server refuses all writing.
    """
    _need_psycopg()
    import psycopg

    settings = {
        "default_transaction_read_only": "on" if read_only else "off",
        "lock_timeout": f"{LOCK_S}s",
        "idle_in_transaction_session_timeout": f"{IDLE_S}s",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())

    def connect() -> psycopg.Connection:
        return psycopg.connect(
            address,
            options=options,
            connect_timeout=CONNECT_S,
            keepalives_idle=SILENT_S,
            tcp_user_timeout=1000 * SILENT_S,
            application_name="passerby",
        )

    return create_engine(
        "postgresql+psycopg://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=POOL,
        max_overflow=MORE,
        pool_pre_ping=True,
    )


def check_server(connection: Connection) -> None:
    """Refuse a database that would order or store text in another way than SQLite.

    Raises:
        StoreError: It has to be made anew.
    """
    found = connection.execute(
        text(
            "SELECT datcollate, pg_encoding_to_char(encoding), current_setting('server_version_num')::int"
            " FROM pg_database WHERE datname = current_database()"
        )
    ).one()
    if found[2] < OLDEST:
        raise StoreError("this PostgreSQL is too old", "use version 13 or newer")
    if found[0] not in COLLATIONS or found[1] != "UTF8":
        raise StoreError(f"the database sorts by {found[0]} and writes {found[1]}: it needs C and UTF8", MAKE_ONE)


def _need_psycopg() -> None:
    if find_spec("psycopg") is None:
        raise StoreError("a PostgreSQL database needs psycopg", "pip install 'passerby[fleet]'")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
