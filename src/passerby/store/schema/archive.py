"""What the archive holds: an epoch, an hour of keys, the pieces that are live."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table

from passerby.store.schema.base import NO_BYTES, Serial, metadata

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
    Column("period_us", BigInteger, nullable=False, server_default="0"),
    Column("length_us", BigInteger, nullable=False, server_default="0"),
    Column("kind", String(10), nullable=False, server_default="redacted"),
    Column("state", Integer, nullable=False, server_default="0"),
    Column("root", LargeBinary, nullable=False, server_default=NO_BYTES),
    Index("epochs_by_time", "camera_id", "start_us"),
    # These hold all that is asked for, so that nobody reads past a row's blobs.
    Index("epochs_by_key", "camera_id", "period_us", "length_us", "kind", "file", "state", "root"),
    Index("epochs_by_use", "state", "camera_id", "size", "start_us", "end_us"),
    Index("epochs_by_file", "camera_id", "file", unique=True),
    sqlite_autoincrement=True,
)

# What the ledger was told of the keys of a camera's hour: an entry here means that it knows of its birth.
key_hours = Table(
    "key_hours",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("hour", BigInteger, primary_key=True),
    Column("keep_h", BigInteger, nullable=False),
    Column("rooted", Boolean, nullable=False),
)

# The parts of each camera's newest segments, for live playback; wiped when a station starts.
live_parts = Table(
    "live_parts",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("newest", LargeBinary, nullable=False),
)
