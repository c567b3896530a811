"""A published day as rows of a table: one number each, with when, where, which way, and how exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from passerby.release.calendar import BIN_MINUTES, BIN_S, bin_starts, local, utc
from passerby.release.day import HOUR_BINS
from passerby.release.document import PRESENT

PERIODS = ("quarter-hour", "hour", "day")


@dataclass(frozen=True, slots=True)
class Cell:
    """One published number.

    Args:
        kind: ``line`` or ``area``.
        place: ``camera/line``, or the area's id.
        way: ``in``, ``out``, or ``present`` (people inside at the end of the period, areas only).
        period: ``quarter-hour``, ``hour`` or ``day``.
        start: When the period begins, local time with offset.
        start_utc: The same in UTC.
        minutes: How long it was observed, in minutes: 0 means not at all.
        value: The number; None where it is below the threshold or nothing was observed.
        error90: Half of the 90 % interval that the noise alone makes.
        threshold: Numbers below it are not shown.
    """

    kind: str
    place: str
    way: str
    period: str
    start: str
    start_utc: str
    minutes: int
    value: int | None
    error90: int
    threshold: int


COLUMNS = tuple(f.name for f in fields(Cell))


def cells(document: dict[str, Any]) -> Iterator[Cell]:
    """The rows of a published day (`document.parse_document`)."""
    zone, covered = document["zone"], document["covered"]
    begins = bin_starts(document["day"], zone)
    for name, series in sorted(document["series"].items()):
        line, slash, way = name.rpartition("/")
        place = f"{document['place']}/{line}" if slash else document["place"]
        kind = "line" if slash else "area"

        def cell(period: str, at: int, minutes: int, value: int | None, error: int) -> Cell:
            start = begins[at]
            where = (kind, place, way, period, local(start, zone), utc(start))  # noqa: B023
            return Cell(*where, minutes, value, error, document["threshold"])

        for at, (value, error) in enumerate(zip(series["bins"], series["bins_error90"], strict=True)):
            yield cell(PERIODS[0], at, covered[at], value, error)
        if way == PRESENT:
            continue
        for at, (value, error) in enumerate(zip(series["hours"], series["hours_error90"], strict=True)):
            first = at * HOUR_BINS
            yield cell(PERIODS[1], first, sum(covered[first : first + HOUR_BINS]), value, error)
        yield cell(PERIODS[2], 0, sum(covered), series["day"], series["day_error90"])


def seconds(period: str, document: dict[str, Any]) -> int:
    """How long a period lasts."""
    if period == PERIODS[2]:
        return len(document["covered"]) * BIN_MINUTES * 60
    return BIN_S * (HOUR_BINS if period == PERIODS[1] else 1)


def as_dict(cell: Cell) -> dict[str, Any]:
    """A row by column."""
    return {name: getattr(cell, name) for name in COLUMNS}
