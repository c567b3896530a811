"""Cases, requests, complaints, incidents; staff."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table

from passerby.store.schema.base import Serial, metadata

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

# By what somebody shows that a matter is theirs: the hash of a secret that only their receipt has.
receipts = Table(
    "receipts",
    metadata,
    Column("matter_id", String(64), primary_key=True),
    Column("mark", String(64), nullable=False),
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
