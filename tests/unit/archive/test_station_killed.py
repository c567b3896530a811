"""A station's archive is killed again and again while it records and sweeps: whatever it was doing, it ends right."""

from __future__ import annotations

import os
import random
import signal
import time as real_time
from pathlib import Path

from tests.unit.archive.scene import NOON, stream
from tests.unit.archive.years import HOUR_S, Time, archive_in, record_hour, swept

from passerby.archive.check import check
from passerby.archive.folder import Layout
from passerby.archive.sweep import epoch_of
from passerby.archive.tape import record
from passerby.ledger.hours import Keys
from passerby.store.epochs import keyed_rows
from passerby.store.hours import HourQueue, lists_of

ROUNDS = int(os.environ.get("PASSERBY_SOAK_ROUNDS", "20"))
MOST_SAID, LONGEST_REST_S = 7, 0.1
KEEP_H = 3
CAMERAS = ("entrance", "hall")


def name(camera: str) -> str:
    return f"cam-{camera.encode().hex()}"


def _live(root: Path, hour: int, out: int) -> None:
    """Record hour after hour, and sweep; say what is kept, once it is."""
    time = Time(NOON + hour * HOUR_S)
    with archive_in(root, time) as (archive, _):
        os.write(out, b"open\n")
        for now in range(hour, hour + 1000):
            time.now_s = NOON + now * HOUR_S
            for camera in CAMERAS:
                record_hour(archive, time, camera, record(KEEP_H), pictures=25)
                os.write(out, f"kept {camera} {now}\n".encode())
            assert swept(archive).lines == []
            os.write(out, f"swept {now}\n".encode())


def _killed(root: Path, hour: int, chance: random.Random) -> list[list[str]]:
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            _live(root, hour, write)
        finally:
            os._exit(1)
    os.close(write)
    with os.fdopen(read) as lines:
        told = [lines.readline()]
        assert told == ["open\n"]
        # By what it has done, not by the clock: a slow machine kills it at as many places.
        told += [lines.readline() for _ in range(chance.randrange(MOST_SAID))]
        real_time.sleep(chance.random() * LONGEST_REST_S)
        os.kill(child, signal.SIGKILL)
        told += [line for line in lines if line.endswith("\n")]
    os.waitpid(child, 0)
    return [line.split() for line in told]


def test_killed_again_and_again(tmp_path: Path) -> None:
    root, chance, hour, kept = tmp_path / "data", random.Random(8), 0, set[tuple[str, int]]()
    stream()
    layout = Layout(root)
    for _ in range(ROUNDS):
        for word, *rest in _killed(root, hour, chance):
            if word == "kept":
                kept.add((rest[0], int(rest[1])))
                hour = max(hour, int(rest[1]))
        time = Time(NOON + hour * HOUR_S)
        with archive_in(root, time) as (archive, store):
            assert swept(archive).lines == []
            alive = {label.epoch for label in archive.keys.labels()}
            rows = keyed_rows(store)
            assert {epoch_of(row) for row in rows} <= alive, "no row without a key"
            begun = {(e.camera, e.hour - int(NOON) // HOUR_S) for e in alive}
            assert all(hour < h + 1 + KEEP_H for _, h in begun), "no key outlives its time"
            there = {(row.camera_id, row.period_us // 3_600_000_000 - int(NOON) // HOUR_S) for row in rows}
            assert {(c, h) for c, h in kept if hour < h + 1 + KEEP_H} <= there, "nothing is lost that was due to stay"
            assert sorted(r.file for r in rows) == sorted(p.name for p in layout.video.rglob("*.epoch"))
            assert [d.line for d in check(layout, store, archive.clock.now_us()) if d.wrong] == []
        hour += 1
    keys = Keys()
    for _ in lists_of(HourQueue(layout.hours).waiting(), keys, (), None, int(NOON) + (hour + 1) * HOUR_S):
        pass
    told = {(camera, h - int(NOON) // HOUR_S) for camera, h, _ in keys.alive}
    assert told == {(name(c), h) for c, h in begun}, "the ledger is told of every birth and every death"
    assert len(kept) > ROUNDS, "hardly anything was recorded"
