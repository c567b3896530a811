"""Ten million draws held against theory, by chi-square and by single probabilities."""

from __future__ import annotations

import itertools
import math
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from scipy import stats

from passerby.release.coins import SystemCoins
from passerby.release.noise import Mechanism
from passerby.release.samplers import discrete_gaussian, discrete_laplace
from passerby.release.theory import gaussian_probability, laplace_probability

CASES = [(Mechanism.LAPLACE, 300, 0.35), (Mechanism.LAPLACE, 700, 0.35), (Mechanism.LAPLACE, 3000, 0.15),
         (Mechanism.GAUSSIAN, 100, 0.15)]  # fmt: skip
P = 0.001


@dataclass(frozen=True, slots=True)
class Fit:
    """How draws fit theory.

    Args:
        name: Which draws.
        draws: How many.
        p: Of chi-square.
        worst: The largest distance of a single probability from theory, in its standard deviations.
        allowed: What the largest of so many may be, at the same p.
        us: Microseconds of the processor for a draw.
    """

    name: str
    draws: int
    p: float
    worst: float
    allowed: float
    us: float

    @property
    def fits(self) -> bool:
        """Whether both are likely."""
        return self.p > P and self.worst < self.allowed


def fits(total: int) -> list[Fit]:
    """All cases, with this many draws together."""
    return [fit(mechanism, cost, int(total * share)) for mechanism, cost, share in CASES]


def fit(mechanism: Mechanism, cost: int, draws: int) -> Fit:
    """One case, with the system's randomness."""
    coins, parameter = SystemCoins(os.urandom), mechanism.parameter(cost)
    sampler = discrete_laplace if mechanism is Mechanism.LAPLACE else discrete_gaussian
    begun = time.process_time()
    counts = Counter(sampler(coins, parameter) for _ in range(draws))
    us = (time.process_time() - begun) / draws * 1e6

    def probability(value: int) -> float:
        in_theory = laplace_probability if mechanism is Mechanism.LAPLACE else gaussian_probability
        return in_theory(value, parameter)

    return _fit(f"{mechanism.value}, {mechanism.measure} {cost / 1000:g}", counts, draws, probability, us)


def _fit(name: str, counts: Counter[int], draws: int, probability: Callable[[int], float], us: float) -> Fit:
    reach = next(r for r in itertools.count(1) if draws * probability(r) < 10)
    values = range(-reach + 1, reach)
    seen = [counts[v] for v in values]
    due = [draws * probability(v) for v in values]
    worst = max(abs(s - d) / math.sqrt(d * (1 - d / draws)) for s, d in zip(seen, due, strict=True))
    seen.append(draws - sum(seen))
    due.append(draws - sum(due))
    p = float(stats.chisquare(seen, due, sum_check=False).pvalue) if due[-1] > 0 else math.nan
    return Fit(name, draws, p, worst, float(stats.norm.isf(P / 2 / len(values))), us)
