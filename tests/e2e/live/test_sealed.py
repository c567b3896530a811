"""Originals sealed by a real station's locked processes, opened by two officers for a case, and looked at."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from tests.e2e.live.site import station

from passerby.base.errors import StoreError
from passerby.charter.matter.case import Scope, begin
from passerby.office import matters
from passerby.station.settings import read_site
from passerby.station.showcase.site import SITE, DemoSite
from passerby.store.database import read_store
from passerby.store.epochs import all_epochs
from passerby.store.keys.sealed import Cost, seal
from passerby.store.migrate import open_store

WORD, CAMERA, PATIENCE_S = "correct horse", "one", 90.0
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
"""
# Where people walk in the clip, in thousandths.
REGION, SHOWN = "400,250,650,600", (0.4, 0.25, 0.65, 0.6)


@dataclass
class City:
    """A site that seals, and what its people type."""

    folder: Path
    clip: Path
    keys: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = self.folder / "site.toml"
        self.settings.write_text(SETTINGS.format(clip=self.clip), "utf-8")
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
        assert {row.kind for row in rows} <= {"sealed"}, "a counting camera keeps nothing else"
        return [(row.start_us, row.end_us) for row in rows if row.segments]

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
        hashed = next(w for w in run("archive", "half", "show", str(path)).stdout.split() if len(w) == 64)
        return run(
            "archive", "half", "give", str(path), "--key", str(self.keys[who]), "--passphrase-file",
            str(self.folder / "word"), "--site", str(self.demo.folder), "--first", first or self.demo.root.hash,
            "--hash", hashed, "-o", str(self.folder / "halves" / f"{request}-{who}.half"),
        )  # fmt: skip


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> City:
    """A station that counts and seals for some seconds, with a scribe beside it, and has ended."""
    city = City(tmp_path_factory.mktemp("city"), data_dir / "mot-pets09-s2l1" / "video.mp4")
    with station(city.settings):
        soon("originals", lambda: any(b - a > 8_000_000 for a, b in city.sealed()), PATIENCE_S)
    return city


def frames(video: bytes) -> list[NDArray[np.uint8]]:
    with av.open(io.BytesIO(video)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def test_two_officers_open_a_region(city: City, tmp_path: Path) -> None:
    (begun, ended), case = city.sealed()[0], city.case()
    begins, ends = begun // 1_000_000 + 2, ended // 1_000_000 - 1
    scribe = subprocess.Popen([*COMMAND, "archive", "scribe", str(city.settings)])
    try:
        soon("the scribe", lambda: (city.data / "scribe.socket").exists(), PATIENCE_S)
        asking = subprocess.Popen(
            [*COMMAND, *city.unseal(case, begins, ends, "one")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        soon("a request", lambda: (city.folder / "one.json").exists() or asking.poll() is not None, PATIENCE_S)
        assert asking.poll() is None, asking.communicate()
        for officer in OFFICERS:
            given = city.give(officer, "one")
            assert given.returncode == 0, given.stderr
        out, err = asking.communicate(timeout=120)
        assert asking.returncode == 0, (out, err)
    finally:
        scribe.terminate()
        scribe.wait(30)
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
    cv2.imwrite(os.environ.get("PASSERBY_LOOK", str(tmp_path / "look.png")), shown[len(shown) // 2])
