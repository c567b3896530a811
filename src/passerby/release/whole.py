"""From best estimates to what is published: whole numbers, none below zero, that add up.

Post-processing: it looks at noisy values only, so that it costs no privacy (Dwork and Roth 2014, Proposition 2.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def published(estimates: Sequence[Fraction], free: Sequence[bool]) -> list[int]:
    """Whole numbers from 0 up, nearest to the estimates, whose sum is the rounded sum of the estimates.

    Args:
        estimates: Of each bin.
        free: Whether the bin was observed; one that was not stays 0.
    """
    total = round(sum(estimates, Fraction(0)))
    if total <= 0:
        return [0] * len(estimates)
    open_bins = [i for i, is_free in enumerate(free) if is_free]
    kept = _at_least_zero([estimates[i] for i in open_bins], total)
    found = [0] * len(estimates)
    for i, value in zip(open_bins, _rounded(kept, total), strict=True):
        found[i] = value
    return found


def _at_least_zero(values: Sequence[Fraction], total: int) -> list[Fraction]:
    """The nearest point with no part below zero and this sum: all less the same, and zero where that is below it."""
    rest, cut = Fraction(0), Fraction(0)
    for count, value in enumerate(sorted(values, reverse=True), 1):
        rest += value
        if value <= (less := (rest - total) / count):
            break
        cut = less
    return [max(value - cut, Fraction(0)) for value in values]


def _rounded(values: Sequence[Fraction], total: int) -> list[int]:
    """Rounded down, and up where most was lost, until the sum is right; the earlier bin where two lost the same."""
    found = [value.numerator // value.denominator for value in values]
    order = sorted(range(len(values)), key=lambda i: (found[i] - values[i], i))
    for i in order[: total - sum(found)]:
        found[i] += 1
    return found
