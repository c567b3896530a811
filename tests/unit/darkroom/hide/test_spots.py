"""What was found is hidden with its margin, as coarsely as its size asks for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import Box, cells_of, found, hide_found

from passerby.darkroom.find.found import NOTHING, Kind, together
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.cells import LEVELS, fill_cell_px
from passerby.darkroom.hide.decide import nothing_hidden
from passerby.darkroom.hide.reasons import Reason
from passerby.darkroom.hide.spots import HEAD_SCORE, MARGIN, PLATE_MARGIN, VEHICLE_DOWN, VEHICLE_SCORE

GRID = Grid(320, 256)
BOX: Box = (80, 60, 120, 140)
WIDER: Box = (80 - MARGIN * 40, 60 - MARGIN * 80, 120 + MARGIN * 40, 140 + MARGIN * 80)
VEHICLE: Box = (*WIDER[:3], 140 + VEHICLE_DOWN * 80)
PLATE: Box = (80 - PLATE_MARGIN * 40, 60 - PLATE_MARGIN * 80, 120 + PLATE_MARGIN * 40, 140 + PLATE_MARGIN * 80)
HEAD: Box = (80 + 0.05 * 40, 60 - 0.06 * 80, 120 - 0.05 * 40, 60 + 0.30 * 80)
AROUND: Box = (80 - 0.35 * 40, 60 - 0.35 * 80, 120 + 0.35 * 40, 140 + 0.35 * 80 * 0.8)


@pytest.mark.parametrize(
    ("kind", "score", "heads_only", "area", "reason"),
    [
        (Kind.PERSON, 0.9, False, WIDER, Reason.PERSON),
        (Kind.PERSON, 0.9, True, HEAD, Reason.PERSON),
        (Kind.PERSON, HEAD_SCORE + 0.01, True, HEAD, Reason.PERSON),
        (Kind.PERSON, HEAD_SCORE - 0.01, True, None, Reason.PERSON),
        (Kind.PERSON, 0.01, False, WIDER, Reason.PERSON),
        (Kind.VEHICLE, VEHICLE_SCORE + 0.01, True, VEHICLE, Reason.VEHICLE),
        (Kind.VEHICLE, VEHICLE_SCORE - 0.01, True, None, Reason.VEHICLE),
        (Kind.VEHICLE, 0.01, False, VEHICLE, Reason.VEHICLE),
        (Kind.FACE, 0.01, False, AROUND, Reason.FACE),
        (Kind.FACE, 0.01, True, AROUND, Reason.FACE),
        (Kind.NUMBER_PLATE, 0.01, False, PLATE, Reason.NUMBER_PLATE),
        (Kind.NUMBER_PLATE, 0.01, True, PLATE, Reason.NUMBER_PLATE),
    ],
)
def test_what_is_found_is_hidden_with_its_margin(
    kind: Kind, score: float, heads_only: bool, area: Box | None, reason: Reason
) -> None:
    decision = nothing_hidden(GRID)
    hide_found(decision, found(BOX, kind=kind, score=score), GRID, heads_only=heads_only)
    wanted = np.zeros(GRID.cells, bool) if area is None else cells_of(area, GRID)
    assert np.array_equal(decision.reasons == reason, wanted)
    assert np.array_equal(decision.reasons > 0, wanted)


def test_nothing_found_changes_nothing() -> None:
    decision = nothing_hidden(GRID)
    hide_found(decision, NOTHING, GRID, heads_only=False)
    assert not decision.reasons.any()


def test_every_box_is_hidden() -> None:
    decision = nothing_hidden(GRID)
    boxes = together([found((10, 10, 30, 30), kind=k) for k in Kind] + [found((200, 200, 220, 240))])
    hide_found(decision, boxes, GRID, heads_only=False)
    assert (decision.reasons[cells_of((200, 200, 220, 240), GRID)] == Reason.PERSON).all()
    # Where several lie on one another, the highest reason is told.
    assert (decision.reasons[cells_of((10, 10, 30, 30), GRID)] == Reason.NUMBER_PLATE).all()


@pytest.mark.parametrize("order", [1, -1])
def test_the_higher_reason_is_told_in_any_order(order: int) -> None:
    decision = nothing_hidden(GRID)
    for kind in [Kind.FACE, Kind.PERSON][::order]:
        hide_found(decision, found(BOX, kind=kind), GRID, heads_only=False)
    assert (decision.reasons[cells_of(BOX, GRID)] == Reason.FACE).all()


coordinates = st.floats(-400, 800, width=32)


@given(st.tuples(*[coordinates] * 4), st.sampled_from(list(Kind)), st.booleans())
def test_boxes_anywhere(corners: tuple[float, ...], kind: Kind, heads_only: bool) -> None:
    (x0, x1), (y0, y1) = sorted(corners[::2]), sorted(corners[1::2])
    decision = nothing_hidden(GRID)
    hide_found(decision, found((x0, y0, x1, y1), kind=kind, score=0.9), GRID, heads_only=heads_only)
    if x1 > x0 and y1 > y0:
        narrow, low = ((x1 - x0) * 0.06, y0 + (y1 - y0) * 0.3) if heads_only and kind is Kind.PERSON else (0, y1)
        inner = (x0 + narrow, y0, x1 - narrow, low)
        assert (decision.reasons[cells_of(inner, GRID)] > 0).all()
    assert decision.levels.max() < LEVELS
    margin = max(x1 - x0, y1 - y0) * 0.51 + 2 * GRID.cell_px
    far = ~cells_of((x0 - margin, y0 - margin, x1 + margin, y1 + margin), GRID)
    assert not decision.reasons[far].any()


@pytest.mark.parametrize("box", [(-30, -30, 8, 8), (310, 250, 400, 400), (0, 0, 320, 256), (319, 255, 320, 256)])
def test_boxes_at_the_edge(box: Box) -> None:
    decision = nothing_hidden(GRID)
    hide_found(decision, found(box), GRID, heads_only=False)
    assert (decision.reasons[cells_of(box, GRID)] == Reason.PERSON).all()


@given(st.floats(4, 256), st.floats(4, 320))
def test_cells_are_coarse_enough_for_what_was_found(height: float, width: float) -> None:
    box = (0.0, 0.0, width, height)
    coarsest = fill_cell_px(GRID, LEVELS - 1)
    for kind, least in (
        (Kind.PERSON, max(width / 6, height / 12)),
        (Kind.FACE, height * 1.3 / 3),
        (Kind.VEHICLE, height / 4 / 3),
        (Kind.NUMBER_PLATE, height / 2),
    ):
        decision = nothing_hidden(GRID)
        hide_found(decision, found(box, kind=kind), GRID, heads_only=False)
        levels = np.unique(decision.levels[cells_of(box, GRID)])
        assert len(levels) == 1
        assert fill_cell_px(GRID, int(levels[0])) >= min(least, coarsest) - 1e-3


def test_a_small_find_refines_nothing() -> None:
    decision = nothing_hidden(GRID)
    hide_found(decision, found((0, 0, 300, 250), kind=Kind.FACE), GRID, heads_only=False)
    before = decision.levels.copy()
    assert before.max() == LEVELS - 1
    for height in (10, 50, 90):
        face = found((100, 100, 120, 100 + height), kind=Kind.FACE)
        hide_found(decision, face, GRID, heads_only=False)
        assert np.array_equal(decision.levels, before)
    alone = nothing_hidden(GRID)
    hide_found(alone, face, GRID, heads_only=False)
    assert 0 < alone.levels.max() < LEVELS - 1


def test_another_reason_may_be_told() -> None:
    decision = nothing_hidden(GRID)
    hide_found(decision, found(BOX), GRID, heads_only=False, reason=Reason.AHEAD)
    assert np.array_equal(decision.reasons == Reason.AHEAD, cells_of(WIDER, GRID))
