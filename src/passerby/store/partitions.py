"""PostgreSQL's tables by time: a partition for each piece of it, made ahead, and dropped whole when it is old.

What has no partition yet lies in the table's last one, for all other times, and moves when its own is made: no row is
ever refused for its time. SQLite has no partitions: there rows go one by one, as they always did.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from passerby.store.counts import RECENT_US
from passerby.store.database import Store, one_by_one
from passerby.store.events import HEALTH_KEPT_US

MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
AHEAD = 2
# Dropping waits for those who read the table, and others for the one who waits: only for so long.
PATIENCE = "2s"


@dataclass(frozen=True, slots=True)
class Parted:
    """A table that is parted.

    Args:
        table: Its name.
        column: Which says when.
        length_us: How long a partition is.
        kept_us: How long its rows are kept; None for as long as the minutes.
    """

    table: str
    column: str
    length_us: int
    kept_us: int | None = None

    def name(self, begin_us: int) -> str:
        """A partition's name."""
        begin = datetime.fromtimestamp(begin_us // 1_000_000, UTC)
        return f"{self.table}_{begin:%Y%m%d}" + (f"_{begin:%H%M}" if self.length_us % DAY_US else "")


PARTED = (
    Parted("recent_counts", "time_us", 15 * MINUTE_US, RECENT_US),
    Parted("health", "time_us", DAY_US, HEALTH_KEPT_US),
    Parted("minute_counts", "minute_us", DAY_US),
    Parted("zone_minutes", "minute_us", DAY_US),
    Parted("line_minutes", "minute_us", DAY_US),
    Parted("hour_counts", "hour_us", 30 * DAY_US),
)


def keep_house(store: Store, now_us: int, minutes_kept_us: int | None = None) -> list[str]:
    """Make the partitions that will be needed soon, and drop those whose time is over.

    Args:
        store: Open for writing.
        now_us: The time.
        minutes_kept_us: How long minutes and hours are kept; None: for good.

    Returns:
        What was dropped.

    Raises:
        StoreError: The database takes no writing, or somebody reads for too long: try again later.
    """
    if not store.postgres:
        return []
    dropped = list[str]()
    for parted in PARTED:
        kept_us = minutes_kept_us if parted.kept_us is None else parted.kept_us
        with store.writing() as connection:
            one_by_one(connection)
            connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
            for ahead in range(AHEAD):
                make(connection, parted, now_us + ahead * parted.length_us)
            if kept_us is not None:
                dropped += _drop(connection, parted, now_us - kept_us)
    return dropped


def make(connection: Connection, parted: Parted, time_us: int) -> None:
    """Make the partition that this time is in, if it isn't there."""
    begin_us = time_us - time_us % parted.length_us
    name, end_us = parted.name(begin_us), begin_us + parted.length_us
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is not None:
        return
    connection.execute(text(f"CREATE TABLE {name} (LIKE {parted.table} INCLUDING ALL)"))
    connection.execute(
        text(
            f"WITH moved AS (DELETE FROM {parted.table}_other WHERE {parted.column} >= {begin_us}"
            f" AND {parted.column} < {end_us} RETURNING *) INSERT INTO {name} SELECT * FROM moved"
        )
    )
    connection.execute(
        text(f"ALTER TABLE {parted.table} ATTACH PARTITION {name} FOR VALUES FROM ({begin_us}) TO ({end_us})")
    )


def _drop(connection: Connection, parted: Parted, before_us: int) -> list[str]:
    asked = text(
        "SELECT relid::regclass::text FROM pg_partition_tree(CAST(:table AS regclass))"
        " WHERE isleaf AND relid <> to_regclass(:other) ORDER BY 1"
    )
    names = connection.execute(asked, {"table": parted.table, "other": f"{parted.table}_other"}).scalars().all()
    newest = parted.name(before_us - before_us % parted.length_us)
    old = [name for name in names if name < newest]
    for name in old:
        connection.execute(text(f"DROP TABLE {name}"))
    connection.execute(
        text(f"DELETE FROM {parted.table}_other WHERE {parted.column} < :before"),
        {"before": before_us},
    )
    return old
