"""Whoever sits behind a table is boxed small; he speaks against the plate, and what is smaller than a face doesn't."""

from __future__ import annotations

import pytest
from tests.unit.darkroom.scenes import found

from passerby.darkroom.find.found import Kind
from passerby.darkroom.plate.sizes import HALF_HIDDEN, HALF_HIDDEN_PX, LARGEST, SMALLEST, SizePrior

PRIOR = SizePrior(100.0, 0.0)


@pytest.mark.parametrize(
    ("height", "width", "in_full", "half_hidden"),
    [
        (100 * SMALLEST + 1, 5, True, True),
        (100 * SMALLEST - 1, 38, False, True),
        (HALF_HIDDEN_PX, 12, False, True),
        (HALF_HIDDEN_PX - 0.5, 40, False, False),
        (100 * LARGEST + 1, 100, False, False),
    ],
)
def test_which_boxes_can_be_people(height: float, width: float, in_full: bool, half_hidden: bool) -> None:
    box = found((50, 60, 50 + width, 60 + height))
    assert bool(len(PRIOR.plausible(box))) == in_full
    assert bool(len(PRIOR.plausible(box, half_hidden=True))) == half_hidden


def test_of_tall_people_a_small_part_is_not_enough() -> None:
    box = found((50, 60, 90, 60 + 400 * HALF_HIDDEN - 1))
    assert not len(SizePrior(400.0, 0.0).plausible(box, half_hidden=True))


def test_the_second_networks_people_have_the_same_sizes() -> None:
    for height in (30, 50, 150):
        boxes = [found((50, 60, 90, 60 + height), kind=kind) for kind in (Kind.PERSON, Kind.SECOND_OPINION)]
        assert len({len(PRIOR.plausible(box)) for box in boxes}) == 1


def test_other_kinds_have_any_size() -> None:
    for kind in (Kind.VEHICLE, Kind.FACE, Kind.NUMBER_PLATE):
        assert len(PRIOR.plausible(found((50, 60, 52, 62), kind=kind))) == 1
