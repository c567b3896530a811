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
    to_hide_in_video,
    together,
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


def test_nothing_stays_nothing() -> None:
    assert len(to_hide_in_video(NOTHING, 500)) == 0
