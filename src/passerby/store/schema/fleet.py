"""Who may write for which cameras."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from passerby.store.schema.base import metadata

# One row for each shard, for ever: its token only grows. Times are the database's own.
leases = Table(
    "leases",
    metadata,
    Column("shard", String(63), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("until_us", BigInteger, nullable=False),
    # How many numbered batches the holder of this token has written: one that is sent twice is written once.
    Column("batches", BigInteger, nullable=False),
)
