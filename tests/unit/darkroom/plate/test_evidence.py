"""What detections say against the plate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import Box, cells_of, found

from passerby.darkroom.find.found import NOTHING, Kind, together
from passerby.darkroom.grid import Grid
from passerby.darkroom.plate.evidence import covered_blocks, second_trusted, speaks_against
from passerby.darkroom.plate.sizes import SURE_SCORE

GRID = Grid(160, 128)
BOX: Box = (40, 32, 80, 112)
# By the cell, 5 % trimmed at the sides.
SPOKEN = cells_of((42, 32, 78, 112), GRID)
NOBODY, EVERYWHERE = np.zeros(GRID.blocks, bool), np.ones(GRID.blocks, bool)


def blocks_of(box: Box, sides: float = 0.0) -> np.ndarray:
    """Blocks that the box touches, each asked for itself."""
    x0, y0, x1, y1 = box
    trim = sides * (x1 - x0)
    out = np.zeros(GRID.blocks, bool)
    for row, column in np.ndindex(*GRID.blocks):
        across = x0 + trim < (column + 1) * 8 and x1 - trim > column * 8
        out[row, column] = across and y0 < (row + 1) * 8 and y1 > row * 8
    return out


def test_boxes_cover_the_blocks_they_touch() -> None:
    assert np.array_equal(covered_blocks(found(BOX), GRID), blocks_of(BOX, 0.05))
    two = covered_blocks(found(BOX, (0, 0, 9, 9)), GRID)
    assert np.array_equal(two, blocks_of(BOX, 0.05) | blocks_of((0, 0, 9, 9), 0.05))
    assert not covered_blocks(NOTHING, GRID).any()


@given(st.floats(0, 159), st.floats(0, 127), st.floats(0.01, 200), st.floats(0.01, 200))
def test_every_box_covers_something_and_what_it_touches(x: float, y: float, width: float, height: float) -> None:
    box = (x, y, min(160.0, x + width), min(128.0, y + height))
    got = covered_blocks(found(box), GRID)
    assert got.any()
    assert got[int(y // 8), int(min(159, (x + box[2]) / 2) // 8)]


def test_a_box_that_agrees_with_the_plate_speaks_against_it() -> None:
    assert np.array_equal(speaks_against(found(BOX), NOBODY, GRID), SPOKEN)


def test_a_box_that_differs_from_the_plate_is_explained_by_it() -> None:
    assert not speaks_against(found(BOX), EVERYWHERE, GRID).any()


@pytest.mark.parametrize(("share", "speaks"), [(0.0, True), (0.3, True), (0.55, True), (0.65, False), (0.9, False)])
def test_who_fidgets_speaks_and_who_passes_does_not(share: float, speaks: bool) -> None:
    foreground = NOBODY.copy()
    core = blocks_of((46, 32, 74, 100))
    rows, columns = np.nonzero(core)
    count = round(share * len(rows))
    foreground[rows[:count], columns[:count]] = True
    assert speaks_against(found(BOX, score=0.5), foreground, GRID).any() == speaks


BESIDE: Box = (100, 32, 140, 112)


@pytest.mark.parametrize(("other", "speaks"), [(BOX, True), (BESIDE, False), (None, False)])
def test_with_a_second_opinion_both_must_see_somebody(other: Box | None, speaks: bool) -> None:
    seen = [found(BOX, score=0.1), *([found(other, kind=Kind.SECOND_OPINION, score=0.05)] if other else [])]
    assert speaks_against(together(seen), NOBODY, GRID, second=True).any() == speaks


@pytest.mark.parametrize(("score", "speaks"), [(SURE_SCORE, True), (SURE_SCORE - 0.01, False)])
def test_whom_the_first_is_sure_of_speaks_alone(score: float, speaks: bool) -> None:
    assert speaks_against(found(BOX, score=score), NOBODY, GRID, second=True).any() == speaks


def test_the_second_network_is_heard_only_where_it_sees_those_of_whom_the_first_is_sure() -> None:
    alone, both = found(BOX), together([found(BOX), found(BOX, kind=Kind.SECOND_OPINION, score=0.05)])
    assert second_trusted([both] * 40)
    assert not second_trusted([both] * 20), "too few to tell"
    assert not second_trusted([alone] * 40), "a network that sees nothing clears nothing"
    assert not second_trusted([both] * 40 + [alone] * 40)
    assert not second_trusted([together([found(BOX, score=0.4), both.second])] * 40), "nobody is sure"
    assert second_trusted([together([both, found(BESIDE, score=0.3)])] * 40)


def test_only_the_core_explains() -> None:
    """Movement at the feet and beside somebody explains nothing away."""
    foreground = ~blocks_of((46, 32, 74, 100))
    assert speaks_against(found(BOX), foreground, GRID).any()


@pytest.mark.parametrize("kind", Kind)
def test_only_people_and_faces_speak(kind: Kind) -> None:
    spoken = speaks_against(found(BOX, kind=kind), NOBODY, GRID).any()
    assert spoken == (kind in (Kind.PERSON, Kind.FACE))


def test_somebody_in_front_does_not_silence_somebody_else() -> None:
    foreground = blocks_of((96, 32, 140, 112))
    both = found(BOX, (96, 32, 140, 112))
    assert np.array_equal(speaks_against(both, foreground, GRID), SPOKEN)
