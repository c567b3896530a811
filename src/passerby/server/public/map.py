"""The map: cameras near each other as one mark, by the part that is shown and how closely."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from passerby.charter.register.map import DEEPEST, EDGE_DEGREES, centre_of, tile_of, tile_range
from passerby.server.problems import Problem
from passerby.store import register as rows
from passerby.store.database import Store
from passerby.store.register import Mark, Wanted

E6 = 1_000_000
# A mark stands for an eighth of a tile's side: 64 pixels on maps whose tiles have 512.
FINER = 3
MOST_TILES = 9
# From here on each camera is a mark of its own: those on one pole would never part.
SINGLE_ZOOM = 18
# Of so many single cameras the names are told; where more are in sight, nobody could read them.
MOST_SINGLE = 150
Box = tuple[float, float, float, float]
WORLD: Box = (-180.0, -EDGE_DEGREES, 180.0, EDGE_DEGREES)


@dataclass(frozen=True, slots=True)
class Group:
    """A mark: where, how many of each phase, and one of its cameras."""

    lat: float
    lon: float
    phases: dict[str, int]
    id: str

    @property
    def count(self) -> int:
        """How many cameras."""
        return sum(self.phases.values())


def parse_box(text: str) -> Box:
    """West, south, east, north in degrees; west may be beyond east where the part crosses the date line.

    Raises:
        Problem: It is none.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise _no_box() from error
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise _no_box()
    return west, south, east, north


def _no_box() -> Problem:
    return Problem(422, "box is not as it should be", "west,south,east,north in degrees, such as 113.8,22.1,114.5,22.6")


def groups(store: Store, box: Box, zoom: int, wanted: Wanted) -> list[Group]:
    """The marks of a part of the map.

    Args:
        store: The register.
        box: Which part.
        zoom: How closely: that of usual web maps.
        wanted: Which cameras.

    Raises:
        StoreError: It can't be read.
    """
    depth = DEEPEST if zoom >= SINGLE_ZOOM else min(DEEPEST, zoom + FINER)
    ranges = [reach for part in _parts(box) for reach in covering(part, zoom)]
    found = rows.marks(store, merged(ranges), 2 * (DEEPEST - depth), wanted)
    return [group for group in _grouped(found) if _inside(group, box, depth)]


def bounds(store: Store) -> Box | None:
    """West, south, east, north of all cameras, to a hundredth of a degree or so; None where none has a place."""
    depth = 14
    found = rows.marks(store, [tile_range(0, 0, 0)], 2 * (DEEPEST - depth))
    if not found:
        return None
    centres = [centre_of(mark.cell, depth) for mark in found]
    north, east = [c[0] / E6 for c in centres], [c[1] / E6 for c in centres]
    edge = 360 / (1 << depth)
    return min(east) - edge, min(north) - edge, max(east) + edge, max(north) + edge


def _parts(box: Box) -> list[Box]:
    west, south, east, north = box
    return [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]


def covering(box: Box, zoom: int) -> list[tuple[int, int]]:
    """Ranges of places that cover a part of the map: of few tiles, the smallest that do."""
    west, south, east, north = box
    for level in range(min(zoom + FINER, DEEPEST), -1, -1):
        left, top = tile_of(level, west, north)
        right, bottom = tile_of(level, east, south)
        if (right - left + 1) * (bottom - top + 1) <= MOST_TILES:
            return [tile_range(level, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
    return [tile_range(0, 0, 0)]


def merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same ranges, those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for first, end in sorted(ranges):
        if found and first <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((first, end))
    return found


def _grouped(found: Sequence[Mark]) -> list[Group]:
    """Marks of one cell, whatever their phase, as one: between the first and the last of its places."""
    cells: dict[int, tuple[dict[str, int], str, int, int]] = {}
    for mark in found:
        phases, one, first, last = cells.get(mark.cell, ({}, mark.id, mark.first, mark.last))
        phases[mark.phase] = mark.cameras
        cells[mark.cell] = phases, one, min(first, mark.first), max(last, mark.last)
    return [_placed(*cell) for cell in cells.values()]


def _placed(phases: dict[str, int], one: str, first: int, last: int) -> Group:
    north, east = centre_of(first, DEEPEST)
    if last != first:
        other_north, other_east = centre_of(last, DEEPEST)
        north, east = (north + other_north) // 2, (east + other_east) // 2
    return Group(north / E6, east / E6, phases, one)


def _inside(group: Group, box: Box, depth: int) -> bool:
    """Whether a mark is in the part, or within a cell of its edge."""
    edge = 360 / (1 << depth)
    west, south, east, north = box
    if not south - edge <= group.lat <= north + edge:
        return False
    if west <= east:
        return west - edge <= group.lon <= east + edge
    return group.lon >= west - edge or group.lon <= east + edge
