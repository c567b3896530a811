"""Odd and hostile pictures, a folder of them at once: each a line, or a right result with nothing but pixels in it."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import pytest
from tests.e2e import odd
from tests.e2e.conftest import Command, Outcome, names_in
from tests.e2e.hostile_pictures import PICTURES, Picture

NEAR = 14.0
WORKED = [p for p in PICTURES if not p.line]
REFUSED = [p for p in PICTURES if p.line]
# What a JPEG must hold, and no more: tables, frame, restart interval, and FFmpeg's constant JFIF head.
JPEG_MARKERS = {0xDB, 0xC0, 0xC4, 0xDD, 0xE0}
# `pHYs` says that pixels are square.
PNG_CHUNKS = {b"IHDR", b"IDAT", b"IEND", b"pHYs", b"sRGB", b"gAMA", b"cHRM", b"cICP"}


@dataclass
class Album:
    outcome: Outcome
    results: Path
    report: dict[str, Any]


@pytest.fixture(scope="module")
def album(passerby: Command, tmp_path_factory: pytest.TempPathFactory) -> Album:
    """All pictures through the command once, whichever of pytest's processes asks first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "hostile-pictures"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "outcome.json").exists():
            outcome = _redact(passerby, folder)
            (folder / "outcome.json").write_text(json.dumps(asdict(outcome)))
    outcome = Outcome(**json.loads((folder / "outcome.json").read_text()))
    return Album(outcome, folder / "out", json.loads((folder / "r.json").read_text()))


def _redact(passerby: Command, folder: Path) -> Outcome:
    (folder / "in").mkdir()
    for picture in PICTURES:
        (folder / "in" / picture.name).write_bytes(picture.data())
    return passerby("redact", "in", "out", "--json", "r.json", cwd=folder)


def test_folder_as_a_whole(album: Album) -> None:
    assert album.outcome.code == 1
    assert names_in(album.results) == {p.name for p in WORKED}
    assert set(album.report["pictures"]) == {p.name for p in WORKED}
    assert set(album.report["failed"]) == {p.name for p in REFUSED}
    assert album.outcome.err.count("\n") == len(REFUSED)
    assert f"{len(WORKED)} of {len(PICTURES)} pictures redacted" in album.outcome.out


@pytest.mark.parametrize("picture", WORKED, ids=lambda p: p.id)
def test_worked(picture: Picture, album: Album) -> None:
    path = album.results / picture.name
    with av.open(str(path)) as container:
        (frame,) = container.decode(video=0)
    assert (frame.width, frame.height) == picture.size
    assert (album.report["pictures"][picture.name]["width"]) == picture.size[0]
    if picture.quarters is not None:
        found, wanted = (
            odd.levels(frame.to_ndarray(format="rgb24")[..., 1]),
            [odd.QUARTERS[q] for q in picture.quarters],
        )
        assert all(abs(a - b) < NEAR for a, b in zip(found, wanted, strict=True)), (found, wanted)


@pytest.mark.parametrize("picture", WORKED, ids=lambda p: p.id)
def test_nothing_but_pixels(picture: Picture, album: Album) -> None:
    data = (album.results / picture.name).read_bytes()
    assert b"SECRET" not in data
    assert b"Lavc" not in data
    if picture.name.endswith(".png"):
        assert data.startswith(odd.PNG_START)
        assert set(odd.png_chunks(data)) <= PNG_CHUNKS
    else:
        assert set(odd.jpeg_segments(data)) <= JPEG_MARKERS


@pytest.mark.parametrize("picture", REFUSED, ids=lambda p: p.id)
def test_refused(picture: Picture, album: Album) -> None:
    assert f"passerby: {picture.name} {picture.line}\n" in album.outcome.err
    assert not (album.results / picture.name).exists()
