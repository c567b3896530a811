"""Whom hiding fails more often, as far as labels and pixels tell: part of `make bench-leak`.

Labels give a head's place and, in some sets, its track; pixels give the light on it. Nothing here tells skin, clothing,
age or sex: no set at hand is labelled with them, and Passerby has no network that could guess them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
Head = tuple[float, float, float, float, str]
HEIGHTS = (9, 12, 16, 24)
LIGHTS = (60, 100, 140)
CONTRASTS = (10, 30)
# A body below a head: as wide as three of it, as high as six. Steps of a walker are seen over so many frames.
BODY_WIDE, BODY_HIGH, STEPS = 3, 6, 5
STANDS = 0.1


@dataclass(slots=True)
class Groups:
    """How many heads of each group there are, and how many leaked."""

    heads: Counter[tuple[str, str]] = field(default_factory=Counter)
    leaked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def lines(self, name: str) -> Iterator[str]:
        """As Markdown; the bound is the 95 % one if heads were independent, which those of one person are not."""
        for (by, group), count in sorted(self.heads.items()):
            leaked = self.leaked[by, group]
            bound = (leaked + 3 if not leaked else leaked + 2 * leaked**0.5 + 2) / count
            yield f"| {name} | {by} | {group} | {leaked} of {count} | {min(1.0, bound):.2%} |"


HEAD = ("| set | by | group | heads leaked | less than |", "| --- | --- | --- | --- | --- |")


def band(value: float, edges: tuple[int, ...], unit: str) -> str:
    """In which band a value lies."""
    at = int(np.searchsorted(edges, value, side="right"))
    if at == 0:
        return f"under {edges[0]} {unit}"
    return f"{edges[at - 1]} {unit} or more" if at == len(edges) else f"{edges[at - 1]}–{edges[at]} {unit}"


def hidden_behind(head: Head, others: list[Head]) -> bool:
    """Does the body of somebody nearer to the camera cover the middle of this head?"""
    x, y = head[0] + head[2] / 2, head[1] + head[3] / 2
    return any(
        ox - (BODY_WIDE - 1) / 2 * w <= x <= ox + (BODY_WIDE + 1) / 2 * w and oy + h <= y <= oy + BODY_HIGH * h
        for ox, oy, w, h, _ in others
        if (ox, oy) != head[:2]
    )


def heading(frame: int, head: Head, by: Mapping[int, list[Head]]) -> str | None:
    """Which way somebody walks, from the same track a few frames on; None where there is none."""
    later = next((h for h in by.get(frame + STEPS, []) if h[4] and h[4] == head[4]), None)
    if later is None:
        return None
    across, down = (later[0] - head[0]) / head[3], (later[1] - head[1]) / head[3]
    if abs(across) + abs(down) < STANDS * STEPS:
        return "stands"
    if abs(across) >= abs(down):
        return "to the right" if across > 0 else "to the left"
    return "towards the camera" if down > 0 else "away from it"


def light(luma: Luma, x0: int, y0: int, x1: int, y1: int) -> tuple[float, float]:
    """Mean luma of a head, and how far it is from that of its surroundings."""
    rim = luma[max(0, y0 - (y1 - y0) // 2) : y1 + (y1 - y0) // 2, max(0, x0 - (x1 - x0) // 2) : x1 + (x1 - x0) // 2]
    inside = luma[y0:y1, x0:x1]
    around = (float(rim.sum()) - float(inside.sum())) / max(1, rim.size - inside.size)
    return float(inside.mean()), abs(float(inside.mean()) - around)


def measured(tool: Any, original: Path, redacted: Path, labels: Path) -> Groups:
    """Every labelled head of a redacted video, by group.

    Args:
        tool: The yardstick's module.
        original: The video as it was.
        redacted: As it came out.
        labels: Labelled heads.
    """
    groups, by = Groups(), tool.read_heads(labels)
    for frame, (luma, shown) in enumerate(zip(tool.luma(original), tool.luma(redacted), strict=True), 1):
        heads: list[Head] = by.get(frame, [])
        if not heads:
            continue
        one, two = tool.gradients(luma), tool.gradients(shown)
        for head in heads:
            x, y, w, h, _ = head
            x0, y0, x1, y1 = max(0, int(x)), max(0, int(y)), int(x + w) + 1, int(y + h) + 1
            x1, y1 = min(luma.shape[1], x1), min(luma.shape[0], y1)
            if h < tool.SMALLEST or x1 - x0 < 6 or y1 - y0 < 6:
                continue
            mean, contrast = light(luma, x0, y0, x1, y1)
            told = [
                ("height of the head", band(h, HEIGHTS, "px")),
                ("light on the head", band(mean, LIGHTS, "levels")),
                ("contrast to its surroundings", band(contrast, CONTRASTS, "levels")),
                ("somebody in front", "yes" if hidden_behind(head, heads) else "no"),
            ]
            way = heading(frame, head, by)
            told += [("direction", way)] if way else []
            groups.heads.update(told)
            if tool.survives(one, two, x0, y0, x1, y1):
                groups.leaked.update(told)
    return groups
