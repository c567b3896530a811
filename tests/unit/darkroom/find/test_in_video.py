"""What a camera's picture has to hide: no number plate as high as a fifth of it, no vehicle that tells nothing."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.darkroom.scenes import found

from passerby.darkroom.find.found import (
    DOUBTFUL_VEHICLE,
    NOTHING,
    SMALL_VEHICLE_PX,
    Kind,
    lower_part_of_doubtful,
    to_hide_in_video,
    together,
    without_lone_vehicles,
)


def test_only_number_plates_have_a_largest_height() -> None:
    for kind in Kind:
        small, large = found((0, 0, 300, 99), kind=kind), found((0, 0, 300, 101), kind=kind)
        kept = to_hide_in_video(together([small, large]), 500)
        assert len(kept) == (1 if kind is Kind.NUMBER_PLATE else 2)


def test_only_vehicles_have_a_least_height() -> None:
    for kind in Kind:
        small = found((0, 0, 300, SMALL_VEHICLE_PX - 1), kind=kind)
        assert len(to_hide_in_video(small, 500)) == (0 if kind is Kind.VEHICLE else 1)


@pytest.mark.parametrize(("score", "top"), [(DOUBTFUL_VEHICLE + 0.01, 10), (DOUBTFUL_VEHICLE - 0.01, 60)])
def test_of_a_doubtful_vehicle_the_lower_half_counts(score: float, top: float) -> None:
    given = found((5, 10, 300, 110), kind=Kind.VEHICLE, score=score)
    kept = to_hide_in_video(given, 500)
    assert np.array_equal(kept.boxes, np.array([[5, top, 300, 110]], np.float32))
    assert given.boxes[0, 1] == 10, "what was given isn't changed"


@pytest.mark.parametrize(
    ("height", "score", "second", "kept"),
    [
        (200, 0.3, None, 0),
        (200, 0.36, None, 1),
        (100, 0.3, None, 1),
        (200, 0.3, 190, 2),
        (200, 0.3, 20, 1),
        (310, 0.3, None, 1),
    ],
)
def test_a_large_doubtful_vehicle_must_be_seen_at_both_scales(
    height: float, score: float, second: float | None, kept: int
) -> None:
    boxes = [found((5, 10, 300, 10 + height), kind=Kind.VEHICLE, score=score)]
    if second is not None:
        boxes.append(found((5, 10, 300, 10 + second), kind=Kind.VEHICLE, score=0.25))
    assert len(without_lone_vehicles(together(boxes), 500)) == kept


def test_a_person_is_never_dropped_with_the_vehicle() -> None:
    both = together([found((5, 10, 300, 310), kind=kind, score=0.2) for kind in Kind if kind is not Kind.VEHICLE])
    assert len(without_lone_vehicles(both, 500)) == len(both)


@pytest.mark.parametrize(("top", "score", "first"), [(50, 0.3, 100), (50, 0.4, 50), (9, 0.3, 9)])
def test_of_a_doubtful_vehicle_in_a_picture_the_lower_part_counts_unless_it_is_cut_off(
    top: float, score: float, first: float
) -> None:
    """Of a trailer whose top was out of the picture the number plate stood in the upper half of what was left."""
    given = found((5, top, 300, top + 100), kind=Kind.VEHICLE, score=score)
    assert lower_part_of_doubtful(given, 500, 0.5).boxes[0, 1] == first


def test_nothing_stays_nothing() -> None:
    assert len(to_hide_in_video(NOTHING, 500)) == 0
