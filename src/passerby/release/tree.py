"""A day as a tree of sums: which sums are drawn, and the best estimate of all of them from noisy ones.

Levels go from the whole day down to single bins; each level has its own budget, since a passage is in one node of each.
With two levels, day and bins, this is "flat bins and a separate total"; with more it is a tree. Independent noise makes
the estimate a matter of two passes (Hay, Rastogi, Miklau, Suciu 2010): upwards each node's own noisy value is weighed
against the sum of its children's estimates, downwards the difference is shared out by the children's variances.

All arithmetic is in fractions, so that every machine gets the same numbers from the same stored values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from passerby.release.noise import Mechanism


@dataclass(frozen=True, slots=True)
class Level:
    """Sums over so many bins in a row (0: over the whole day), and what they cost in thousandths; 0: not drawn."""

    width: int
    cost: int


@dataclass(frozen=True, slots=True)
class Node:
    """A sum over the bins from one to another, the latter not included."""

    level: int
    first: int
    end: int
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn of a day.

    Args:
        mechanism: How.
        levels: From the whole day (width 0) down to bins (width 1), each width a multiple of the next.
    """

    mechanism: Mechanism
    levels: tuple[Level, ...]

    @property
    def cost(self) -> int:
        """What one passage pays: a passage is in one node of each level."""
        return sum(level.cost for level in self.levels)

    def spans(self, bins: int, level: int) -> list[tuple[int, int]]:
        """The bins that each node of a level sums over."""
        width = self.levels[level].width or bins
        return [(first, min(first + width, bins)) for first in range(0, bins, width)]

    def root(self, bins: int) -> Node:
        """The tree over a day of so many bins: 92, 96 or 100 quarter hours."""
        return _node(self, bins, 0, 0, bins)

    def sums(self, values: Sequence[int], level: int) -> list[int]:
        """The true sums of a level."""
        return [sum(values[first:end]) for first, end in self.spans(len(values), level)]


def _node(shape: Shape, bins: int, level: int, first: int, end: int) -> Node:
    if level + 1 == len(shape.levels):
        return Node(level, first, end)
    below = [span for span in shape.spans(bins, level + 1) if first <= span[0] < end]
    return Node(level, first, end, tuple(_node(shape, bins, level + 1, *span) for span in below))


@dataclass(frozen=True, slots=True)
class Weighed:
    """A node with its estimate from below: its variance, and its value where there are values.

    Args:
        node: Which.
        variance: Of the estimate from this node and all below it; None for no knowledge at all.
        value: That estimate.
        parts: Its children.
    """

    node: Node
    variance: Fraction | None
    value: Fraction
    parts: tuple[Weighed, ...]


def weigh(shape: Shape, node: Node, known: Sequence[bool], noisy: Sequence[Sequence[int]] | None) -> Weighed:
    """The upward pass.

    Args:
        shape: What was drawn.
        node: From here down.
        known: For each bin whether it was not observed at all: then it is 0 for sure.
        noisy: For each level the noisy sums; None to get variances only.
    """
    parts = tuple(weigh(shape, child, known, noisy) for child in node.children)
    if all(known[node.first : node.end]):
        return Weighed(node, Fraction(0), Fraction(0), parts)
    level = shape.levels[node.level]
    own = shape.mechanism.variance(level.cost) if level.cost else None
    value = Fraction(noisy[node.level][node.first // level.width if level.width else 0]) if noisy else Fraction(0)
    below = _sum([part.variance for part in parts]) if parts else None
    if below is None:
        return Weighed(node, own, value if own is not None else Fraction(0), parts)
    under = sum((part.value for part in parts), Fraction(0))
    if own is None:
        return Weighed(node, below, under, parts)
    return Weighed(node, own * below / (own + below), (value * below + under * own) / (own + below), parts)


def _sum(variances: Sequence[Fraction | None]) -> Fraction | None:
    found = [v for v in variances if v is not None]
    return sum(found, Fraction(0)) if len(found) == len(variances) else None


def estimates(top: Weighed) -> list[Fraction]:
    """The downward pass: for each bin the best estimate, such that they add up to every sum's best estimate."""
    found: list[Fraction] = []
    _share(top, top.value, found)
    return found


def _share(part: Weighed, total: Fraction, found: list[Fraction]) -> None:
    if not part.parts:
        found.append(total)
        return
    rest = total - sum((p.value for p in part.parts), Fraction(0))
    whole = sum((p.variance or Fraction(0) for p in part.parts), Fraction(0))
    for p in part.parts:
        _share(p, p.value + (rest * (p.variance or 0) / whole if whole else 0), found)


def variance_of_span(top: Weighed, first: int, end: int) -> Fraction:
    """The variance of the best estimate of a sum over some bins in a row, after both passes."""
    slope, rest = _span(top, first, end)
    return slope * slope * (top.variance or Fraction(0)) + rest


def _span(part: Weighed, first: int, end: int) -> tuple[Fraction, Fraction]:
    """The sum over a span is slope · (this node's total) + something independent of it, of this variance.

    Given the total, the children's errors have the covariance u_i·[i = j] − u_i·u_j/U, U = Σ u.
    """
    if first <= part.node.first and part.node.end <= end:
        return Fraction(1), Fraction(0)
    if end <= part.node.first or part.node.end <= first or not part.parts:
        return Fraction(0), Fraction(0)
    whole = sum((p.variance or Fraction(0) for p in part.parts), Fraction(0))
    if not whole:
        return Fraction(0), Fraction(0)
    linear = square = rest = Fraction(0)
    for p in part.parts:
        slope, below = _span(p, first, end)
        own = p.variance or Fraction(0)
        linear += slope * own
        square += slope * slope * own
        rest += below
    return linear / whole, square - linear * linear / whole + rest
