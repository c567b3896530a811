"""Published numbers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table

from passerby.store.schema.base import metadata

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
