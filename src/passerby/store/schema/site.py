"""What belongs to no one room: marks, and acts that wait for the ledger."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table, Text

from passerby.store.schema.base import Serial, metadata

# Single facts about the whole archive: its key file's id, when the last sweep was complete.
marks = Table(
    "marks",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
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
