"""Two weeks of a site with a clock that a test moves: retention holds on every day, and strangers count no lateness."""

from __future__ import annotations

import os
import time as real_time
from pathlib import Path

import pytest
from tests.unit.archive.years import HOUR_S, Time

from passerby.archive.boxes import FIRST_OF_SEGMENT
from passerby.archive.disk import LocalDisk
from passerby.archive.entries import Segment
from passerby.archive.epoch import end_epoch, open_epoch
from passerby.archive.folder import DataFolder, Layout
from passerby.archive.keys.cipher import PART
from passerby.archive.keys.key_file import KeyFile
from passerby.archive.keys.names import EpochId
from passerby.archive.keys.room import KeyRoom
from passerby.archive.sweep import Sweeper
from passerby.archive.tree import leaf
from passerby.cli.ledger.hours import tell_hours
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.hours import Keys, follow
from passerby.ledger.schema import parse_act
from passerby.ledger.verify import Trust, verify_log
from passerby.store.epochs import keyed_rows, put_epoch
from passerby.store.hours import HourQueue
from passerby.store.ledger.disk import LocalDisk as KeyDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, create, open_log
from passerby.store.migrate import open_store

US, DAYS = 1_000_000, 14
# Camera: hours that it keeps, days on which it is in the settings.
CAMERAS = {"entrance": (48, range(14)), "hall": (24, range(14)), "removed": (72, range(5)), "yard": (12, range(3, 14))}
# Day: what the wall clock is off by from then on, in seconds. Day 9 begins in summer and ends in winter.
SET = {2: 100 * 86_400.0, 4: -3600.0, 6: 0.0, 8: -100 * 86_400.0, 10: 250.0, 11: 0.0}


class Quick(LocalDisk):
    """Nothing here is about power."""

    def sync(self, fd: int) -> None:
        """Not now."""

    def sync_folder(self, path: Path) -> None:
        """Not now."""


class QuickKeys(KeyDisk):
    def sync(self, path: Path) -> None:
        """Not now."""


def name(camera: str) -> str:
    return f"cam-{camera.encode().hex()}"


def test_two_weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TZ", "Europe/Berlin")
    real_time.tzset()
    # Nothing here is about power.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr(os, "fdatasync", lambda _: None)
    time = Time()
    start = time.now_s
    home = Home.at(tmp_path / "log")
    create(home, "example.org/city", KeyDisk(), lambda: int(start), os.urandom)
    worst, most = 0, -1
    with DataFolder(tmp_path / "data") as folder, open_store(folder.layout.database, time) as store:
        clock = time.clock(folder.layout.clock)
        clock._disk = QuickKeys()
        keys, disk = KeyFile(folder.layout.keys, QuickKeys()), Quick()
        room, queue = KeyRoom(keys, clock.now_us), HourQueue(folder.layout.hours)
        sweeper = Sweeper(folder.layout, store, disk, keys, clock, queue, ledger_name=name)
        for camera in CAMERAS:
            folder.layout.camera(camera).mkdir()
        for hour in range(DAYS * 24):
            day, time.now_s = hour // 24, start + hour * HOUR_S
            time.off_s = SET.get(day, time.off_s) if hour % 24 == 0 else time.off_s
            # Witnesses are asked once an hour.
            time.witnessed_s = time.now_s
            for camera, (keep_h, days) in CAMERAS.items():
                if day not in days:
                    continue
                # Recorded time is right here: what the tape makes of a wrong clock has tests of its own.
                period = round(time.now_s * US)
                one = open_epoch(
                    store, disk, folder.layout.camera(camera), EpochId(camera, period), keep_h * HOUR_S * US, hour,
                    period, room,
                )  # fmt: skip
                assert one.cipher is not None
                data = one.cipher.seal(PART, FIRST_OF_SEGMENT, period, US, b"redacted")
                disk.write(one.fd, data, one.written)
                one.add_segment(Segment(one.written, len(data), period, US, 0))
                one.leaves.append(leaf(data))
                one.written += len(data)
                end_epoch(one, disk)
                one.close()
                with store.writing() as connection:
                    put_epoch(connection, one.row())
            limits = {c: h * HOUR_S * US for c, (h, days) in CAMERAS.items() if day in days}
            found = sweeper.sweep(limits, whole=hour % 24 == 0)
            assert found.lines == []
            worst = max(worst, found.late_us)
            now_us = round(time.now_s * US)
            ages = [
                now_us - (row.period_us + row.length_us) - CAMERAS[row.camera_id][0] * HOUR_S * US
                for row in keyed_rows(store)
            ]
            most = max(most, *ages)
            _tell(home, folder.layout, time.now_s + 60)
            if hour % 24 == 23:
                assert _counted(home, time.now_s + 60) == ([], []), f"day {day}"
        assert {r.camera_id: 0 for r in keyed_rows(store)}.keys() == {"entrance", "hall", "yard"}
    # Swept once an hour, on the hour: on time to the second.
    assert worst <= 0
    assert most < 0
    real_time.tzset()


def _tell(home: Home, layout: Layout, now_s: float) -> None:
    """As `passerby ledger deliver` does it every hour."""
    with open_log(home, KeyDisk(), lambda: int(now_s)) as log:
        writer = ActWriter(log, OneFile(home.beside(".acts"), KeyDisk()), lambda: int(now_s))
        memory, objects = OneFile(home.beside(".hours"), KeyDisk()), home.objects(KeyDisk())
        tell_hours(log, writer, objects, memory, layout, "station-1", lambda: int(now_s))
        writer.close()


def _counted(home: Home, now_s: float) -> tuple[list[object], list[object]]:
    """As a stranger counts, from the public files alone."""
    read, keys = home.objects(KeyDisk()).get, Keys()
    take = follow(read, keys)
    verify_log(read, Trust([signer.key for signer in home.signers()]), lambda _, entry: take(parse_act(entry)))
    return list(keys.late), list(keys.overdue(int(now_s)))
