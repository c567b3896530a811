"""Turns the outputs of the listed models into boxes. Pure functions of numbers.

Boxes are float32 (n, 4): x0, y0, x1, y1 in pixels of the model's input, inside it, best score first. An input size is
(width, height); both are multiples of 32. The cards below ``models/cards`` describe the outputs.

Decoding follows the published code of each model's origin (NanoDet 0.x, CenterFace, Caffe's SSD layers).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom.find.overlap import best
from passerby.darkroom.find.priors import plate_priors

Floats = NDArray[np.float32]
Outputs = Mapping[str, Floats]
Size = tuple[int, int]

NANODET_CLASSES = ("person", "bicycle", "car", "motorcycle", "bus", "train", "truck")
"""The model's classes in output order; the class numbers of `decode_nanodet` are places in this tuple."""
NANODET_STRIDES = (8, 16, 32)
NANODET_BINS = 11
_RIVALS = np.array([0, 1, 2, 1, 2, 2, 2])
"""Classes of one number compete for a box. A rider and his motorcycle both stay; one lorry is not also a bus."""

CENTERFACE_STRIDE = 4
CENTERNET_STRIDE = 4
_NEIGHBOURS = np.ones((3, 3), np.uint8)
_LOG_LARGEST = np.float32(12.0)

_CENTRE_VARIANCE, _SIDE_VARIANCE = np.float32(0.1), np.float32(0.2)

# The sigmoid of a finite number lies in 0..1; reduced precision may round a little beyond.
_SLACK = 0.01


class ModelOutputFault(ValueError):
    """A model's output can't be what the model computes: not finite, no score, of the wrong shape, outside the picture.

    Nothing is known about that frame then; hide all of it.
    """


def decode_nanodet(
    outputs: Outputs, input_size: Size, threshold: float, overlap: float = 0.6
) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """People and vehicles.

    Args:
        outputs: For each stride s of 8, 16 and 32: ``cls_s`` (1, cells, 7), scores 0..1, and ``reg_s``
            (1, cells, 44), four sides (left, top, right, bottom) × 11 bins of one stride each; cells row by row.
        input_size: Width and height of the model's input.
        threshold: Score from which a box counts.
        overlap: Intersection over union from which the lower-scoring of two rival boxes goes.

    Returns:
        Boxes (n, 4), scores (n,), classes (n,): places in `NANODET_CLASSES`.

    Raises:
        ModelOutputFault: The outputs are broken.
    """
    scores, classes, logits, centres, strides = [], [], [], [], []
    for stride in NANODET_STRIDES:
        width, height = input_size[0] // stride, input_size[1] // stride
        grades = _scores(outputs, f"cls_{stride}", (width * height * len(NANODET_CLASSES),))
        sides = _shaped(outputs, f"reg_{stride}", (width * height, 4, NANODET_BINS))
        places = np.flatnonzero(grades >= threshold)
        cells, kinds = np.divmod(places, len(NANODET_CLASSES))
        scores.append(grades[places])
        classes.append(kinds)
        logits.append(sides[cells])
        centres.append(np.stack((cells % width, cells // width), axis=1) + 0.5)
        strides.append(np.full((len(cells), 1), stride, np.float32))
    step = np.concatenate(strides)
    centre = np.concatenate(centres).astype(np.float32) * step
    distances = _expected_bin(_finite(np.concatenate(logits), "reg")) * step
    found = _cut(np.concatenate((centre - distances[:, :2], centre + distances[:, 2:]), axis=1), input_size)
    grade, kind = np.concatenate(scores), np.concatenate(classes)
    chosen = best(found, grade, overlap, _RIVALS[kind])
    return found[chosen], grade[chosen], kind[chosen]


def _expected_bin(logits: Floats) -> Floats:
    """The mean bin number of a distribution over bins given by logits, (n, 4, bins) to (n, 4)."""
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    mean: Floats = weights @ np.arange(NANODET_BINS, dtype=np.float32) / weights.sum(axis=2)
    return mean


def decode_centerface(
    outputs: Outputs, input_size: Size, threshold: float, overlap: float = 0.3
) -> tuple[Floats, Floats]:
    """Faces.

    Args:
        outputs: On a grid of 4×4 pixels: ``heat`` (1, 1, h, w), scores 0..1; ``size`` (1, 2, h, w), natural logarithm
            of height and width in grid cells; ``offset`` (1, 2, h, w), y and x of the centre within its cell.
        input_size: Width and height of the model's input.
        threshold: Score from which a box counts.
        overlap: Intersection over union from which the lower-scoring of two boxes goes.

    Returns:
        Boxes (n, 4), scores (n,).

    Raises:
        ModelOutputFault: The outputs are broken.
    """
    width, height = input_size[0] // CENTERFACE_STRIDE, input_size[1] // CENTERFACE_STRIDE
    heat = _scores(outputs, "heat", (height * width,))
    cells = np.flatnonzero(heat >= threshold)
    logs = _finite(_shaped(outputs, "size", (2, height * width))[:, cells], "size")
    shift = _finite(_shaped(outputs, "offset", (2, height * width))[:, cells], "offset")
    stride = np.float32(CENTERFACE_STRIDE)
    high, wide = np.exp(np.minimum(logs, _LOG_LARGEST)) * stride / 2
    y, x = (np.stack((cells // width, cells % width)).astype(np.float32) + shift + np.float32(0.5)) * stride
    found = _cut(np.stack((x - wide, y - high, x + wide, y + high), axis=1), input_size)
    grade = heat[cells]
    chosen = best(found, grade, overlap)
    return found[chosen], grade[chosen]


def decode_centernet(
    outputs: Outputs, input_size: Size, threshold: float, overlap: float = 0.6
) -> tuple[Floats, Floats]:
    """People, as the second network sees them.

    Args:
        outputs: On a grid of 4×4 pixels: ``heat`` (1, 1, h, w), scores 0..1; ``sides`` (1, 4, h, w), how far left, top,
            right and bottom lie from the cell's corner, in input pixels.
        input_size: Width and height of the model's input.
        threshold: Score from which a box counts.
        overlap: Intersection over union from which the lower-scoring of two boxes goes.

    Returns:
        Boxes (n, 4), scores (n,): one for each cell that no neighbour outscores.

    Raises:
        ModelOutputFault: The outputs are broken.
    """
    width, height = input_size[0] // CENTERNET_STRIDE, input_size[1] // CENTERNET_STRIDE
    heat = _scores(outputs, "heat", (height, width))
    sides = _shaped(outputs, "sides", (4, height, width))
    peaks = (heat >= threshold) & (cv2.dilate(heat, _NEIGHBOURS) == heat)
    y, x = np.nonzero(peaks)
    corner = np.stack((x, y), axis=1).astype(np.float32) * np.float32(CENTERNET_STRIDE)
    reach = _finite(sides[:, y, x].T, "sides")
    found = _cut(np.concatenate((corner - reach[:, :2], corner + reach[:, 2:]), axis=1), input_size)
    grade = heat[y, x]
    chosen = best(found, grade, overlap)
    return found[chosen], grade[chosen]


def decode_plate(outputs: Outputs, input_size: Size, threshold: float, overlap: float = 0.45) -> tuple[Floats, Floats]:
    """Number plates: where they are, never what they say.

    Args:
        outputs: ``score`` (1, priors, 1), 0..1, and ``shift`` (1, priors, 4): how a prior box has to move and stretch
            (x and y in tenths of its sides, width and height in fifths of a natural logarithm).
        input_size: Width and height of the model's input.
        threshold: Score from which a box counts.
        overlap: Intersection over union from which the lower-scoring of two boxes goes.

    Returns:
        Boxes (n, 4), scores (n,).

    Raises:
        ModelOutputFault: The outputs are broken.
    """
    priors = plate_priors(input_size)
    score = _scores(outputs, "score", (len(priors),))
    cells = np.flatnonzero(score >= threshold)
    shift = _finite(_shaped(outputs, "shift", (len(priors), 4))[cells], "shift")
    prior = priors[cells]
    centre = prior[:, :2] + shift[:, :2] * _CENTRE_VARIANCE * prior[:, 2:]
    half = prior[:, 2:] * np.exp(np.minimum(shift[:, 2:] * _SIDE_VARIANCE, _LOG_LARGEST)) / 2
    found = _cut(np.concatenate((centre - half, centre + half), axis=1), input_size)
    grade = score[cells]
    chosen = best(found, grade, overlap)
    return found[chosen], grade[chosen]


def _shaped(outputs: Outputs, name: str, shape: tuple[int, ...]) -> Floats:
    """One output without its batch axis."""
    values = outputs.get(name)
    if values is None or values.size != prod(shape):
        raise ModelOutputFault(f"output {name} should have the shape {shape}")
    return values.reshape(shape)


def _scores(outputs: Outputs, name: str, shape: tuple[int, ...]) -> Floats:
    values = _shaped(outputs, name, shape)
    # Written so that a NaN, which `min` and `max` pass on, fails it.
    if not (values.min() >= -_SLACK and values.max() <= 1 + _SLACK):
        raise ModelOutputFault(f"output {name} holds values that are no scores")
    return values


def _finite(values: Floats, name: str) -> Floats:
    if not np.isfinite(values).all():
        raise ModelOutputFault(f"output {name} holds values that are not finite")
    return values


def _cut(boxes: Floats, input_size: Size) -> Floats:
    """Boxes cut at the input's edges.

    A box begins at a place inside the input. One with nothing inside comes from a network that no longer works: none
    was among 160,000 boxes of seven sets at the lowest scores.
    """
    width, height = input_size
    cut: Floats = np.minimum(np.maximum(boxes, np.float32(0)), np.array([width, height, width, height], np.float32))
    if not ((cut[:, 2] > cut[:, 0]) & (cut[:, 3] > cut[:, 1])).all():
        raise ModelOutputFault("a box lies outside the picture")
    return cut
