"""Apache Parquet, with the same bytes for the same table."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from passerby.base.errors import ReleaseError

Kind = Literal["string", "int32", "int64", "float64"]


def parquet(
    columns: Mapping[str, Sequence[object]],
    kinds: Mapping[str, Kind],
    about: Mapping[str, Any],
    nullable: Collection[str] = (),
) -> bytes:
    """A table; needs `passerby[release]`.

    Args:
        columns: Name to values, all of the same length.
        kinds: Name to the type of its values.
        about: Metadata of the table.
        nullable: Columns that may hold None.

    Raises:
        ReleaseError: pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        import pyarrow.parquet as written
    except ImportError as error:
        raise ReleaseError("pyarrow is not installed", "pip install 'passerby[release]'") from error
    schema = arrow.schema(
        [arrow.field(name, getattr(arrow, kinds[name])(), nullable=name in nullable) for name in columns],
        metadata={key: value if isinstance(value, str) else json.dumps(value) for key, value in about.items()},
    )
    out = io.BytesIO()
    written.write_table(arrow.table(dict(columns), schema=schema), out, compression="zstd")
    return out.getvalue()
