"""A table that takes no rows for a while, in either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from passerby.store.database import Store


@contextmanager
def no_rows_in(store: Store, table: str) -> Iterator[None]:
    """Every insert into it fails."""
    with store.writing() as connection:
        if store.postgres:
            fault = "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'disk fault'; END$$"
            connection.exec_driver_sql(fault)
            connection.exec_driver_sql(f"CREATE TRIGGER fault BEFORE INSERT ON {table} EXECUTE FUNCTION fault()")
        else:
            connection.exec_driver_sql(
                f"CREATE TRIGGER fault BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk fault'); END"
            )
    yield
    with store.writing() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER fault{f' ON {table}' if store.postgres else ''}")
