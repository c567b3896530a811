"""Of boxes that overlap, the best one: greedy non-maximum suppression in blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_BLOCK = 64
_BETTER = np.triu(np.ones((_BLOCK, _BLOCK), np.bool_), 1)


def best(boxes: Floats, scores: Floats, overlap: float, rivals: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
    """The boxes that no better rival covers, best first.

    The result is exactly that of taking the best box, dropping its rivals that overlap it, and so on; ties keep their
    order. No box is dropped for any other reason, however many there are: a dropped box would show somebody.

    Args:
        boxes: (n, 4): x0, y0, x1, y1, finite and not empty.
        scores: (n,).
        overlap: Intersection over union above which the lower-scoring of two boxes goes, over 0 to 1.
        rivals: (n,) small numbers; only boxes of equal numbers compete. All compete where it is not given.

    Returns:
        Places of the chosen boxes, (m,).
    """
    waiting = np.argsort(-scores, kind="stable")
    if rivals is not None and len(waiting):
        # Moved apart by more than the largest coordinate, boxes of different numbers cannot meet.
        boxes = boxes + (rivals * (np.ceil(boxes.max()) + 1)).astype(np.float32)[:, None]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    limit = np.float32(overlap)
    chosen = [np.zeros(0, np.intp)]
    while len(waiting):
        block, rest = waiting[:_BLOCK], waiting[_BLOCK:]
        covers = _overlapping(boxes, areas, block, block, limit) & _BETTER[: len(block), : len(block)]
        winners = block[_greedy(covers)]
        chosen.append(winners)
        waiting = rest[~_overlapping(boxes, areas, winners, rest, limit).any(axis=0)]
    return np.concatenate(chosen)


def _greedy(covers: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Who stays, (n,), where ``covers[i, j]`` says that i, the better one, removes j if i stays.

    Round k settles the first k at least, so this ends, at the one answer that is consistent with itself.
    """
    stays: NDArray[np.bool_] = np.ones(len(covers), np.bool_)
    while True:
        again: NDArray[np.bool_] = ~np.any(covers[stays], axis=0, keepdims=False)
        if (again == stays).all():
            return stays
        stays = again


def _overlapping(
    boxes: Floats, areas: Floats, these: NDArray[np.intp], those: NDArray[np.intp], limit: np.float32
) -> NDArray[np.bool_]:
    """Whether box i of these and box j of those have more than the limit in common, (i, j)."""
    a, b = boxes[these].T[:, :, None], boxes[those].T[:, None, :]
    wide = np.maximum(np.minimum(a[2], b[2]) - np.maximum(a[0], b[0]), 0)
    high = np.maximum(np.minimum(a[3], b[3]) - np.maximum(a[1], b[1]), 0)
    common = wide * high
    both: NDArray[np.bool_] = common > limit * (areas[these][:, None] + areas[those] - common)
    return both
