"""Mechanisms: from true numbers straight to noisy ones. The noise itself has no name, no place and no copy.

**Theorem** (discrete Laplace). Let f be whole numbers, of which one passage more or less changes at most one, by at
most 1. Then f + noise of scale 1/ε on each is ε-differentially private for one passage. *Proof*: P(y − f)/P(y − f′) =
exp((|y − f′| − |y − f|)·ε) ≤ exp(ε), by the triangle inequality, in the one place where they differ; the draws are
independent, so the other places cancel. The samplers are exact: this holds for what runs, not for an idea of it.

**Theorem** (discrete Gaussian; Canonne, Kamath, Steinke 2020, Theorem 14). With variance σ² it is 1/(2σ²)-zero-
concentrated differentially private.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from fractions import Fraction
from typing import Protocol

from passerby.release.coins import Coins
from passerby.release.samplers import discrete_gaussian, discrete_laplace
from passerby.release.theory import gaussian_variance, laplace_variance

THOUSAND = 1000


class Mechanism(Enum):
    """How noise is drawn, and in what its cost is counted: thousandths of ε, or of ρ."""

    LAPLACE = "discrete-laplace"
    GAUSSIAN = "discrete-gaussian"

    @property
    def measure(self) -> str:
        """The name of what is spent."""
        return "epsilon" if self is Mechanism.LAPLACE else "rho"

    def parameter(self, cost: int) -> Fraction:
        """The scale of the Laplace, or the variance of the Gaussian, at a cost in thousandths."""
        if self is Mechanism.LAPLACE:
            return Fraction(THOUSAND, cost)
        return Fraction(THOUSAND, 2 * cost)

    def variance(self, cost: int) -> Fraction:
        """The variance of the noise at a cost in thousandths."""
        if self is Mechanism.LAPLACE:
            return laplace_variance(self.parameter(cost))
        return gaussian_variance(self.parameter(cost))


class Noise(Protocol):
    """Draws."""

    @property
    def name(self) -> str:
        """Whose code it is, for the public record."""

    def noisy(self, mechanism: Mechanism, cost: int, values: Sequence[int]) -> list[int]:
        """Each value with noise of its own, at a cost in thousandths for whoever is in one of them."""


class ExactNoise:
    """This product's own samplers.

    Args:
        coins: Chance.
    """

    name = "passerby"

    def __init__(self, coins: Coins) -> None:
        self._coins = coins

    def noisy(self, mechanism: Mechanism, cost: int, values: Sequence[int]) -> list[int]:
        """See `Noise`."""
        draw = discrete_laplace if mechanism is Mechanism.LAPLACE else discrete_gaussian
        parameter = mechanism.parameter(cost)
        return [value + draw(self._coins, parameter) for value in values]
