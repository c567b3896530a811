"""What cameras gave: counts, places, alerts, health, absences."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table

from passerby.store.schema.base import Serial, metadata

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

# The newest count of each camera, so that nobody looks through all of them.
latest_counts = Table(
    "latest_counts",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("id", BigInteger, nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("people", Float, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("vehicles", Float, nullable=False),
)

# What the minutes of an hour add up to; changed with them.
hour_counts = Table(
    "hour_counts",
    metadata,
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
    # Shares of eight directions, in 1/255, summed over the seconds in which somebody moved.
    *(Column(f"way_{number}", Integer, nullable=False, server_default="0") for number in range(8)),
    Column("profile", String(20), nullable=False, server_default="walkway"),
    Column("pressure_max", Float, nullable=True),
    Column("densest_max", Float, nullable=True),
    Column("queue_samples", Integer, nullable=False, server_default="0"),
    Column("queue_sum", Float, nullable=False, server_default="0"),
    Column("queue_m_sum", Float, nullable=False, server_default="0"),
)

line_minutes = Table(
    "line_minutes",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("line", String(40), primary_key=True),
    Column("minute_us", BigInteger, primary_key=True),
    Column("into", Integer, nullable=False),
    Column("out_of", Integer, nullable=False),
    Column("width_m", Float, nullable=True),
    Column("occupied_samples", Integer, nullable=False, server_default="0"),
    Column("occupied_sum", Float, nullable=False, server_default="0"),
)

vehicle_minutes = Table(
    "vehicle_minutes",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("line", String(40), primary_key=True),
    Column("minute_us", BigInteger, primary_key=True),
    Column("vehicle", String(20), primary_key=True),
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
    Column("sealed", BigInteger, nullable=False, server_default="0"),
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
