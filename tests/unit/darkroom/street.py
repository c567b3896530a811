"""A made-up street from above, with people in clothes of their own: what a picture shows, and what is found in it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import RawPlanes, padded

SIZE = (640, 360)
PX_PER_M = 40.0
Boxes = NDArray[np.float32]
Floats = NDArray[np.float64]


def _blurred(shape: tuple[int, int], seed: int) -> NDArray[np.uint8]:
    """Texture as coarse as clothes and walls have it."""
    noise = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5).astype(np.float64)
    return np.clip((soft - soft.min()) / (soft.max() - soft.min()) * 215 + 20, 0, 255).astype(np.uint8)


STREET, CLOTHES = _blurred((400, 700), 0), _blurred((400, 700), 1)


def street(boxes: Boxes, shaken: tuple[int, int] = (0, 0)) -> RawPlanes:
    """The street with people in these boxes; each wears what its place in the list says.

    Args:
        boxes: (n, 4), as they would be without a shake.
        shaken: By how many pixels the camera has turned to the right and down.
    """
    luma = np.zeros((padded(SIZE[1]), padded(SIZE[0])), np.uint8)
    luma[: SIZE[1], : SIZE[0]] = STREET[shaken[1] : shaken[1] + SIZE[1], shaken[0] : shaken[0] + SIZE[0]]
    for n, box in enumerate(boxes):
        x0, y0, x1, y1 = np.round(box).astype(int)
        clothes = CLOTHES[(53 * n) % 200 :, (91 * n) % 500 :][: y1 - y0, : x1 - x0]
        x, y = x0 - shaken[0], y0 - shaken[1]
        seen = luma[max(y, 0) : max(y1 - shaken[1], 0), max(x, 0) : max(x1 - shaken[0], 0)]
        seen[:] = clothes[max(-y, 0) :, max(-x, 0) :][: seen.shape[0], : seen.shape[1]]
    grey = np.full((luma.shape[0] // 2, luma.shape[1] // 2), 128, np.uint8)
    return RawPlanes(luma, grey, grey)


def boxes_at(metres: Floats) -> Boxes:
    """(n, 4) people who stand here, 24 by 60 pixels. Metres go right and down from the picture's corner."""
    feet = metres * PX_PER_M
    return np.column_stack((feet[:, 0] - 12, feet[:, 1] - 60, feet[:, 0] + 12, feet[:, 1])).astype(np.float32)
