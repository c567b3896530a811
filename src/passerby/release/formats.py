"""Published numbers in the formats that people ask for. Each is a function of the published days: same in, same out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from passerby.release.calendar import utc
from passerby.release.document import PRESENT
from passerby.release.parquet import Kind, parquet
from passerby.release.rows import COLUMNS, PERIODS, Cell, as_dict

CONTEXTS = [
    "https://raw.githubusercontent.com/smart-data-models/dataModel.Transportation/master/context.jsonld",
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
]
# What makes a spreadsheet take a text for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(cells: Iterable[Cell]) -> bytes:
    """CSV (RFC 4180), UTF-8, a row a number. A text that a spreadsheet would take for a formula gets a ``'`` first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for cell in cells:
        writer.writerow([safe(value) for value in as_dict(cell).values()])
    return out.getvalue().encode()


def safe(value: object) -> object:
    """A value that no spreadsheet executes."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def as_json(about: dict[str, Any], cells: Iterable[Cell]) -> bytes:
    """JSON: what it is about, and a row a number."""
    rows = ",\n".join(json.dumps(as_dict(cell), ensure_ascii=False) for cell in cells)
    head = json.dumps(about, ensure_ascii=False, indent=1).removesuffix("\n}")
    return f'{head},\n "data": [\n{rows}\n]\n}}\n'.encode()


def as_parquet(about: dict[str, Any], cells: Sequence[Cell]) -> bytes:
    """Apache Parquet with the same columns; needs `passerby[release]`.

    Raises:
        ReleaseError: pyarrow is not installed.
    """
    kinds: dict[str, Kind] = {"minutes": "int32", "value": "int64", "error90": "int32", "threshold": "int32"}
    columns = {name: [getattr(cell, name) for cell in cells] for name in COLUMNS}
    return parquet(columns, {name: kinds.get(name, "string") for name in COLUMNS}, about, nullable=("value",))


def as_ngsi_ld(site: str, ends: Iterable[tuple[Cell, int]]) -> bytes:
    """NGSI-LD (ETSI GS CIM 009): an entity CrowdFlowObserved of the Smart Data Models for each hour and day.

    What is not shown has no `peopleCount`; presence is `peoplePresent`, a term of our own. `error90` and
    `observedMinutes` are properties of that property.

    Args:
        site: The site's name, part of each id.
        ends: Rows, each with its length in seconds.
    """
    entities = [
        _entity(site, cell, length) for cell, length in ends if cell.period != PERIODS[0] or cell.way == PRESENT
    ]
    body = ",\n".join(json.dumps(entity, ensure_ascii=False) for entity in entities)
    return f"[\n{body}\n]\n".encode()


def _entity(site: str, cell: Cell, length: int) -> dict[str, Any]:
    end = utc(int(datetime.fromisoformat(cell.start_utc).timestamp()) + length)
    parts = (site, *cell.place.split("/"), cell.way, cell.period, cell.start_utc)
    found: dict[str, Any] = {
        "id": f"urn:ngsi-ld:CrowdFlowObserved:{':'.join(quote(part, safe='') for part in parts)}",
        "type": "CrowdFlowObserved",
        "@context": CONTEXTS,
        "name": _property(cell.place),
        "dateObserved": _property(f"{cell.start_utc}/{end}"),
        "dateObservedFrom": _property({"@type": "DateTime", "@value": cell.start_utc}),
        "dateObservedTo": _property({"@type": "DateTime", "@value": end}),
    }
    name = "peoplePresent" if cell.way == PRESENT else "peopleCount"
    if cell.way != PRESENT:
        found["direction"] = _property("inbound" if cell.way == "in" else "outbound")
    if cell.value is not None:
        exact = {"error90": _property(cell.error90), "observedMinutes": _property(cell.minutes)}
        found[name] = {**_property(cell.value), "observedAt": end, **exact}
    return found


def _property(value: object) -> dict[str, Any]:
    return {"type": "Property", "value": value}
