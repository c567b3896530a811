"""A scene being drawn: the file behind it, and what its shapes measure on the ground."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np

from passerby.archive.output import NewFile
from passerby.base.errors import FileChanged, OutputError, SceneError, SourceError
from passerby.crowd import scene_file
from passerby.crowd.ground import PERSON_M, Ground
from passerby.crowd.scene import VERSION, Scene

# What the page draws. The rest of the file (camera, calibration) stays as it is.
DRAWN = ("ground", "zones", "lines", "forbidden")
RULER_COLUMNS, RULER_ROWS = 7, 9
LEAST_BAR_PX = 4


class Drawing:
    """``scene.json`` while somebody draws in it.

    Args:
        path: The file; it need not exist yet.
        size: Width and height of the picture that is drawn on.
    """

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self.path, self.size = path, size
        self._lock = threading.Lock()

    def read(self) -> tuple[dict[str, Any], str]:
        """The file's content, checked against the picture, and its revision: empty where there is no file yet.

        Raises:
            PasserbyError: It can't be read, or is no scene of a picture of this size.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return {"version": VERSION}, ""
        except OSError as error:
            raise SourceError(f"{self.path} can't be read ({error.strerror})", "check its name and rights") from error
        return dict(scene_file.parse(data, self.size).content), hashlib.sha256(data).hexdigest()

    def check(self, drawn: bytes) -> dict[str, Any]:
        """What a drawing measures, in metres.

        Args:
            drawn: JSON of a scene with the shapes of the page.

        Raises:
            SceneError: A shape breaks a rule.
        """
        return measures(scene_file.parse(drawn, self.size), self.size)

    def save(self, drawn: bytes, revision: str) -> str:
        """Write the shapes into the file, whole or not at all; return its new revision.

        Args:
            drawn: As for `check`.
            revision: Of the file as the page read it.

        Raises:
            FileChanged: The file is no longer that one; nothing was written.
            PasserbyError: A shape breaks a rule, or the file can't be read or written; nothing was written.
        """
        shapes = scene_file.parse(drawn, self.size).content
        with self._lock:
            kept, now = self.read()
            if now != revision:
                raise FileChanged(
                    f"{self.path.name} was changed by somebody else meanwhile", "load the page anew and draw again"
                )
            content = {name: value for name, value in kept.items() if name not in DRAWN}
            content |= {"version": VERSION, "picture": list(self.size)}
            content |= {name: shapes[name] for name in DRAWN if shapes.get(name)}
            scene_file.of(content, self.size)
            data = json.dumps(content, indent=1, ensure_ascii=False).encode() + b"\n"
            if len(data) > scene_file.LARGEST_BYTES:
                raise SceneError.of("too-large", "the scene would be larger than 256 KiB", "draw fewer points")
            with NewFile(self.path) as new:
                try:
                    new.file.write(data)
                except OSError as error:
                    raise OutputError(f"{self.path} can't be written ({error.strerror})") from error
        return hashlib.sha256(data).hexdigest()


def measures(scene: Scene, size: tuple[int, int]) -> dict[str, Any]:
    """What the page shows beside shapes, in m² and m, and how high people appear: empty where no ground is known.

    Args:
        scene: As drawn.
        size: Width and height of the picture.

    Returns:
        ``zones``: areas in m² in the file's order; ``lines``: lengths in m; ``ruler``: x, y and height in pixels of
        somebody 1.7 m tall at places all over the ground in sight; ``misfit_m``: by how much its points disagree.
    """
    return {
        "zones": [zone.area_m2 for zone in scene.zones],
        "lines": [line.width_m for line in scene.lines],
        "ruler": _ruler(scene.ground, size) if scene.ground else [],
        "misfit_m": scene.ground.misfit_m if scene.ground else None,
    }


def _ruler(ground: Ground, size: tuple[int, int]) -> list[list[float]]:
    """Bars to hold the ground against what is known of the place: none covers another."""
    columns, rows = (
        (np.arange(n) + 0.5) / n * extent for n, extent in zip((RULER_COLUMNS, RULER_ROWS), size, strict=True)
    )
    bars: list[list[float]] = []
    for x in columns:
        top = float("inf")
        feet = np.array([(x, y) for y in rows[::-1]])
        feet = feet[ground.sees(feet)]
        for (_, y), height in zip(feet, ground.person_height_px(feet, PERSON_M), strict=True):
            if y < top and LEAST_BAR_PX <= height <= size[1]:
                bars.append([round(float(x), 1), round(float(y), 1), round(float(height), 1)])
                top = y - height
    return bars
