"""What a stranger can check in a published folder, with nothing else at hand."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from passerby.base.errors import ReleaseError
from passerby.release.budget import Charge, Kept, Record, follow
from passerby.release.day import HOUR_BINS
from passerby.release.document import parse_document
from passerby.release.folder import BUDGET, MANIFEST, month_files
from passerby.release.plan import Plan, parse_plan

ADVICE = "take it again from the publisher, and ask there"
Read = Callable[[str], bytes | None]


def check(read: Read) -> list[str]:
    """All that can be checked. What was proven, in sentences.

    Args:
        read: A file of the folder by its path; None where there is none.

    Raises:
        ReleaseError: Something is wrong.
    """
    hashes = _manifest(read)
    records = parse_budget(_need(read, BUDGET))
    follow(records)
    plans = {path[6:-5]: parse_plan(_need(read, path)) for path in hashes if path.startswith("plans/")}
    if any(plan.hash != digest for digest, plan in plans.items()):
        raise ReleaseError("a plan has another's name", ADVICE)
    _charges_fit(records, plans)
    documents = [parse_document(_need(read, path)) for path in sorted(hashes) if path.startswith("days/")]
    _days_fit(records, documents, read)
    for document in documents:
        _adds_up(document)
    months = _formats_agree(read, hashes, documents)
    charges = [r for r in records if isinstance(r, Charge)]
    return [
        f"{len(hashes)} files are what the manifest says",
        f"{len(charges)} draws were recorded, in a chain, and no camera's day exceeds its budget",
        f"{len(records) - len(charges)} days were each published once, as recorded; their numbers add up",
        f"{months} months say the same in every format",
    ]


def _manifest(read: Read) -> Mapping[str, str]:
    hashes: Mapping[str, str] = _json(_need(read, MANIFEST))["sha256"]
    for path, digest in hashes.items():
        if sha256(_need(read, path)).hexdigest() != digest:
            raise ReleaseError(f"{path} is not what the manifest says", ADVICE)
    return hashes


def _need(read: Read, path: str) -> bytes:
    content = read(path)
    if content is None:
        raise ReleaseError(f"{path} is missing", ADVICE)
    return content


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise ReleaseError("a file is no JSON", ADVICE) from error


def parse_budget(content: bytes) -> list[Record]:
    """The published chain.

    Raises:
        ReleaseError: It is none.
    """
    found: list[Record] = []
    try:
        for fields in _json(content)["records"]:
            kind: type[Record] = Charge if "cost" in fields else Kept
            record = kind(**{name: fields[name] for name in kind.__slots__})
            if record.fields() != fields:
                raise ReleaseError("a record of the budget has what no record has", ADVICE)
            found.append(record)
    except (KeyError, TypeError, ValueError) as error:
        raise ReleaseError("the budget is not a list of records", ADVICE) from error
    return found


def _charges_fit(records: Sequence[Record], plans: Mapping[str, Plan]) -> None:
    """Each charge says what its plan costs."""
    for r in records:
        if isinstance(r, Charge):
            plan = plans.get(r.plan)
            if plan is None:
                raise ReleaseError(f"record {r.number} is under a plan that is not here", ADVICE)
            if (r.cost, r.cap, r.mechanism) != (plan.shape.cost, plan.cap, plan.shape.mechanism.value):
                raise ReleaseError(f"record {r.number} does not say what its plan costs", ADVICE)


def _days_fit(records: Sequence[Record], documents: Sequence[Mapping[str, Any]], read: Read) -> None:
    kept = {(r.camera, r.day): r for r in records if isinstance(r, Kept)}
    for (camera, day), record in kept.items():
        if sha256(_need(read, f"days/{camera}/{day}.json")).hexdigest() != record.content:
            raise ReleaseError(f"{camera} on {day} is not what was recorded", ADVICE)
    for d in documents:
        if d["kind"] == "camera" and (d["place"], d["day"]) not in kept:
            raise ReleaseError(f"{d['place']} on {d['day']} was published without a record", ADVICE)


def _adds_up(document: Mapping[str, Any]) -> None:
    where = f"{document['place']} on {document['day']}"
    for name, series in document["series"].items():
        numbers = [*series["bins"], *series.get("hours", ()), series.get("day")]
        if any(n is not None and n < document["threshold"] for n in numbers):
            raise ReleaseError(f"{where}, {name}: a number below the threshold is shown", ADVICE)
        parts = [series["bins"][at : at + HOUR_BINS] for at in range(0, len(series["bins"]), HOUR_BINS)]
        sums = [(parts[at], hour) for at, hour in enumerate(series.get("hours", ()))]
        sums += [(series["hours"], series["day"])] if "hours" in series else []
        for inside, total in sums:
            if None not in inside and total is not None and sum(inside) != total:
                raise ReleaseError(f"{where}, {name}: numbers don't add up", ADVICE)
            if total is not None and sum(n or 0 for n in inside) > total:
                raise ReleaseError(f"{where}, {name}: parts are more than their sum", ADVICE)


def _formats_agree(read: Read, hashes: Mapping[str, str], documents: Sequence[dict[str, Any]]) -> int:
    months = sorted({d["day"][:7] for d in documents})
    for month in months:
        inside = [d for d in documents if d["day"].startswith(month)]
        expected = {path: _rows_in(path, make()) for path, make in month_files("", {}, month, inside)}
        for path, rows in expected.items():
            if path not in hashes or _rows_in(path, _need(read, path)) != rows:
                raise ReleaseError(f"{path} does not say what the days say", ADVICE)
    return len(months)


def _rows_in(path: str, content: bytes) -> list[Any]:
    """The numbers of a file of any format, in one order."""
    if path.endswith(".parquet"):
        import pyarrow.parquet as parquet

        return sorted(map(repr, parquet.read_table(io.BytesIO(content)).to_pylist()))
    if path.endswith(".csv"):
        return sorted(content.decode().splitlines())
    if path.endswith(".jsonld"):
        said = [{k: v for k, v in entity.items() if k != "id"} for entity in _json(content)]
        return sorted(map(repr, said))
    return sorted(map(repr, _json(content)["data"]))
