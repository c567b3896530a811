"""The picture of an unsealed original: a mosaic of the whole, and the region's own pixels in it.

Outside of the region nothing of the original is shown but cell values, whatever is there: no detector is asked, so none
can miss anybody.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from passerby.charter.unsealing import PARTS, Rectangle
from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.grid import Grid
from passerby.darkroom.hide.cells import HeldFill
from passerby.darkroom.hide.compose import Composer
from passerby.darkroom.hide.decide import whole
from passerby.outlet.messages import Mosaic


class RegionView:
    """Shows one region of pictures of one size.

    Args:
        size: Width and height.
        region: Rectangles in thousandths.
    """

    def __init__(self, size: tuple[int, int], region: Sequence[Rectangle]) -> None:
        self._grid = Grid(*size)
        self._fill, self._composer = HeldFill(self._grid), Composer(self._grid)
        self._hidden = whole(self._grid, Mosaic.NO_BACKGROUND)
        self._shown = [shown for one in region if (shown := inside(one, size)) is not None]

    def picture(self, planes: RawPlanes, time_s: float) -> RawPlanes:
        """What may be seen of one picture; valid until the next call."""
        fills = self._fill.update(self._grid.luma_cells(planes.y), time_s)
        out = self._composer.compose(self._hidden, fills, None)
        for left, top, right, bottom in self._shown:
            for into, of, n in ((out.y, planes.y, 1), (out.u, planes.u, 2), (out.v, planes.v, 2)):
                place = slice(top // n, bottom // n), slice(left // n, right // n)
                np.copyto(into[place], of[place])
        return out


def inside(one: Rectangle, size: tuple[int, int]) -> Rectangle | None:
    """A rectangle in pixels, even on all sides, never larger than it was named; None where nothing is left of it."""
    width, height = size
    left, right = -(-one[0] * width // (2 * PARTS)) * 2, one[2] * width // (2 * PARTS) * 2
    top, bottom = -(-one[1] * height // (2 * PARTS)) * 2, one[3] * height // (2 * PARTS) * 2
    return (left, top, right, bottom) if left < right and top < bottom else None
