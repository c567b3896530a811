"""Between pixels and metres."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.base.errors import SceneError
from passerby.crowd.ground import Ground, from_points, from_pose

SIZE = (1280, 720)
poses = st.builds(lambda h, t, f: from_pose(h, t, f, SIZE), st.floats(2.5, 20), st.floats(12, 70), st.floats(40, 95))
low_points = st.lists(st.tuples(st.floats(0, 1280), st.floats(450, 720)), min_size=1, max_size=9)


@given(poses, low_points)
def test_there_and_back(ground: Ground, pixels: list[tuple[float, float]]) -> None:
    assert ground.pixels(ground.metres(pixels)) == pytest.approx(np.array(pixels), abs=1e-6)


def test_a_pose_by_hand() -> None:
    """45 degrees down from 5 m: the middle of the picture is 5 m ahead; below the camera is 0."""
    ground = from_pose(5, 45, 90, SIZE)
    assert ground.metres([(640, 360)])[0] == pytest.approx((0, 5))
    # A pixel to the right: the ray is 5·√2 m long, the focal length 640 px.
    assert ground.pixels_per_metre([(640, 360)])[0] == pytest.approx(640 / (5 * math.sqrt(2)), rel=1e-3)
    assert ground.mirrored


def test_straight_down_a_metre_is_a_metre_everywhere() -> None:
    ground = from_pose(4, 90, 90, SIZE)
    assert ground.pixels_per_metre([(10, 10), (640, 360), (1270, 710)]) == pytest.approx([160] * 3)
    assert ground.area_m2([(0, 0), (160, 0), (160, 160), (0, 160)]) == pytest.approx(1)


def test_sky_is_not_ground() -> None:
    ground = from_pose(5, 10, 60, SIZE)
    assert ground.sees([(640, 100), (640, 600)]).tolist() == [False, True]
    assert np.isnan(ground.metres([(640, 100)])).all()


@given(poses, st.floats(-math.pi, math.pi), st.floats(-50, 50))
def test_points_give_the_pose_back(true: Ground, turn: float, by: float) -> None:
    """Four known points say all: places, scale and how high people are, however the site's axes lie."""
    pixels = np.array([(200, 700), (1100, 690), (900, 480), (300, 470), (640, 600)])
    c, s = math.cos(turn), math.sin(turn)
    metres = true.metres(pixels) @ np.array([[c, -s], [s, c]]) + by
    ground = from_points(pixels, metres, SIZE)
    assert ground.misfit_m < 1e-6
    probe = [(500, 650), (700, 500)]
    assert ground.metres(probe) == pytest.approx(true.metres(probe) @ np.array([[c, -s], [s, c]]) + by, abs=1e-5)
    assert ground.up is not None
    assert ground.person_height_px(probe) == pytest.approx(true.person_height_px(probe), rel=1e-3)
    assert ground.mirrored == true.mirrored


def test_a_head_is_where_a_pinhole_puts_it() -> None:
    """By hand: level distance 10 m, camera 5 m up, tilt 20°, focal 640 px."""
    ground = from_pose(5, 20, 90, SIZE)
    feet = ground.pixels([(0, 10)])

    def row(height: float) -> float:
        below = math.atan2(5 - height, 10) - math.radians(20)
        return 360 + 640 * math.tan(below)

    assert feet[0, 1] == pytest.approx(row(0))
    assert ground.person_height_px(feet, 1.8)[0] == pytest.approx(row(0) - row(1.8))


@given(st.integers(0, 1000))
def test_more_points_average_errors_out(seed: int) -> None:
    true = from_pose(6, 35, 70, SIZE)
    chance = np.random.default_rng(seed)
    pixels = chance.uniform((0, 300), SIZE, (40, 2))
    noisy = true.metres(pixels) + chance.normal(0, 0.05, (40, 2))
    ground = from_points(pixels, noisy, SIZE)
    probe = [(400, 500), (900, 650)]
    assert np.linalg.norm(ground.metres(probe) - true.metres(probe), axis=1).max() < 0.15
    assert 0.02 < ground.misfit_m < 0.12


@pytest.mark.parametrize(
    ("image", "metres", "fault"),
    [
        ([(0, 0), (9, 0), (9, 9)], [(0, 0), (1, 0), (1, 1)], "few-ground-points"),
        ([(0, 0), (9, 0), (9, 9), (0, 9)], [(0, 0), (1, 0), (1, 1)], "ground-points"),
        ([(0, 0), (3, 3), (6, 6), (9, 9)], [(0, 0), (1, 0), (1, 1), (0, 1)], "collinear"),
        ([(0, 0), (9, 0), (9, 9), (0, 9)], [(0, 0), (1, 1), (2, 2), (3, 3)], "collinear"),
        ([(0, 0), (5, 0), (9, 0), (0, 9)], [(0, 0), (1, 0), (1, 1), (0, 1)], "collinear"),
        ([(0, 0), (9, 0), (9, 9), (0, 9)], [(0, 0), (1, 1), (1, 0), (0, 1)], "behind-horizon"),
        ([(0, 0), (9, 0), (9, 9), (0, 9), (4, 4)], [(0, 0), (9, 0), (9, 9), (0, 9), (0, 9)], "contradiction"),
    ],
)
def test_what_gives_no_ground_is_named(image: list, metres: list, fault: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(SceneError) as caught:
        from_points(np.array(image) * 10, metres)
    assert caught.value.fault == fault


@pytest.mark.parametrize("pose", [(0, 30, 60), (5, 0, 60), (5, 91, 60), (5, 30, 180), (math.nan, 30, 60)])
def test_no_camera_hangs_like_that(pose: tuple[float, float, float]) -> None:
    with pytest.raises(SceneError) as caught:
        from_pose(*pose, SIZE)
    assert caught.value.fault == "pose"
