"""A super-resolution attack on redacted video: align all frames of one walker on his head and average them.

Noise, coding and the places of cells differ from frame to frame, so an average over many frames may tell more than any
single one. The attacker here even knows where the head is, to the labels' accuracy. What he gets is compared with the
same average of the *original* frames, by the rule of the yardstick ``tools/leak.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
Box = tuple[float, float, float, float]
MOST, FEWEST = 200, 50
HEAD_PX = 32
"""Rows that every head is enlarged to before averaging: about three times the resolution of a head of 10 px."""


@dataclass(frozen=True, slots=True)
class Attack:
    """What came of it.

    Args:
        walkers: Tracks with enough frames to average.
        frames: Frames averaged for the median walker.
        leaked: Names of the tracks whose average head can be made out.
    """

    walkers: int
    frames: int
    leaked: tuple[str, ...]


def patch(luma: NDArray[np.uint8], box: Box) -> Picture:
    """The head with half its size around it, enlarged so that every head has the same place and size, (64, 64)."""
    x, y, width, height = box
    side = 2 * HEAD_PX
    across, down = width / HEAD_PX, height / HEAD_PX
    place = np.array([[across, 0, x - width / 2], [0, down, y - height / 2]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    out: Picture = cv2.warpAffine(
        luma.astype(np.float32), place, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return out


def averages(tool: Any, video: Path, tracks: Mapping[str, Mapping[int, Box]]) -> dict[str, Picture]:
    """The average head of each track. Frames count from 1, as in the labels."""
    sums: dict[str, Picture] = {}
    for frame, luma in enumerate(tool.luma(video), 1):
        for name, boxes in tracks.items():
            if frame in boxes:
                sums[name] = sums.get(name, np.float32(0)) + patch(luma, boxes[frame])
    return {name: total / np.float32(len(tracks[name])) for name, total in sums.items()}


def tracks_of(
    heads: Mapping[int, list[tuple[float, float, float, float, str]]], smallest: float
) -> dict[str, dict[int, Box]]:
    """Of each track with at least `FEWEST` heads, up to `MOST` of them, evenly spread."""
    found: dict[str, dict[int, Box]] = defaultdict(dict)
    for frame, boxes in heads.items():
        for x, y, width, height, name in boxes:
            if name and height >= smallest:
                found[name][frame] = x, y, width, height
    chosen = {}
    for name, track in found.items():
        if len(track) >= FEWEST:
            frames = sorted(track)
            places = np.linspace(0, len(frames) - 1, min(MOST, len(frames))).astype(int)
            chosen[name] = {frames[i]: track[frames[i]] for i in places}
    return chosen


def attack(tool: Any, original: Path, redacted: Path, heads: Path) -> Attack:
    """Average every walker of both videos and compare.

    Args:
        tool: The yardstick's module.
        original: The video as it was.
        redacted: What the attacker has.
        heads: Labels with names of tracks.
    """
    tracks = tracks_of(tool.read_heads(heads), tool.SMALLEST)
    ours, theirs = (averages(tool, video, tracks) for video in (original, redacted))
    low, high = HEAD_PX // 2, HEAD_PX // 2 + HEAD_PX
    leaked = tuple(
        name
        for name in tracks
        if tool.survives(tool.gradients(ours[name]), tool.gradients(theirs[name]), low, low, high, high)
    )
    counts = sorted(len(boxes) for boxes in tracks.values())
    return Attack(len(tracks), counts[len(counts) // 2] if counts else 0, leaked)
