"""What an attacker may see of a day: the counts as they are, with small ones left out, or as Passerby releases them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from passerby.release.choose import with_total
from passerby.release.coins import SystemCoins
from passerby.release.day import NoisyDay
from passerby.release.document import document_of, parse_document
from passerby.release.noise import ExactNoise, Mechanism
from passerby.release.plan import Plan
from passerby.release.tree import Shape

THRESHOLD = 10
NOISE = ExactNoise(SystemCoins(os.urandom))
Shown = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class View:
    """A day as it is seen: quarter hours, hours and the total; None for what is left out."""

    bins: Shown
    hours: Shown
    day: int | None


def shape_of(epsilon: float) -> Shape:
    """The shape that is least in error for a day of quarter hours: three tenths for the total."""
    return with_total(Mechanism.LAPLACE, round(1000 * epsilon), Fraction(3, 10))


def plan_of(epsilon: float, threshold: int = THRESHOLD) -> Plan:
    """A plan for one line."""
    shape = shape_of(epsilon)
    return Plan(
        site="bench.example", root="0" * 64, purpose="flow-statistics", publisher="bench", contact="bench",
        licence="CC0-1.0", zone="UTC", shape=shape, cap=max(1, shape.cost), clamp=20_000, threshold=threshold,
        cameras={"cam": ("line",)}, areas={}, names={}, issued=0, first_day="2024-01-01", last_day="2024-12-31",
        due_h=0,
    )  # fmt: skip


def raw(bins: Sequence[int]) -> View:
    """All of it."""
    return View(bins, [sum(bins[at : at + 4]) for at in range(0, len(bins), 4)], sum(bins))


def suppressed(bins: Sequence[int], threshold: int = THRESHOLD) -> View:
    """True numbers, those below the threshold left out: what statistical offices did for long."""
    seen = raw(bins)
    hide = [[None if value < threshold else value for value in values] for values in (seen.bins, seen.hours)]
    return View(hide[0], hide[1], seen.day if seen.day is not None and seen.day >= threshold else None)


def sums(plan: Plan, bins: Sequence[int]) -> list[list[int]]:
    """The draw alone: noisy sums of each level."""
    levels = plan.shape.levels
    return [NOISE.noisy(plan.shape.mechanism, v.cost, plan.shape.sums(bins, at)) for at, v in enumerate(levels)]


def released(plan: Plan, bins: Sequence[int]) -> View:
    """All the way through the product: draw, estimate, whole numbers, threshold, document."""
    noisy = NoisyDay((15,) * len(bins), {"line/in": sums(plan, bins)})
    series = parse_document(document_of(plan, "cam", "2024-01-02", 1, noisy))["series"]["line/in"]
    return View(series["bins"], series["hours"], series["day"])
