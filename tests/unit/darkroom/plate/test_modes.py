"""The appearance a block shows most often."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import noise, textured

from passerby.darkroom.grid import Grid, reduce
from passerby.darkroom.plate.modes import (
    CHROMA_TOLERANCE,
    LUMA_TOLERANCE,
    block_features,
    dominant_mode,
    frame_offsets,
)

GRID = Grid(64, 64)
ROWS, COLUMNS = GRID.blocks


def looks(*values: int, luma: int = 4) -> np.ndarray:
    """One sample for each value, the same in all blocks: ``luma`` first features are the value."""
    out = np.full((len(values), 6, ROWS, COLUMNS), 128, np.int16)
    out[:, :luma] = np.array(values, np.int16)[:, None, None, None]
    return out


def even(count: int) -> np.ndarray:
    return np.ones((count, ROWS, COLUMNS), np.float32)


def shows(features: np.ndarray, weights: np.ndarray | None = None) -> list[bool]:
    got = dominant_mode(features, even(len(features)) if weights is None else weights)
    assert (got == got[:, :1, :1]).all()
    return got[:, 0, 0].tolist()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(64, 64), (200, 90)]))
def test_features_are_the_cells_of_a_block(seed: int, size: tuple[int, int]) -> None:
    grid = Grid(*size)
    cells = reduce(noise(grid, seed), grid)
    (got,) = block_features([cells], grid)
    rows, columns = grid.blocks
    for row, column in [(0, 0), (rows - 1, columns - 1), (rows // 2, columns // 3)]:
        block = cells.y[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        assert got[:4, row, column].tolist() == block.ravel().tolist()
        for index, plane in ((4, cells.u), (5, cells.v)):
            mean = plane[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].mean()
            assert abs(got[index, row, column] - mean) <= 0.51


def test_features_where_a_block_is_one_cell() -> None:
    grid = Grid(4864, 4864)
    assert grid.block_px == grid.cell_px
    cells = reduce(textured(grid), grid)
    (got,) = block_features([cells], grid)
    assert all(np.array_equal(got[n], cells.y) for n in range(4))
    assert np.array_equal(got[4], cells.u)
    assert np.array_equal(got[5], cells.v)


def test_the_majority_is_the_background() -> None:
    assert shows(looks(100, 200, 101, 100, 20, 99, 100)) == [True, False, True, True, False, True, True]


def test_the_largest_minority_is_the_background() -> None:
    """Half the samples are each something else: the median alone would be nobody's appearance."""
    values = [20, 50, 80, 160, 200, 240, 110, 111, 110, 112]
    assert shows(looks(*values)) == [v in range(110, 113) for v in values]


def test_detections_turn_the_scales() -> None:
    """Six samples of somebody found there, four without: the four are the background."""
    values = [200] * 6 + [100] * 4
    assert shows(looks(*values)) == [True] * 6 + [False] * 4
    weights = even(10)
    weights[:6] = 0.2
    assert shows(looks(*values), weights) == [False] * 6 + [True] * 4


@pytest.mark.parametrize("feature", range(6))
def test_every_feature_must_agree(feature: int) -> None:
    features = looks(*[100] * 7)
    tolerance = LUMA_TOLERANCE if feature < 4 else CHROMA_TOLERANCE
    features[3, feature] += tolerance
    assert shows(features) == [True] * 7
    features[3, feature] += 8
    assert shows(features) == [n != 3 for n in range(7)]


def test_blocks_are_judged_one_by_one() -> None:
    features = looks(*[100] * 9)
    features[:6, :4, 2, 3] = 30
    features[6, :4, 0, 1] = 255
    got = dominant_mode(features, even(9))
    wanted = np.ones((9, ROWS, COLUMNS), bool)
    wanted[6:, 2, 3] = False
    wanted[6, 0, 1] = False
    assert np.array_equal(got, wanted)


@given(st.lists(st.integers(-40, 40), min_size=3, max_size=15), st.integers(0, 2**32 - 1))
def test_changes_of_light_are_measured(by: list[int], seed: int) -> None:
    """Also with a third of the picture covered by somebody."""
    random = np.random.default_rng(seed)
    still = random.integers(60, 180, (6, ROWS, COLUMNS)).astype(np.int16)
    features = np.stack([still.copy() for _ in by])
    features[:, :4] += np.array(by, np.int16)[:, None, None, None]
    covered = features.copy()
    covered[len(by) // 2, :4, : ROWS // 3] = 255
    usual = np.median(by)
    for seen in (features, covered):
        assert np.abs(frame_offsets(seen) - (np.array(by) - usual)).max() <= 0.5
