"""Many rows at once: one by one in SQLite, by COPY in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    import psycopg

# From so many rows on, COPY is faster than statements that wait for their answers.
COPY_FROM = 20
Row = tuple[object, ...]


def add_rows(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Add rows that are new.

    Args:
        connection: Of the transaction.
        table: Where.
        names: The columns, in the rows' order.
        rows: Their values, of the types that Python has for them.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql" and len(rows) >= COPY_FROM:
        copy_rows(connection, table.name, names, rows)
    else:
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])


def merge_rows(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    rows: Sequence[Row],
    added: Collection[str] = (),
    largest: Collection[str] = (),
) -> None:
    """Add rows, or change those with the same key.

    Args:
        connection: Of the transaction.
        table: Where.
        names: The columns, in the rows' order; the table's key is among them.
        rows: Their values; no two have the same key.
        added: Columns whose values add up.
        largest: Columns that keep the larger value. All others take the new one.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql" and len(rows) >= COPY_FROM:
        staging = f"new_{table.name}"
        columns = ", ".join(f'"{name}"' for name in names)
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} ON COMMIT DELETE ROWS"
            f" AS SELECT {columns} FROM {table.name} WITH NO DATA"
        )
        copy_rows(connection, staging, names, rows)
        source = f"SELECT {columns} FROM {staging}"
        connection.exec_driver_sql(_merge_sql(table, tuple(names), source, frozenset(added), frozenset(largest)))
        connection.exec_driver_sql(f"TRUNCATE {staging}")
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    source = f"VALUES ({', '.join([mark] * len(names))})"
    statement = _merge_sql(table, tuple(names), source, frozenset(added), frozenset(largest))
    connection.exec_driver_sql(statement, list(rows))


def copy_rows(connection: Connection, table: str, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Send rows to PostgreSQL by COPY."""
    import psycopg

    raw = cast("psycopg.Connection[Row]", connection.connection.dbapi_connection)
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f"COPY {table} ({columns}) FROM STDIN"
    try:
        with raw.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise OperationalError(statement, None, error) from error


@lru_cache(maxsize=64)
def _merge_sql(
    table: Table, names: tuple[str, ...], source: str, added: frozenset[str], largest: frozenset[str]
) -> str:
    keys = [column.name for column in table.primary_key.columns]
    changes = []
    for name in names:
        if name in keys:
            continue
        new, old = f'excluded."{name}"', f'{table.name}."{name}"'
        if name in added:
            new = f"{old} + {new}"
        elif name in largest:
            new = f"CASE WHEN {old} < {new} THEN {new} ELSE {old} END"
        changes.append(f'"{name}" = {new}')
    columns = ", ".join(f'"{name}"' for name in names)
    return (
        f"INSERT INTO {table.name} ({columns}) {source}"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {', '.join(changes)}"
    )
