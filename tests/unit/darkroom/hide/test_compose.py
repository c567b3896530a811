"""The output frame: from the plate and from coarse cells, never from the raw frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import copied, noise, pixels_of, planes_of, same, small_sizes, textured

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.cells import LEVELS, Fills, fill_shape, quantise
from passerby.darkroom.hide.compose import NEUTRAL, Composer
from passerby.darkroom.hide.decide import Decision, nothing_hidden, whole
from passerby.darkroom.hide.reasons import COLOURS, Reason
from passerby.outlet.messages import Mosaic

GRID = Grid(200, 150)


def fills_for(grid: Grid, seed: int = 0) -> Fills:
    random = np.random.default_rng(seed)
    return [quantise(random.integers(0, 256, fill_shape(grid, n), np.uint8)) for n in range(LEVELS)]


def decided(grid: Grid, seed: int = 0, share: float = 0.4, offset: int = 0) -> Decision:
    """Some cells hidden, at mixed levels, for mixed reasons."""
    random = np.random.default_rng(seed)
    reasons = random.integers(1, len(Reason), grid.cells, np.uint8)
    reasons[random.random(grid.cells) >= share] = Reason.SHOWN
    levels = random.integers(0, LEVELS, grid.cells, np.uint8)
    return Decision(reasons, levels, offset, Mosaic.NONE)


def enlarged(grid: Grid, fill: np.ndarray) -> np.ndarray:
    return cv2.resize(fill, (grid.width, grid.height), interpolation=cv2.INTER_LINEAR)


@given(
    small_sizes,
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    st.integers(-40, 40),
)
def test_the_plate_where_shown_and_cells_where_hidden(
    size: tuple[int, int], seed: int, share: float, offset: int
) -> None:
    grid = Grid(*size)
    decision, fills, plate = decided(grid, seed, share, offset), fills_for(grid, seed), noise(grid, seed)
    before = copied(plate)
    out = Composer(grid).compose(decision, fills, plate)
    assert same(plate, before), "the plate is only read"

    height, width = grid.height, grid.width
    hidden = pixels_of(decision.reasons > 0, grid)
    light = np.clip(plate.y.astype(int) + offset, 0, 255)
    assert np.array_equal(out.y[~hidden], light[~hidden])
    at_level = pixels_of(decision.levels, grid)[:height, :width]
    for level in range(LEVELS):
        where = hidden[:height, :width] & (at_level == level)
        assert np.array_equal(out.y[:height, :width][where], enlarged(grid, fills[level])[where])

    hidden = pixels_of(decision.reasons > 0, grid, 2)
    for plane, shown in ((out.u, plate.u), (out.v, plate.v)):
        assert (plane[hidden] == NEUTRAL).all()
        assert np.array_equal(plane[~hidden], shown[~hidden])


@given(small_sizes, st.sampled_from([m for m in Mosaic if m is not Mosaic.NONE]), st.integers(0, 2**32 - 1))
def test_a_mosaic_shows_nothing_but_its_cells(size: tuple[int, int], why: Mosaic, seed: int) -> None:
    grid = Grid(*size)
    fills = fills_for(grid, seed)
    out = Composer(grid).compose(whole(grid, why), fills, noise(grid, seed))
    assert np.array_equal(out.y[: grid.height, : grid.width], enlarged(grid, fills[0]))
    assert (out.u == NEUTRAL).all()
    assert (out.v == NEUTRAL).all()


def test_without_a_background_all_is_mosaic() -> None:
    fills = fills_for(GRID)
    out = Composer(GRID).compose(nothing_hidden(GRID), fills, None)
    assert np.array_equal(out.y[:150, :200], enlarged(GRID, fills[0]))
    assert (out.u == NEUTRAL).all()


def test_a_mosaic_hides_even_what_the_reasons_forgot() -> None:
    decision = Decision(np.zeros(GRID.cells, np.uint8), np.zeros(GRID.cells, np.uint8), 0, Mosaic.DETECTOR_FAULT)
    out = Composer(GRID).compose(decision, fills_for(GRID), noise(GRID))
    assert np.array_equal(out.y[:150, :200], enlarged(GRID, fills_for(GRID)[0]))


def test_the_padding_repeats_the_edge_of_hidden_areas() -> None:
    out = Composer(GRID).compose(whole(GRID, Mosaic.CUT), fills_for(GRID), None)
    assert (out.y[:150, 200:] == out.y[:150, 199:200]).all()
    assert (out.y[150:] == out.y[149]).all()


@pytest.mark.parametrize("offset", [0, 7, -7])
def test_frames_are_built_in_place(offset: int) -> None:
    composer = Composer(GRID)
    buffers = [p.__array_interface__["data"][0] for p in planes_of(composer.out)]
    kept = composer.out
    mask = composer._mask
    fills: dict[int, int] = {}
    for seed, mosaic in ((1, False), (2, True), (3, False)):
        decision = whole(GRID, Mosaic.CUT) if mosaic else decided(GRID, seed, offset=offset)
        out = composer.compose(decision, fills_for(GRID, seed), noise(GRID, seed))
        assert out is kept
        assert [p.__array_interface__["data"][0] for p in planes_of(out)] == buffers
        # Written into these very buffers: the same as from a composer that has never seen anything else.
        assert same(out, Composer(GRID).compose(decision, fills_for(GRID, seed), noise(GRID, seed)))
        for level, (_, plane) in composer._enlarged.items():
            assert fills.setdefault(level, id(plane)) == id(plane)
    assert mask is composer._mask
    assert fills


def test_what_was_shown_before_leaves_nothing() -> None:
    used, fresh = Composer(GRID), Composer(GRID)
    used.compose(nothing_hidden(GRID), fills_for(GRID, 1), noise(GRID, 1))
    used.explain(nothing_hidden(GRID))
    for decision in (decided(GRID, 5), whole(GRID, Mosaic.CUT)):
        one = used.compose(decision, fills_for(GRID, 2), textured(GRID))
        two = fresh.compose(decision, fills_for(GRID, 2), textured(GRID))
        assert same(one, two)


def test_every_hidden_cell_is_covered_whatever_its_reason() -> None:
    for reason in Reason:
        decision = nothing_hidden(GRID)
        decision.reasons[5, 7] = reason
        out = Composer(GRID).compose(
            decision, fills_for(GRID), RawPlanes(*(np.full_like(p, 251) for p in planes_of(noise(GRID))))
        )
        gone = out.y != 251
        assert gone[20:24, 28:32].all() == (reason is not Reason.SHOWN)
        assert int(gone.sum()) == (0 if reason is Reason.SHOWN else 16)
        assert int((out.u != 251).sum()) == (0 if reason is Reason.SHOWN else 4)


def test_a_level_that_does_not_exist_is_no_picture() -> None:
    decision = decided(GRID)
    decision.levels[:] = LEVELS
    with pytest.raises(IndexError):
        Composer(GRID).compose(decision, fills_for(GRID), noise(GRID))


@given(st.integers(0, 2**32 - 1))
def test_explain_tells_reasons_in_colours_over_the_output(seed: int) -> None:
    composer = Composer(GRID)
    decision = decided(GRID, seed)
    out = copied(composer.compose(decision, fills_for(GRID, seed), noise(GRID, seed)))
    explained = composer.explain(decision)
    assert np.array_equal(explained.y, out.y // 2 + 64)
    for plane, index in ((explained.u, 0), (explained.v, 1)):
        wanted = np.array([COLOURS[Reason(r)][index] for r in decision.reasons.ravel()], np.uint8)
        assert np.array_equal(plane, pixels_of(wanted.reshape(GRID.cells), GRID, 2))
    assert same(composer.out, out), "explaining changes no output"
