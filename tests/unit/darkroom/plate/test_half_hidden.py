"""Whoever sits behind a table is boxed small; he speaks against the plate, and a slender post of his size doesn't."""

from __future__ import annotations

import pytest
from tests.unit.darkroom.scenes import found

from passerby.darkroom.find.found import Kind
from passerby.darkroom.plate.sizes import HALF_HIDDEN, HALF_HIDDEN_ASPECT, LARGEST, SMALLEST, SizePrior

PRIOR = SizePrior(100.0, 0.0)


@pytest.mark.parametrize(
    ("height", "width", "in_full", "half_hidden"),
    [
        (100 * SMALLEST + 1, 5, True, True),
        (100 * SMALLEST - 1, 38, False, True),
        (100 * HALF_HIDDEN + 1, 26, False, True),
        (100 * HALF_HIDDEN + 1, 26 * HALF_HIDDEN_ASPECT - 1, False, False),
        (100 * HALF_HIDDEN - 1, 40, False, False),
        (100 * LARGEST + 1, 100, False, False),
    ],
)
def test_which_boxes_can_be_people(height: float, width: float, in_full: bool, half_hidden: bool) -> None:
    box = found((50, 60, 50 + width, 60 + height))
    assert bool(len(PRIOR.plausible(box))) == in_full
    assert bool(len(PRIOR.plausible(box, half_hidden=True))) == half_hidden


def test_other_kinds_have_any_size() -> None:
    for kind in (Kind.VEHICLE, Kind.FACE, Kind.NUMBER_PLATE):
        assert len(PRIOR.plausible(found((50, 60, 52, 62), kind=kind))) == 1
