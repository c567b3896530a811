"""How many: numbers that behave like numbers of people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.crowd.occupancy import (
    CERTAINLY_NONE,
    EVEN_SCORE,
    Estimate,
    Smoother,
    chance,
    chances,
    expected,
    of_chances,
)

scores = st.floats(0, 1)


def test_nobody_found_is_nobody_at_all() -> None:
    assert expected([]) == Estimate(0, 0, 0)


def test_hardly_anything_is_nobody_at_all() -> None:
    assert chance(0.1) < CERTAINLY_NONE
    assert expected([0.0, 0.1, 0.1] * 100) == Estimate(0, 0, 0)


def test_an_even_score_is_an_even_chance() -> None:
    assert chance(EVEN_SCORE) == pytest.approx(0.5)


@given(scores, scores)
def test_the_chance_rises_with_the_score(one: float, other: float) -> None:
    assert 0 < chance(one) < 1
    assert (chance(one) <= chance(other)) or one > other


def test_sure_detections_count_nearly_one_each() -> None:
    estimate = expected([0.9] * 10)
    assert estimate.value == pytest.approx(10, abs=0.01)
    assert estimate.low < 10 < estimate.high
    assert estimate.high - estimate.low < 5


@given(st.lists(scores, max_size=60))
def test_the_interval_holds_the_value(found: list[float]) -> None:
    estimate = expected(found)
    assert 0 <= estimate.low <= estimate.value <= estimate.high
    assert estimate.value <= len(found)


@given(st.lists(scores, max_size=30), scores)
def test_one_more_is_never_fewer(found: list[float], more: float) -> None:
    assert expected([*found, more]).value >= expected(found).value


@given(st.lists(st.tuples(scores, scores), max_size=30))
def test_higher_scores_are_never_fewer(pairs: list[tuple[float, float]]) -> None:
    lower, higher = [min(p) for p in pairs], [max(p) for p in pairs]
    assert expected(lower).value <= expected(higher).value + 1e-9


@given(st.permutations([0.1, 0.3, 0.36, 0.5, 0.9]))
def test_the_order_does_not_matter(found: list[float]) -> None:
    assert expected(found).value == pytest.approx(expected(sorted(found)).value)


def test_the_less_sure_the_wider() -> None:
    sure, unsure = expected([0.9] * 8), expected([EVEN_SCORE] * 16)
    assert unsure.value == pytest.approx(sure.value, abs=0.1)
    assert unsure.high - unsure.low > sure.high - sure.low


def test_many_weak_boxes_say_that_people_hide_each_other() -> None:
    given = [0.9] * 10
    few, many = of_chances(given, 10), of_chances(given, 60)
    assert few == of_chances(given)
    assert many.value == few.value
    assert many.high > few.high + 10


def test_weak_boxes_alone_are_nobody() -> None:
    assert of_chances([0.01] * 40, 40) == Estimate(0, 0, 0)


def test_large_crowds_are_never_known_to_the_head() -> None:
    """However sure each detection is: the model's own error grows with the crowd."""
    estimate = expected([1.0] * 200)
    assert estimate.high - estimate.value > 0.15 * estimate.value


def test_a_flicker_does_not_count() -> None:
    smoother = Smoother(5)
    steady, flicker = Estimate(3, 2, 4), Estimate(30, 20, 40)
    assert [smoother.add(e).value for e in (steady, steady, steady, flicker, steady)] == [3, 3, 3, 3, 3]


def test_what_stays_counts_once_it_is_the_majority() -> None:
    smoother = Smoother(5)
    values = [smoother.add(Estimate(n, n, n)).value for n in (0, 0, 0, 0, 0, 9, 9, 9)]
    assert values == [0, 0, 0, 0, 0, 0, 0, 9]


@given(st.lists(st.tuples(*[st.floats(0, 100)] * 3).map(sorted), min_size=1, max_size=12), st.integers(1, 6))
def test_smoothing_keeps_value_and_interval_in_order(estimates: list[list[float]], length: int) -> None:
    smoother = Smoother(length)
    for low, value, high in estimates:
        smooth = smoother.add(Estimate(value, low, high))
        assert smooth.low <= smooth.value <= smooth.high
    last = estimates[-length:]
    assert min(e[1] for e in last) <= smooth.value <= max(e[1] for e in last)


boxes = st.tuples(st.floats(0, 400), st.floats(0, 300), st.floats(5, 60)).map(
    lambda b: (b[0], b[1], b[0] + b[2] / 2, b[1] + b[2])
)
detections = st.lists(st.tuples(scores, boxes), min_size=1, max_size=25)


def test_a_weak_box_alone_is_a_post_and_in_a_crowd_somebody() -> None:
    alone = chances([0.4], [(0, 0, 20, 50)])
    crowd = chances([0.4] + [0.8] * 12, [(0, 0, 20, 50)] + [(20 * n, 0, 20 * n + 20, 50) for n in range(1, 13)])
    far = chances([0.4] + [0.8] * 12, [(0, 0, 20, 50)] + [(3000 + 20 * n, 0, 3020 + 20 * n, 50) for n in range(12)])
    assert alone[0] < 0.1
    assert far[0] == pytest.approx(alone[0])
    assert crowd[0] > 0.7


@given(detections, st.tuples(scores, boxes))
def test_one_more_lowers_nobodys_chance(found: list, more: tuple) -> None:  # type: ignore[type-arg]
    before = chances(*zip(*found, strict=True))
    after = chances(*zip(*found, more, strict=True))
    assert (after[:-1] >= before - 1e-12).all()
    assert ((before >= 0) & (before <= 1)).all()


def test_nobody_has_no_chances() -> None:
    assert len(chances([], [])) == 0


def test_what_is_old_no_longer_takes_part() -> None:
    smoother = Smoother(5)
    for n in range(5):
        smoother.add(Estimate(3, 2, 4), n * 0.2)
    assert smoother.add(Estimate(9, 8, 10), 5.0) == Estimate(9, 8, 10)
