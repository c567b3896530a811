"""Single facts about the whole archive, by name."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from passerby.store.database import Store
from passerby.store.schema import marks

KEY_FILE, SWEPT_US, CLOCK_OWED_US = "key file", "swept us", "clock owed us"


def get_mark(store: Store, name: str) -> str | None:
    """What was noted last.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        return connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar_one_or_none()


def set_mark(store: Store, name: str, value: str | None) -> None:
    """Note it; None forgets it.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        put_mark(connection, name, value)


def put_mark(connection: Connection, name: str, value: str | None) -> None:
    """The same as a part of a transaction."""
    connection.execute(delete(marks).where(marks.c.name == name))
    if value is not None:
        connection.execute(insert(marks).values(name=name, value=value))
