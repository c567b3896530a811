"""Ridge regression that is never negative and forgives outliers, for a handful of features.

Few features allow the exact answer: every set of features that may be above zero is solved, and the best is taken.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MOST_FEATURES = 8
# Huber: residuals above this many robust standard deviations count less.
FORGIVEN = 1.5
ROUNDS = 8


def fit(x: Array, y: Array, ridge: float) -> Array:
    """Weights that are not negative, by Huber's loss with a ridge.

    Args:
        x: (n, k) features, k <= `MOST_FEATURES`.
        y: (n,) truth.
        ridge: Strength of the pull to zero, per frame, in units of the features' mean squares; 0 for none.

    Returns:
        (k,) weights.
    """
    size = np.sqrt(np.mean(x**2, axis=0))
    used = size > 0
    size = np.where(used, size, 1.0)
    scaled = x / size
    trust = np.ones(len(y))
    weights = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        before, weights = weights, _solve(scaled, y, trust, ridge, used)
        if np.allclose(before, weights, rtol=1e-9, atol=1e-12):
            break
        off = np.abs(y - scaled @ weights)
        deviation = 1.4826 * float(np.median(off))
        trust = np.ones(len(y)) if deviation == 0 else np.minimum(1.0, FORGIVEN * deviation / np.maximum(off, 1e-12))
    return weights / size


def _solve(x: Array, y: Array, trust: Array, ridge: float, used: NDArray[np.bool_]) -> Array:
    """Weighted least squares with a ridge, over all sets of features that may be positive."""
    square = (x * trust[:, None]).T @ x + ridge * len(y) * np.eye(x.shape[1])
    against = (x * trust[:, None]).T @ y
    best, least = np.zeros(x.shape[1]), 0.0
    able = np.flatnonzero(used)
    for count in range(1, len(able) + 1):
        for chosen in itertools.combinations(able.tolist(), count):
            part = np.linalg.lstsq(square[np.ix_(chosen, chosen)], against[list(chosen)], rcond=None)[0]
            if (part < 0).any():
                continue
            # The loss without its constant.
            loss = float(part @ square[np.ix_(chosen, chosen)] @ part - 2 * part @ against[list(chosen)])
            if loss < least:
                best, least = np.zeros(x.shape[1]), loss
                best[list(chosen)] = part
    return best
