"""Which cells are hidden: everything that isn't known to be safe."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom.find.found import Found, Kind
from passerby.darkroom.grid import CellFrame, Grid
from passerby.darkroom.hide.cells import level_for_body, level_for_cell, level_for_head
from passerby.darkroom.hide.reasons import Reason
from passerby.darkroom.plate.plate import Plate
from passerby.darkroom.plate.sizes import HEAD_SHARE
from passerby.outlet.messages import Mosaic

Reasons = NDArray[np.uint8]
LUMA_TOLERANCE, CHROMA_TOLERANCE = 18, 8
GROW_HEADS = 0.8
GROW_LEAST_PX, GROW_MOST_PX, GROW_ROWS = 4, 12, 480
SMALL_WIDE, SMALL_HIGH = 0.1, 0.4
LARGEST_OFFSET = 40
CUT_SHARE = 0.6
HEAD_SCORE, VEHICLE_SCORE = 0.20, 0.45
HEAD_UP, HEAD_DOWN, HEAD_SIDE = 0.06, 0.30, 0.05
MARGIN = 0.12
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
    differs &= proven
    reasons = np.where(proven, Reason.SHOWN, Reason.UNPROVEN).astype(np.uint8)
    levels = np.zeros(grid.cells, np.uint8)
    share = float(differs.sum()) / max(1, int(proven.sum()))
    if share > CUT_SHARE or abs(offset) > LARGEST_OFFSET:
        return whole(grid, Mosaic.CUT)
    solid = _without_specks(cv2.morphologyEx(differs.view(np.uint8), cv2.MORPH_CLOSE, SQUARE), plate, grid)
    grown = _grow(solid, plate, grid)
    reasons[(grown > 0) & (reasons == Reason.SHOWN)] = Reason.NEARBY
    reasons[solid > 0] = Reason.DIFFERS
    if plate.sizes is not None:
        rows = np.arange(grid.cells[0], dtype=np.float32) * grid.cell_px
        expected = plate.sizes.height_px(rows)
        levels[:] = np.array([level_for_body(grid, 0.0, float(h)) for h in expected], np.uint8)[:, None]
    return Decision(reasons, levels, offset, Mosaic.NONE)


def whole(grid: Grid, why: Mosaic) -> Decision:
    """Everything hidden."""
    return Decision(np.full(grid.cells, Reason.MOSAIC, np.uint8), np.zeros(grid.cells, np.uint8), 0, why)


def nothing_hidden(grid: Grid) -> Decision:
    """Where no plate exists and detectors clear the picture: nothing hidden yet."""
    return Decision(np.zeros(grid.cells, np.uint8), np.zeros(grid.cells, np.uint8), 0, Mosaic.NONE)


def add_found(decision: Decision, found: Found, grid: Grid, *, heads_only: bool, reason: Reason | None = None) -> None:
    """Hide what was found, in place.

    Args:
        decision: Changed in place.
        found: Boxes of this frame, or of one close to it.
        grid: The picture's grids.
        heads_only: Of people hide just the head (the plate hides the rest); otherwise whole boxes.
        reason: Tell this reason instead of the kind's own.
    """
    for box, score, kind in zip(found.boxes, found.scores, found.kinds, strict=True):
        width, height = float(box[2] - box[0]), float(box[3] - box[1])
        if kind == Kind.PERSON:
            if heads_only and score < HEAD_SCORE:
                continue
            area, why, level = (
                (_head if heads_only else _wider)(box),
                Reason.PERSON,
                level_for_body(grid, width, height),
            )
        elif kind == Kind.VEHICLE:
            if heads_only and score < VEHICLE_SCORE:
                continue
            # Heads behind the windows are about a quarter of a car's height.
            area, why, level = _wider(box), Reason.VEHICLE, level_for_head(grid, height / 4)
        elif kind == Kind.FACE:
            area, why, level = _around_face(box), Reason.FACE, level_for_head(grid, height * 1.3)
        else:
            # No cell smaller than half the plate's height, so that no character spans more than two.
            area, why, level = _wider(box), Reason.NUMBER_PLATE, level_for_cell(grid, height / 2)
        cells = grid.box_cells(area)
        np.maximum(decision.reasons[cells], np.uint8(reason or why), out=decision.reasons[cells])
        if level:
            np.maximum(decision.levels[cells], np.uint8(level), out=decision.levels[cells])


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


def _head(box: NDArray[np.float32]) -> NDArray[np.float32]:
    x0, y0, x1, y1 = box
    height, width = y1 - y0, x1 - x0
    return np.array(
        [x0 + HEAD_SIDE * width, y0 - HEAD_UP * height, x1 - HEAD_SIDE * width, y0 + HEAD_DOWN * height], np.float32
    )


def _wider(box: NDArray[np.float32]) -> NDArray[np.float32]:
    x0, y0, x1, y1 = box
    dx, dy = MARGIN * (x1 - x0), MARGIN * (y1 - y0)
    return np.array([x0 - dx, y0 - dy, x1 + dx, y1 + dy], np.float32)


def _around_face(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """A face box leaves out hair, ears and chin: widen it to the head."""
    x0, y0, x1, y1 = box
    dx, dy = 0.35 * (x1 - x0), 0.35 * (y1 - y0)
    return np.array([x0 - dx, y0 - dy, x1 + dx, y1 + dy * 0.8], np.float32)
