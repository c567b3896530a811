"""The published folder: static files, all made from the book, so that the same book gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from passerby.release import formats
from passerby.release.budget import Charge, Kept, Record
from passerby.release.day import parse_noisy
from passerby.release.document import area_document, parse_document
from passerby.release.page import pages
from passerby.release.plan import Plan
from passerby.release.rows import Cell, cells, seconds

Read = Callable[[str], bytes | None]
BUDGET, MANIFEST, DICTIONARY = "budget.json", "manifest.json", "datapackage.json"


@dataclass(frozen=True, slots=True)
class Published:
    """All that is public.

    Args:
        plans: By hash: the plan, and its note as it was signed.
        newest: The plan that names and page are taken from.
        records: The whole chain.
        days: Camera and day to the stored noisy sums and the published document.
    """

    plans: Mapping[str, tuple[Plan, bytes]]
    newest: Plan
    records: Sequence[Record]
    days: Mapping[tuple[str, str], tuple[bytes, bytes]]


class _Earlier:
    """What an earlier run wrote: a file is taken again where it was made, by the same code, from the same things."""

    def __init__(self, held: Read, maker: str) -> None:
        self._held, self._maker = held, maker
        self._inputs, self._hashes = _manifest(held(MANIFEST))
        self.inputs: dict[str, str] = {}

    def taken(self, path: str, made_from: Sequence[str], make: Callable[[], bytes]) -> bytes:
        """The file's content."""
        key = self.inputs[path] = sha256(json.dumps([self._maker, *made_from]).encode()).hexdigest()
        if self._inputs.get(path) == key:
            content = self._held(path)
            if content is not None and sha256(content).hexdigest() == self._hashes.get(path):
                return content
        return make()


def _manifest(content: bytes | None) -> tuple[Mapping[str, str], Mapping[str, str]]:
    try:
        found = json.loads(content or b"{}")
        return dict(found.get("inputs", {})), dict(found.get("sha256", {}))
    except (ValueError, AttributeError):
        return {}, {}  # whatever is there: all is made anew


def files(published: Published, held: Read = lambda _: None, maker: str = "") -> Iterator[tuple[str, bytes]]:
    """The folder's files, by path; the manifest, which names the others' hashes, is the last.

    Args:
        published: All that is public.
        held: A file of the folder as it is, by path.
        maker: The running build: what another one wrote is made anew.
    """
    earlier = _Earlier(held, maker)
    hashes: dict[str, str] = {}
    for path, content in _files(published, list(_documents(published, earlier)), earlier):
        hashes[path] = sha256(content).hexdigest()
        yield path, content
    manifest = {"sha256": dict(sorted(hashes.items())), "inputs": dict(sorted(earlier.inputs.items()))}
    yield MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode()


def _documents(published: Published, earlier: _Earlier) -> Iterator[bytes]:
    for _, (_, document) in sorted(published.days.items()):
        yield document
    plan_of = _plans_of_days(published)
    for digest, (plan, _) in sorted(published.plans.items()):
        for area_id, area in sorted(plan.areas.items()):
            cameras = sorted({name.partition("/")[0] for name in area.lines})
            for day in sorted({day for (camera, day), of in plan_of.items() if of == digest and camera == cameras[0]}):
                if all(plan_of.get((camera, day)) == digest for camera in cameras):
                    stored = {camera: published.days[camera, day][0] for camera in cameras}
                    made_from = [digest, *(sha256(content).hexdigest() for content in stored.values())]
                    make = partial(_area, plan, area_id, day, stored)
                    yield earlier.taken(f"days/{area_id}/{day}.json", made_from, make)


def _area(plan: Plan, area_id: str, day: str, stored: Mapping[str, bytes]) -> bytes:
    return area_document(plan, area_id, day, {camera: parse_noisy(content) for camera, content in stored.items()})


def _plans_of_days(published: Published) -> dict[tuple[str, str], str]:
    charges = {r.number: r for r in published.records if isinstance(r, Charge)}
    return {(r.camera, r.day): charges[r.charge].plan for r in published.records if isinstance(r, Kept)}


def _files(published: Published, documents: Sequence[bytes], earlier: _Earlier) -> Iterator[tuple[str, bytes]]:
    for digest, (_, note) in sorted(published.plans.items()):
        yield f"plans/{digest}.note", note
    parsed = [parse_document(content) for content in documents]
    for content, document in zip(documents, parsed, strict=True):
        yield f"days/{document['place']}/{document['day']}.json", content
    yield BUDGET, _lines({"chain": "sha256"}, [record.fields() for record in published.records])
    yield "budget.csv", _budget_csv(published.records)
    about = _about(published.newest)
    months = _by_month(parsed)
    hashes = [
        (document["day"][:7], sha256(content).hexdigest()) for content, document in zip(documents, parsed, strict=True)
    ]
    for month, inside in months.items():
        made_from = [json.dumps(about), *(digest for of, digest in hashes if of == month)]
        for path, make in month_files(published.newest.site, about, month, inside):
            yield path, earlier.taken(path, made_from, make)
    yield DICTIONARY, (json.dumps(dictionary(published.newest, sorted(months)), indent=1) + "\n").encode()
    yield from pages(published.newest, parsed, published.records)


def _by_month(documents: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for document in documents:
        found.setdefault(document["day"][:7], []).append(document)
    return dict(sorted(found.items()))


def month_files(
    site: str, about: dict[str, Any], month: str, documents: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """A month in every format: each file's path, and what makes it."""

    def rows() -> list[Cell]:
        return [cell for document in documents for cell in cells(document)]

    def with_ends() -> list[tuple[Cell, int]]:
        return [(cell, seconds(cell.period, d)) for d in documents for cell in cells(d)]

    said = {**about, "month": month}
    yield f"data/flows-{month}.csv", lambda: formats.as_csv(rows())
    yield f"data/flows-{month}.json", lambda: formats.as_json(said, rows())
    yield f"data/flows-{month}.parquet", lambda: formats.as_parquet(said, rows())
    yield f"data/flows-{month}.ngsi.jsonld", lambda: formats.as_ngsi_ld(site, with_ends())


def _about(plan: Plan) -> dict[str, Any]:
    mechanism = plan.shape.mechanism
    return {
        "site": plan.site,
        "publisher": plan.publisher,
        "contact": plan.contact,
        "licence": plan.licence,
        "plan": plan.hash,
        "protects": "one passage: one crossing of one line, not a whole day of a person",
        "mechanism": mechanism.value,
        mechanism.measure: plan.shape.cost / 1000,
    }


def _lines(head: dict[str, Any], rows: Sequence[Mapping[str, Any]]) -> bytes:
    body = ",\n".join(json.dumps(row) for row in rows)
    return f'{json.dumps(head, indent=1)[:-2]},\n "records": [\n{body}\n]\n}}\n'.encode()


def _budget_csv(records: Sequence[Record]) -> bytes:
    kept = {r.charge for r in records if isinstance(r, Kept)}
    lines = ["number,camera,day,mechanism,measure,thousandths,cap_thousandths,unit,published,plan,hash"]
    for r in records:
        if isinstance(r, Charge):
            f = r.fields()
            values = [r.number, r.camera, r.day, r.mechanism, f["measure"], r.cost, r.cap, f'"{f["unit"]}"']
            state = "yes" if r.number in kept else "no: the draw was lost"
            lines.append(",".join(map(str, [*values, state, r.plan, r.hash])))
    return ("\r\n".join(lines) + "\r\n").encode()


_MEANING = {
    "kind": ("string", "line: crossings of one line; area: all lines around a place"),
    "place": ("string", "camera/line, or the area's id"),
    "way": ("string", "in, out, or present: people inside at the end of the period beyond those when the day began, "
            "computed from the published flows"),
    "period": ("string", "quarter-hour, hour or day"),
    "start": ("string", "When the period begins, local time with offset"),
    "start_utc": ("datetime", "The same in UTC"),
    "minutes": ("integer", "For how many minutes the camera counted; 0: not at all"),
    "value": ("integer", "Passages, with noise; empty below the threshold, or where nothing was observed"),
    "error90": ("integer", "Half of a 90 % interval of what the noise does; errors of counting come on top"),
    "threshold": ("integer", "Numbers below it are not shown"),
}  # fmt: skip


def dictionary(plan: Plan, months: Sequence[str]) -> dict[str, Any]:
    """The data dictionary, as a Data Package (specs.frictionlessdata.io)."""
    fields = [{"name": name, "type": kind, "description": said} for name, (kind, said) in _MEANING.items()]
    return {
        "name": f"flows-{plan.site.replace('/', '-')}",
        "title": f"Pedestrian flows of {plan.site}",
        "licenses": [{"name": plan.licence}],
        "contributors": [{"title": plan.publisher, "role": "publisher"}],
        "resources": [
            {
                "name": f"flows-{month}",
                "path": f"data/flows-{month}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {"fields": fields, "missingValues": [""]},
            }
            for month in months
        ],
    }
