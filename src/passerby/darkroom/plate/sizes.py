"""How tall a person is expected to be at each height of the picture, learnt from sure detections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from passerby.darkroom.find.found import Found, Kind

SURE_SCORE = 0.45
FEWEST_BOXES = 30
SMALLEST, LARGEST = 0.40, 1.45
# Of somebody half hidden behind a table or a plant only head and shoulders are boxed, or the head alone. In boxes under
# 16 px no face could be made out.
HALF_HIDDEN, HALF_HIDDEN_PX = 0.15, 16
HEAD_SHARE = 0.14


@dataclass(frozen=True, slots=True)
class SizePrior:
    """Body height as a line over the top row of the body: ``a + b * y`` pixels."""

    a: float
    b: float

    def height_px(self, y: NDArray[np.float32]) -> NDArray[np.float32]:
        """Expected body heights for bodies whose top is at rows ``y``; never under 8 px."""
        return np.maximum(self.a + self.b * y, 8.0).astype(np.float32)

    def plausible(self, found: Found, *, half_hidden: bool = False) -> Found:
        """Without the person boxes that are far too small or too large for their place.

        Args:
            found: Boxes of any kind.
            half_hidden: Keep smaller boxes, too, as of heads above a table.
        """
        expected, heights = self.height_px(found.boxes[:, 1]), found.heights
        fits = heights >= SMALLEST * expected
        if half_hidden:
            fits |= heights >= np.maximum(HALF_HIDDEN * expected, HALF_HIDDEN_PX)
        bodies = (found.kinds == Kind.PERSON) | (found.kinds == Kind.SECOND_OPINION)
        return found.where((fits & (heights <= LARGEST * expected)) | ~bodies)


def fit_sizes(found: list[Found], picture_height: int) -> SizePrior | None:
    """A robust line through sure, whole bodies (Theil–Sen: median of pairwise slopes); None with fewer than 30.

    Args:
        found: Detections of many frames.
        picture_height: Rows of the picture: bodies that its lower edge cuts don't count.
    """
    boxes = np.concatenate([f.only(Kind.PERSON, SURE_SCORE).boxes for f in found]) if found else np.zeros((0, 4))
    boxes = boxes[boxes[:, 3] < picture_height - 2]
    if len(boxes) < FEWEST_BOXES:
        return None
    boxes = boxes[:: max(1, len(boxes) // 400)]
    y, h = boxes[:, 1], boxes[:, 3] - boxes[:, 1]
    first, second = np.triu_indices(len(y), 1)
    apart = np.abs(y[first] - y[second]) > picture_height * 0.02
    if not apart.any():
        return SizePrior(float(np.median(h)), 0.0)
    slopes = (h[second] - h[first])[apart] / (y[second] - y[first])[apart]
    b = float(np.median(slopes))
    return SizePrior(float(np.median(h - b * y)), b)
