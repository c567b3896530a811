"""No proof, no pixels, with all in place: keeper, scribe and server, each a process, over a recording; an export."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyrage
import pytest
from tests.e2e.live.camera import soon
from tests.e2e.live.site import free_port
from tests.unit.archive.scene import decoded, later, stream

from passerby.access import keys
from passerby.access.keys import Wish
from passerby.access.rights import Right
from passerby.access.room import open_room
from passerby.archive.folder import DataFolder
from passerby.archive.recorder import Archive
from passerby.archive.tape import record
from passerby.ledger.note import Signer
from passerby.ledger.schema import parse_act
from passerby.ledger.verify import Trust, verify_log
from passerby.station.custody import share_source
from passerby.station.settings import read_site
from passerby.station.showcase.site import CASE, DemoSite
from passerby.store.cameras import Camera, put_cameras
from passerby.store.keys.sealed import Cost, seal
from passerby.store.migrate import open_store

CAMERA, PATIENCE_S = "entrance", 60.0
SITE = """\
data = "data"
[server]
port = {port}
[[camera]]
name = "entrance"
source = "rtsp://192.0.2.1/"
mode = "record"
"""


@dataclass
class City:
    """A site with a recording of an hour ago."""

    folder: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.demo, self.settings = DemoSite(self.folder / "site"), self.folder / "site.toml"
        self.begun = int(time.time()) // 3600 * 3600 - 3600 + 600
        self.settings.write_text(self.written(), "utf-8")
        site = read_site(self.settings)
        start, packets = stream()
        with (
            DataFolder(site.data) as data,
            open_store(data.layout.database, time.time) as store,
            Archive(data.layout, store, shares=share_source(site)) as archive,
        ):
            put_cameras(store, [Camera(CAMERA, CAMERA, "record", 86_400_000_000, "away", "", 0, "none", 0)])
            recorder = archive.recorder(CAMERA, record(24))
            recorder.start(start, float(self.begun))
            for packet in later(packets, 0.0):
                recorder.packet(packet)
            recorder.stop()

    def written(self) -> str:
        """Its settings."""
        return SITE.format(port=self.port) + self.demo.settings() + self.demo.keeping()

    def command(self, what: str) -> list[str]:
        if what == "keeper":
            return self.demo.keeper_command()
        if what == "scribe":
            return ["passerby.cli", "archive", "scribe", str(self.settings)]
        words = ["serve", str(self.folder / "data"), "--port", str(self.port), "--settings", str(self.settings)]
        return ["passerby.cli", *words]

    @contextmanager
    def running(self, what: str) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen([sys.executable, "-m", *self.command(what)], stdout=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0

    @cached_property
    def key(self) -> str:
        """Of a program that may look."""
        return looker(self.folder / "data")[0]

    def get(self, path: str) -> tuple[int, bytes]:
        return self.asked(path, self.key)

    def asked(self, path: str, key: str = "") -> tuple[int, bytes]:
        """An address, by somebody with a key or without."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if key:
            request.add_header("authorization", f"Bearer {key}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError as error:
            return 0, str(error).encode()

    def playlist(self) -> tuple[int, bytes]:
        return self.get(f"/api/v1/cameras/{CAMERA}/playback?from={self.begun - 10}&to={self.begun + 60}")

    def acts(self, kind: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        folder = self.demo.folder / "ledger"
        verify_log(
            lambda p: (folder / p).read_bytes() if (folder / p).is_file() else None,
            Trust([self.demo.keys["log"].key]),
            lambda _, entry: found.append(parse_act(entry)),
        )
        return [act for act in found if act["act"] == kind]


def looker(data: Path) -> tuple[str, str]:
    """A new key that may look, and the pseudonym of whoever shows it."""
    with open_room(data) as room:
        token, key = keys.make(room, Wish("a test", frozenset({Right.LOOK, Right.SEE_NUMBERS})), None)
        return token, key.pseudonym


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return City(tmp_path_factory.mktemp("city"))


def addresses(playlist: bytes) -> list[str]:
    lines = playlist.decode().splitlines()
    (init,) = [line.split('"')[1] for line in lines if line.startswith("#EXT-X-MAP")]
    return [init, *[line for line in lines if line.startswith("/hls") and "gap" not in line]]


def test_no_proof_no_pixels(city: City) -> None:
    with city.running("server"):
        soon("the server", lambda: city.get("/api/v1/health")[0] == 200, PATIENCE_S)
        # Nobody logs: there is no playlist, and who knows a segment's address gets nothing.
        status, said = city.playlist()
        assert status == 503 and b"no answer" in said
        assert city.get(f"/hls/{CAMERA}/segment/0.m4s")[0] == 503
        assert city.acts("look") == []
        with city.running("scribe"):
            soon("the scribe", lambda: city.playlist()[0] == 200, PATIENCE_S)
            (look,) = city.acts("look")
            assert look["case"] == CASE and look["purpose"] == "crowd-safety"
            names = addresses(city.playlist()[1])
            # Logged, but no keeper: nothing opens.
            assert [city.get(name)[0] for name in names] == [503] * len(names)
            with city.running("keeper"):
                soon("the keeper", lambda: city.get(names[0])[0] == 200, PATIENCE_S)
                video = b"".join(city.get(name)[1] for name in names)
                assert decoded(video) == 100
                assert len(city.acts("look")) == 1
    stored = b"".join(path.read_bytes() for path in (city.folder / "data" / "video").rglob("*") if path.is_file())
    assert len(stored) > 10_000 and b"moof" not in stored


def test_an_export_is_logged_first_and_proves_itself(city: City, tmp_path: Path) -> None:
    me = pyrage.x25519.Identity.generate()
    signer: Signer = city.demo.keys["operator"]
    (tmp_path / "op.key").write_bytes(seal(signer, "correct horse", os.urandom, Cost(1, 1, 128)))
    (tmp_path / "word").write_text("correct horse\n")
    words = [
        "archive", "export", str(city.settings), CAMERA, "--from", str(city.begun), "--to", str(city.begun + 60),
        "--recipient", "court", "--basis", "court-order",
        "--case", CASE, "--purpose", "crowd-safety", "--for", f"Ms Example={me.to_public()}",
        "--recipient", "prosecutor", "--basis", "warrant",
        "--key", str(tmp_path / "op.key"), "--passphrase-file", str(tmp_path / "word"), "-o", str(tmp_path / "out.age"),
    ]  # fmt: skip

    def export() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "passerby.cli", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert export().returncode == 1 and not (tmp_path / "out.age").exists()
    with city.running("scribe"), city.running("keeper"):
        soon("the export", lambda: export().returncode == 0, PATIENCE_S)
    raw = pyrage.decrypt((tmp_path / "out.age").read_bytes(), [me])
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        tar.extractall(tmp_path / "in", filter="data")
    assert decoded((tmp_path / "in" / "clip-001.mp4").read_bytes()) == 100
    act = json.loads((tmp_path / "in" / "act.entry").read_bytes())
    assert act in city.acts("export")
    (share,) = [share for share in city.acts("share") if share["content"] == act["content"]]
    assert (share["recipient"], share["basis"]) == ("prosecutor", "warrant")
    assert share["logged"] <= act["logged"]
    done = subprocess.run(
        [sys.executable, "check.py", "--root", city.demo.root.hash], cwd=tmp_path / "in",
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "given to Ms Example" in done.stdout and "DEMO" in done.stdout
