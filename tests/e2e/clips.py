"""Clips made for a purpose: small, wide and low, so that looking for people in them costs little."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, RATE = 640, 64, 25


def noise(seed: int) -> NDArray[np.uint8]:
    """A yuv420p picture (H·3/2, W) in which no two runs of bytes are alike."""
    return np.random.default_rng(seed).integers(16, 235, (HEIGHT * 3 // 2, WIDTH), dtype=np.uint8)


def noise_clip(path: Path, frames: int, seed: int) -> Path:
    """A clip of moving noise: about 30 kB a packet, so that pipes fill and every run of bytes can be told."""
    picture = noise(seed)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "qp": "10"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, RATE)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, 4 * index, axis=1), "yuv420p")
            frame.pts = index
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def frames_in(path: Path) -> int:
    """How many frames a result has when it is decoded to its end."""
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))
