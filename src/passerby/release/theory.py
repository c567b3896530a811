"""What the two distributions are in theory: probabilities and variances, to as many digits as asked for.

`decimal` rounds correctly, so that every machine computes the same digits: published numbers depend on the variances.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

DIGITS = 40
_KEPT = 12  # digits of a variance that is worked with
_FAR = 60  # exp(−60) is below what any figure here shows


def laplace_probability(value: int, scale: Fraction) -> float:
    """P(y) = (1 − a)/(1 + a) · a^|y| with a = exp(−1/scale)."""
    decay = _exp(-1 / scale)
    return float((1 - decay) / (1 + decay) * _exp(-abs(value) / scale))


def gaussian_probability(value: int, variance: Fraction) -> float:
    """P(y) = exp(−y²/(2σ²)) / Σ exp(−z²/(2σ²))."""
    return float(_exp(Fraction(-value * value) / (2 * variance)) / _whole(variance))


@lru_cache(maxsize=64)
def laplace_variance(scale: Fraction) -> Fraction:
    """2a/(1 − a)² with a = exp(−1/scale), to twelve digits."""
    decay = _exp(-1 / scale)
    return _rounded(2 * decay / (1 - decay) ** 2)


@lru_cache(maxsize=64)
def gaussian_variance(variance: Fraction) -> Fraction:
    """Σ y²·P(y), to twelve digits; never above σ²."""
    total = sum((2 * y * y * _exp(Fraction(-y * y) / (2 * variance)) for y in range(1, _reach(variance))), Decimal(0))
    return _rounded(total / _whole(variance))


@lru_cache(maxsize=64)
def _whole(variance: Fraction) -> Decimal:
    return 1 + 2 * sum((_exp(Fraction(-y * y) / (2 * variance)) for y in range(1, _reach(variance))), Decimal(0))


def _reach(variance: Fraction) -> int:
    """From here on the probabilities are below exp(−60)."""
    return int((2 * _FAR * float(variance)) ** 0.5) + 2


def _exp(value: Fraction) -> Decimal:
    context = Context(prec=DIGITS)
    return context.exp(context.divide(Decimal(value.numerator), Decimal(value.denominator)))


def _rounded(value: Decimal) -> Fraction:
    return Fraction(Context(prec=_KEPT).plus(value))
