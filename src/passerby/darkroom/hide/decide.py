"""Which cells are hidden: everything that isn't known to be safe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom.grid import CellFrame, Grid
from passerby.darkroom.hide.cells import level_for_body
from passerby.darkroom.hide.reasons import Reason
from passerby.darkroom.plate.plate import Plate
from passerby.darkroom.plate.sizes import HEAD_SHARE, SizePrior
from passerby.outlet.messages import Mosaic

Reasons = NDArray[np.uint8]
LUMA_TOLERANCE, CHROMA_TOLERANCE = 18, 8
GROW_HEADS = 0.8
GROW_LEAST_PX, GROW_MOST_PX, GROW_ROWS = 4, 12, 480
SMALL_WIDE, SMALL_HIGH = 0.1, 0.4
LARGEST_OFFSET = 40
CUT_SHARE = 0.6
ELLIPSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one frame may show.

    Args:
        reasons: (rows, columns of cells): why a cell is hidden; 0 where it is shown.
        levels: (rows, columns of cells): fill level, for large heads.
        offset: Frame-wide change of light against the plate, in luma levels.
        mosaic: Why the whole frame is a mosaic; NONE where it isn't.
    """

    reasons: Reasons
    levels: Reasons
    offset: int
    mosaic: Mosaic


def against_plate(frame: CellFrame, plate: Plate, grid: Grid) -> Decision:
    """Hide all that isn't proven and all that differs from the plate, with a margin around it."""
    difference = frame.y.astype(np.int16) - plate.cells.y
    proven = plate.proven
    offset = round(float(np.median(difference[proven]))) if proven.any() else 0
    differs = np.abs(difference - offset) > LUMA_TOLERANCE
    differs |= cv2.absdiff(frame.u, plate.cells.u) > CHROMA_TOLERANCE
    differs |= cv2.absdiff(frame.v, plate.cells.v) > CHROMA_TOLERANCE
    reasons = np.where(proven, Reason.SHOWN, Reason.UNPROVEN).astype(np.uint8)
    share = float((differs & proven).sum()) / max(1, int(proven.sum()))
    if share > CUT_SHARE or abs(offset) > LARGEST_OFFSET:
        return whole(grid, Mosaic.CUT)
    solid = _without_specks(cv2.morphologyEx(differs.view(np.uint8), cv2.MORPH_CLOSE, SQUARE), plate, grid)
    grown = _grow(solid, plate, grid)
    reasons[(grown > 0) & (reasons == Reason.SHOWN)] = Reason.NEARBY
    reasons[(solid > 0) & proven] = Reason.DIFFERS
    levels = np.zeros(grid.cells, np.uint8)
    if plate.sizes is not None:
        levels[:] = np.array(_body_levels(grid, plate.sizes), np.uint8)[:, None]
    return Decision(reasons, levels, offset, Mosaic.NONE)


@lru_cache(maxsize=8)
def _body_levels(grid: Grid, sizes: SizePrior) -> tuple[int, ...]:
    """The fill level for the bodies that are expected at each row of cells."""
    rows = np.arange(grid.cells[0], dtype=np.float32) * grid.cell_px
    return tuple(level_for_body(grid, 0.0, float(h)) for h in sizes.height_px(rows))


def whole(grid: Grid, why: Mosaic) -> Decision:
    """Everything hidden."""
    return Decision(np.full(grid.cells, Reason.MOSAIC, np.uint8), np.zeros(grid.cells, np.uint8), 0, why)


def nothing_hidden(grid: Grid) -> Decision:
    """Where no plate exists and detectors clear the picture: nothing hidden yet."""
    return Decision(np.zeros(grid.cells, np.uint8), np.zeros(grid.cells, np.uint8), 0, Mosaic.NONE)


def merge(decision: Decision, other: Reasons, levels: Reasons, reason: Reason) -> None:
    """Hide in ``decision`` what ``other`` hides, no finer; in place, telling ``reason`` where it was shown."""
    np.maximum(decision.levels, np.where(other > 0, levels, 0).astype(np.uint8), out=decision.levels)
    decision.reasons[(other > 0) & (decision.reasons == 0)] = reason


def _without_specks(mask: Reasons, plate: Plate, grid: Grid) -> Reasons:
    """Drop patches smaller than a tenth by four tenths of a body: there the *plate* is shown, which holds nobody."""
    count, labels, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count <= 1:
        return mask
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float32)
    if plate.sizes is None:
        smallest = np.full(count, 3.0, np.float32)
    else:
        tops = (stats[:, cv2.CC_STAT_TOP] * grid.cell_px).astype(np.float32)
        smallest = SMALL_WIDE * SMALL_HIGH * (plate.sizes.height_px(tops) / grid.cell_px) ** 2
    keep = area >= smallest
    keep[0] = False
    del centres
    return keep.view(np.uint8)[labels]


def _grow(mask: Reasons, plate: Plate, grid: Grid) -> Reasons:
    """Widen by 0.8 expected head heights, between 4 and 12 px at 480 rows, in whole cells, row by row."""
    unit = min(grid.width, grid.height) / GROW_ROWS
    rows = np.arange(grid.cells[0], dtype=np.float32) * grid.cell_px
    head = (
        np.full(len(rows), GROW_MOST_PX * unit / GROW_HEADS, np.float32)
        if plate.sizes is None
        else plate.sizes.height_px(rows) * HEAD_SHARE
    )
    radius = np.clip(GROW_HEADS * head, GROW_LEAST_PX * unit, GROW_MOST_PX * unit) / grid.cell_px
    steps = np.maximum(1, np.ceil(radius - 0.25)).astype(int)
    out, grown = mask.copy(), mask
    for step in range(1, int(steps.max()) + 1):
        grown = cv2.dilate(grown, SQUARE if step % 2 else ELLIPSE)
        wants = steps >= step
        out[wants] = grown[wants]
    return out
