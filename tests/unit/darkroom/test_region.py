"""An unsealed picture: the region as it was, and outside of it nothing but cells, whatever is there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import copied, textured

from passerby.charter.unsealing import Rectangle
from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.grid import Grid
from passerby.darkroom.region import RegionView, inside

SIZE = (160, 128)
GRID = Grid(*SIZE)
REGION: Sequence[Rectangle] = ((250, 250, 500, 750),)
BOX = (40, 32, 80, 96)


def view(planes: RawPlanes, region: Sequence[Rectangle] = REGION) -> RawPlanes:
    return copied(RegionView(SIZE, region).picture(planes, 0.0))


def test_the_region_is_shown_and_nothing_else() -> None:
    scene = textured(GRID, 3)
    out = view(scene)
    left, top, right, bottom = BOX
    for shown, raw, n in ((out.y, scene.y, 1), (out.u, scene.u, 2), (out.v, scene.v, 2)):
        place = slice(top // n, bottom // n), slice(left // n, right // n)
        assert np.array_equal(shown[place], raw[place])
        outside = np.ones(shown.shape, bool)
        outside[place] = False
        if n == 2:
            assert set(shown[outside].tolist()) == {128}, "no colour of anybody outside"
    hidden = view(scene, ((0, 0, 1, 1),))
    assert np.array_equal(out.y[:32], hidden.y[:32]) and np.array_equal(out.y[:, 80:], hidden.y[:, 80:])


@given(seed=st.integers(0, 2**32 - 1))
def test_what_is_outside_changes_nothing_but_the_cells_means(seed: int) -> None:
    """Pixels that keep the mean of each cell of the coarsest grid change not one byte of the output."""
    scene, random = textured(GRID, 3), np.random.default_rng(seed)
    other = copied(scene)
    for row in range(0, 128, GRID.cell_px):
        for column in range(0, 160, GRID.cell_px):
            if not (32 <= row < 96 and 40 <= column < 80):
                cell = other.y[row : row + GRID.cell_px, column : column + GRID.cell_px]
                cell[:] = random.permutation(cell.ravel()).reshape(cell.shape)
    out, again = view(scene), view(other)
    assert np.array_equal(out.y, again.y) and np.array_equal(out.u, again.u)
    assert not np.array_equal(scene.y, other.y)


@given(st.integers(2, 4000), st.integers(2, 4000), st.tuples(*[st.integers(0, 1000)] * 4))
def test_never_more_than_was_named(width: int, height: int, sides: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = sides
    found = inside(sides, (width, height))
    if found is None:
        return
    assert all(side % 2 == 0 for side in found)
    assert left * width <= found[0] * 1000 < found[2] * 1000 <= right * width
    assert top * height <= found[1] * 1000 < found[3] * 1000 <= bottom * height


@pytest.mark.parametrize("one", [(500, 0, 500, 10), (10, 10, 5, 20), (0, 0, 1, 1)])
def test_of_nothing_nothing_is_shown(one: Rectangle) -> None:
    assert inside(one, SIZE) is None
    assert len(set(view(textured(GRID, 3), (one,)).u.ravel().tolist())) == 1
