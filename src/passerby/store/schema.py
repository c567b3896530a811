"""The tables. Times are microseconds since 1970 unless a name says otherwise."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

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
    Column("period_us", BigInteger, nullable=False, server_default="0"),
    Column("length_us", BigInteger, nullable=False, server_default="0"),
    Column("kind", String(10), nullable=False, server_default="redacted"),
    Column("state", Integer, nullable=False, server_default="0"),
    Column("root", LargeBinary, nullable=False, server_default=text("x''")),
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

# Single facts about the whole archive: its key file's id, when the last sweep was complete.
marks = Table(
    "marks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

# The parts of each camera's newest segments, for live playback; wiped when a station starts.
live_parts = Table(
    "live_parts",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("newest", LargeBinary, nullable=False),
)

# The register's folder has these tables, too; a station's data folder leaves them empty.
register_about = Table(
    "register_about",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("body", Text, nullable=False),
)

areas = Table(
    "areas",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("name", String(200), nullable=False),
)

# The index by name holds what is searched, so that a search reads neither rows nor entries; it stays under 2.7 kB.
# One narrow row for each camera: what lists and maps ask for. The entry itself is in its history, by version.
register = Table(
    "register",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("owner", String(63), nullable=False),
    Column("area", String(63), nullable=False),
    Column("phase", String(20), nullable=False),
    Column("purposes", String(500), nullable=False),
    Column("quad", BigInteger, nullable=True),
    Column("search", String(300), nullable=False),
    Column("capture", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("since_us", BigInteger, nullable=False),
    Column("changed_us", BigInteger, nullable=False),
    Index("register_by_name", "name", "id", "search"),
    Index("register_by_owner", "owner", "area", "phase"),
    Index("register_by_area", "area", "phase"),
    Index("register_by_phase", "phase", "name", "id"),
    Index("register_by_place", "quad", "phase", "id"),
)

register_history = Table(
    "register_history",
    metadata,
    Column("camera_id", String(63), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("step", String(20), nullable=False),
    Column("phase", String(20), nullable=False),
    Column("content", String(64), nullable=False),
    Column("body", Text, nullable=False),
)

# Assessments, plans, suppliers' records and placed signs: each version as it was filed, with what was decided on it.
papers = Table(
    "papers",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("subject", String(140), nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("answer", String(20), nullable=False),
    Column("until_us", BigInteger, nullable=False),
    Column("facts", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("decision", LargeBinary, nullable=False),
    Index("papers_by_subject", "kind", "subject", "version", unique=True),
    Index("papers_by_hash", "hash"),
    sqlite_autoincrement=True,
)

# Every fourth word sequence of an assessment: finds those that share text without reading all.
paper_shingles = Table(
    "paper_shingles",
    metadata,
    Column("value", BigInteger, primary_key=True),
    Column("paper_id", BigInteger, primary_key=True),
)

# What people said about a plan or a camera. The ledger has the commitment; text and salt can be forgotten.
comments = Table(
    "comments",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("subject", String(140), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("source", String(40), nullable=False),
    Column("commitment", String(64), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("text", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Index("comments_by_subject", "subject"),
    Index("comments_by_commitment", "commitment", unique=True),
    sqlite_autoincrement=True,
)

# Acts on their way to the queue beside the database: written in the same transaction as what they tell of.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("key", LargeBinary, nullable=False),
    Column("act", Text, nullable=False),
    sqlite_autoincrement=True,
)

# A case, request, complaint or incident as it stands; times are seconds since 1970, 0 where there is none.
matters = Table(
    "matters",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("by", String(40), nullable=False),
    Column("begun_s", BigInteger, nullable=False),
    Column("due_s", BigInteger, nullable=False),
    Column("purpose", String(30), nullable=False),
    Column("reason", String(30), nullable=False),
    Column("until_s", BigInteger, nullable=False),
    Column("cameras", String(40_000), nullable=False),
    Column("since_s", BigInteger, nullable=False),
    Column("upto_s", BigInteger, nullable=False),
    Column("extended", Boolean, nullable=False),
    Column("over_s", BigInteger, nullable=False),
    Index("matters_open", "kind", "over_s", "due_s"),
)

# What happened to a matter. `words` are people's own and can be forgotten, with the salt of their hash in the ledger.
matter_events = Table(
    "matter_events",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("matter_id", String(64), nullable=False),
    Column("at_s", BigInteger, nullable=False),
    Column("event", String(20), nullable=False),
    Column("by", String(40), nullable=False),
    Column("note", String(200), nullable=False),
    Column("salt", LargeBinary, nullable=True),
    Column("words", LargeBinary, nullable=True),
    Index("matter_events_by_matter", "matter_id", "id"),
    sqlite_autoincrement=True,
)

# Who may do what, by pseudonym; `words` say who that is, and can be forgotten.
staff = Table(
    "staff",
    metadata,
    Column("pseudonym", String(40), primary_key=True),
    Column("trained_s", BigInteger, nullable=False),
    Column("trained_until_s", BigInteger, nullable=False),
    Column("roles", String(1000), nullable=False),
    Column("salt", LargeBinary, nullable=True),
    Column("words", LargeBinary, nullable=True),
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
