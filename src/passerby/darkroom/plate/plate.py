"""What a plate is, once proven."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.grid import CellFrame
from passerby.darkroom.plate.sizes import SizePrior


@dataclass(frozen=True, slots=True)
class Plate:
    """The background: pixels of blocks that were proven empty. Pixels of other blocks are flat grey.

    Args:
        planes: The background picture, padded; grey where not proven.
        cells: Cell means to compare frames with; also of cells that are not proven, which are never shown: who steps
            out of them must be seen to differ.
        proven: (rows, columns of cells) bool.
        sizes: How tall people are expected to be; None where too few were seen.
    """

    planes: RawPlanes
    cells: CellFrame
    proven: NDArray[np.bool_]
    sizes: SizePrior | None

    @property
    def proven_share(self) -> float:
        """Share of cells proven."""
        return float(self.proven.mean())
