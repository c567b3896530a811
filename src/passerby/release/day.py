"""A camera's day: true flows in, noisy sums out, and from these alone what is published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, sqrt

import rfc8785

from passerby.base.errors import ReleaseError
from passerby.release.noise import Noise
from passerby.release.plan import WAYS, Plan
from passerby.release.tree import Shape, estimates, variance_of_span, weigh
from passerby.release.whole import published

FORMAT = "passerby/noisy-day@1"
NORMAL_90 = 1.6449  # two-sided, 90 %; that of a sum of Laplaces is nearer to zero or equal (see docs/release.md)
HOUR_BINS = 4


@dataclass(frozen=True, slots=True)
class TrueDay:
    """What was counted; never leaves the machine.

    Args:
        flows: Line to its passages in and out, bin by bin.
        covered: For each bin for how many minutes the camera counted: known to everybody, from the register.
    """

    flows: Mapping[str, tuple[Sequence[int], Sequence[int]]]
    covered: Sequence[int]


@dataclass(frozen=True, slots=True)
class NoisyDay:
    """What was drawn: all that is kept of a day for publishing.

    Args:
        covered: As of `TrueDay`.
        sums: ``line/in`` and ``line/out`` to the noisy sums of each level, empty for a level without budget.
    """

    covered: tuple[int, ...]
    sums: Mapping[str, Sequence[Sequence[int]]]

    def bytes(self) -> bytes:
        """As it is stored."""
        return rfc8785.dumps(
            {
                "format": FORMAT,
                "covered": list(self.covered),
                "sums": {n: [list(x) for x in s] for n, s in self.sums.items()},
            }
        )


def parse_noisy(content: bytes) -> NoisyDay:
    """What was stored.

    Raises:
        ReleaseError: It is something else.
    """
    found = json.loads(content)
    if found.get("format") != FORMAT:
        raise ReleaseError("a stored day is of another format", "use the version of Passerby that made it")
    return NoisyDay(tuple(found["covered"]), found["sums"])


def draw(plan: Plan, camera: str, true: TrueDay, noise: Noise) -> NoisyDay:
    """The draw: each sum of each level gets noise of its own, at once and for ever.

    One passage more changes, of one line and direction, one sum of each level by 1 at most (by none where the clamp
    cuts it off). So it costs the sum of the levels' costs, whatever is counted. How much is drawn does not depend on
    what was counted: all lines of the plan, all bins.
    """
    sums: dict[str, list[list[int]]] = {}
    for line in plan.cameras[camera]:
        for way, flow in zip(WAYS, true.flows.get(line, ([0] * len(true.covered),) * 2), strict=True):
            clamped = [min(max(value, 0), plan.clamp) for value in flow]
            sums[f"{line}/{way}"] = [
                noise.noisy(plan.shape.mechanism, level.cost, plan.shape.sums(clamped, at)) if level.cost else []
                for at, level in enumerate(plan.shape.levels)
            ]
    return NoisyDay(tuple(true.covered), sums)


@dataclass(frozen=True, slots=True)
class Series:
    """One line and direction of a day, ready to publish.

    Args:
        bins: Whole numbers that add up to `total`; 0 where nothing was counted.
        total: Of the day.
        errors: Half-widths of 90 % intervals: of a bin, of an hour, of the day, by how much was observed.
    """

    bins: tuple[int, ...]
    total: int
    errors: Errors


@dataclass(frozen=True, slots=True)
class Errors:
    """Variances of the noise in what is published, by bins in a row.

    Args:
        bins: Of each bin.
        hours: Of each four bins in a row.
        running: Of each sum from the first bin up to and including this one.
        day: Of the day.
    """

    bins: tuple[Fraction, ...]
    hours: tuple[Fraction, ...]
    running: tuple[Fraction, ...]
    day: Fraction


def half_width(variance: Fraction) -> int:
    """Half of a 90 % interval, in passages, rounded up."""
    return ceil(NORMAL_90 * sqrt(variance))


@lru_cache(maxsize=256)
def errors_of(shape: Shape, unseen: tuple[bool, ...]) -> Errors:
    """How exact a day's numbers are: known before the draw, the same for every line."""
    count = len(unseen)
    top = weigh(shape, shape.root(count), unseen, None)
    return Errors(
        tuple(variance_of_span(top, at, at + 1) for at in range(count)),
        tuple(variance_of_span(top, at, at + HOUR_BINS) for at in range(0, count, HOUR_BINS)),
        tuple(variance_of_span(top, 0, at + 1) for at in range(count)),
        variance_of_span(top, 0, count),
    )


def series(plan: Plan, noisy: NoisyDay) -> Iterator[tuple[str, Series]]:
    """What is published of a stored day: a function of the noisy numbers, the same at every repetition."""
    unseen = tuple(minutes == 0 for minutes in noisy.covered)
    errors = errors_of(plan.shape, unseen)
    free = [not value for value in unseen]
    for name, sums in sorted(noisy.sums.items()):
        top = weigh(plan.shape, plan.shape.root(len(unseen)), unseen, sums)
        bins = published(estimates(top), free)
        yield name, Series(tuple(bins), sum(bins), errors)
