"""A camera's scene: its ground, zones, lines and calibration, as ``scene.json`` holds them.

Points of zones, lines and forbidden areas are pixels of the picture they were drawn on; metres come from the ground.
Everything is checked here, once: a `Scene` that exists is one that can be counted in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from passerby.base.errors import SceneError
from passerby.crowd.calibration import Calibration
from passerby.crowd.ground import Ground
from passerby.crowd.levels import Exit, Profile
from passerby.crowd.polygon import Points

VERSION = 1


@dataclass(frozen=True, slots=True)
class Zone:
    """An area to count in.

    Args:
        id: Its name.
        polygon: (n, 2) corners in pixels.
        profile: By which thresholds its density is judged.
        area_m2: On the ground; None where the ground is not known.
        head: (2,) where a queue begins, in pixels; None where there is none.
    """

    id: str
    polygon: Points
    profile: Profile
    area_m2: float | None
    head: Points | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line to count crossings of. "In" is from its left to its right, looking from ``start`` to ``end``.

    Args:
        id: Its name.
        start: (2,) pixels.
        end: (2,) pixels.
        width_m: Its length on the ground; None where the ground is not known.
        exit: What kind of exit it is; None where it is none.
        way: 1 where people are meant to go in only, -1 out only; 0 for both ways.
    """

    id: str
    start: Points
    end: Points
    width_m: float | None
    exit: Exit | None = None
    way: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """A checked scene.

    Args:
        content: What ``scene.json`` said, as JSON types.
        size: Width and height of the picture it was checked for; None where that was not known.
        ground: None where no ground is given.
        zones: In the order of the file.
        lines: In the order of the file.
        forbidden: (n, 2) corners in pixels of each area that is never shown.
        calibration: None before there is one.
    """

    content: Mapping[str, Any]
    size: tuple[int, int] | None
    ground: Ground | None
    zones: tuple[Zone, ...]
    lines: tuple[Line, ...]
    forbidden: tuple[Points, ...]
    calibration: Calibration | None

    def canonical(self) -> bytes:
        """The scene as canonical JSON (RFC 8785)."""
        return rfc8785.dumps(dict(self.content))

    def hash(self) -> bytes:
        """SHA-256 of the canonical form: what a permit is bound to."""
        return hashlib.sha256(self.canonical()).digest()

    def calibrated(self, calibration: Calibration) -> dict[str, Any]:
        """The content of ``scene.json`` with a calibration in it."""
        return {**self.content, "calibration": calibration.to_json()}


def check_size(size: tuple[int, int], scene: Scene) -> None:
    """A scene counts only in pictures of the size it was drawn on.

    Raises:
        SceneError: The sizes differ.
    """
    if scene.size is not None and scene.size != size:
        raise SceneError.of(
            "picture-size",
            f"the scene was drawn on {scene.size[0]}x{scene.size[1]}, the picture is {size[0]}x{size[1]}",
            "draw it again on this camera's picture",
        )
