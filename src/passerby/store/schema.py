"""The tables. Times are microseconds since 1970 unless a name says otherwise."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table

# SQLite counts up by itself only in a key of its own INTEGER type.
Serial = BigInteger().with_variant(Integer(), "sqlite")
metadata = MetaData()

cameras = Table(
    "cameras",
    metadata,
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

recent_counts = Table(
    "recent_counts",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("camera_id", String(63), nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("people", Float, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("vehicles", Float, nullable=False),
    Index("recent_counts_by_time", "camera_id", "time_us"),
    sqlite_autoincrement=True,
)

minute_counts = Table(
    "minute_counts",
    metadata,
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

zone_minutes = Table(
    "zone_minutes",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("zone", String(40), primary_key=True),
    Column("minute_us", BigInteger, primary_key=True),
    Column("samples", Integer, nullable=False),
    Column("people_sum", Float, nullable=False),
    Column("low_sum", Float, nullable=False),
    Column("high_sum", Float, nullable=False),
    Column("people_max", Float, nullable=False),
    Column("area_m2", Float, nullable=True),
    Column("speed_samples", Integer, nullable=False),
    Column("speed_sum", Float, nullable=False),
)

line_minutes = Table(
    "line_minutes",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("line", String(40), primary_key=True),
    Column("minute_us", BigInteger, primary_key=True),
    Column("into", Integer, nullable=False),
    Column("out_of", Integer, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("camera_id", String(63), nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("what", Integer, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("zone", Integer, nullable=False),
    Column("place", String(40), nullable=False, server_default=""),
    Column("value", Float, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Index("alerts_by_time", "camera_id", "time_us"),
    sqlite_autoincrement=True,
)

health = Table(
    "health",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("camera_id", String(63), nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("fps", Float, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("hidden", Float, nullable=False),
    Column("mosaic", String(30), nullable=False),
    Column("build", String(64), nullable=False),
    Column("site_root", String(64), nullable=False, server_default=""),
    Index("health_by_time", "camera_id", "time_us"),
    sqlite_autoincrement=True,
)

absences = Table(
    "absences",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("camera_id", String(63), nullable=False),
    Column("from_us", BigInteger, nullable=False),
    Column("to_us", BigInteger, nullable=True),
    Column("reason", String(500), nullable=False),
    Index("absences_by_time", "camera_id", "from_us"),
    sqlite_autoincrement=True,
)

# One row for each epoch of a camera: where its segments lie inside its file (passerby.archive.entries).
epochs = Table(
    "epochs",
    metadata,
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
    Index("epochs_by_time", "camera_id", "start_us"),
    Index("epochs_by_file", "camera_id", "file", unique=True),
    sqlite_autoincrement=True,
)

# The parts of each camera's newest segments, for live playback; wiped when a station starts.
live_parts = Table(
    "live_parts",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("newest", LargeBinary, nullable=False),
)

# The chain of what was spent and stored for publishing (passerby.release.budget), and whether the ledger was told.
release_records = Table(
    "release_records",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(10), nullable=False),
    Column("camera_id", String(63), nullable=False),
    Column("day", String(10), nullable=False),
    Column("fields", LargeBinary, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("told", Boolean, nullable=False),
    Index("release_records_by_day", "camera_id", "day"),
)

# A camera's day as it was drawn, once: its key is why a number never has two values.
release_days = Table(
    "release_days",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("noisy", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
)

release_plans = Table(
    "release_plans",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("note", LargeBinary, nullable=False),
)
