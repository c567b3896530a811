"""The first tables: cameras, counts, alerts, health, absences, epochs, live parts."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, String

revision = "0001"
down_revision = None
Serial = BigInteger().with_variant(Integer(), "sqlite")


def upgrade() -> None:
    """Make them. A migration is history: it does not use today's schema, which may have moved on."""
    op.create_table(
        "cameras",
        Column("id", String(63), primary_key=True),
        Column("name", String(200), nullable=False),
        Column("mode", String(20), nullable=False),
        Column("retention_us", BigInteger, nullable=False),
        Column("state", String(20), nullable=False),
        Column("message", String(500), nullable=False),
        Column("since_us", BigInteger, nullable=False),
        Column("mosaic", String(30), nullable=False),
        Column("mosaic_since_us", BigInteger, nullable=False),
        Column("present", Boolean, nullable=False),
    )
    op.create_table(
        "recent_counts",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("camera_id", String(63), nullable=False),
        Column("time_us", BigInteger, nullable=False),
        Column("people", Float, nullable=False),
        Column("low", Float, nullable=False),
        Column("high", Float, nullable=False),
        Column("vehicles", Float, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("recent_counts_by_time", "recent_counts", ["camera_id", "time_us"])
    op.create_table(
        "minute_counts",
        Column("camera_id", String(63), primary_key=True),
        Column("minute_us", BigInteger, primary_key=True),
        Column("samples", Integer, nullable=False),
        Column("people_sum", Float, nullable=False),
        Column("low_sum", Float, nullable=False),
        Column("high_sum", Float, nullable=False),
        Column("people_max", Float, nullable=False),
        Column("vehicles_sum", Float, nullable=False),
        Column("mosaic_samples", Integer, nullable=False),
    )
    op.create_table(
        "alerts",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("camera_id", String(63), nullable=False),
        Column("time_us", BigInteger, nullable=False),
        Column("what", Integer, nullable=False),
        Column("severity", Integer, nullable=False),
        Column("zone", Integer, nullable=False),
        Column("value", Float, nullable=False),
        Column("low", Float, nullable=False),
        Column("high", Float, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("alerts_by_time", "alerts", ["camera_id", "time_us"])
    op.create_table(
        "health",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("camera_id", String(63), nullable=False),
        Column("time_us", BigInteger, nullable=False),
        Column("fps", Float, nullable=False),
        Column("dropped", BigInteger, nullable=False),
        Column("hidden", Float, nullable=False),
        Column("mosaic", String(30), nullable=False),
        Column("build", String(64), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("health_by_time", "health", ["camera_id", "time_us"])
    op.create_table(
        "absences",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("camera_id", String(63), nullable=False),
        Column("from_us", BigInteger, nullable=False),
        Column("to_us", BigInteger, nullable=True),
        Column("reason", String(500), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("absences_by_time", "absences", ["camera_id", "from_us"])
    op.create_table(
        "epochs",
        Column("id", Serial, primary_key=True, autoincrement=True),
        Column("camera_id", String(63), nullable=False),
        Column("file", String(40), nullable=False),
        Column("start_us", BigInteger, nullable=False),
        Column("end_us", BigInteger, nullable=False),
        Column("shift_us", BigInteger, nullable=False),
        Column("keep_us", BigInteger, nullable=False),
        Column("first_number", BigInteger, nullable=False),
        Column("size", BigInteger, nullable=False),
        Column("segments", LargeBinary, nullable=False),
        Column("inits", LargeBinary, nullable=False),
        Column("leaving", Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("epochs_by_time", "epochs", ["camera_id", "start_us"])
    op.create_index("epochs_by_file", "epochs", ["camera_id", "file"], unique=True)
    op.create_table(
        "live_parts",
        Column("camera_id", String(63), primary_key=True),
        Column("newest", LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    for table in (
        "live_parts",
        "epochs",
        "absences",
        "health",
        "alerts",
        "minute_counts",
        "recent_counts",
        "cameras",
    ):
        op.drop_table(table)
