"""Polygons and segments in a plane: areas, insides, crossings. Any unit; areas are in its square."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]


def points(rows: ArrayLike) -> Points:
    """``rows`` as (n, 2) float64."""
    return np.asarray(rows, np.float64).reshape(-1, 2)


def area(polygon: ArrayLike) -> float:
    """The area of a polygon that does not cross itself (shoelace), never negative.

    Args:
        polygon: (n, 2) corners in order, either way round.
    """
    p = points(polygon)
    if len(p) < 3:
        return 0.0
    # Relative to the first corner: far from the origin the products would cancel badly.
    q = p - p[0]
    x, y = q[:, 0], q[:, 1]
    return 0.5 * abs(float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))))


def inside(polygon: ArrayLike, of: ArrayLike) -> NDArray[np.bool_]:
    """Which points lie in a polygon (even-odd rule).

    A point on a shared edge of two polygons lies in exactly one of them, so that zones side by side count nobody
    twice.

    Args:
        polygon: (n, 2) corners in order.
        of: (m, 2) points.

    Returns:
        (m,) of bool.
    """
    p, q = points(polygon), points(of)
    x, y = q[:, :1], q[:, 1:]
    ax, ay = p[:, 0], p[:, 1]
    bx, by = np.roll(ax, -1), np.roll(ay, -1)
    # The lower end decides the direction of the division, so that a shared edge gives both neighbours the same answer.
    low = ay <= by
    lx, ly = np.where(low, ax, bx), np.where(low, ay, by)
    hx, hy = np.where(low, bx, ax), np.where(low, by, ay)
    spans = (ly <= y) & (y < hy)
    rise = np.where(hy > ly, hy - ly, 1.0)
    left_of_edge = x < lx + (y - ly) * (hx - lx) / rise
    return np.asarray(np.sum(spans & left_of_edge, axis=1) % 2 == 1)


def crosses_itself(polygon: ArrayLike) -> bool:
    """Two edges that are no neighbours touch, or an edge has no length."""
    p = points(polygon)
    n = len(p)
    edges = [(p[i], p[(i + 1) % n]) for i in range(n)]
    if any(np.array_equal(a, b) for a, b in edges):
        return True
    for i, j in itertools.combinations(range(n), 2):
        if j == i + 1 or (i == 0 and j == n - 1):
            if _folds_back(*edges[i], *edges[j]):
                return True
        elif touch(*edges[i], *edges[j]):
            return True
    return False


def touch(a: Points, b: Points, c: Points, d: Points) -> bool:
    """The segments from ``a`` to ``b`` and from ``c`` to ``d`` have a point in common."""
    sides = (_side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b))
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    return (
        (sides[0] == 0 and _between(a, b, c))
        or (sides[1] == 0 and _between(a, b, d))
        or (sides[2] == 0 and _between(c, d, a))
        or (sides[3] == 0 and _between(c, d, b))
    )


def _side(a: Points, b: Points, c: Points) -> float:
    """Which side of the line through ``a`` and ``b`` the point ``c`` lies on, by sign."""
    return float(np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])))


def _between(a: Points, b: Points, c: Points) -> bool:
    return bool(np.all(np.minimum(a, b) <= c) and np.all(c <= np.maximum(a, b)))


def _folds_back(a: Points, b: Points, c: Points, d: Points) -> bool:
    """Neighbouring edges that run back over each other."""
    shared, one, other = (b, a, d) if np.array_equal(b, c) else (a, b, c)
    return _side(shared, one, other) == 0 and float(np.dot(one - shared, other - shared)) > 0
