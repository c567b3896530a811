"""Numbers of places: against a plain calculation, and neighbours near each other."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from passerby.charter.register.map import DEEPEST, EDGE_DEGREES, centre_of, quad_of, tile_range

LATITUDES = st.integers(-90_000_000, 90_000_000)
LONGITUDES = st.integers(-180_000_000, 180_000_000)


def plain_tile(latitude: float, longitude: float, zoom: int) -> tuple[int, int]:
    """As the wiki of OpenStreetMap writes it down."""
    latitude = max(-EDGE_DEGREES, min(EDGE_DEGREES, latitude))
    n = 2**zoom
    x = (longitude + 180) / 360 * n
    y = (1 - math.log(math.tan(math.radians(latitude)) + 1 / math.cos(math.radians(latitude))) / math.pi) / 2 * n
    return min(n - 1, max(0, int(x))), min(n - 1, max(0, int(y)))


@given(LATITUDES, LONGITUDES, st.integers(0, 18))
def test_a_point_is_in_its_tile(latitude: int, longitude: int, zoom: int) -> None:
    x, y = plain_tile(latitude / 1e6, longitude / 1e6, zoom)
    first, past = tile_range(zoom, x, y)
    quad, size = quad_of(latitude, longitude), past - first
    if not first <= quad < past:  # on an edge two ways of rounding may differ by one tile
        near = [tile_range(zoom, x + i, y + j)[0] for i in (-1, 0, 1) for j in (-1, 0, 1) if x + i >= 0 and y + j >= 0]
        assert any(start <= quad < start + size for start in near)
        assert zoom > 10


def test_known_tiles() -> None:
    hong_kong = quad_of(22_281_900, 114_158_100)
    assert plain_tile(22.2819, 114.1581, 14) == (13387, 7151)
    first, past = tile_range(14, 13387, 7151)
    assert first <= hong_kong < past
    assert tile_range(0, 0, 0) == (0, 1 << 2 * DEEPEST)


@given(LATITUDES, LONGITUDES, st.integers(1, 18))
def test_the_middle_of_a_cell_is_in_it(latitude: int, longitude: int, zoom: int) -> None:
    cell = quad_of(latitude, longitude) >> 2 * (DEEPEST - zoom)
    assert quad_of(*centre_of(cell, zoom)) >> 2 * (DEEPEST - zoom) == cell


@given(st.integers(0, 18), st.data())
def test_four_tiles_make_the_one_above(zoom: int, data: st.DataObject) -> None:
    x, y = (data.draw(st.integers(0, (1 << zoom) - 1)) for _ in range(2))
    first, past = tile_range(zoom, x, y)
    below = sorted(tile_range(zoom + 1, 2 * x + i, 2 * y + j) for i in (0, 1) for j in (0, 1))
    assert below[0][0] == first and below[-1][1] == past
    assert all(one[1] == other[0] for one, other in pairwise(below))
