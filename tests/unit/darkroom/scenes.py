"""Made-up frames, boxes and plates."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from passerby.darkroom._frames import Plane, RawPlanes, padded
from passerby.darkroom.find.found import NOTHING, Found, Kind
from passerby.darkroom.grid import Grid, reduce
from passerby.darkroom.hide.compose import NEUTRAL
from passerby.darkroom.hide.decide import Decision
from passerby.darkroom.hide.reasons import Reason
from passerby.darkroom.hide.spots import add_spots, spots_of
from passerby.darkroom.plate.plate import Plate
from passerby.darkroom.plate.sizes import SizePrior
from passerby.darkroom.ring_file import MAX_PIXELS, MAX_SIDE

Box = tuple[float, float, float, float]

sizes = st.tuples(st.integers(16, MAX_SIDE), st.integers(16, MAX_SIDE)).filter(lambda s: s[0] * s[1] <= MAX_PIXELS)
"""Width and height of anything that a slot can hold."""
small_sizes = st.tuples(st.integers(16, 400), st.integers(16, 400))


def blank(grid: Grid, luma: int = 100, u: int = NEUTRAL, v: int = NEUTRAL) -> RawPlanes:
    """One colour all over."""
    height, width = padded(grid.height), padded(grid.width)
    return RawPlanes(
        np.full((height, width), luma, np.uint8),
        np.full((height // 2, width // 2), u, np.uint8),
        np.full((height // 2, width // 2), v, np.uint8),
    )


def textured(grid: Grid, seed: int = 0, low: int = 60, high: int = 180) -> RawPlanes:
    """Another colour in every block, and grain in every pixel; cell means 4 levels off the grain at most."""
    random = np.random.default_rng(seed)
    rows, columns = grid.blocks
    side = grid.block_px

    def plane(shape: tuple[int, ...], ratio: int, low: int, high: int) -> Plane:
        coarse = random.integers(low, high, (rows, columns))
        fine = coarse.repeat(side // ratio, 0).repeat(side // ratio, 1) + random.integers(-6, 7, shape)
        return fine.astype(np.uint8)

    height, width = padded(grid.height), padded(grid.width)
    return RawPlanes(
        plane((height, width), 1, low, high),
        plane((height // 2, width // 2), 2, 100, 156),
        plane((height // 2, width // 2), 2, 100, 156),
    )


def noise(grid: Grid, seed: int = 0) -> RawPlanes:
    random = np.random.default_rng(seed)
    return RawPlanes(*(random.integers(0, 256, p.shape, np.uint8) for p in planes_of(blank(grid))))


def copied(planes: RawPlanes) -> RawPlanes:
    return RawPlanes(planes.y.copy(), planes.u.copy(), planes.v.copy())


def planes_of(planes: RawPlanes) -> tuple[Plane, Plane, Plane]:
    return planes.y, planes.u, planes.v


def same(one: RawPlanes, other: RawPlanes) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(planes_of(one), planes_of(other), strict=True))


def painted(planes: RawPlanes, box: Box, luma: int, u: int = NEUTRAL, v: int = NEUTRAL) -> RawPlanes:
    """A copy with a rectangle of one colour."""
    x0, y0, x1, y1 = (round(n) for n in box)
    out = copied(planes)
    out.y[y0:y1, x0:x1] = luma
    out.u[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2] = u
    out.v[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2] = v
    return out


def found(*boxes: Box, kind: Kind = Kind.PERSON, score: float = 0.6) -> Found:
    if not boxes:
        return NOTHING
    return Found(
        np.array(boxes, np.float32), np.full(len(boxes), score, np.float32), np.full(len(boxes), kind, np.uint8)
    )


def plate_of(
    planes: RawPlanes, grid: Grid, proven: NDArray[np.bool_] | None = None, sizes: SizePrior | None = None
) -> Plate:
    """A plate as the learner makes it: grey where nothing is proven."""
    known = np.ones(grid.cells, bool) if proven is None else proven
    shown = copied(planes)
    for plane, ratio in zip(planes_of(shown), (1, 2, 2), strict=True):
        side = grid.cell_px // ratio
        plane[~known.repeat(side, 0).repeat(side, 1)] = 128
    return Plate(shown, reduce(planes, grid), known, sizes)


def pixels_of(cells: NDArray[np.bool_], grid: Grid, ratio: int = 1) -> NDArray[np.bool_]:
    """A mask of cells as a mask of pixels."""
    side = grid.cell_px // ratio
    return cells.repeat(side, 0).repeat(side, 1)


def shuffled_in_cells(planes: RawPlanes, grid: Grid, cells: NDArray[np.bool_], seed: int) -> RawPlanes:
    """The same frame, but in the given cells all pixels change places: cell means stay as they were."""
    random = np.random.default_rng(seed)
    out = copied(planes)
    for plane, ratio in zip(planes_of(out), (1, 2, 2), strict=True):
        side = grid.cell_px // ratio
        for row, column in zip(*np.nonzero(cells), strict=True):
            at = (slice(row * side, (row + 1) * side), slice(column * side, (column + 1) * side))
            plane[at] = random.permutation(plane[at].ravel()).reshape(side, side)
    return out


def cells_of(box: Box, grid: Grid) -> NDArray[np.bool_]:
    """The cells that a box touches, each asked for itself."""
    rows, columns = grid.cells
    top, left = np.arange(rows)[:, None] * grid.cell_px, np.arange(columns)[None] * grid.cell_px
    across = (box[0] < left + grid.cell_px) & (box[2] > left)
    return np.asarray(across & (box[1] < top + grid.cell_px) & (box[3] > top))


def hide_found(
    decision: Decision, what: Found, grid: Grid, *, heads_only: bool = False, reason: Reason | None = None
) -> None:
    """Hide what was found, in place."""
    add_spots(decision, spots_of(what, grid, heads_only=heads_only), reason)
