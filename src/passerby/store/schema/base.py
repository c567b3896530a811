"""What all tables share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import TextClause

# SQLite counts up by itself only in a key of its own INTEGER type.
Serial = BigInteger().with_variant(Integer(), "sqlite")
metadata = MetaData()


class _NoBytes(TextClause):
    """A blob of length 0, as each database writes it."""

    inherit_cache = True


@compiles(_NoBytes)
def _no_bytes(_element: _NoBytes, compiler: SQLCompiler, **_: object) -> str:
    return "x''" if compiler.dialect.name == "sqlite" else "''::bytea"


NO_BYTES = _NoBytes("x''")
