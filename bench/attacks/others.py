"""Differencing, averaging, reconstruction: what numbers that belong together give away about those left out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from bench.attacks.membership import Result, advantage, targets
from bench.attacks.towns import Town
from bench.attacks.worlds import NOISE, View, plan_of, raw, released, suppressed

from passerby.release.noise import Mechanism


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
    """Every number below the threshold is worked out from all that is shown: sums, totals, and that counts are whole.

    The share of small quarter hours (below the threshold, in hours that are not) that come out exactly right, above
    that of whoever names the commonest small count each time. The best linear estimate, where several are missing.
    """
    plan = plan_of(epsilon)
    views = {"raw": raw, "suppressed": suppressed, "released": lambda bins: released(plan, bins)}
    hits: dict[str, list[bool]] = {name: [] for name in views}
    small: list[int] = []
    days = [bins for bins, _ in targets(town, count, seed)]
    for bins in days:
        wanted = [i for i, v in enumerate(bins) if v < 10 <= sum(bins[i // 4 * 4 : i // 4 * 4 + 4])]
        small += [bins[i] for i in wanted]
        for name, view in views.items():
            guess = _worked_out(view(bins))
            hits[name] += [round(guess[i]) == bins[i] for i in wanted]
    base = max(np.bincount(small)) / len(small)
    return [
        Result("reconstruction of small counts", town.name, name, float(np.mean(found)) - base,
               math.sqrt(0.25 / max(1, len(found))), None)
        for name, found in hits.items()
    ]  # fmt: skip


def _worked_out(view: View) -> list[float]:
    """Each quarter hour: as shown, or its part of what its hour (or the day) has left over for those left out."""
    found = [float(v) if v is not None else math.nan for v in view.bins]
    for hour, whole in enumerate(view.hours):
        gaps = [i for i in range(4 * hour, 4 * hour + 4) if math.isnan(found[i])]
        if gaps and whole is not None:
            rest = whole - sum(found[i] for i in range(4 * hour, 4 * hour + 4) if i not in gaps)
            for i in gaps:
                found[i] = max(0.0, rest / len(gaps))
    gaps = [i for i, value in enumerate(found) if math.isnan(value)]
    if gaps:
        rest = max(0.0, (view.day or 0) - sum(v for v in found if not math.isnan(v)))
        for i in gaps:
            found[i] = min(9.0, rest / len(gaps))
    return found
