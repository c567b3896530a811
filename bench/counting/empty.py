"""Clips in which nobody is: made by a script with a fixed seed, and counted in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
from bench.counting.sets import counted
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
WIDTH, HEIGHT, FRAMES = 640, 480, 20


def street(seed: int = 0) -> Picture:
    """A street with houses, windows, posts, a kerb, trees and a parked box: textured, and nobody in it."""
    chance = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), (200, 190, 175), np.uint8)
    cv2.rectangle(picture, (0, 260), (WIDTH, HEIGHT), (110, 112, 115), -1)
    for x in range(0, WIDTH, 128):
        tone = chance.integers(90, 170, 3).tolist()
        cv2.rectangle(picture, (x, 60), (x + 120, 262), tone, -1)
        for y in range(80, 240, 50):
            for wx in range(x + 12, x + 110, 36):
                cv2.rectangle(picture, (wx, y), (wx + 20, y + 30), (60, 50, 45), -1)
    for x in range(40, WIDTH, 150):
        cv2.line(picture, (x, 200), (x, 340), (50, 50, 50), 5)
        cv2.circle(picture, (x + 70, 230), 34, (40, 90, 45), -1)
    cv2.line(picture, (0, 330), (WIDTH, 330), (170, 170, 170), 6)
    for x in range(0, WIDTH, 80):
        cv2.line(picture, (x, 400), (x + 40, 400), (230, 230, 230), 5)
    return np.clip(picture + chance.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)


def rain(base: Picture, chance: np.random.Generator) -> Picture:
    """Bright streaks, slanting, others in each frame, over a greyer picture."""
    fallen = cv2.addWeighted(base, 0.75, np.full_like(base, 150), 0.25, 0)
    for x, y, length in zip(
        chance.integers(0, WIDTH, 500), chance.integers(0, HEIGHT, 500), chance.integers(8, 28, 500), strict=True
    ):
        start = (int(x), int(y))
        cv2.line(fallen, start, (int(x + length // 4), int(y + length)), (215, 215, 215), 1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(fallen, (3, 3), 0), np.uint8)


def plain(level: float, spread: float, chance: np.random.Generator) -> Picture:
    """One level all over, with a sensor's noise."""
    return np.clip(chance.normal(level, spread, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)


CLIPS: dict[str, Callable[[np.random.Generator], Picture]] = {
    "empty street": lambda chance: np.clip(street() + chance.normal(0, 4, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8),
    "rain": lambda chance: rain(street(), chance),
    "dark": lambda chance: np.clip(street() * 0.08 + chance.normal(0, 4, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8),
    "black": lambda chance: plain(0, 0, chance),
    "white": lambda chance: plain(255, 0, chance),
    "noise": lambda chance: chance.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8),
    "covered lens": lambda chance: plain(60, 3, chance),
}


def clip(name: str, path: Path) -> Path:
    """One of `CLIPS` as a video."""
    chance = np.random.default_rng(1)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=5, options={"crf": "16", "preset": "fast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for _ in range(FRAMES):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(CLIPS[name](chance), format="bgr24")))
        out.mux(stream.encode())
    return path


def most_people(folder: Path) -> dict[str, float]:
    """The most people counted in any frame of each clip."""
    return {
        name: max(e["people"] for e in counted(clip(name, folder / f"{n}.mp4"))["series"])
        for n, name in enumerate(CLIPS)
    }
