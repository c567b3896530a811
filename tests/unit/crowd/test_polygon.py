"""Polygons: areas, insides, crossings."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from passerby.crowd.polygon import area, crosses_itself, inside

coordinate = st.integers(-20, 20)
corners = st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8, unique=True)
SQUARE = [(0, 0), (4, 0), (4, 4), (0, 4)]


def test_a_square() -> None:
    assert area(SQUARE) == 16
    assert inside(SQUARE, [(2, 2), (5, 2), (-1, 2), (2, 5)]).tolist() == [True, False, False, False]
    assert not crosses_itself(SQUARE)


def test_a_bow_tie_crosses_itself() -> None:
    assert crosses_itself([(0, 0), (4, 4), (4, 0), (0, 4)])


@pytest.mark.parametrize("spike", [[(0, 0), (4, 0), (2, 0), (2, 3)], [(0, 0), (4, 0), (4, 4), (4, 0), (0, 4)]])
def test_spikes_and_corners_met_twice_cross(spike: list[tuple[int, int]]) -> None:
    assert crosses_itself(spike)


@given(corners)
def test_shapely_agrees_on_what_is_simple(given_: list[tuple[int, int]]) -> None:
    ring = shapely.LinearRing(given_)
    assert crosses_itself(given_) == (not ring.is_simple)


@given(corners, st.lists(st.tuples(st.floats(-25, 25), st.floats(-25, 25)), min_size=1, max_size=5))
def test_shapely_agrees_on_area_and_inside(given_: list[tuple[int, int]], of: list[tuple[float, float]]) -> None:
    polygon = shapely.Polygon(given_)
    assume(polygon.is_valid)
    assert area(given_) == pytest.approx(polygon.area)
    for point, found in zip(of, inside(given_, of), strict=True):
        if polygon.exterior.distance(shapely.Point(point)) > 1e-9:
            assert found == polygon.contains(shapely.Point(point))


@given(st.lists(st.tuples(st.floats(0, 8), st.floats(0, 4)), min_size=1, max_size=20))
def test_zones_side_by_side_count_nobody_twice(of: list[tuple[float, float]]) -> None:
    whole = inside([(0, 0), (8, 0), (8, 4), (0, 4)], of)
    left = inside([(0, 0), (3, 0), (5, 4), (0, 4)], of)
    right = inside([(3, 0), (8, 0), (8, 4), (5, 4)], of)
    assert not (left & right).any()
    assert ((left | right) == whole).all()


@given(corners, st.integers(-1000, 1000), st.integers(0, 7))
def test_the_area_knows_neither_place_nor_order(given_: list[tuple[int, int]], by: int, turn: int) -> None:
    moved = [(x + by, y - by) for x, y in given_]
    turned = moved[turn % len(moved) :] + moved[: turn % len(moved)]
    assert area(turned[::-1]) == pytest.approx(area(given_))
