"""How much of a picture shows nothing: covered, dark, white, out of order. It looks for texture, never for people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from passerby.crowd.occupancy import Estimate
from passerby.darkroom._frames import Plane

ROWS, COLUMNS = 6, 8
# Means over so many pixels each way: a sensor's noise is nearly gone in them, a kerb or a leaf is not.
MEAN_PX = 8
# Below this mean difference of neighbours, in luma levels, after the slope is taken off, a tile shows nothing. Ours.
PLAIN = 1.2
# What is nowhere brighter than this is night without light, whatever its noise.
DARK = 24.0


def shows_nothing(luma: Plane) -> Estimate:
    """The share of the picture, 0 to 1, in which nothing can be seen.

    The picture is cut into 6 x 8 tiles; a tile shows nothing where it is plain or dark. The interval is the share at
    half and at twice the threshold of plainness.

    Args:
        luma: (height, width) without padding.
    """
    means = _means(luma)
    if means.shape[0] < 2 * ROWS or means.shape[1] < 2 * COLUMNS:
        return _share(*_measure(means[None]))
    tall, wide = means.shape[0] // ROWS, means.shape[1] // COLUMNS
    cut = means[: tall * ROWS, : wide * COLUMNS].reshape(ROWS, tall, COLUMNS, wide)
    return _share(*_measure(cut.transpose(0, 2, 1, 3).reshape(-1, tall, wide)))


def _means(luma: Plane) -> NDArray[np.float32]:
    """Means over squares; every second pixel is enough where there are many."""
    side = MEAN_PX if min(luma.shape) >= MEAN_PX * 2 * COLUMNS else max(1, min(luma.shape) // (2 * COLUMNS))
    step = 2 if side == MEAN_PX else 1
    thin, n = luma[::step, ::step], side // step
    rows, columns = thin.shape[0] // n, thin.shape[1] // n
    lines = thin[: rows * n, : columns * n].reshape(rows, n, columns * n)
    # Rows first, in wide integer sums: a tenth of the time that one mean over both takes.
    down = lines.sum(axis=1, dtype=np.uint16).reshape(rows, columns, n)
    return np.asarray(down.sum(axis=2, dtype=np.uint16) / np.float32(n * n), np.float32)


def _measure(tiles: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The texture of each tile in luma levels, and whether it is dark."""
    across, down = np.diff(tiles, axis=2), np.diff(tiles, axis=1)
    texture = np.maximum(across.std(axis=(1, 2)), down.std(axis=(1, 2)))
    return texture, np.asarray(tiles.max(axis=(1, 2)) < DARK)


def _share(texture: NDArray[np.float32], dark: NDArray[np.bool_]) -> Estimate:
    value, low, high = (float(np.mean(dark | (texture < PLAIN * k))) for k in (1.0, 0.5, 2.0))
    return Estimate(value, low, high)
