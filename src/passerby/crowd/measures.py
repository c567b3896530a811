"""How dense, how many pass, how fast: the measures that practitioners use, with an interval for each.

Definitions follow PedPy (``pedpy.compute_classic_density``, ``compute_flow``); ``tests/unit/crowd`` holds ours to it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from passerby.crowd.interval import counted, mean, poisson, scaled
from passerby.crowd.occupancy import WEAK_SCORE, Estimate, of_chances
from passerby.crowd.polygon import inside, points

# Who moves slower than this stands in a queue, and whoever is nearer than this to somebody in it belongs to it.
QUEUE_SPEED, QUEUE_GAP_M = 0.4, 1.6
DIRECTIONS = 8


def occupancy(given: ArrayLike, scores: ArrayLike, feet: ArrayLike, zone: ArrayLike) -> Estimate:
    """How many people are in a zone.

    Args:
        given: (n,) the chance of each detection that it is somebody.
        scores: (n,) their scores.
        feet: (n, 2) where each stands, in the units of ``zone``.
        zone: (m, 2) corners.
    """
    here = inside(zone, feet)
    weak = np.count_nonzero(np.asarray(scores, np.float64)[here] >= WEAK_SCORE)
    return of_chances(np.asarray(given, np.float64)[here].tolist(), float(weak))


def density(people: Estimate, area_m2: float) -> Estimate:
    """Classic density: people over area, in 1/m².

    Args:
        people: How many are inside.
        area_m2: Of the zone on the ground, over 0.
    """
    return scaled(people, 1 / area_m2)


def flow(passed: float, window_s: float, missed: float = 0.0) -> Estimate:
    """Flow over a line: how many passed over the time in which they did, in 1/s.

    The interval is that of the rate: what another window as long would give.

    Args:
        passed: First passages in the window.
        window_s: Its length.
        missed: The share of passages that is missed or counted twice.
    """
    rate, tracked = poisson(passed), counted(passed, missed)
    low, high = (passed - np.hypot(passed - rate.low, passed - tracked.low),
                 passed + np.hypot(rate.high - passed, tracked.high - passed))  # fmt: skip
    return scaled(Estimate(passed, max(0.0, float(low)), float(high)), 1 / window_s)


def specific_flow(rate: Estimate, width_m: float) -> Estimate:
    """Flow over width, in 1/(m·s)."""
    return scaled(rate, 1 / width_m)


def mean_speed(velocities: ArrayLike) -> Estimate | None:
    """The mean of speeds, in m/s; None where nobody moves or stands.

    Args:
        velocities: (n, 2) in m/s.
    """
    speeds = mean(np.linalg.norm(points(velocities), axis=1))
    return speeds and Estimate(speeds.value, max(0.0, speeds.low), speeds.high)


def directions(velocities: ArrayLike, weights: ArrayLike | None = None, slowest: float = 0.2) -> NDArray[np.float64]:
    """Shares of the movement by direction: (8,) from +X turning towards +Y, each bin centred on its direction.

    Args:
        velocities: (n, 2) in m/s.
        weights: (n,) how much each counts; 1 where not given.
        slowest: Whatever is slower, in m/s, has no direction.

    Returns:
        Shares that sum to 1, or all 0 where nothing moves.
    """
    v = points(velocities)
    w = np.ones(len(v)) if weights is None else np.asarray(weights, np.float64)
    moving = np.linalg.norm(v, axis=1) >= slowest
    turn = np.arctan2(v[moving, 1], v[moving, 0]) / (2 * np.pi) * DIRECTIONS
    found = np.bincount(np.rint(turn).astype(int) % DIRECTIONS, w[moving], DIRECTIONS)
    return np.asarray(found / found.sum() if found.sum() > 0 else found)


def against(velocities: ArrayLike, allowed: ArrayLike, slowest: float = 0.3) -> tuple[int, int]:
    """How many move against a direction, and how many move at all.

    Args:
        velocities: (n, 2) in m/s.
        allowed: (2,) the direction that is meant; its length does not matter.
        slowest: Whoever is slower, in m/s, moves in no direction.
    """
    v, d = points(velocities), points(allowed)[0]
    speeds = np.linalg.norm(v, axis=1)
    moving = speeds >= slowest
    # Against: more than 120 degrees off.
    back = (v @ d) < -0.5 * speeds * np.linalg.norm(d)
    return int(np.sum(back & moving)), int(np.sum(moving))


def queue(metres: ArrayLike, speeds: ArrayLike, head: ArrayLike) -> tuple[int, float]:
    """How many stand in a queue, and how long it is, in metres along it.

    The queue grows from its head: whoever hardly moves and stands near somebody in it belongs to it. Its length is
    the longest way along it from the head.

    Args:
        metres: (n, 2) where people stand.
        speeds: (n,) in m/s.
        head: (2,) where the queue begins.

    Returns:
        People, and metres; 0 and 0 for no queue.
    """
    p = points(metres)[np.asarray(speeds, np.float64) <= QUEUE_SPEED]
    way, gap = np.full(len(p), np.inf), np.linalg.norm(p - points(head)[0], axis=1) if len(p) else np.zeros(0)
    far = np.where(gap <= QUEUE_GAP_M, gap, np.inf)
    # Dijkstra's shortest ways: queues are short enough for the plain form.
    while len(p) and np.isfinite(open_ := np.where(np.isinf(way), far, np.inf)).any():
        nearest = int(np.argmin(open_))
        way[nearest] = far[nearest]
        step = np.linalg.norm(p - p[nearest], axis=1)
        far = np.where(step <= QUEUE_GAP_M, np.minimum(far, way[nearest] + step), far)
    reached = way[np.isfinite(way)]
    return len(reached), float(reached.max(initial=0.0))
