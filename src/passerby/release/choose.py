"""Which shape of draws has the least error for a budget: computed beforehand, from no data at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from passerby.release.noise import Mechanism
from passerby.release.tree import Level, Shape, Weighed, variance_of_span, weigh

STEPS = 20  # budgets are shared out in twentieths
SAMPLES = 12  # places of the day at which errors are looked at


@dataclass(frozen=True, slots=True)
class Errors:
    """Standard deviations of the noise, in passages: of one bin, of four bins, of the day, of the worst sum so far."""

    bin: float
    four: float
    day: float
    running: float

    @property
    def mark(self) -> float:
        """What is least for the best shape: the geometric mean over what is published (bin, four bins, day)."""
        return (self.bin * self.four * self.day) ** (1 / 3)


def errors(shape: Shape, bins: int) -> Errors:
    """The errors of a shape over a day that was observed throughout."""
    top = weigh(shape, shape.root(bins), [False] * bins, None)
    one = [_sd(top, at, at + 1) for at in range(0, bins, max(1, bins // SAMPLES))]
    four = [_sd(top, at, at + 4) for at in range(0, bins - 3, max(4, bins // SAMPLES // 4 * 4))]
    running = [_sd(top, 0, at) for at in range(1, bins + 1, max(1, bins // SAMPLES // 2))]
    return Errors(sum(one) / len(one), sum(four) / len(four), _sd(top, 0, bins), max(running))


def _sd(top: Weighed, first: int, end: int) -> float:
    return sqrt(variance_of_span(top, first, end))


def flat(mechanism: Mechanism, cost: int) -> Shape:
    """Independent noise on each bin, and nothing else."""
    return Shape(mechanism, (Level(0, 0), Level(1, cost)))


def with_total(mechanism: Mechanism, cost: int, share: Fraction) -> Shape:
    """Bins, and the day's total with a share of the budget for itself."""
    day = max(1, round(cost * share))
    return Shape(mechanism, (Level(0, day), Level(1, cost - day)))


def tree(mechanism: Mechanism, cost: int, widths: Sequence[int]) -> Shape:
    """A tree whose levels have equal budgets; what can't be shared out goes to the bins."""
    each = cost // (len(widths) + 1)
    inner = tuple(Level(width, each) for width in widths[:-1])
    return Shape(mechanism, (Level(0, each), *inner, Level(1, cost - each * len(widths))))


def candidates(mechanism: Mechanism, cost: int, bins: int) -> Iterator[tuple[str, Shape]]:
    """All shapes that are compared, each with its name."""
    yield "flat", flat(mechanism, cost)
    for step in range(1, STEPS):
        yield f"flat and total {step}/{STEPS}", with_total(mechanism, cost, Fraction(step, STEPS))
    for branching in (2, 4, 8):
        widths = [1]
        while widths[-1] * branching < bins:
            widths.append(widths[-1] * branching)
        yield f"tree of {branching}", tree(mechanism, cost, list(reversed(widths)))


def best(mechanism: Mechanism, cost: int, bins: int) -> tuple[str, Shape, Errors]:
    """The shape with the least mark, its name and its errors."""
    found = [(name, shape, errors(shape, bins)) for name, shape in candidates(mechanism, cost, bins)]
    return min(found, key=lambda entry: entry[2].mark)
