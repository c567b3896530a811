"""The register, its papers and comments."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from passerby.store.schema.base import Serial, metadata

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
