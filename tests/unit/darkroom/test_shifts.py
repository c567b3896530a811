"""How the picture moves where people are: made-up people over a made-up street."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.darkroom.street import SIZE, street

from passerby.darkroom._frames import RawPlanes, padded
from passerby.darkroom.shifts import KEEP_EVERY_S, LONGEST_PX, LONGEST_S, MOST_BODIES, Shifts, small

Boxes = NDArray[np.float32]


def row(count: int) -> Boxes:
    """People beside each other, 24 by 60 pixels."""
    x = 60.0 + 520.0 / count * np.arange(count)
    return np.column_stack((x, np.full(count, 150.0), x + 24, np.full(count, 210.0))).astype(np.float32)


def shifts(boxes: Boxes, moved: NDArray[np.float64], shaken: tuple[int, int] = (0, 0)) -> NDArray[np.float64]:
    """What is said of people who moved by so many pixels in 0.3 s."""
    seen = Shifts(SIZE)
    seen.keep(street(boxes), 10.0)
    before = seen.before(10.3)
    assert before is not None
    now = boxes + np.tile(moved, 2).astype(np.float32)
    return seen.of(now - np.tile(np.array(shaken, np.float32), 2), street(now, shaken), 10.3, before)


def test_each_moves_as_the_picture_does_there() -> None:
    moved = np.array([(6, 0), (-6, 0), (0, 4), (9, -5), (0, 0)], np.float64)
    assert shifts(row(5), moved) == pytest.approx(moved / 0.3, abs=3)


def test_a_camera_that_shakes_moves_nobody() -> None:
    moved = np.array([(6, 0), (-6, 0), (0, 4), (9, -5), (0, 0)], np.float64)
    assert shifts(row(5), moved, shaken=(4, 6)) == pytest.approx(moved / 0.3, abs=4)


def test_of_what_is_plain_nothing_is_said() -> None:
    seen, grey = Shifts(SIZE), np.full((192, 320), 128, np.uint8)
    plain = RawPlanes(np.full((384, 640), 90, np.uint8), grey, grey)
    seen.keep(plain, 0.0)
    before = seen.before(0.3)
    assert before is not None
    assert np.isnan(seen.of(row(3), plain, 0.3, before)).all()
    assert seen.of(row(1)[:0], plain, 0.3, before).shape == (0, 2)


def test_of_a_whole_crowd_the_likeliest_are_asked() -> None:
    boxes = np.concatenate([row(26) + np.array([0, dy, 0, dy], np.float32) for dy in range(-120, 121, 34)])
    assert len(boxes) > MOST_BODIES
    found = shifts(boxes, np.zeros((len(boxes), 2)))
    assert np.isnan(found[MOST_BODIES:]).all()
    told = found[:MOST_BODIES][np.isfinite(found[:MOST_BODIES]).all(axis=1)]
    assert len(told) > MOST_BODIES / 2 and np.abs(told).max() < 3


def test_pictures_are_compared_that_are_near_in_time() -> None:
    seen, planes = Shifts(SIZE), street(row(1))
    assert seen.before(1.0) is None
    for n in range(40):
        seen.keep(planes, n * 0.04)
    last = 39 * 0.04
    before = seen.before(last)
    assert before is not None and last - before.time_s == pytest.approx(0.3, abs=KEEP_EVERY_S)
    assert seen.before(last + LONGEST_S + 0.2) is None
    # Time that runs backwards: what was kept is of another connection.
    seen.keep(planes, 0.0)
    assert seen.before(last) is None and seen.before(0.3) is not None


@pytest.mark.parametrize("size", [(64, 64), (480, 360), (1920, 1080), (3840, 2160)])
def test_small_pictures_are_small(size: tuple[int, int]) -> None:
    width, height = size
    grey = np.zeros((padded(height) // 2, padded(width) // 2), np.uint8)
    made = small(RawPlanes(np.zeros((padded(height), padded(width)), np.uint8), grey, grey), size, 0.0)
    assert max(made.luma.shape) <= LONGEST_PX and made.luma.shape[1] == width // made.px
