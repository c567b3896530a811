"""The keeper as a process: shut in, stopped and started, and asked by whoever has an act in the ledger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from passerby.archive import hpke
from passerby.archive.keeper.client import Session, shares_of
from passerby.archive.keeper.shares import SealedShares
from passerby.archive.keeper.wire import ask_here
from passerby.archive.keys.names import HOUR_US, EpochId
from passerby.base.errors import KeeperRefused
from passerby.charter.asking import Asking
from passerby.charter.keys import Role
from passerby.charter.sealing_key import vouched
from passerby.ledger.note import format_vkey
from passerby.office import site_folder
from passerby.station.showcase.site import DemoSite


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    return DemoSite(tmp_path_factory.mktemp("demo") / "site")


@contextmanager
def running(demo: DemoSite, at: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    words = ["archive", "keeper", str(demo.keeper.root), "--site", str(demo.folder), "--first", demo.root.hash]
    process = subprocess.Popen(
        [sys.executable, "-m", "passerby.cli", *words, "--socket", str(at), *more],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "keeping for demo.passerby" in line, line + process.stdout.read()
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        if process.stdout is not None:
            process.stdout.close()


def session(demo: DemoSite, stem: Path) -> tuple[Session, EpochId]:
    pair = hpke.SealingPair.fresh(os.urandom)
    now = int(time.time())
    hour = now // 3600 * 3600
    asking = Asking(
        act="look", site=demo.root.site, camera="gate-1", kind="redacted", begins=hour, ends=hour + 60,
        until=now + 600, purpose="crowd-safety", case="ca" * 32, detail="", key=sha256(pair.public).hexdigest(),
        salt=os.urandom(32).hex(),
    )  # fmt: skip
    demo.log([(asking.entry(), stem)])
    logged = site_folder.logged(stem)
    assert logged is not None
    return Session(asking, logged, pair), EpochId("gate-1", hour * 1_000_000, HOUR_US)


def test_no_proof_no_pixels(demo: DemoSite, tmp_path: Path) -> None:
    at = tmp_path / "keeper.socket"
    key = vouched((demo.folder / "keeper.note").read_bytes(), demo.root, Role.KEEPER, int(time.time()))
    with running(demo, at) as process:
        found, epoch = session(demo, tmp_path / "look")
        share = SealedShares(demo.root.site, key.public, os.urandom).new(epoch)
        assert shares_of(found, [(epoch, share.sealed)], ask_here(at)) == [share.share]
        other = EpochId("gate-2", epoch.period_us)
        with pytest.raises(KeeperRefused):
            shares_of(
                found, [(epoch, SealedShares(demo.root.site, key.public, os.urandom).new(other).sealed)], ask_here(at)
            )
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert "NoNewPrivs:\t1" in status
    assert process.returncode == 0
    with running(demo, at) as process:
        assert shares_of(found, [(epoch, share.sealed)], ask_here(at)) == [share.share]
        process.kill()
    with running(demo, at):
        pass
    done = subprocess.run(
        [sys.executable, "-m", "passerby.cli", "archive", "answers", str(demo.keeper.home.folder),
         str(demo.folder / "ledger"), "--keeper-vkey", format_vkey(demo.keys["keeper"].key),
         "--vkey", format_vkey(demo.keys["log"].key)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 answers to 1 of them; 0 never answered" in done.stdout


def test_it_keeps_for_no_site_that_names_another(demo: DemoSite, tmp_path: Path) -> None:
    other = DemoSite(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-m", "passerby.cli", "archive", "keeper", str(demo.keeper.root), "--site", str(other.folder),
         "--first", other.root.hash, "--socket", str(tmp_path / "s")],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "names another keeper" in done.stderr and "\n" not in done.stderr.strip()
