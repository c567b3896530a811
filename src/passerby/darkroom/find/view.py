"""Small pictures for detectors, made from the planes: never a full frame in RGB."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom._frames import Plane, RawPlanes

_LEVELS = np.arange(256, dtype=np.float32)
# BT.601 limited range (16–235, 16–240) stretched to full range.
_LUMA = np.clip((_LEVELS - 16) * 255 / 219 + 0.5, 0, 255).astype(np.uint8)
_CHROMA = np.clip((_LEVELS - 128) * 255 / 224 + 128.5, 0, 255).astype(np.uint8)


EVENED_CLIP, EVENED_TILES = 4.0, (8, 8)


@dataclass(frozen=True, slots=True)
class View:
    """A window of a frame at a detector's input size.

    Args:
        picture: BGR (H, W, 3).
        scale: Picture pixels for one frame pixel.
        origin: Frame position of the picture's top left corner, in frame pixels.
    """

    picture: NDArray[np.uint8]
    scale: float
    origin: tuple[float, float]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        height, width = self.picture.shape[:2]
        return width, height

    def to_frame(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes (n, 4) from picture pixels to frame pixels."""
        offset = np.array([*self.origin, *self.origin], np.float32)
        return (boxes / np.float32(self.scale) + offset).astype(np.float32)


def view_of(planes: RawPlanes, size: tuple[int, int], input_size: tuple[int, int], *, full_range: bool) -> View:
    """The whole frame, scaled to fit a detector's input; what is left over stays grey.

    Args:
        planes: The raw planes, padded.
        size: Width and height of the picture in them.
        input_size: Width and height of the detector's input.
        full_range: Luma uses 0–255 rather than 16–235.
    """
    width, height = size
    scale = min(input_size[0] / width, input_size[1] / height)
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    y = _fit(planes.y[:height, :width], (w, h))
    u, v = (_fit(p[: -(-height // 2), : -(-width // 2)], (w, h)) for p in (planes.u, planes.v))
    if not full_range:
        y, u, v = cv2.LUT(y, _LUMA), cv2.LUT(u, _CHROMA), cv2.LUT(v, _CHROMA)
    colour = cv2.cvtColor(cv2.merge((y, v, u)), cv2.COLOR_YCrCb2BGR)
    if (w, h) != input_size:
        canvas = np.full((input_size[1], input_size[0], 3), 114, np.uint8)
        canvas[:h, :w] = colour
        colour = canvas
    return View(colour, scale, (0.0, 0.0))


def evened(view: View) -> View:
    """The same picture in grey, with contrast evened out locally (CLAHE, Zuiderveld 1994).

    In the dark and against headlights a network sees other vehicles in it than in the picture as it is.
    """
    grey = cv2.createCLAHE(EVENED_CLIP, EVENED_TILES).apply(cv2.cvtColor(view.picture, cv2.COLOR_BGR2GRAY))
    return replace(view, picture=cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))


def _fit(plane: Plane, size: tuple[int, int]) -> Plane:
    shrinks = plane.shape[1] > size[0] * 1.5
    return cv2.resize(plane, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
