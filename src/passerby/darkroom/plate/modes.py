"""The appearance a block shows most often."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.darkroom.grid import CellFrame, Grid

LUMA_TOLERANCE, CHROMA_TOLERANCE = 14, 8
SEEDS = 12
Features = NDArray[np.int16]


def block_features(frames: list[CellFrame], grid: Grid) -> Features:
    """Each block as four luma means, U and V: (samples, 6, rows, columns)."""
    rows, columns = grid.blocks
    out = np.empty((len(frames), 6, rows, columns), np.int16)
    for at, frame in zip(out, frames, strict=True):
        if grid.block_px == grid.cell_px:
            at[:4] = frame.y
            at[4], at[5] = frame.u, frame.v
            continue
        at[0], at[1] = frame.y[::2, ::2], frame.y[::2, 1::2]
        at[2], at[3] = frame.y[1::2, ::2], frame.y[1::2, 1::2]
        at[4] = cv2.resize(frame.u, (columns, rows), interpolation=cv2.INTER_AREA)
        at[5] = cv2.resize(frame.v, (columns, rows), interpolation=cv2.INTER_AREA)
    return out


def frame_offsets(features: Features) -> NDArray[np.int16]:
    """The frame-wide change of light of each sample against the median sample, in luma levels."""
    usual = np.median(features[:, 0], axis=0)
    return np.array([np.median(f[0] - usual) for f in features]).round().astype(np.int16)


def dominant_mode(features: Features, weights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the appearance is shown that has the most weighted support, of the median and a dozen samples.

    Args:
        features: (samples, 6, rows, columns).
        weights: (samples, rows, columns): how much a sample counts at a block.

    Returns:
        Which samples show it (samples, rows, columns).
    """
    count = len(features)
    seeds = [np.median(features, axis=0).astype(np.int16)]
    seeds += [features[i] for i in np.linspace(0, count - 1, min(SEEDS, count)).astype(int)]
    best = seeds[0]
    most = np.full(best.shape[1:], -1.0, np.float32)
    for seed in seeds:
        support = (_shows(features, seed) * weights).sum(axis=0)
        better = support > most
        best, most = np.where(better, seed, best), np.where(better, support, most)
    return _shows(features, _mean_of(features, _shows(features, best)))


def _shows(features: Features, mode: Features) -> NDArray[np.bool_]:
    apart = np.abs(features - mode)
    return np.asarray((apart[:, :4].max(axis=1) <= LUMA_TOLERANCE) & (apart[:, 4:].max(axis=1) <= CHROMA_TOLERANCE))


def _mean_of(features: Features, chosen: NDArray[np.bool_]) -> Features:
    total = (features * chosen[:, None]).sum(axis=0, dtype=np.int32)
    return np.round(total / np.maximum(chosen.sum(axis=0), 1)).astype(np.int16)
