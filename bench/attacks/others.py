"""Differencing, averaging, reconstruction: what numbers that belong together give away about those left out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from bench.attacks.membership import Result, advantage, targets
from bench.attacks.towns import Counts, Town, quarters
from bench.attacks.worlds import NOISE, THRESHOLD, View, plan_of, raw, released, suppressed

from passerby.release.noise import Mechanism

LINES, AREAS = 8, 12


def differencing(town: Town, epsilon: float, count: int, seed: int = 11) -> list[Result]:
    """A quiet quarter hour is left out, its hour and the other three are shown: they are taken away from the hour.

    The attacker knows the others who passed in that quarter hour, and asks for one more. Where nothing can be
    subtracted he tosses a coin.
    """
    plan = plan_of(epsilon)
    views = {"raw": raw, "suppressed": suppressed, "released": lambda bins: released(plan, bins)}
    scores: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in views}
    tries = 0
    for bins, at in targets(town, 40 * count, seed):
        if not _lonely(bins, at) or tries >= count:
            continue
        tries += 1
        more = [value + (i == at) for i, value in enumerate(bins)]
        for name, view in views.items():
            for side, day in enumerate((more, bins)):
                scores[name][side].append(_subtracted(view(day), at, bins[at]))
    return [
        Result(
            "differencing", town.name, name, *advantage(*found), math.tanh(epsilon / 2) if name == "released" else None
        )
        for name, found in scores.items()
        if found[0]
    ]


def _lonely(bins: Sequence[int], at: int) -> bool:
    """The quarter hour is below the threshold (also with one more), and the other three of its hour are not."""
    hour = bins[at // 4 * 4 : at // 4 * 4 + 4]
    return bins[at] < 9 and sum(v >= 10 for v in hour) == 3


def _subtracted(view: View, at: int, known: int) -> float:
    if (shown := view.bins[at]) is not None:
        return shown - known - 0.5
    first = at // 4 * 4
    rest = [view.bins[i] for i in range(first, first + 4) if i != at]
    whole = view.hours[at // 4]
    if whole is None or None in rest:
        return 0.0
    return whole - sum(v for v in rest if v is not None) - known - 0.5


def averaging(town: Town, epsilon: float, times: int, count: int) -> list[Result]:
    """The same number is asked for again and again, and the answers are averaged.

    Where noise is fresh at each answer (as it must not be) it averages out; a value that was drawn once stays itself.
    """
    cost = plan_of(epsilon).shape.levels[1].cost
    scores: dict[str, tuple[list[float], list[float]]] = {"noise fresh at each answer": ([], []), "released": ([], [])}
    for here in (1, 0):
        for _ in range(count):
            fresh = NOISE.noisy(Mechanism.LAPLACE, cost, [here] * times)
            scores["noise fresh at each answer"][1 - here].append(float(np.mean(fresh)))
            scores["released"][1 - here].append(float(np.mean([fresh[0]] * times)))
    bounds = {"released": math.tanh(epsilon / 2)}
    name = f"averaging, {times} answers"
    return [Result(name, town.name, seen, *advantage(*found), bounds.get(seen)) for seen, found in scores.items()]


def reconstruction(town: Town, epsilon: float, count: int, seed: int = 12) -> list[Result]:
    """Lines and overlapping areas: small counts of lines are left out, and come back from the areas' sums.

    Eight lines of a site and twelve areas of four of them each, every quarter hour of a day. The attacker solves the
    equations of all sums that are shown (Dinur and Nissim 2003). Counted is how many of the lines' counts below the
    threshold come out exactly right, above the share of whoever names the commonest one each time.
    """
    dice = np.random.default_rng(seed)
    plan, days = plan_of(epsilon, threshold=0), town.days()
    areas = np.zeros((AREAS, LINES), dtype=np.int64)
    for row in areas:
        row[dice.choice(LINES, LINES // 2, replace=False)] = 1
    hits: dict[str, list[bool]] = {"raw": [], "suppressed": [], "released": []}
    small: list[int] = []
    for trial in range(count):
        true = quarters(days[dice.integers(0, len(days), LINES)], seed * 100_000 + trial)
        noisy = np.array([released(plan, bins).bins for bins in true.tolist()])
        for at in range(true.shape[1]):
            exact = true[:, at]
            wanted = exact < THRESHOLD
            small += exact[wanted].tolist()
            for name, seen, least in (
                ("raw", exact, 0),
                ("suppressed", exact, THRESHOLD),
                ("released", noisy[:, at], THRESHOLD),
            ):
                hits[name] += (_solved(seen, areas, least)[wanted] == exact[wanted]).tolist()
    base = max(np.bincount(small)) / len(small)
    name = "reconstruction of small counts"
    return [Result(name, town.name, n, float(np.mean(h)) - base, 0.5 / math.sqrt(len(h))) for n, h in hits.items()]


def _solved(lines: Counts, areas: Counts, least: int) -> Counts:
    """Each line's count, from those lines and areas that are shown: the least squares, in whole numbers."""
    rows = np.concatenate([np.eye(LINES, dtype=np.int64), areas])
    sums = rows @ lines
    shown = sums >= least
    found = np.linalg.lstsq(rows[shown], sums[shown], rcond=None)[0]
    return np.maximum(np.rint(found), 0).astype(np.int64)
