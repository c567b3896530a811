"""How tall people are expected to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.darkroom.scenes import found

from passerby.darkroom.find.found import Found, Kind
from passerby.darkroom.plate.sizes import FEWEST_BOXES, LARGEST, SMALLEST, SURE_SCORE, SizePrior, fit_sizes

PICTURE = 480


def bodies(a: float, b: float, count: int = 60, outliers: float = 0.0, seed: int = 0, score: float = 0.6) -> Found:
    random = np.random.default_rng(seed)
    tops = random.uniform(0, 300, count)
    heights = np.maximum(a + b * tops, 2) * random.uniform(0.95, 1.05, count)
    wild = random.random(count) < outliers
    heights[wild] *= random.choice([0.3, 2.5], wild.sum())
    return found(*[(10.0, t, 10 + h / 3, t + h) for t, h in zip(tops, heights, strict=True)], score=score)


@settings(max_examples=30)
@given(st.floats(10, 60), st.floats(0, 0.35), st.sampled_from([0.0, 0.2]), st.integers(0, 1000))
def test_a_line_is_found_through_outliers(a: float, b: float, outliers: float, seed: int) -> None:
    seen = bodies(a, b, 150, outliers, seed)
    sizes = fit_sizes([seen.where(np.arange(150) % 3 == n) for n in range(3)], PICTURE)
    assert sizes is not None
    for y in (20.0, 150.0, 280.0):
        assert sizes.height_px(np.array([y], np.float32))[0] == pytest.approx(a + b * y, rel=0.15, abs=2)


def test_few_boxes_say_nothing() -> None:
    assert fit_sizes([], PICTURE) is None
    assert fit_sizes([bodies(50, 0.2, FEWEST_BOXES - 1)], PICTURE) is None
    assert fit_sizes([bodies(50, 0.2, FEWEST_BOXES)], PICTURE) is not None


def test_unsure_boxes_and_others_than_people_do_not_count() -> None:
    assert fit_sizes([bodies(50, 0.2, score=SURE_SCORE - 0.01)], PICTURE) is None
    cars = bodies(50, 0.2)
    assert fit_sizes([Found(cars.boxes, cars.scores, np.full(60, Kind.VEHICLE, np.uint8))], PICTURE) is None


def test_bodies_cut_by_the_lower_edge_do_not_count() -> None:
    cut = found(*[(10.0, 400.0 + n / 10, 30.0, 479.0) for n in range(60)])
    assert fit_sizes([cut], PICTURE) is None
    sizes = fit_sizes([cut, bodies(50, 0.0)], PICTURE)
    assert sizes is not None
    assert sizes.height_px(np.array([400], np.float32))[0] == pytest.approx(50, rel=0.1)


def test_all_at_one_height_are_a_level_line() -> None:
    sizes = fit_sizes([found(*[(0.0, 100.0 + n % 3, 30.0, 180.0 + n % 3) for n in range(40)])], PICTURE)
    assert sizes == SizePrior(80.0, 0.0)


def test_thousands_of_boxes_are_no_work() -> None:
    assert fit_sizes([bodies(50, 0.2, 5000)], PICTURE) is not None


def test_heights_are_never_under_eight_pixels() -> None:
    assert SizePrior(-50, 0.1).height_px(np.array([0, 100, 1000], np.float32)).tolist() == [8, 8, 50]


@pytest.mark.parametrize(
    ("height", "kept"),
    [(100 * SMALLEST + 1, True), (100 * SMALLEST - 1, False), (100 * LARGEST - 1, True), (100 * LARGEST + 1, False)],
)
def test_only_people_of_impossible_size_are_left_out(height: float, kept: bool) -> None:
    box = (10.0, 50.0, 40.0, 50.0 + height)
    sizes = SizePrior(100.0, 0.0)
    assert len(sizes.plausible(found(box))) == kept
    for kind in (Kind.FACE, Kind.VEHICLE, Kind.NUMBER_PLATE):
        assert len(sizes.plausible(found(box, kind=kind))) == 1
