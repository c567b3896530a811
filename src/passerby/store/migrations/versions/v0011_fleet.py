"""Leases; the newest count and each hour's sums; in PostgreSQL partitions by time, and numbers that can be followed."""

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, String

from passerby.store.feeds import DEFAULT_SQL, FUNCTION, NUMBERS, function_sql

revision = "0011"
down_revision = "0010"

# Tables whose rows go by age, the column that says when, and their key.
PARTED = {
    "recent_counts": ("time_us", "id, time_us"),
    "health": ("time_us", "id, time_us"),
    "minute_counts": ("minute_us", "camera_id, minute_us"),
    "hour_counts": ("hour_us", "camera_id, hour_us"),
    "zone_minutes": ("minute_us", "camera_id, zone, minute_us"),
    "line_minutes": ("minute_us", "camera_id, line, minute_us"),
}
BY_TIME = {"recent_counts", "health"}
FEEDS = ("recent_counts", "alerts", "health")
SUMS = "people_sum, low_sum, high_sum, people_max, vehicles_sum, mosaic_samples"
HOUR = "minute_us - minute_us % 3600000000"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "leases",
        Column("shard", String(63), primary_key=True),
        Column("holder", String(200), nullable=False),
        Column("token", BigInteger, nullable=False),
        Column("until_us", BigInteger, nullable=False),
        Column("batches", BigInteger, nullable=False),
    )
    op.create_table(
        "latest_counts",
        Column("camera_id", String(63), primary_key=True),
        Column("id", BigInteger, nullable=False),
        Column("time_us", BigInteger, nullable=False),
        Column("people", Float, nullable=False),
        Column("low", Float, nullable=False),
        Column("high", Float, nullable=False),
        Column("vehicles", Float, nullable=False),
    )
    op.execute(
        "INSERT INTO latest_counts (camera_id, id, time_us, people, low, high, vehicles)"
        " SELECT camera_id, id, time_us, people, low, high, vehicles FROM recent_counts"
        " WHERE id IN (SELECT max(id) FROM recent_counts GROUP BY camera_id)"
    )
    op.create_table(
        "hour_counts",
        Column("camera_id", String(63), primary_key=True),
        Column("hour_us", BigInteger, primary_key=True),
        Column("samples", Integer, nullable=False),
        Column("people_sum", Float, nullable=False),
        Column("low_sum", Float, nullable=False),
        Column("high_sum", Float, nullable=False),
        Column("people_max", Float, nullable=False),
        Column("vehicles_sum", Float, nullable=False),
        Column("mosaic_samples", Integer, nullable=False),
    )
    op.execute(
        f"INSERT INTO hour_counts (camera_id, hour_us, samples, {SUMS})"
        f" SELECT camera_id, {HOUR}, sum(samples), sum(people_sum), sum(low_sum), sum(high_sum), max(people_max),"
        f" sum(vehicles_sum), sum(mosaic_samples) FROM minute_counts GROUP BY camera_id, {HOUR}"
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, (column, key) in PARTED.items():
            _remake(table, key, f" PARTITION BY RANGE ({column})")
        op.execute(f"CREATE SEQUENCE {NUMBERS}")
        op.execute(function_sql(0))
        for table in FEEDS:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN id SET DEFAULT {DEFAULT_SQL}")


def downgrade() -> None:
    """Take them away."""
    if op.get_bind().dialect.name == "postgresql":
        for table, (_, key) in PARTED.items():
            _remake(table, "id" if table in BY_TIME else key, "")
        for table in FEEDS:
            op.execute(f"CREATE SEQUENCE IF NOT EXISTS {table}_id_seq OWNED BY {table}.id")
            op.execute(f"SELECT setval('{table}_id_seq', (SELECT coalesce(max(id), 0) + 1 FROM {table}))")
            op.execute(f"ALTER TABLE {table} ALTER COLUMN id SET DEFAULT nextval('{table}_id_seq')")
        op.execute(f"DROP FUNCTION {FUNCTION}(xid8)")
        op.execute(f"DROP SEQUENCE {NUMBERS}")
    for table in ("hour_counts", "latest_counts", "leases"):
        op.drop_table(table)


def _remake(table: str, key: str, parted: str) -> None:
    """The same columns and rows, with or without partitions."""
    op.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    op.execute(f"CREATE TABLE {table} (LIKE old_{table} INCLUDING DEFAULTS){parted}")
    if table in BY_TIME:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN id DROP DEFAULT")
    if parted:
        op.execute(f"CREATE TABLE {table}_other PARTITION OF {table} DEFAULT")
    op.execute(f"INSERT INTO {table} SELECT * FROM old_{table}")
    op.execute(f"DROP TABLE old_{table}")
    op.execute(f"ALTER TABLE {table} ADD PRIMARY KEY ({key})")
    if table in BY_TIME:
        op.execute(f"CREATE INDEX {table}_by_time ON {table} (camera_id, time_us)")
