"""Estimates are the best ones, their errors are right, and what is published is whole, not below zero, and adds up."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.release.choose import best, errors, flat, tree, with_total
from passerby.release.noise import Mechanism
from passerby.release.tree import Level, Shape, estimates, variance_of_span, weigh
from passerby.release.whole import published

SHAPES = [
    Shape(Mechanism.LAPLACE, (Level(0, 300), Level(1, 700))),
    Shape(Mechanism.LAPLACE, (Level(0, 0), Level(1, 1000))),
    Shape(Mechanism.GAUSSIAN, (Level(0, 100), Level(4, 200), Level(1, 300))),
    Shape(Mechanism.LAPLACE, (Level(0, 250), Level(8, 0), Level(4, 250), Level(2, 250), Level(1, 250))),
]


def matrix(shape: Shape, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Each drawn sum as a row over bins, and the variance of its noise."""
    rows, variances = [], []
    for at, level in enumerate(shape.levels):
        for first, end in shape.spans(bins, at) if level.cost else []:
            row = np.zeros(bins)
            row[first:end] = 1
            rows.append(row)
            variances.append(float(shape.mechanism.variance(level.cost)))
    return np.array(rows), np.array(variances)


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
@pytest.mark.parametrize("bins", [10, 16])
def test_two_passes_are_least_squares(shape: Shape, bins: int) -> None:
    """Numpy's own solution of the weighted problem is the oracle, of the values and of every span's variance."""
    dice = np.random.default_rng(bins)
    noisy = [[int(v) for v in dice.integers(-5, 90, len(shape.spans(bins, at)))] for at in range(len(shape.levels))]
    top = weigh(shape, shape.root(bins), [False] * bins, noisy)
    rows, variances = matrix(shape, bins)
    seen = np.concatenate([noisy[at] for at, level in enumerate(shape.levels) if level.cost])
    weights = 1 / np.sqrt(variances)
    due = np.linalg.lstsq(rows * weights[:, None], seen * weights, rcond=None)[0]
    assert [float(v) for v in estimates(top)] == pytest.approx(list(due), abs=1e-8)
    covariance = np.linalg.inv((rows / variances[:, None]).T @ rows)
    for first, end in [(0, 1), (3, 7), (0, bins), (5, 6), (0, 9)]:
        span = np.zeros(bins)
        span[first:end] = 1
        assert float(variance_of_span(top, first, end)) == pytest.approx(span @ covariance @ span, rel=1e-9)


@given(st.lists(st.integers(0, 300), min_size=4, max_size=30), st.sampled_from(SHAPES), st.randoms())
def test_without_noise_the_truth_comes_back(values: list[int], shape: Shape, dice: object) -> None:
    exact = [shape.sums(values, at) for at in range(len(shape.levels))]
    top = weigh(shape, shape.root(len(values)), [False] * len(values), exact)
    assert estimates(top) == values


@given(st.lists(st.tuples(st.integers(-40, 90), st.booleans()), min_size=2, max_size=40), st.integers(-50, 2000))
def test_what_was_not_observed_is_nothing(entries: list[tuple[int, bool]], total: int) -> None:
    shape = SHAPES[0]
    unseen = [not seen for _, seen in entries]
    noisy = [[total], [value for value, _ in entries]]
    found = estimates(weigh(shape, shape.root(len(entries)), unseen, noisy))
    assert all(value == 0 for value, gone in zip(found, unseen, strict=True) if gone)
    shown = published(found, [not gone for gone in unseen])
    assert all(value == 0 for value, gone in zip(shown, unseen, strict=True) if gone)


@given(st.lists(st.fractions(-50, 200, max_denominator=97), min_size=1, max_size=60), st.data())
def test_published_numbers_are_whole_and_add_up(values: list[Fraction], data: st.DataObject) -> None:
    free = [True, *data.draw(st.lists(st.booleans(), min_size=len(values) - 1, max_size=len(values) - 1))]
    given_ = [value if here else Fraction(0) for value, here in zip(values, free, strict=True)]
    shown = published(given_, free)
    assert all(type(v) is int and v >= 0 for v in shown)
    assert sum(shown) == max(0, round(sum(given_)))
    if all(v >= 0 for v in given_):
        assert all(abs(a - b) <= 1 for a, b in zip(shown, given_, strict=True))


def test_the_nearest_point_is_the_nearest() -> None:
    """By hand: 4 is to be shared; 3 is taken from each, and what is below zero stays there."""
    assert published([Fraction(5), Fraction(3), Fraction(-4)], [True] * 3) == [3, 1, 0]


def test_ragged_days_have_ragged_trees() -> None:
    shape = Shape(Mechanism.LAPLACE, (Level(0, 100), Level(16, 100), Level(4, 100), Level(1, 100)))
    for bins in (92, 96, 100):
        values = list(range(bins))
        sums = [shape.sums(values, at) for at in range(4)]
        assert [sum(level) for level in sums] == [sum(values)] * 4
        assert estimates(weigh(shape, shape.root(bins), [False] * bins, sums)) == values


def test_the_shape_is_chosen_by_computed_error() -> None:
    """A day of quarter hours: bins and a total. A tree pays only for sums that run from the morning on."""
    name, shape, found = best(Mechanism.LAPLACE, 1000, 96)
    assert name.startswith("flat and total")
    assert shape.cost == 1000
    only_bins, branches = flat(Mechanism.LAPLACE, 1000), tree(Mechanism.LAPLACE, 1000, [16, 4, 1])
    assert found.mark < min(errors(only_bins, 96).mark, errors(branches, 96).mark)
    assert found.day < errors(only_bins, 96).day / 2
    assert found.bin < errors(branches, 96).bin / 2
    assert errors(branches, 96).running < found.running


def test_each_bit_of_budget_is_handed_out() -> None:
    for cost in (7, 100, 999, 1000):
        for shape in (with_total(Mechanism.LAPLACE, cost, Fraction(1, 3)), tree(Mechanism.LAPLACE, cost, [16, 4, 1])):
            assert shape.cost == cost
