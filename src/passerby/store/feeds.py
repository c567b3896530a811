"""Rows that others follow by number: in PostgreSQL, many write at the same time, and yet none is passed over.

A sequence alone would not do: number 9 may be committed after number 10 was read. There, a number is the transaction's
own number, which only grows, followed by 20 bits that count within it. Whoever follows sees only rows of transactions
before the oldest that still runs: to those nothing can be added any more.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, literal_column, select, text, true

from passerby.store.schema import alerts, health, recent_counts

FEEDS = (recent_counts, alerts, health)
# Made by the migration; the function's one number is raised where rows come from another server.
FEED_BITS = 20
FUNCTION = "passerby_feed"
NUMBERS = "passerby_feed_numbers"


def function_sql(base: int) -> str:
    """The function that makes a transaction's first number.

    Args:
        base: Added to all: more than any number that came from elsewhere.
    """
    return (
        f"CREATE OR REPLACE FUNCTION {FUNCTION}(transaction xid8) RETURNS bigint LANGUAGE sql IMMUTABLE"
        f" AS 'SELECT {base} + (transaction::text::bigint << {FEED_BITS})'"
    )


DEFAULT_SQL = f"{FUNCTION}(pg_current_xact_id()) + (nextval('{NUMBERS}') & {(1 << FEED_BITS) - 1})"


def settled(connection: Connection, number: ColumnElement[int]) -> ColumnElement[bool]:
    """Which rows of a feed may be told: those before which nothing more will come."""
    if connection.dialect.name != "postgresql":
        return true()
    return number < literal_column(f"{FUNCTION}(pg_snapshot_xmin(pg_current_snapshot()))")


def raise_feeds(connection: Connection) -> None:
    """Begin above all numbers that are there: rows may have come from a database whose transactions ran ahead."""
    if connection.dialect.name != "postgresql":
        return
    newest = max(int(connection.execute(select(func.coalesce(func.max(t.c.id), 0))).scalar_one()) for t in FEEDS)
    next_number, zero = connection.execute(
        text(f"SELECT {FUNCTION}(pg_current_xact_id()), {FUNCTION}('0'::xid8)")
    ).one()
    if newest >= next_number:
        connection.execute(text(function_sql(int(zero) + newest - int(next_number) + (1 << FEED_BITS))))
