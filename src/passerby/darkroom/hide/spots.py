"""What was found, as patches of cells to hide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.darkroom.find.found import Found, Kind
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.cells import level_for_body, level_for_cell, level_for_head
from passerby.darkroom.hide.decide import Decision
from passerby.darkroom.hide.reasons import Reason

HEAD_SCORE, VEHICLE_SCORE = 0.20, 0.45
HEAD_UP, HEAD_DOWN, HEAD_SIDE = 0.06, 0.30, 0.05
MARGIN = 0.12
# A box that ends too early ends on the bonnet, above the number plate; of a number plate often only a part is found.
VEHICLE_DOWN, PLATE_MARGIN = 0.30, 0.50


@dataclass(frozen=True, slots=True)
class Spot:
    """Cells to hide.

    Args:
        cells: Rows and columns of cells.
        reason: Why.
        level: Fill level that is coarse enough for what is there.
    """

    cells: tuple[slice, slice]
    reason: Reason
    level: int


def spots_of(found: Found, grid: Grid, *, heads_only: bool) -> list[Spot]:
    """Where to hide what was found.

    Args:
        found: Boxes of one frame.
        grid: The picture's grids.
        heads_only: Of people hide just the head (the plate hides the rest); otherwise whole boxes.
    """
    out = []
    for box, score, kind in zip(found.boxes, found.scores.tolist(), found.kinds.tolist(), strict=True):
        width, height = float(box[2] - box[0]), float(box[3] - box[1])
        if kind == Kind.PERSON:
            if heads_only and score < HEAD_SCORE:
                continue
            area = _head(box) if heads_only else _wider(box)
            out.append(Spot(grid.box_cells(area), Reason.PERSON, level_for_body(grid, width, height)))
        elif kind == Kind.VEHICLE:
            if heads_only and score < VEHICLE_SCORE:
                continue
            # Heads behind the windows are about a quarter of a car's height.
            out.append(
                Spot(grid.box_cells(_wider(box, down=VEHICLE_DOWN)), Reason.VEHICLE, level_for_head(grid, height / 4))
            )
        elif kind == Kind.FACE:
            out.append(Spot(grid.box_cells(_around_face(box)), Reason.FACE, level_for_head(grid, height * 1.3)))
        else:
            # No cell smaller than half the plate's height, so that no character spans more than two.
            area = _wider(box, PLATE_MARGIN, PLATE_MARGIN)
            out.append(Spot(grid.box_cells(area), Reason.NUMBER_PLATE, level_for_cell(grid, height / 2)))
    return out


def add_spots(decision: Decision, spots: list[Spot], reason: Reason | None = None) -> None:
    """Hide them, in place.

    Args:
        decision: Of the frame they were found in, or of one close to it.
        spots: Where.
        reason: Tell this reason instead of their own.
    """
    for spot in spots:
        np.maximum(decision.reasons[spot.cells], np.uint8(reason or spot.reason), out=decision.reasons[spot.cells])
        if spot.level:
            np.maximum(decision.levels[spot.cells], np.uint8(spot.level), out=decision.levels[spot.cells])


def _head(box: NDArray[np.float32]) -> NDArray[np.float32]:
    x0, y0, x1, y1 = box
    height, width = y1 - y0, x1 - x0
    return np.array(
        [x0 + HEAD_SIDE * width, y0 - HEAD_UP * height, x1 - HEAD_SIDE * width, y0 + HEAD_DOWN * height], np.float32
    )


def _wider(box: NDArray[np.float32], margin: float = MARGIN, down: float = MARGIN) -> NDArray[np.float32]:
    x0, y0, x1, y1 = box
    dx, height = margin * (x1 - x0), y1 - y0
    return np.array([x0 - dx, y0 - margin * height, x1 + dx, y1 + down * height], np.float32)


def _around_face(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """A face box leaves out hair, ears and chin: widen it to the head."""
    x0, y0, x1, y1 = box
    dx, dy = 0.35 * (x1 - x0), 0.35 * (y1 - y0)
    return np.array([x0 - dx, y0 - dy, x1 + dx, y1 + dy * 0.8], np.float32)
