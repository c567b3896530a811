"""Small pictures for detectors, and the way back from their boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import blank, painted

from passerby.darkroom.find.view import view_of
from passerby.darkroom.grid import Grid


@settings(max_examples=40)
@given(
    st.tuples(st.integers(40, 700), st.integers(40, 700)),
    st.sampled_from([(640, 384), (320, 320), (96, 64)]),
    st.tuples(st.floats(0, 0.6), st.floats(0, 0.6), st.floats(0.3, 0.4), st.floats(0.3, 0.4)),
)
def test_what_is_seen_maps_back_to_where_it_is(
    size: tuple[int, int], input_size: tuple[int, int], part: tuple[float, float, float, float]
) -> None:
    width, height = size
    box = tuple(
        float(round(n))
        for n in (part[0] * width, part[1] * height, (part[0] + part[2]) * width, (part[1] + part[3]) * height)
    )
    view = view_of(painted(blank(Grid(*size), 20), box, 230), size, input_size, full_range=True)
    assert view.size == input_size
    bright = view.picture[:, :, 1] > 172
    ys, xs = np.nonzero(bright)
    seen = np.array([[xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]], np.float32)
    back = view.to_frame(seen)[0]
    slack = 1.6 / view.scale + 1.5
    assert np.abs(back - np.array(box)).max() <= slack


@pytest.mark.parametrize("size", [(300, 100), (100, 300), (640, 384)])
def test_the_whole_frame_is_seen_and_the_rest_is_grey(size: tuple[int, int]) -> None:
    view = view_of(blank(Grid(*size), 250), size, (320, 192), full_range=True)
    seen = (view.picture > 200).all(axis=2)
    scale = min(320 / size[0], 192 / size[1])
    assert seen.sum() == round(size[0] * scale) * round(size[1] * scale)
    assert (view.picture[~seen] == 114).all()


def test_the_padding_is_not_seen() -> None:
    planes = blank(Grid(70, 70), 100)
    planes.y[70:] = planes.y[:, 70:] = 255
    planes.u[35:] = planes.u[:, 35:] = 255
    assert (view_of(planes, (70, 70), (64, 64), full_range=True).picture == 100).all()


@pytest.mark.parametrize(
    ("full_range", "luma", "grey"), [(True, 100, 100), (False, 16, 0), (False, 235, 255), (False, 126, 128)]
)
def test_limited_range_is_stretched(full_range: bool, luma: int, grey: int) -> None:
    view = view_of(blank(Grid(64, 64), luma), (64, 64), (64, 64), full_range=full_range)
    assert np.abs(view.picture.astype(int) - grey).max() <= 1


def test_colours_are_blue_green_red() -> None:
    red = view_of(blank(Grid(64, 64), 100, 90, 220), (64, 64), (64, 64), full_range=True).picture[0, 0].astype(int)
    assert red[2] > red[1] + 50
    assert red[2] > red[0] + 50
    blue = view_of(blank(Grid(64, 64), 100, 220, 90), (64, 64), (64, 64), full_range=True).picture[0, 0].astype(int)
    assert blue[0] > blue[2] + 50
