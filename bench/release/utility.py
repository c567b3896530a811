"""How near released numbers are to the counts: hours of 200 and more, days, by ε; on Auckland and Melbourne."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from bench.attacks.towns import Town, quarters
from bench.attacks.worlds import plan_of, sums

from passerby.release.day import NoisyDay, half_width, series

EPSILONS = (0.1, 0.3, 0.5, 1.0, 2.0, 3.0)
BUSY = 200


@dataclass(frozen=True, slots=True)
class Use:
    """Errors of released numbers.

    Args:
        town: On whose counts.
        epsilon: For one passage and day.
        hour: Median relative error of hours of 200 and more.
        hour_90: Nine of ten of them are within this.
        day: Median relative error of days.
        day_90: Nine of ten of them are within this.
        covered_bin: How many quarter hours' 90 % intervals hold the count.
        covered_hour: The same of hours.
        covered_day: The same of days.
        days: How many days.
    """

    town: str
    epsilon: float
    hour: float
    hour_90: float
    day: float
    day_90: float
    covered_bin: float
    covered_hour: float
    covered_day: float
    days: int


def uses(town: Town, most: int) -> Iterator[Use]:
    """One town, every ε, so many days drawn by lot from all sensors."""
    dice = np.random.default_rng(21)
    days = town.days()
    chosen = quarters(days[dice.choice(len(days), min(most, len(days)), replace=False)], 22)
    for epsilon in EPSILONS:
        yield _use(town.name, epsilon, chosen)


def _use(town: str, epsilon: float, days: np.ndarray) -> Use:
    plan = plan_of(epsilon, threshold=0)
    hours, totals = list[float](), list[float]()
    covered: dict[str, list[bool]] = {"bin": [], "hour": [], "day": []}
    for day in days.tolist():
        noisy = NoisyDay((15,) * len(day), {"line/in": sums(plan, day)})
        ((_, found),) = series(plan, noisy)
        errors = found.errors
        exact = [sum(day[at : at + 4]) for at in range(0, len(day), 4)]
        shown = [sum(found.bins[at : at + 4]) for at in range(0, len(day), 4)]
        hours += [abs(a - b) / b for a, b in zip(shown, exact, strict=True) if b >= BUSY]
        if total := sum(day):
            totals.append(abs(found.total - total) / total)
        covered["bin"] += [abs(a - b) <= half_width(v) for a, b, v in zip(found.bins, day, errors.bins, strict=True)]
        covered["hour"] += [abs(a - b) <= half_width(v) for a, b, v in zip(shown, exact, errors.hours, strict=True)]
        covered["day"].append(abs(found.total - total) <= half_width(errors.day))
    shares = [float(np.mean(covered[name])) for name in ("bin", "hour", "day")]
    spans = [float(np.quantile(v, q)) for v in (hours, totals) for q in (0.5, 0.9)]
    return Use(town, epsilon, *spans, *shares, len(days))
