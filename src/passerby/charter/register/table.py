"""Cameras from a CSV file: every row is either a camera or a named refusal with its line, and none is lost.

The columns of public registers are understood (`camera_id`, `region`, …); ids and owners are made safe, and the number
that the owner knows a camera by is kept as its reference. What Passerby wrote itself (`exports.table`) is read back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median_low
from typing import Any

from passerby.charter.register import words
from passerby.charter.register.entry import CONE, Entry, Organisation, parse_entry
from passerby.charter.register.words import Flaw, Flawed
from passerby.charter.root import DAY

LARGEST = 64 << 20
# Some 500 km: no city is larger, and swapped or mistyped degrees are farther off.
FAR_E6 = 5_000_000
LONGEST_CELL = 8000
ALIASES = {
    "camera_id": "id", "region": "area", "lat": "latitude", "lon": "longitude", "lng": "longitude", "long": "longitude",
    "purpose": "purposes", "language": "languages", "description": "view", "location": "place",
}  # fmt: skip
COLUMNS = (
    "id", "name", "owner", "area", "place", "view", "latitude", "longitude", "office", "contact", "purposes",
    "analyses", "why", "ground", "retention_h", "forbidden", "languages", "begins", "ends", "reference",
    "bearing", "angle", "range_m",
)  # fmt: skip
NEEDED = ("id", "name", "owner", "area")
_NUMBERS = frozenset(CONE)
_LISTS = frozenset({"purposes", "analyses", "languages"})
# A cell that begins so is run as a formula by spreadsheets; what we write gets an apostrophe before it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is no camera.

    Args:
        line: Its last line in the file, from 1.
        why: What is wrong, and what to do.
        cells: The row as it came, so that nothing is lost.
    """

    line: int
    why: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that is a camera.

    Args:
        line: Its last line in the file.
        entry: The camera.
        given: The fields that the row has something in; of a camera that is registered, only they change.
    """

    line: int
    entry: Entry
    given: frozenset[str]


@dataclass(slots=True)
class Sheet:
    """What a file held.

    Args:
        header: Its first row.
        taken: The cameras.
        refused: The rest.
        doubts: Cameras that are taken, but whose place somebody should look at: line and why.
        owners: Organisations that the rows name, by id.
        areas: Areas that they name: id to name.
        rows: How many rows there were.
    """

    header: tuple[str, ...]
    taken: list[Taken] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)
    owners: dict[str, Organisation] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)
    rows: int = 0

    @property
    def cameras(self) -> list[Entry]:
        """The cameras, in order."""
        return [row.entry for row in self.taken]


def read_table(
    content: bytes, where: str, defaults: Mapping[str, str] | None = None, ignored: Sequence[str] = (), prefix: str = ""
) -> Sheet:
    """The cameras of a CSV file.

    Args:
        content: The file.
        where: Its name, for messages.
        defaults: What rows say that have no such column, or nothing in it.
        ignored: Columns to leave out.
        prefix: Goes before each id, so that two owners' numbers don't meet.

    Raises:
        Flawed: The file as a whole can't be read: too large, no UTF-8, no header, a column that nobody knows.
    """
    rows = _rows(words.decode(content, where, LARGEST))
    first = next(rows, None)
    if first is None or isinstance(first, Refused):
        raise Flawed(Flaw.EMPTY, where, "no header", f"the first line names the columns: {', '.join(COLUMNS)}")
    header = _header(first[1], where, ignored)
    for name in NEEDED:
        if name not in header and not (defaults or {}).get(name):
            raise Flawed(Flaw.MISSING, f"{where} column {name}", "", "add it, or give one for all with --set")
    sheet = Sheet(tuple(first[1]))
    lines: dict[str, int] = {}
    for row in rows:
        sheet.rows += 1
        if isinstance(row, Refused):
            sheet.refused.append(row)
            continue
        number, cells = row
        try:
            taken, owner, area = _camera(number, _named(header, cells, defaults or {}), prefix)
            entry = taken.entry
            if entry.id in lines:
                raise Flawed(Flaw.TWICE, "id", entry.id, f"line {lines[entry.id]} has it already")  # noqa: TRY301
            if sheet.areas.setdefault(entry.area, area) != area:
                raise Flawed(Flaw.SENSE, "area", area, "another area has the same id: rename one")  # noqa: TRY301
        except Flawed as error:
            sheet.refused.append(Refused(number, str(error), tuple(cells)))
            continue
        lines[entry.id] = number
        sheet.taken.append(taken)
        sheet.owners.setdefault(owner.id, owner)
    sheet.doubts = list(_doubts(sheet.taken))
    return sheet


def _doubts(taken: Sequence[Taken]) -> Iterator[tuple[int, str]]:
    """Places that can hardly be meant: where nobody filled them in, or far from where an owner's cameras are."""
    places: dict[str, list[tuple[int, int, int]]] = {}
    for row in taken:
        entry = row.entry
        if entry.latitude_e6 is not None and entry.longitude_e6 is not None:
            places.setdefault(entry.owner, []).append((row.line, entry.latitude_e6, entry.longitude_e6))
    for found in places.values():
        north, east = (median_low(place[axis] for place in found) for axis in (1, 2))
        for number, latitude, longitude in found:
            if latitude == 0 and longitude == 0:
                yield number, "its place is 0, 0: was it left out?"
            elif abs(latitude - north) > FAR_E6 or abs(longitude - east) > 2 * FAR_E6:
                yield number, f"its place ({latitude / 1e6}, {longitude / 1e6}) is far from its owner's other cameras"


def _rows(text: str) -> Iterator[tuple[int, list[str]] | Refused]:
    """Each row that is not empty, with its last line's number."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        begun = reader.line_num
        try:
            cells = next(reader, None)
        except csv.Error as error:
            lost = text.splitlines()[begun : reader.line_num]
            why = f"lines {begun + 1} to {reader.line_num}: {Flaw.SYNTAX.value} ({error}): mend the quotation marks"
            yield Refused(reader.line_num, why, tuple(lost))
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _header(cells: Sequence[str], where: str, ignored: Sequence[str]) -> list[str]:
    found = []
    for cell in cells:
        name = cell.strip().lower().replace(" ", "_")
        name = ALIASES.get(name, name)
        if cell.strip() in ignored or name in ignored:
            found.append("")
        elif name not in COLUMNS:
            advice = f"leave it out (--ignore), or name it one of {', '.join(COLUMNS)}"
            raise Flawed(Flaw.SURPLUS, f"{where} column {cell[:40]!r}", "", advice)
        else:
            found.append(name)
    words.distinct([name for name in found if name], f"{where} columns")
    return found


def _named(header: Sequence[str], cells: Sequence[str], defaults: Mapping[str, str]) -> dict[str, str]:
    if len(cells) != len(header):
        count = f"{len(cells)} cells for {len(header)} columns"
        raise Flawed(Flaw.SYNTAX, "row", count, "put cells that have commas in quotation marks")
    found = dict(defaults)
    for name, cell in zip(header, cells, strict=True):
        if len(cell) > LONGEST_CELL:
            raise Flawed(Flaw.TOO_LONG, name or "cell", f"{len(cell)} signs", f"at most {LONGEST_CELL}")
        text = _unguarded(cell.strip())
        if name and (text or name not in found):
            found[name] = text
    return found


def _unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*FORMULA, "'")) else cell


def _camera(line: int, given: dict[str, str], prefix: str) -> tuple[Taken, Organisation, str]:
    for name in NEEDED:
        if not given.get(name):
            raise Flawed(Flaw.EMPTY, name, "", "every camera has it: fill it in, or give one for all with --set")
    owner = _safe(given["owner"], "owner")
    area = _safe(given["area"], "area")
    number = _safe(f"{prefix}-{given['id']}" if prefix else given["id"], "id")
    values: dict[str, Any] = {name: text for name, text in given.items() if name in COLUMNS and text}
    for name in _LISTS & values.keys():
        values[name] = [part.strip() for part in values[name].split(";") if part.strip()]
    if "forbidden" in values:
        values["forbidden"] = [_zone(part) for part in values["forbidden"].split(";") if part.strip()]
    for name, most in (("latitude", 90), ("longitude", 180)):
        if name in values:
            values[f"{name}_e6"] = words.degrees_e6(values.pop(name), name, most)
    if "retention_h" in values:
        values["retention_s"] = _hours(values.pop("retention_h"))
    for name in _NUMBERS & values.keys():
        values[name] = int(values[name]) if values[name].isdecimal() and len(values[name]) < 6 else values[name]
    if given["id"] != number:
        values.setdefault("reference", given["id"])
    values |= {"id": number, "owner": owner, "area": area}
    taken = Taken(line, parse_entry(values, ""), frozenset(values))
    return taken, Organisation(owner, words.line(given["owner"], "owner")), words.line(given["area"], "area")


def _safe(text: str, where: str) -> str:
    found = words.id_from(words.line(text, where))
    if not found:
        raise Flawed(Flaw.NO_ID, where, text[:40], "use letters and digits of the Latin alphabet")
    return found


def _zone(text: str) -> dict[str, str]:
    name, colon, why = text.partition(":")
    if not colon:
        raise Flawed(Flaw.SYNTAX, "forbidden", text[:40], "write id: why; and the next")
    return {"id": name.strip(), "why": why.strip()}


def _hours(text: str) -> int:
    hours = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1
    return words.whole(hours, "retention_h", 0, 366 * DAY // 3600) * 3600
