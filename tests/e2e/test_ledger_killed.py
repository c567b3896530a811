"""A ledger's writer is killed again and again: no second history, nothing acknowledged is lost, nothing comes twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.ledger_writer import NOW

from passerby.ledger import merkle
from passerby.ledger.errors import LedgerError
from passerby.ledger.fsck import check
from passerby.ledger.tiles import StoredHashes, read_entry
from passerby.ledger.verify import Checkpoint, Trust, leaf_hash, verify_inclusion, verify_log
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, create, open_log

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("PASSERBY_SOAK_ROUNDS", "20"))
LONGEST_LIFE_S = 0.05  # after its fork, after it has opened the log, after its first batch or checkpoint
UNTIL = ["", "open", "held", "shown"]
PATIENCE_S = 60


class Reader(threading.Thread):
    """Looks at the public folder all the time, keeps every checkpoint that it sees, and proves its last entry."""

    def __init__(self, folder: Path, trust: Trust) -> None:
        super().__init__(daemon=True)
        self._folder, self._trust = folder, trust
        self.shown: list[Checkpoint] = []
        self.wrong: list[str] = []
        self.ended = threading.Event()

    def run(self) -> None:
        """Look until told to end."""
        while not self.ended.wait(0.002):
            try:
                self.look()
            except (LedgerError, OSError, AssertionError) as error:  # told by the test
                self.wrong.append(repr(error))
                return

    def look(self) -> None:
        """Look once."""
        point, _ = self._trust.check((self._folder / "checkpoint").read_bytes())
        if self.shown and point == self.shown[-1]:
            return
        if self.shown and point.size <= self.shown[-1].size:
            self.wrong.append(f"from {self.shown[-1]} back to {point}")
        self.shown.append(point)
        if point.size:
            last = point.size - 1
            entry = read_entry(self.read, last, point.size)
            assert entry == b"entry %d" % last
            proof = merkle.inclusion(last, point.size, StoredHashes(self.read, point.size))
            verify_inclusion(leaf_hash(entry), last, point.size, proof, point.root)

    def read(self, path: str) -> bytes | None:
        """A public file."""
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError:
            return None


class Writers:
    """Forks writers and kills them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def live(self, folder: Path, first: int, seed: int, life_s: float, until: str) -> int:
        """Kill one a while after its first line that begins so; how many entries it has acknowledged at last."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder} {first} {seed}\n")
        self._process.stdin.flush()
        pid, held, lines = int(self._line().removeprefix("pid ")), first, list[str]()
        while until and not (lines and lines[-1].startswith(until)):
            lines.append(self._line())
            assert not lines[-1].startswith(("failed", "wrong", "dead")), lines[-1]
        time.sleep(life_s)
        os.kill(pid, signal.SIGKILL)
        while (line := self._line()) != "dead -9":
            lines.append(line)
        for line in lines:
            assert line.startswith(("open", "held", "shown")), line
            held = int(line.split()[1]) if line.startswith("held") else held
        return held

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")


@pytest.fixture
def writers() -> Iterator[Writers]:
    command = [sys.executable, "-m", "tests.e2e.ledger_writer"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        yield Writers(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0


def test_a_writer_that_is_killed_again_and_again(tmp_path: Path, writers: Writers) -> None:
    home = Home.at(tmp_path / "log")
    signers = create(home, "example.org/log", LocalDisk(), lambda: NOW, os.urandom)
    trust = Trust([signer.key for signer in signers])
    reader, chance, held, unlucky = Reader(home.folder, trust), random.Random(6), 0, 0
    reader.start()
    for number in range(ROUNDS):
        life_s = chance.random() * LONGEST_LIFE_S
        before = held
        held = writers.live(home.folder, held, number, life_s, UNTIL[number % len(UNTIL)])
        unlucky += held == before
        assert not reader.wrong, reader.wrong
        assert (home.folder / "checkpoint").stat().st_size
    reader.ended.set()
    reader.join()
    reader.look()
    assert not reader.wrong, reader.wrong
    with open_log(home, LocalDisk(), lambda: NOW) as log:
        assert log.size >= held, "something acknowledged is lost"
    found: list[bytes] = []
    verify_log(reader.read, trust, lambda _, entry: found.append(entry))
    check(reader.read, OneFile(home.beside(".state"), LocalDisk()))
    assert found == [b"entry %d" % number for number in range(len(found))], "lost, twice, or out of order"
    get = StoredHashes(reader.read, len(found))
    for point in reader.shown:
        assert merkle.root(point.size, get) == point.root, "two histories"
    assert len(reader.shown) >= ROUNDS / 8, "hardly a checkpoint was seen"
    print(
        f"\n{ROUNDS} kills: {held} entries acknowledged, {len(found)} held, {len(reader.shown)} checkpoints seen, "
        f"{unlucky} lives without an entry"
    )
