"""What all tables share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

# SQLite counts up by itself only in a key of its own INTEGER type.
Serial = BigInteger().with_variant(Integer(), "sqlite")
metadata = MetaData()
