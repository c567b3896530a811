"""Where the number-plate finder looks: the prior boxes of Caffe's `PriorBox` layers, once for each input size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

PLATE_LEVELS = (
    (51.2, 102.4, (2,)),
    (102.4, 189.4, (2, 3)),
    (189.4, 276.4, (2, 3)),
    (276.4, 363.52, (2, 3)),
    (363.52, 450.6, (2,)),
    (450.6, 492.0, (2,)),
)
"""Prior boxes of each level: side of the small square, of the next level's, and width to height of the others."""


@lru_cache(maxsize=16)
def plate_priors(input_size: tuple[int, int]) -> NDArray[np.float32]:
    """The prior boxes (priors, 4): centre x, centre y, width, height in input pixels; read-only.

    The order is the network's: level by level, row by row, then the boxes of one cell.
    """
    levels = []
    grid = np.array([input_size[0] // 16, input_size[1] // 16])
    for depth, (small, large, ratios) in enumerate(PLATE_LEVELS):
        sides = [(small, small), (np.sqrt(small * large),) * 2]
        sides += [(small * np.sqrt(ratio), small / np.sqrt(ratio)) for ratio in ratios]
        step = np.array(input_size) / grid
        rows, columns = np.indices((grid[1], grid[0])).reshape(2, -1)
        centres = (np.stack((columns, rows), axis=1) + 0.5) * step
        levels.append(np.hstack((np.repeat(centres, len(sides), axis=0), np.tile(sides, (len(centres), 1)))))
        # From the third level on the network pads a 1×1 convolution, which widens the map by two cells first.
        grid = grid // 2 if depth == 0 else (grid + 1) // 2 + 1
    priors = np.concatenate(levels).astype(np.float32)
    priors.flags.writeable = False
    return priors
