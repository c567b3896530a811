"""Was this person among them? Membership inference on aggregate series (Pyrgelis, Troncoso, De Cristofaro 2017)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from bench.attacks.towns import Counts, Town, quarters
from bench.attacks.worlds import NOISE, THRESHOLD, View, plan_of, raw, released, suppressed

from passerby.release.noise import Mechanism
from passerby.release.plan import Plan

Z = 3.0  # standard deviations of chance that a measured advantage is given


@dataclass(frozen=True, slots=True)
class Result:
    """What an attack gained: true less false positives, at its best threshold.

    Args:
        attack: Its name.
        town: On which counts.
        seen: What it saw: raw, suppressed or released.
        advantage: Gained.
        chance: Standard deviation of that number by chance.
        bound: What no attack may gain on released numbers.
    """

    attack: str
    town: str
    seen: str
    advantage: float
    chance: float
    bound: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is within its bound, but for chance."""
        return self.bound is None or self.advantage <= self.bound + Z * self.chance


def advantage(inside: Sequence[float], outside: Sequence[float]) -> tuple[float, float]:
    """The best of all thresholds on half of the scores, measured on the other half; and its standard deviation."""
    a, b = np.array(inside), np.array(outside)
    train = a[::2], b[::2]
    test = a[1::2], b[1::2]
    cuts = np.unique(np.concatenate(train))
    gains = [(np.mean(train[0] >= cut) - np.mean(train[1] >= cut), cut) for cut in cuts[:: max(1, len(cuts) // 400)]]
    cut = max(gains)[1]
    found = [float(np.mean(side >= cut)) for side in test]
    chance = math.sqrt(sum(p * (1 - p) / len(side) for p, side in zip(found, test, strict=True)))
    return found[0] - found[1], max(chance, 1 / math.sqrt(len(test[0])) / 10)


def targets(town: Town, count: int, seed: int) -> list[tuple[list[int], int]]:
    """Days of quarter hours, and for each a quarter hour from 7 to 23 in which somebody passes."""
    dice = np.random.default_rng(seed)
    days = town.days()
    chosen = quarters(days[dice.integers(0, len(days), count)], seed)
    return [(day.tolist(), int(at)) for day, at in zip(chosen, dice.integers(28, 92, count), strict=True)]


def knowing_all_others(town: Town, epsilon: float, count: int, seed: int = 1, *, hourly: bool = False) -> list[Result]:
    """The attacker knows every other passage, and asks for one. Differential privacy promises its bound even then.

    Args:
        town: On whose counts.
        epsilon: Of what is released.
        count: Tries.
        seed: Of which days and passages.
        hourly: Only hours are published, as the towns counted them; else quarter hours, hours and the day.
    """
    plan, bound = plan_of(epsilon), math.tanh(epsilon / 2)
    views: dict[str, Callable[[list[int]], View]] = {
        "raw": raw,
        "suppressed": suppressed,
        "released": lambda bins: released(plan, bins),
    }
    scores: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in views}
    for bins, at in targets(town, count, seed):
        more = [value + (i == at) for i, value in enumerate(bins)]
        for name, view in views.items():
            for side, day in enumerate((more, bins)):
                seen = view(day)
                seen = View([None] * len(bins), seen.hours, None) if hourly else seen
                scores[name][side].append(_score(seen, bins, at))
    attack = f"membership, all others known{', hours only' if hourly else ''}"
    return [
        Result(attack, town.name, name, *advantage(*found), bound if name == "released" else None)
        for name, found in scores.items()
    ]


def _score(view: View, others: Sequence[int], at: int) -> float:
    """How much more there is than the others make, in what is shown: the finer number counts for more."""
    hour = at // 4
    known = sum(others[4 * hour : 4 * hour + 4])
    score = 0.0
    for shown, rest, weight in (
        (view.bins[at], others[at], 1.0),
        (view.hours[hour], known, 0.25),
        (view.day, sum(others), 0.2),
    ):
        score += weight * max(-3.0, min(3.0, (shown if shown is not None else rest + 0.5) - rest - 0.5))
    return score


def best_possible(town: Town, epsilon: float, count: int, passages: int = 1) -> Result:
    """The best test there is, on the noisy sums themselves: nothing gains more from anything published.

    The likelihood ratio of the sums that the passages are in; the others say nothing. With more than one passage the
    person is in a quarter hour each, and in the total as often.
    """
    levels = plan_of(epsilon).shape.levels
    scales = [1000 / level.cost for level in levels]

    def score(total: Sequence[int], bins: Sequence[int]) -> float:
        day = (abs(total[0]) - abs(total[0] - passages)) / scales[0]
        return day + sum(abs(v) - abs(v - 1) for v in bins) / scales[1]

    def draws(here: int) -> list[float]:
        found = []
        for _ in range(count):
            total = NOISE.noisy(Mechanism.LAPLACE, levels[0].cost, [here * passages])
            found.append(score(total, NOISE.noisy(Mechanism.LAPLACE, levels[1].cost, [here] * passages)))
        return found

    name = f"best possible test, {passages} passage{'s' if passages > 1 else ''}"
    return Result(name, town.name, "released", *advantage(draws(1), draws(0)), math.tanh(passages * epsilon / 2))


def knowing_nobody(town: Town, epsilon: float, passages: int, count: int, seed: int = 3) -> list[Result]:
    """The attacker has the published series alone (zero auxiliary knowledge; Guan and others 2024).

    Somebody begins to come at a fixed quiet hour (4 o'clock, third quarter) each week, for so many weeks. The score is
    how much that quarter hour rose against the weeks before, in its own standard deviations.
    """
    plan, dice = plan_of(epsilon), np.random.default_rng(seed)
    at, weeks = 4 * 4 + 2, max(passages, 6)
    sensors = [days for days in town.hours.values() if len(days) >= 14 * weeks]
    scores: dict[str, tuple[list[float], list[float]]] = {n: ([], []) for n in ("raw", "suppressed", "released")}
    for trial in range(count):
        days = sensors[int(dice.integers(len(sensors)))]
        first = int(dice.integers(0, len(days) - 14 * weeks + 1))
        chosen = quarters(days[first : first + 14 * weeks : 7], seed * 100_000 + trial)
        for side in (0, 1):
            series = chosen.copy()
            if side == 0:
                series[weeks : weeks + passages, at] += 1
            for name, seen in _columns(plan, series, at).items():
                scores[name][side].append(_rise(seen, weeks, passages))
    bound, name = math.tanh(min(passages * epsilon, 40) / 2), f"membership, nothing known, {passages} passages"
    return [
        Result(name, town.name, seen, *advantage(*found), bound if seen == "released" else None)
        for seen, found in scores.items()
    ]


def _columns(plan: Plan, series: Counts, at: int) -> dict[str, list[float]]:
    """One quarter hour, week by week, as each world shows it; what is left out is taken for half the threshold.

    Released numbers are taken before the threshold: the attacker loses nothing there.
    """
    true = series[:, at].tolist()
    return {
        "raw": [float(v) for v in true],
        "suppressed": [float(v) if v >= THRESHOLD else THRESHOLD / 2 for v in true],
        "released": [float(v) for v in NOISE.noisy(Mechanism.LAPLACE, plan.shape.levels[1].cost, true)],
    }


def _rise(series: Sequence[float], weeks: int, passages: int) -> float:
    before, after = np.array(series[:weeks]), np.array(series[weeks : weeks + passages])
    spread = math.sqrt(before.var() + after.var() + 0.5)
    return float((after.mean() - before.mean()) / spread)
