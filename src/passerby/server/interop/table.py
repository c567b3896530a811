"""What was counted in a time, as one tidy table: a row for each minute of the camera, of each zone and of each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from passerby.release.formats import safe
from passerby.release.parquet import Kind, parquet
from passerby.store.counts import minutes
from passerby.store.database import Store
from passerby.store.places import line_minutes_between, zone_minutes_between

US = 1_000_000
DAY_US = 86_400 * US
KINDS: Mapping[str, Kind] = {
    "camera": "string",
    "kind": "string",
    "place": "string",
    "minute_utc": "string",
    "people": "float64",
    "low": "float64",
    "high": "float64",
    "people_max": "float64",
    "vehicles": "float64",
    "density_per_m2": "float64",
    "speed_m_per_s": "float64",
    "into": "int64",
    "out_of": "int64",
    "mosaic_share": "float64",
}
FIRST = ("camera", "kind", "place", "minute_utc")
Row = dict[str, object]


def rows(store: Store, camera_id: str, from_us: int, to_us: int) -> Iterator[Row]:
    """The rows of a time, a day after the other, so that memory does not grow with it.

    Args:
        store: Open.
        camera_id: Which camera.
        from_us: Where it begins.
        to_us: Where it ends; not included.

    Raises:
        StoreError: The database can't be read.
    """
    for begin in range(from_us, to_us, DAY_US):
        end = min(begin + DAY_US, to_us)
        for m in minutes(store, camera_id, begin, end):
            whole = {"people": m.people, "low": m.low, "high": m.high, "people_max": m.people_max}
            more = {"vehicles": m.vehicles, "mosaic_share": m.mosaic_share}
            yield _row(camera_id, "camera", "", m.minute_us, **whole, **more)
        for z in zone_minutes_between(store, camera_id, begin, end):
            whole = {"people": z.people, "low": z.low, "high": z.high, "people_max": z.people_max}
            yield _row(camera_id, "zone", z.zone, z.minute_us, **whole, density_per_m2=z.density, speed_m_per_s=z.speed)
        for c in line_minutes_between(store, camera_id, begin, end):
            yield _row(camera_id, "line", c.line, c.minute_us, into=c.into, out_of=c.out_of)


def as_csv(found: Iterator[Row]) -> Iterator[bytes]:
    """CSV (RFC 4180), UTF-8, piece by piece; what is not known is empty, and no text is a formula."""
    yield _line(list(KINDS))
    for row in found:
        yield _line([safe(row[name]) for name in KINDS])


def as_parquet(found: Iterator[Row], about: Mapping[str, str]) -> bytes:
    """Parquet with the same columns; what is not known is null.

    Raises:
        ReleaseError: pyarrow is not installed.
    """
    held = list(found)
    columns = {name: [row[name] for row in held] for name in KINDS}
    return parquet(columns, KINDS, about, nullable=KINDS.keys() - set(FIRST))


def _row(camera: str, kind: str, place: str, minute_us: int, **known: float | None) -> Row:
    minute = datetime.fromtimestamp(minute_us / US, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    row: Row = dict.fromkeys(KINDS)
    return row | {"camera": camera, "kind": kind, "place": place, "minute_utc": minute} | known


def _line(values: list[object] | list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(values)
    return out.getvalue().encode()
