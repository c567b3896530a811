"""Exact samplers of the discrete Laplace and the discrete Gaussian distribution, in whole numbers.

Source: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy" (NeurIPS 2020), Algorithms 2 and 3.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from passerby.release.coins import Coins, bernoulli_exp


def discrete_laplace(coins: Coins, scale: Fraction) -> int:
    """A whole number y with probability proportional to exp(−|y|/scale).

    With scale = t/s: X = U + tV, where U is below t and kept with probability exp(−U/t) and V counts coins of bias
    exp(−1), is geometric: P(X = x) ∝ exp(−x/t). Then ⌊X/s⌋ is geometric with exp(−s/t). A fair sign, with one of the
    two zeros refused, makes it two-sided.

    Args:
        coins: Chance.
        scale: Above 0.
    """
    above, below = scale.numerator, scale.denominator
    while True:
        rest = coins.below(above)
        if not bernoulli_exp(coins, rest, above):
            continue
        whole = 0
        while bernoulli_exp(coins, 1, 1):
            whole += 1
        size = (rest + above * whole) // below
        negative = coins.below(2)
        if not (negative and size == 0):
            return -size if negative else size


def discrete_gaussian(coins: Coins, variance: Fraction) -> int:
    """A whole number y with probability proportional to exp(−y²/(2·variance)).

    From a discrete Laplace y of scale t = ⌊σ⌋ + 1, kept with probability exp(−(|y| − σ²/t)²/(2σ²)): the product of the
    two is exp(−y²/(2σ²)) times a constant.

    Args:
        coins: Chance.
        variance: σ² above 0.
    """
    scale = isqrt(variance.numerator // variance.denominator) + 1
    while True:
        found = discrete_laplace(coins, Fraction(scale))
        gap = (abs(found) - variance / scale) ** 2 / (2 * variance)
        if bernoulli_exp(coins, gap.numerator, gap.denominator):
            return found
