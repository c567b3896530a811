"""Faces and number plates that `passerby redact` leaves in pictures: part of `make bench-leak`."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passerby.base.errors import PasserbyError
from passerby.darkroom.launch import Wanted
from passerby.station.pictures import pictures_in, redact_pictures

SETS = {
    "faces-persons-airport": "face",
    "faces-dlib": "face",
    "plates-openalpr": "plate",
    "plates-romania": "plate",
    "plates-vehicles-vlp": "plate",
}
HEAD = ("| set | what | leaked | scene kept | pictures it leaks in |", "| --- | --- | --- | --- | --- |")


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One line of the table."""

    name: str
    score: dict[str, Any]

    def line(self) -> str:
        """As Markdown."""
        score = self.score
        kept = "–" if score["scene_kept"] is None else f"{score['scene_kept']:.1%}"
        leaked = f"{score['leaked']} of {score['boxes']} ({score['leak_rate']:.1%})"
        return f"| {self.name} | {score['label']} | {leaked} | {kept} | {', '.join(score['leaking_pictures']) or '–'} |"


def measured(tool: Path, name: str, data: Path, out: Path, threads: int) -> PictureRow:
    """Redact all pictures of a set as `passerby redact FOLDER` does, and score them.

    Raises:
        PasserbyError: A picture could not be redacted: then the set can't be scored.
    """
    originals, redacted = data / name / "images", out / name
    redacted.mkdir(parents=True, exist_ok=True)
    pairs = [(source, redacted / source.name) for source in pictures_in(originals)]
    for _, target in pairs:
        target.unlink(missing_ok=True)
    album = redact_pictures(pairs, Wanted(frozenset({"redact"}), pictures=True, threads=threads))
    failed: list[PasserbyError] = list(album.failed.values())
    if failed:
        raise failed[0]
    command = [sys.executable, str(tool), "pictures", str(originals), str(redacted), str(data / name / "boxes.csv")]
    done = subprocess.run([*command, SETS[name]], check=True, capture_output=True, text=True)
    return PictureRow(name, json.loads(done.stdout))
