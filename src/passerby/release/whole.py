"""From best estimates to what is published: whole numbers, none below zero, that add up.

Post-processing: it looks at noisy values only, so that it costs no privacy (Dwork and Roth 2014, Proposition 2.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def published(estimates: Sequence[Fraction], free: Sequence[bool]) -> list[int]:
    """Whole numbers from 0 up, nearest to the estimates, whose sum is the rounded sum of the estimates.

    Args:
        estimates: Of each bin.
        free: Whether the bin was observed; one that was not stays 0.
    """
    total = round(sum(estimates, Fraction(0)))
    found = [0] * len(estimates)
    if total <= 0:
        return found
    open_bins = [i for i, is_free in enumerate(free) if is_free]
    # All over one denominator: whole numbers are compared and added far faster than fractions.
    below = lcm(*(estimates[i].denominator for i in open_bins))
    values = [estimates[i].numerator * (below // estimates[i].denominator) for i in open_bins]
    for i, value in zip(open_bins, _shared(values, below, total), strict=True):
        found[i] = value
    return found


def _shared(values: Sequence[int], below: int, total: int) -> list[int]:
    """Numbers over a denominator to whole numbers from 0 up with this sum.

    First the nearest point with no part below zero and this sum: all less the same, and zero where that is below it.
    Then rounded down, and up where most was lost, the earlier bin where two lost the same.
    """
    rest = excess = 0
    kept = 1
    for count, value in enumerate(sorted(values, reverse=True), 1):
        rest += value
        if value * count <= rest - total * below:
            break
        excess, kept = rest - total * below, count
    parts = [divmod(max(value * kept - excess, 0), below * kept) for value in values]
    found = [whole for whole, _ in parts]
    order = sorted(range(len(values)), key=lambda i: (-parts[i][1], i))
    for i in order[: total - sum(found)]:
        found[i] += 1
    return found
