"""The noise is what theory says: exactly, branch by branch; in seeded draws; and as OpenDP has it."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from scipy import stats
from tests.unit.release.kit import seeded

from passerby.release import samplers
from passerby.release.by_opendp import OpenDpNoise, at_least, at_least_root
from passerby.release.coins import SystemCoins, bernoulli_exp
from passerby.release.noise import ExactNoise, Mechanism
from passerby.release.samplers import discrete_gaussian, discrete_laplace
from passerby.release.theory import gaussian_probability, gaussian_variance, laplace_probability, laplace_variance

SCALES = [Fraction(1, 3), Fraction(1), Fraction(10, 7), Fraction(4)]
VARIANCES = [Fraction(1, 2), Fraction(5), Fraction(10)]
P = 0.001


class More(Exception):
    """The script is at its end, and a choice with these odds is asked for."""


class Again(Exception):
    """The sampler threw all away and begins again: whatever then comes has the same odds as before."""


class Script:
    """Coins that fall as told.

    Args:
        falls: The first choices.
        begins: The choice that a sampler begins with, if it begins again after a refusal.
    """

    def __init__(self, falls: tuple[int, ...], begins: int = 0) -> None:
        self._falls, self._at, self._begins = falls, 0, begins

    def below(self, end: int) -> int:
        if end == self._begins and self._at:
            raise Again
        return self.fall([Fraction(1, end)] * end)

    def fall(self, odds: list[Any]) -> int:
        if self._at == len(self._falls):
            raise More(odds)
        self._at += 1
        return self._falls[self._at - 1]


def by_branches(sampler: Callable[[Any], Any], least: float, one: Any, begins: int = 0) -> tuple[dict[Any, Any], Any]:
    """A sampler's probabilities, by every fall of its coins that is likelier than a bound; and what is undecided."""
    found: dict[Any, Any] = {}
    undecided, again, open_ = 0 * one, 0 * one, [((), one)]
    while open_:
        falls, weight = open_.pop()
        if weight < least:
            undecided += weight
            continue
        try:
            value = sampler(Script(falls, begins))
        except More as asked:
            open_ += [((*falls, fall), weight * odds) for fall, odds in enumerate(asked.args[0])]
        except Again:
            again += weight
        else:
            found[value] = found.get(value, 0 * one) + weight
    assert sum(found.values()) + undecided + again == pytest.approx(1)
    return {value: weight / (one - again) for value, weight in found.items()}, undecided / (one - again)


@pytest.mark.parametrize(("above", "below"), [(0, 1), (1, 3), (1, 1), (3, 2), (5, 2)])
def test_a_coin_of_exp_is_exact(above: int, below: int) -> None:
    """In fractions, from nothing but even choices."""
    found, undecided = by_branches(lambda coins: bernoulli_exp(coins, above, below), 1e-7, Fraction(1))
    low = float(found.get(True, Fraction(0)))
    assert low - 1e-12 <= math.exp(-above / below) <= low + float(undecided) + 1e-12
    assert undecided < Fraction(1, 1000)


@pytest.fixture
def exact_coins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The coin of exp is known to be exact: from here on it is one choice with its odds."""

    def coin(coins: Script, above: int, below: int) -> bool:
        odds = math.exp(-above / below)
        return bool(coins.fall([1 - odds, odds]))

    monkeypatch.setattr(samplers, "bernoulli_exp", coin)


@pytest.mark.parametrize("scale", [Fraction(1, 3), Fraction(1), Fraction(3, 2), Fraction(10, 7)], ids=str)
def test_discrete_laplace_is_exact(scale: Fraction, exact_coins: None) -> None:
    found, undecided = by_branches(lambda c: samplers.discrete_laplace(c, scale), 1e-7, 1.0, scale.numerator)
    assert undecided < 1e-5
    for value in range(-5, 6):
        low = found.get(value, 0.0)
        assert low - 1e-12 <= laplace_probability(value, scale) <= low + undecided + 1e-12


@pytest.mark.parametrize(("variance", "begins"), [(Fraction(1, 2), 1), (Fraction(5), 3)], ids=str)
def test_discrete_gaussian_is_exact(variance: Fraction, begins: int, exact_coins: None) -> None:
    found, undecided = by_branches(lambda c: samplers.discrete_gaussian(c, variance), 1e-7, 1.0, begins)
    assert undecided < 1e-4
    for value in range(-6, 7):
        low = found.get(value, 0.0)
        assert low - 1e-12 <= gaussian_probability(value, variance) <= low + undecided + 1e-12


def chi_square(values: list[int], probability: Callable[[int], float]) -> float:
    """How likely draws as far from theory as these are; what is rare is taken together."""
    counts = Counter(values)
    reach = next(r for r in itertools.count(1) if len(values) * probability(r) < 10)
    seen = [counts[v] for v in range(-reach + 1, reach)]
    due = [len(values) * probability(v) for v in range(-reach + 1, reach)]
    seen.append(len(values) - sum(seen))
    due.append(len(values) - sum(due))
    return float(stats.chisquare(seen, due).pvalue)


@pytest.mark.parametrize("scale", SCALES, ids=str)
def test_seeded_laplace_draws_fit(scale: Fraction) -> None:
    coins = seeded(7)
    values = [discrete_laplace(coins, scale) for _ in range(20_000)]
    assert chi_square(values, lambda v: laplace_probability(v, scale)) > P


@pytest.mark.parametrize("variance", VARIANCES, ids=str)
def test_seeded_gaussian_draws_fit(variance: Fraction) -> None:
    coins = seeded(8)
    values = [discrete_gaussian(coins, variance) for _ in range(8_000)]
    assert chi_square(values, lambda v: gaussian_probability(v, variance)) > P


def test_control_another_scale_does_not_fit() -> None:
    coins = seeded(9)
    values = [discrete_laplace(coins, Fraction(1)) for _ in range(20_000)]
    assert chi_square(values, lambda v: laplace_probability(v, Fraction(11, 10))) < P


def test_choices_are_even() -> None:
    coins = seeded(10)
    for end in (1, 2, 3, 5, 100):
        counts = Counter(coins.below(end) for _ in range(6000))
        assert set(counts) == set(range(end))
        assert end == 1 or stats.chisquare([counts[n] for n in range(end)]).pvalue > P


def test_no_choice_below_nothing() -> None:
    with pytest.raises(ValueError, match="no whole number"):
        seeded().below(0)


def test_randomness_is_asked_for_and_used_once() -> None:
    """Two sources of coins with the same bytes agree; the bytes asked for are the only chance there is."""
    assert [seeded(3).below(1000) for _ in range(2)] == [seeded(3).below(1000)] * 2
    asked: list[int] = []

    def bytes_of(count: int) -> bytes:
        asked.append(count)
        return bytes(range(256)) * (count // 256)

    coins = SystemCoins(bytes_of)
    for _ in range(20_000):
        coins.below(256)
    assert sum(asked) >= 20_000


@pytest.mark.parametrize("cost", [100, 700, 1000, 3000])
def test_theory_is_the_variance_of_the_probabilities(cost: int) -> None:
    scale, variance = Mechanism.LAPLACE.parameter(cost), Mechanism.GAUSSIAN.parameter(cost)
    found = sum(v * v * laplace_probability(v, scale) for v in range(-400, 401))
    assert found == pytest.approx(float(laplace_variance(scale)), rel=1e-6)
    found = sum(v * v * gaussian_probability(v, variance) for v in range(-60, 61))
    assert found == pytest.approx(float(gaussian_variance(variance)), rel=1e-6)


@pytest.mark.parametrize("cost", [1, 100, 333, 700, 1000, 3000])
def test_opendps_privacy_map_agrees_with_what_is_charged(cost: int) -> None:
    """OpenDP rounds its map up by one step of a float; nothing more than that may come on top."""
    oracle = OpenDpNoise()
    spent = oracle.measurement(Mechanism.LAPLACE, cost).map(1)
    assert cost / 1000 * (1 - 2**-50) <= spent <= cost / 1000 * (1 + 2**-50)
    spent = oracle.measurement(Mechanism.GAUSSIAN, cost).map(1.0)
    assert cost / 1000 * (1 - 2**-48) <= spent <= cost / 1000 * (1 + 2**-48)


@pytest.mark.parametrize("mechanism", list(Mechanism))
def test_ours_and_opendps_draws_are_alike(mechanism: Mechanism) -> None:
    """A two-sample test: its p-value is even between 0 and 1 where both are the same, so that 10⁻⁶ never comes."""
    zeros = [0] * 6000
    ours = ExactNoise(seeded(11)).noisy(mechanism, 500, zeros)
    theirs = OpenDpNoise().noisy(mechanism, 500, zeros)
    values = range(-3, 4)
    table = [[*(draws.count(v) for v in values), sum(abs(d) > 3 for d in draws)] for draws in (ours, theirs)]
    assert stats.chi2_contingency(table).pvalue > 1e-6


def test_scales_are_rounded_towards_more_noise() -> None:
    for cost in range(1, 400):
        scale, variance = Fraction(1000, cost), Fraction(1000, 2 * cost)
        assert Fraction(at_least(scale)) >= scale
        assert Fraction(at_least_root(variance)) ** 2 >= variance
