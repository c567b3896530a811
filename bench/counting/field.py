"""How well optical flow tells how people move: PETS, at the labels' own boxes, beside flow over the whole picture.

The product's way (`darkroom/shifts.py`) beside two that OpenCV has for every pixel, on small pictures of the same size
and at the same points; milliseconds are of the processor, one thread, with pictures made small.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
from bench.counting.score import Floats
from numpy.typing import NDArray
from tests.unit.crowd.pets import FPS, Labels, labels

from passerby.crowd.field import velocities
from passerby.darkroom._frames import RawPlanes
from passerby.darkroom.shifts import ACROSS, DOWN, Shifts, Small, small

# Frames from one picture to the next that is compared, and on both sides of it for the labels' own velocity.
GAP, AROUND = 2, 2
EVERY = 2
SIZE = (480, 360)
Boxes = NDArray[np.float32]
Way = Callable[[Small, Small, Boxes], Floats]


def field(data: Path) -> dict[str, dict[str, float]]:
    """Mean speed, error and cost of each way, in m/s and ms a look."""
    cv2.setNumThreads(1)
    known = labels(data)
    pictures = [
        RawPlanes(frame.to_ndarray(format="gray"), *[np.zeros((2, 2), np.uint8)] * 2)
        for frame in av.open(str(data / "mot-pets09-s2l1" / "video.mp4")).decode(video=0)
    ]
    ways: dict[str, Way] = {
        "points_on_bodies": _on_bodies,
        "dis_fast": _dense(cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc),
        "dis_medium": _dense(cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc),
        "farneback": _dense(lambda a, b, flow: cv2.calcOpticalFlowFarneback(a, b, flow, 0.5, 3, 9, 2, 5, 1.1, 0)),
    }
    return {name: _measured(way, pictures, known) for name, way in ways.items()}


def _on_bodies(before: Small, now: Small, boxes: Boxes) -> Floats:
    """The product's own; the small pictures stand in for the frames."""
    size = now.luma.shape[1], now.luma.shape[0]
    grey = np.zeros((2, 2), np.uint8)
    shifts = Shifts(size).of(boxes / now.px, RawPlanes(now.luma, grey, grey), now.time_s, before)
    return shifts * (now.time_s - before.time_s) * now.px


def _dense(flow_of: Callable[..., NDArray[np.float32]]) -> Way:
    """The middle of a dense flow over the upper half of each box."""

    def way(before: Small, now: Small, boxes: Boxes) -> Floats:
        flow = -flow_of(now.luma, before.luma, np.zeros((*now.luma.shape, 2), np.float32))
        found = np.full((len(boxes), 2), np.nan)
        for n, (x0, y0, x1, y1) in enumerate(boxes / now.px):
            left, right = (x0 + share * (x1 - x0) for share in ACROSS)
            top, low = (y0 + share * (y1 - y0) for share in DOWN)
            part = flow[max(0, int(top)) : int(low) + 1, max(0, int(left)) : int(right) + 1].reshape(-1, 2)
            if len(part):
                found[n] = np.median(part, axis=0) * now.px
        return found

    return way


def _measured(way: Way, pictures: list[RawPlanes], known: Labels) -> dict[str, float]:
    speeds, true, errors, took = [], [], [], []
    for at in range(1 + GAP + AROUND, len(pictures) - AROUND, EVERY):
        boxes, velocity = _labelled(known, at)
        started = time.process_time()
        before, now = (small(pictures[n - 1], SIZE, n / FPS) for n in (at - GAP, at))
        moved = way(before, now, boxes)
        took.append(time.process_time() - started)
        feet = np.column_stack(((boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]))
        found = velocities(known.ground, feet, moved * FPS / GAP)
        told = np.isfinite(found).all(axis=1)
        speeds += np.linalg.norm(found[told], axis=1).tolist()
        true += np.linalg.norm(velocity[told], axis=1).tolist()
        errors += np.linalg.norm(found[told] - velocity[told], axis=1).tolist()
    return {
        "people": len(speeds),
        "speed_m_s": round(float(np.mean(speeds)), 3),
        "speed_true_m_s": round(float(np.mean(true)), 3),
        "middle_error_m_s": round(float(np.median(errors)), 3),
        "ms_a_look": round(1000 * float(np.median(took)), 2),
    }


def _labelled(known: Labels, at: int) -> tuple[Boxes, Floats]:
    """Boxes of a frame, and the velocity of each by its label's metres, over a little more than the flow's time."""
    here, velocity = [], []
    for n in np.flatnonzero(known.frame == at):
        mine = known.who == known.who[n]
        first = mine & (known.frame == at - GAP - AROUND)
        last = mine & (known.frame == at + AROUND)
        if first.any() and last.any():
            here.append(n)
            velocity.append((known.metres[last][0] - known.metres[first][0]) / ((GAP + 2 * AROUND) / FPS))
    feet, tall = known.feet[here], known.heights[here]
    # A body is about four tenths as wide as tall.
    boxes = np.column_stack((feet[:, 0] - 0.2 * tall, feet[:, 1] - tall, feet[:, 0] + 0.2 * tall, feet[:, 1]))
    return boxes.astype(np.float32).reshape(-1, 4), np.array(velocity).reshape(-1, 2)
