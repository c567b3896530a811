"""Looks for the noise clip in files: its pictures, and its coded packets."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
from tests.e2e.clips import HEIGHT, WIDTH, noise

RUN_BYTES = 48


def raw_in(path: Path, clip: Path) -> bool:
    """Whether a file holds a run of the clip's pictures, or of its coded packets."""
    held = path.read_bytes()
    return any(run in held for run in (*_picture_runs(), *_coded_runs(clip)))


def _picture_runs() -> list[bytes]:
    picture = noise(5)
    return [picture[row, at : at + RUN_BYTES].tobytes() for row in range(HEIGHT) for at in (0, WIDTH // 2)]


def _coded_runs(clip: Path) -> list[bytes]:
    with av.open(str(clip)) as container:
        packets = [bytes(p) for p in container.demux(video=0) if p.size]
    return [p[len(p) // 2 : len(p) // 2 + RUN_BYTES] for p in packets]


def finest_detail(path: Path) -> float:
    """How much neighbouring pixels differ from their surroundings, in levels: the most of any frame of a video."""
    with av.open(str(path)) as container:
        lumas = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    return max(float(np.abs(luma - cv2.blur(luma.astype(np.float32), (5, 5))).mean()) for luma in lumas)
