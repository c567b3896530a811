"""Originals sealed by a real station's locked processes, opened by two officers for a case, and looked at."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

import av
import cv2
import numpy as np
import pyrage
import pytest
from numpy.typing import NDArray
from tests.e2e.conftest import COMMAND
from tests.e2e.live.camera import soon
from tests.e2e.live.site import said, station
from tests.e2e.traces import Traces

from passerby.archive.folder import Layout
from passerby.archive.keys.key_file import KeyFile, KeyReader
from passerby.archive.request import parse_request
from passerby.archive.sweep import epoch_of
from passerby.base.errors import KeysError, StoreError
from passerby.charter.matter.case import Scope, begin
from passerby.ledger.schema import parse_act
from passerby.ledger.verify import Trust, verify_log
from passerby.office import matters
from passerby.station.settings import read_site
from passerby.station.showcase.site import SITE, DemoSite
from passerby.store.cameras import list_cameras
from passerby.store.database import read_store
from passerby.store.epochs import all_epochs, keyed_rows
from passerby.store.keys.sealed import Cost, seal
from passerby.store.migrate import open_store

WORD, CAMERA, PATIENCE_S, US = "correct horse", "one", 90.0, 1_000_000
PERSON = "p-" + "5" * 32
OFFICERS = ("officer-city", "officer-privacy")
SETTINGS = """\
data = "data"
[server]
enabled = false
[[camera]]
name = "one"
source = "{clip}"
seal = true
seal_h = 1
{more}
"""
# Where people walk in the clip, in thousandths.
REGION, SHOWN = "400,250,650,600", (0.4, 0.25, 0.65, 0.6)


@dataclass
class City:
    """A site that seals, and what its people type."""

    folder: Path
    clip: Path
    more: str = ""
    said: str = ""
    mark: str = ""
    keys: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = self.folder / "site.toml"
        self.settings.write_text(SETTINGS.format(clip=self.clip, more=self.more), "utf-8")
        self.demo = DemoSite(self.folder / "site")
        self.demo.permit(read_site(self.settings).cameras)
        with self.settings.open("a") as file:
            file.write(self.demo.settings() + self.demo.keeping())
        (self.folder / "halves").mkdir()
        (self.folder / "word").write_text(f"{WORD}\n")
        for name in ("operator", *OFFICERS):
            self.keys[name] = self.folder / f"{name}.key"
            self.keys[name].write_bytes(seal(self.demo.keys[name], WORD, os.urandom, Cost(1, 1, 128)))
        self.me = pyrage.x25519.Identity.generate()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def sealed(self) -> list[tuple[int, int]]:
        """Beginning and end of what is sealed so far, in microseconds since 1970."""
        try:
            with read_store(self.data / "passerby.db") as store:
                rows = all_epochs(store, CAMERA)
        except StoreError:
            return []
        return [(row.start_us, row.end_us) for row in rows if row.segments and row.kind == "sealed"]

    def has_sealed(self, files: int) -> bool:
        """Whether so many files of some seconds are there."""
        return sum(ended - begun > 2_000_000 for begun, ended in self.sealed()) >= files

    def case(self, cameras: Sequence[str] = (CAMERA,)) -> str:
        """A case that is open, and in the ledger."""
        now, name = int(time.time()), sha256(os.urandom(8)).hexdigest()
        scope = Scope(tuple(cameras), now - 7200, now + 3600, now + 86400)
        change = begin(name, PERSON, now, ("incident-review", "fall"), scope, emergency=False, allowed=False)
        with open_store(self.data / "passerby.db", time.time) as store:
            matters.begin(store, change, PERSON, b"somebody fell", os.urandom(32), os.urandom)
        self.demo.log([({"act": "case", "case": name, "purpose": "incident-review"}, None)])
        return name

    def unseal(self, case: str, begins: int, ends: int, out: str, officers: Sequence[str] = OFFICERS) -> list[str]:
        named = [word for name in officers for word in ("--officer", f"{name}.{SITE}")]
        return [
            "archive", "unseal", str(self.settings), CAMERA, "--from", str(begins), "--to", str(ends), "--case",
            case[:12], "--region", REGION, *named, "--for", f"Ms Example={self.me.to_public()}", "--recipient",
            "prosecutor", "--basis", "warrant", "--key", str(self.keys["operator"]), "--passphrase-file",
            str(self.folder / "word"), "--request", str(self.folder / f"{out}.json"), "--halves",
            str(self.folder / "halves"), "-o", str(self.folder / f"{out}.age"),
        ]  # fmt: skip

    def give(self, who: str, request: str, first: str = "") -> subprocess.CompletedProcess[str]:
        path = self.folder / f"{request}.json"
        hashed = parse_request(path.read_bytes()).asking.hash
        return run(
            "archive", "half", "give", str(path), "--key", str(self.keys[who]), "--passphrase-file",
            str(self.folder / "word"), "--site", str(self.demo.folder), "--first", first or self.demo.root.hash,
            "--hash", hashed, "-o", str(self.folder / "halves" / f"{request}-{who}.half"),
        )  # fmt: skip


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[City]:
    """A station that counts and seals for some seconds and has ended, and a scribe that goes on."""
    city = City(tmp_path_factory.mktemp("city"), data_dir / "mot-pets09-s2l1" / "video.mp4")
    with station(city.settings):
        soon("originals", lambda: any(b - a > 8_000_000 for a, b in city.sealed()), PATIENCE_S)
        city.said = said(city.settings)
        city.mark = running_state(city)
    scribe = subprocess.Popen([*COMMAND, "archive", "scribe", str(city.settings)])
    try:
        soon("the scribe", lambda: (city.data / "scribe.socket").exists(), PATIENCE_S)
        yield city
    finally:
        scribe.terminate()
        scribe.wait(30)


def decoded(clip: Path) -> list[av.VideoFrame]:
    with av.open(str(clip)) as container:
        return list(container.decode(video=0))


def raw_rows(path: Path, pictures: list[NDArray[np.uint8]]) -> bool:
    """Whether a file holds a run of a picture's rows, where people are."""
    held = path.read_bytes()
    rows = [p[y, 160:192].tobytes() for p in pictures[::25] for y in (120, 160, 200)]
    return any(row in held for row in rows)


def ledger(city: City) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    folder = city.demo.folder / "ledger"
    verify_log(
        lambda p: (folder / p).read_bytes() if (folder / p).is_file() else None,
        Trust([city.demo.keys["log"].key]),
        lambda _, entry: found.append(parse_act(entry)),
    )
    return found


def running_state(city: City) -> str:
    with read_store(city.data / "passerby.db") as store:
        return next(camera.message for camera in list_cameras(store))


def asked(city: City, case: str, begins: int, ends: int, name: str) -> subprocess.Popen[str]:
    """Somebody waits for two officers; the request is there."""
    words = [*COMMAND, *city.unseal(case, begins, ends, name)]
    asking = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    soon("a request", lambda: (city.folder / f"{name}.json").exists() or asking.poll() is not None, PATIENCE_S)
    assert asking.poll() is None, asking.communicate()
    return asking


def refusal(city: City, case: str, begins: int, ends: int, officers: Sequence[str] = OFFICERS) -> str:
    """Why nothing is even asked."""
    done = run(*city.unseal(case, begins, ends, "refused", officers))
    assert done.returncode in (1, 2) and not (city.folder / "refused.json").exists(), done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def frames(video: bytes) -> list[NDArray[np.uint8]]:
    with av.open(io.BytesIO(video)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def parts(frame: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The region of a frame, and what lies well outside of it."""
    height, width = frame.shape[:2]
    left, right = (int(width * at) for at in SHOWN[::2])
    top, bottom = (int(height * at) for at in SHOWN[1::2])
    beside = np.ones((height, width), bool)
    beside[top - 8 : bottom + 8, left - 8 : right + 8] = False
    return frame[top + 4 : bottom - 4, left + 4 : right - 4], beside


def detail(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How much each pixel differs from its surroundings, in levels."""
    grey = picture.mean(axis=2)
    return np.abs(grey - cv2.blur(grey, (9, 9)))


def test_two_officers_open_a_region_and_nobody_else_is_seen(city: City, tmp_path: Path) -> None:
    (begun, ended), case = city.sealed()[0], city.case()
    begins, ends = begun // US + 2, ended // US - 1
    assert "ORIGINALS ARE KEPT" in city.mark
    asking = asked(city, case, begins, ends, "one")
    words = run("archive", "half", "show", str(city.folder / "one.json")).stdout
    assert f"case {case}" in words and "400–650 ‰ across, 250–600 ‰ down" in words
    # Another site's papers, a stranger's key and one officer's half open nothing.
    assert city.give("operator", "one").returncode == 1
    assert city.give("officer-city", "one", first="0" * 64).returncode == 1
    assert city.give("officer-city", "one").returncode == 0
    assert asking.poll() is None and not (city.folder / "one.age").exists()
    assert city.give("officer-privacy", "one").returncode == 0
    out, err = asking.communicate(timeout=120)
    assert asking.returncode == 0, (out, err)
    raw = pyrage.decrypt((city.folder / "one.age").read_bytes(), [city.me])
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        tar.extractall(tmp_path, filter="data")
    done = subprocess.run(
        [sys.executable, "check.py", "--root", city.demo.root.hash], cwd=tmp_path, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = frames((tmp_path / "clip-001.mp4").read_bytes())
    assert len(shown) > 20
    if "PASSERBY_LOOK" in os.environ:
        cv2.imwrite(os.environ["PASSERBY_LOOK"], shown[len(shown) // 2])
    original = [frame.to_ndarray(format="bgr24") for frame in decoded(city.clip)[:400]]
    for frame in shown[::40]:
        region, beside = parts(frame)
        # Coarse cells, enlarged smoothly: no edge of anybody, no colour of anybody's clothes.
        assert float(detail(frame)[beside].max()) < 20
        assert float(np.ptp(frame[beside].astype(int), axis=1).max()) <= 6
        # And the region is the camera's own picture.
        assert min(float(np.abs(region.astype(int) - parts(f)[0]).mean()) for f in original) < 8
        assert float(detail(region).mean()) > 2
    assert float(detail(original[50])[parts(original[50])[1]].max()) > 60, "the original has edges there"
    acts = [act for act in ledger(city) if act["act"] in ("unseal", "share")]
    assert [(act["act"], act["case"]) for act in acts] == [("share", case), ("unseal", case)]
    # Of the original nothing lies anywhere in clear, not even of what was shown.
    found = {path: raw_rows(path, original) for path in city.folder.rglob("*") if path.is_file()}
    assert not any(found.values()), found


def test_who_is_refused_before_anything_is_asked(city: City) -> None:
    (begun, ended), case = city.sealed()[0], city.case()
    begins, ends = begun // US + 2, ended // US - 1
    assert "two institutions" in refusal(city, case, begins, ends, OFFICERS[:1])
    assert "two institutions" in refusal(city, case, begins, ends, (OFFICERS[0], OFFICERS[0]))
    assert "does not name this camera" in refusal(city, city.case(("two",)), begins, ends)
    assert "900 s" in refusal(city, case, begins, begins + 901)
    assert "no originals are kept" in refusal(city, case, begins - 7000, begins - 6990)
    assert "names no case" in refusal(city, "ab" * 32, begins, ends)


def test_after_retention_nothing_opens(city: City) -> None:
    """Both officers gave their halves in time; the key died before anybody went on: the halves open nothing."""
    (begun, ended), case = city.sealed()[0], city.case()
    begins, ends = begun // US + 2, ended // US - 1
    layout = Layout(city.data)
    with open_store(layout.database, time.time) as store:
        epochs = {epoch_of(row) for row in keyed_rows(store)}
        KeyFile(layout.keys).destroy(epochs)
        with pytest.raises(KeysError):
            KeyReader(layout.keys).key_of(next(iter(epochs)))
    assert "key" in refusal(city, case, begins, ends)


def test_a_station_that_is_killed_while_it_seals(clip: Path, tmp_path: Path) -> None:
    """Nothing raw is on the disk at any time, what was whole stays, and the next start goes on."""
    city = City(tmp_path, clip, more='mode = "record"')
    traces = Traces(clip)

    def looked_at() -> dict[str, list[str]]:
        return traces.found_in(path for path in tmp_path.rglob("*") if path.is_file())

    for count in (1, 2):
        with station(city.settings) as process:
            soon("originals", partial(city.has_sealed, count), PATIENCE_S)
            assert looked_at() == {}
            process.kill()
            process.wait()
        assert looked_at() == {}
    assert len(city.sealed()) == 2
    done = run("archive", "check", str(city.data))
    assert done.returncode == 0, done.stdout + done.stderr
