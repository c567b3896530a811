"""Real networks on the pictures that were hardest: no number plate is left, and each source of the mask is needed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from passerby.darkroom import redaction as module
from passerby.darkroom._frames import RawPlanes, What, padded
from passerby.darkroom.find.finder import PICTURE, Finder, Look, Plan, models_for, plan_for
from passerby.darkroom.find.found import Found
from passerby.darkroom.find.network import available, prepare
from passerby.darkroom.hide import spots
from passerby.darkroom.redaction import Options, Redaction
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.tally import Tally
from passerby.outlet.messages import Codec, Mode

pytestmark = pytest.mark.xdist_group("leak")
Box = tuple[int, int, int, int]
# At night, against headlights, cut by the upper edge, behind twigs.
HARDEST = {
    "plates-romania": ("train_003", "train_004", "train_010", "train_011", "train_023", "train_037", "train_047"),
    "plates-vehicles-vlp": ("image_000001", "image_000004", "image_000006"),
    "plates-openalpr": ("us_047", "us_052"),
}


class Picture:
    """One picture, where its number plates are, and what the networks say."""

    def __init__(self, path: Path, plates: list[Box], finder_for: Callable[[Plan], Finder]) -> None:
        with av.open(str(path)) as file:
            frame = next(file.decode(video=0)).reformat(format="yuvj420p")
        self.size, self.plates = (frame.width, frame.height), plates
        flat, at, planes = frame.to_ndarray().ravel(), 0, []
        for n in (1, 2, 2):
            high, wide = -(-frame.height // n), -(-frame.width // n)
            plane, at = flat[at : at + high * wide].reshape(high, wide), at + high * wide
            rest = padded(frame.height) // n - high, padded(frame.width) // n - wide
            planes.append(np.pad(plane, ((0, rest[0]), (0, rest[1])), mode="edge"))
        self.planes = RawPlanes(*planes)
        made = finder_for(plan_for(self.size, pictures=True))
        low = replace(PICTURE, evened=())
        self._first = made.find(self.planes, self.size, low, full_range=True)
        self._all = made.find(self.planes, self.size, PICTURE, full_range=True)

    def find(self, planes: RawPlanes, size: tuple[int, int], look: Look, *, full_range: bool) -> Found:
        return self._all if look.evened else self._first

    def left(self, yardstick: Any, monkeypatch: pytest.MonkeyPatch) -> int:
        """How many of its number plates can still be made out."""
        shown: list[NDArray[np.uint8]] = []
        width, height = self.size

        class Nothing(module.PictureEncoder):
            def encode(self, planes: RawPlanes, pts: int) -> Iterator[Any]:
                shown.append(planes.y[:height, :width].copy())
                return iter(())

        monkeypatch.setattr(module, "PictureEncoder", Nothing)
        about = replace(ABOUT, width=width, height=height, codec=Codec.JPEG, full_range=1, what=What.FRAME, pts=0)
        tally = Tally(bytes(32))
        work = Redaction(about, self.size, self, lambda _: None, tally, Options())
        work.redact(self.planes, about)
        work.finish()
        assert tally.mode is Mode.NO_PLATE
        one, two = (yardstick.gradients(p) for p in (self.planes.y[:height, :width], shown[0]))
        return sum(bool(yardstick.survives(one, two, *box)) for box in self.plates)


@pytest.fixture(scope="module")
def pictures(data_dir: Path) -> list[Picture]:
    runtime = prepare(available(), models_for((PICTURE,)))
    # Compiling takes most of the time: once for each size of input.
    finder_for = cache(lambda plan: Finder(plan, (PICTURE,), runtime, 1))
    made = []
    for name, chosen in HARDEST.items():
        with (data_dir / name / "boxes.csv").open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["label"] == "plate"]
        for picture in chosen:
            boxes = [[float(row[k]) for k in "xywh"] for row in rows if row["image"] == f"{picture}.jpg"]
            plates = [(int(x), int(y), int(x + w) + 1, int(y + h) + 1) for x, y, w, h in boxes]
            made.append(Picture(data_dir / name / "images" / f"{picture}.jpg", plates, finder_for))
    return made


def left(pictures: list[Picture], yardstick: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    return sum(picture.left(yardstick, monkeypatch) for picture in pictures)


def test_no_number_plate_is_left(pictures: list[Picture], yardstick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(len(picture.plates) for picture in pictures) >= len(pictures)
    assert left(pictures, yardstick, monkeypatch) == 0


def test_without_the_second_look_some_are(
    pictures: list[Picture], yardstick: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PICTURE", replace(PICTURE, evened=()))
    assert left(pictures, yardstick, monkeypatch) >= 2


def test_without_vehicles_most_are(pictures: list[Picture], yardstick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spots, "_wider", lambda box, *_, **__: box * 0)
    assert left(pictures, yardstick, monkeypatch) >= len(pictures) / 2
