"""What is hidden: everything that isn't known to be safe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import Box, blank, cells_of, copied, painted, plate_of, textured

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.grid import Grid, reduce
from passerby.darkroom.hide.cells import LEVELS, level_for_body
from passerby.darkroom.hide.decide import (
    CHROMA_TOLERANCE,
    CUT_SHARE,
    LARGEST_OFFSET,
    LUMA_TOLERANCE,
    Decision,
    against_plate,
    merge,
    nothing_hidden,
    whole,
)
from passerby.darkroom.hide.reasons import Reason
from passerby.darkroom.plate.plate import Plate
from passerby.darkroom.plate.sizes import SizePrior
from passerby.outlet.messages import Mosaic

GRID = Grid(320, 256)
SCENE = textured(GRID)
PLATE = plate_of(SCENE, GRID)
BOX: Box = (80, 60, 120, 140)


def against(frame: RawPlanes, plate: Plate = PLATE) -> Decision:
    return against_plate(reduce(frame, GRID), plate, GRID)


def lighter(planes: RawPlanes, by: int) -> RawPlanes:
    return RawPlanes(np.clip(planes.y.astype(int) + by, 0, 255).astype(np.uint8), planes.u, planes.v)


def test_what_agrees_is_shown() -> None:
    decision = against(copied(SCENE))
    assert decision.mosaic is Mosaic.NONE
    assert decision.offset == 0
    assert (decision.reasons == Reason.SHOWN).all()


def test_unproven_is_hidden_even_where_it_agrees() -> None:
    proven = np.random.default_rng(3).random(GRID.cells) < 0.7
    decision = against(copied(SCENE), plate_of(SCENE, GRID, proven))
    assert np.array_equal(decision.reasons == Reason.UNPROVEN, ~proven)
    assert np.array_equal(decision.reasons == Reason.SHOWN, proven)


def test_who_stands_half_in_what_is_not_proven_is_hidden_with_a_margin_all_round() -> None:
    """The difference within it counts: his head may be out of it and look like the plate."""
    proven = np.ones(GRID.cells, bool)
    proven[:, 20:] = False
    beside = (80, 40, 100, 100)
    decision = against(painted(SCENE, beside, 253), plate_of(SCENE, GRID, proven))
    assert (decision.reasons[12:24, 19] == Reason.NEARBY).all()
    assert (decision.reasons[12:24, 20:] == Reason.UNPROVEN).all()


def test_with_nothing_proven_all_is_hidden() -> None:
    decision = against(copied(SCENE), plate_of(SCENE, GRID, np.zeros(GRID.cells, bool)))
    assert (decision.reasons == Reason.UNPROVEN).all()


def grown(box: Box, steps: int) -> np.ndarray:
    x0, y0, x1, y1 = box
    by = steps * GRID.cell_px
    return cells_of((x0 - by, y0 - by, x1 + by, y1 + by), GRID)


@pytest.mark.parametrize("luma", [0, 255])
def test_what_differs_is_hidden_with_a_margin(luma: int) -> None:
    decision = against(painted(SCENE, BOX, luma))
    assert np.array_equal(decision.reasons == Reason.DIFFERS, cells_of(BOX, GRID))
    # 12 px at 480 rows are 6.4 here: two cells, the first step square, the second round.
    assert np.array_equal(decision.reasons == Reason.NEARBY, rounded(cells_of(BOX, GRID), 2) & ~cells_of(BOX, GRID))
    assert (decision.reasons[~grown(BOX, 2)] == Reason.SHOWN).all()
    assert (decision.reasons[grown(BOX, 1)] != Reason.SHOWN).all()


def rounded(mask: np.ndarray, steps: int) -> np.ndarray:
    """A square step, then a cross, then a square …"""
    out = mask.copy()
    for step in range(steps):
        old = np.pad(out, 1)
        shifts = [(dy, dx) for dy in (0, 1, 2) for dx in (0, 1, 2) if step % 2 == 0 or 1 in (dy, dx)]
        rows, columns = mask.shape
        out = np.any([old[dy : dy + rows, dx : dx + columns] for dy, dx in shifts], axis=0)
    return out


@pytest.mark.parametrize("by", [LUMA_TOLERANCE, -LUMA_TOLERANCE])
def test_the_tolerance_of_luma(by: int) -> None:
    flat = blank(GRID, 100)
    plate = plate_of(flat, GRID)
    assert not against(painted(flat, BOX, 100 + by), plate).reasons.any()
    beyond = 100 + by + (1 if by > 0 else -1)
    assert np.array_equal(against(painted(flat, BOX, beyond), plate).reasons == Reason.DIFFERS, cells_of(BOX, GRID))


@pytest.mark.parametrize("which", ["u", "v"])
@pytest.mark.parametrize("sign", [1, -1])
def test_colour_alone_is_a_difference(which: str, sign: int) -> None:
    flat = blank(GRID, 100)
    plate = plate_of(flat, GRID)
    colour = {which: 128 + sign * CHROMA_TOLERANCE}
    assert not against(painted(flat, BOX, 100, **colour), plate).reasons.any()
    colour = {which: 128 + sign * (CHROMA_TOLERANCE + 1)}
    decision = against(painted(flat, BOX, 100, **colour), plate)
    assert np.array_equal(decision.reasons == Reason.DIFFERS, cells_of(BOX, GRID))


@given(st.integers(-LARGEST_OFFSET, LARGEST_OFFSET))
def test_a_change_of_light_is_followed(by: int) -> None:
    decision = against(lighter(SCENE, by))
    assert decision.mosaic is Mosaic.NONE
    assert decision.offset == by
    assert not decision.reasons.any()


@pytest.mark.parametrize("by", [LARGEST_OFFSET + 1, -LARGEST_OFFSET - 1, 75, -60])
def test_a_larger_change_of_light_hides_everything(by: int) -> None:
    decision = against(lighter(SCENE, by))
    assert decision.mosaic is Mosaic.CUT
    assert (decision.reasons == Reason.MOSAIC).all()


def test_somebody_is_found_in_a_change_of_light() -> None:
    """Against the plate a body is 20 levels off; against the light of the moment, 50."""
    flat = blank(GRID, 100)
    frame = painted(lighter(flat, 30), BOX, 80)
    decision = against(frame, plate_of(flat, GRID))
    assert decision.offset == 30
    assert np.array_equal(decision.reasons == Reason.DIFFERS, cells_of(BOX, GRID))


@pytest.mark.parametrize(("share", "mosaic"), [(CUT_SHARE - 0.05, Mosaic.NONE), (CUT_SHARE + 0.05, Mosaic.CUT)])
def test_where_most_differs_everything_is_hidden(share: float, mosaic: Mosaic) -> None:
    random = np.random.default_rng(0)
    change = np.where(random.random(GRID.cells) < share, random.choice([-50, 50], GRID.cells), 0)
    cells = reduce(SCENE, GRID)
    frame = replace(cells, y=(cells.y.astype(int) + change).astype(np.uint8))
    decision = against_plate(frame, PLATE, GRID)
    assert decision.mosaic is mosaic
    assert (decision.reasons[change != 0] > 0).mean() > 0.999


def test_the_share_is_of_what_is_proven() -> None:
    """Three quarters of what is proven differ, as many darker as lighter, so that no change of light explains it."""
    proven = cells_of(BOX, GRID)
    frame = painted(painted(SCENE, (80, 60, 120, 88), 255), (80, 88, 120, 120), 0)
    plate = plate_of(SCENE, GRID, proven)
    assert abs(np.median((reduce(frame, GRID).y.astype(int) - plate.cells.y)[proven])) < LARGEST_OFFSET
    assert against(frame, plate).mosaic is Mosaic.CUT


@pytest.mark.parametrize("luma", [0, 255])
def test_a_covered_lens_hides_everything(luma: int) -> None:
    decision = against(blank(GRID, luma))
    assert decision.mosaic is Mosaic.CUT


def test_specks_show_the_plate() -> None:
    assert not against(painted(SCENE, (80, 60, 88, 64), 255)).reasons.any()
    assert against(painted(SCENE, (80, 60, 92, 64), 255)).reasons.any()


def test_specks_are_measured_by_the_size_of_bodies() -> None:
    # A tenth by four tenths of 100 px are 400 px², 25 cells.
    plate = plate_of(SCENE, GRID, sizes=SizePrior(100.0, 0.0))
    assert not against(painted(SCENE, (80, 60, 112, 72), 255), plate).reasons.any()
    assert against(painted(SCENE, (80, 60, 100, 80), 255), plate).reasons.any()


def test_a_gap_within_somebody_is_closed() -> None:
    frame = painted(painted(SCENE, (80, 60, 120, 96), 255), (80, 100, 120, 140), 255)
    assert np.array_equal(against(frame).reasons == Reason.DIFFERS, cells_of(BOX, GRID))


def test_the_margin_grows_with_heads() -> None:
    """Half a picture of small people over half a picture of large ones: the margin follows the row."""
    plate = plate_of(SCENE, GRID, sizes=SizePrior(10.0, 0.3))
    up = against(painted(SCENE, (80, 20, 120, 60), 255), plate).reasons > 0
    down = against(painted(SCENE, (80, 180, 120, 220), 255), plate).reasons > 0
    assert up[10].sum() < down[50].sum()


def test_levels_follow_the_size_of_bodies() -> None:
    sizes = SizePrior(5.0, 0.9)
    decision = against(copied(SCENE), plate_of(SCENE, GRID, sizes=sizes))
    for row in range(GRID.cells[0]):
        assert (decision.levels[row] == level_for_body(GRID, 0, 5 + 0.9 * row * GRID.cell_px)).all()
    assert len(np.unique(decision.levels)) > 1
    assert not against(copied(SCENE)).levels.any()


def test_whole_and_nothing() -> None:
    assert (whole(GRID, Mosaic.DAMAGED).reasons == Reason.MOSAIC).all()
    assert whole(GRID, Mosaic.DAMAGED).mosaic is Mosaic.DAMAGED
    assert not nothing_hidden(GRID).reasons.any()
    assert nothing_hidden(GRID).mosaic is Mosaic.NONE


@given(st.integers(0, 2**32 - 1))
def test_merging_hides_more_and_never_less(seed: int) -> None:
    random = np.random.default_rng(seed)
    decision = nothing_hidden(GRID)
    decision.reasons[:] = random.integers(0, len(Reason), GRID.cells) * (random.random(GRID.cells) < 0.5)
    other = (random.integers(0, len(Reason), GRID.cells) * (random.random(GRID.cells) < 0.5)).astype(np.uint8)
    decision.levels[:] = random.integers(0, LEVELS, GRID.cells)
    levels = random.integers(0, LEVELS, GRID.cells, np.uint8)
    before, levels_before = decision.reasons.copy(), decision.levels.copy()
    merge(decision, other, levels, Reason.CARRIED)
    assert np.array_equal(decision.reasons > 0, (before > 0) | (other > 0))
    assert np.array_equal(decision.reasons[before > 0], before[before > 0])
    assert (decision.reasons[(before == 0) & (other > 0)] == Reason.CARRIED).all()
    assert np.array_equal(decision.levels, np.where(other > 0, np.maximum(levels_before, levels), levels_before))
