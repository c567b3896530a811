"""The archive's thread: slow disks, disks that come back, and the age limit."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.archive.scene import (
    CAMERA,
    HOUR_S,
    NOON,
    check_all_play,
    check_numbers,
    kept,
    later,
    stream,
)

from passerby.archive import epoch as epoch_module
from passerby.archive import recorder as recorder_module
from passerby.archive import sweep as sweep_module
from passerby.archive.clock import ArchiveClock
from passerby.archive.disk import Disk, LocalDisk
from passerby.archive.entries import US
from passerby.archive.epoch import Epoch
from passerby.archive.folder import DataFolder, Layout
from passerby.archive.recorder import Archive
from passerby.archive.recover import Recovered
from passerby.archive.sweep import Swept
from passerby.archive.tape import LIVE_ONLY, record
from passerby.base.errors import DataFolderInUse, DiskFault, DiskFull, DiskTooSlow, OutletError
from passerby.store.database import Store
from passerby.store.epochs import all_epochs
from passerby.store.migrate import open_store

# 400 pictures of ten a second.
LAPS = 4


class Gate(LocalDisk):
    """Writes nothing while the gate is shut."""

    def __init__(self) -> None:
        self.open_gate = threading.Event()
        self.open_gate.set()
        self.waits = threading.Event()

    def write(self, fd: int, data: bytes, offset: int) -> None:
        if not self.open_gate.is_set():
            self.waits.set()
        assert self.open_gate.wait(30)
        super().write(fd, data, offset)


class Full(LocalDisk):
    """Has no room while it is full."""

    def __init__(self) -> None:
        self.full = threading.Event()

    def write(self, fd: int, data: bytes, offset: int) -> None:
        if self.full.is_set():
            raise OSError(errno.ENOSPC, "as told")
        super().write(fd, data, offset)


class Keeping(LocalDisk):
    """Deletes nothing."""

    def unlink(self, path: Path) -> None:
        raise OSError(errno.EIO, "as told")


class Time:
    """One that a test moves on: wall and steady clock alike."""

    def __init__(self, now_s: float = NOON) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s

    def clock(self) -> ArchiveClock:
        return ArchiveClock(None, self, self, b"b" * 16)


@contextmanager
def archive_in(root: Path, disk: Disk | None = None, time: Time | None = None) -> Iterator[tuple[Archive, Store]]:
    with (
        DataFolder(root) as folder,
        open_store(folder.layout.database, lambda: NOON) as store,
        Archive(folder.layout, store, disk, clock=(time or Time()).clock()) as archive,
    ):
        yield archive, store


def test_a_slow_disk_makes_nobody_wait_and_costs_whole_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start, packets = stream()
    monkeypatch.setattr(recorder_module, "WAITING_BYTES", sum(len(p.tail) for p in packets) // 2)
    disk = Gate()
    with archive_in(tmp_path, disk) as (archive, store):
        tape = archive.recorder(CAMERA, record(24))
        tape.start(start, NOON)
        disk.open_gate.clear()
        for lap in range(LAPS):
            # Never waits, although the disk stands still.
            for packet in later(packets, lap * 10):
                tape.packet(packet)
        assert disk.waits.wait(30)
        assert isinstance(tape.trouble, DiskTooSlow)
        assert tape.dropped > LAPS * len(packets) // 2
        disk.open_gate.set()
        dropped = tape.dropped
        _settle(archive)
        for packet in later(packets, LAPS * 10):
            tape.packet(packet)
            _settle(archive)
        tape.stop()
        _settle(archive)
        assert tape.trouble is None
        assert tape.dropped == dropped
        assert check_all_play(tmp_path, store) == (LAPS + 1) * len(packets) - dropped
        check_numbers(store)
        assert [s for s in kept(store) if not s.length], "the gap is in the index"


def test_a_full_disk_is_named_and_over_once_there_is_room(tmp_path: Path) -> None:
    start, packets = stream()
    disk = Full()
    with archive_in(tmp_path, disk) as (archive, store):
        tape = archive.recorder(CAMERA, record(24))
        tape.start(start, NOON)
        for lap, full in enumerate((False, True, False)):
            (disk.full.set if full else disk.full.clear)()
            for packet in later(packets, lap * 10):
                tape.packet(packet)
            _settle(archive)
            assert isinstance(tape.trouble, DiskFull) == full
        tape.stop()
        _settle(archive)
        # The segment that was open when the disk filled may be lost, and no other of the first and last lap.
        assert check_all_play(tmp_path, store) >= 2 * len(packets) - 20


def test_the_age_limit_takes_what_is_past_it_and_nothing_else(tmp_path: Path) -> None:
    start, packets = stream()
    layout, time = Layout(tmp_path), Time()
    with archive_in(tmp_path, time=time) as (archive, store):
        tape = archive.recorder(CAMERA, record(2))
        for hour in range(3):
            time.now_s = NOON + hour * HOUR_S
            tape.start(start, NOON + hour * HOUR_S)
            for packet in packets:
                tape.packet(packet)
            tape.stop()
            _settle(archive)
        files = [row.file for row in all_epochs(store, CAMERA)]
        assert len(files) == 3
        time.now_s = NOON + 3 * HOUR_S + 9
        assert _sweep(archive) == []
        assert [row.file for row in all_epochs(store, CAMERA)] == files[1:]
        assert sorted(p.name for p in layout.camera(CAMERA).iterdir()) == sorted(files[1:])
        # A camera that is no longer in the settings keeps its own limit.
        time.now_s = NOON + 9 * HOUR_S
        assert _sweep(archive) == []
        assert all_epochs(store, CAMERA) == []
        assert archive.keys.labels() == []
        assert list(layout.camera(CAMERA).iterdir()) == []


def test_what_can_t_be_deleted_is_told_and_tried_again(tmp_path: Path) -> None:
    start, packets = stream()
    time = Time()
    with archive_in(tmp_path, Keeping(), time) as (archive, store):
        tape = archive.recorder(CAMERA, record(1))
        tape.start(start, NOON)
        for packet in packets:
            tape.packet(packet)
        tape.stop()
        _settle(archive)
        time.now_s = NOON + 9 * HOUR_S
        for _ in range(2):
            (line,) = _sweep(archive)
            assert len(line.splitlines()) == 1
            assert archive.keys.labels() == [], "the key is destroyed all the same"
    with archive_in(tmp_path, time=time) as (archive, store):
        archive.recorder(CAMERA, record(1))
        assert _sweep(archive) == []
        assert all_epochs(store, CAMERA) == []


def test_what_is_being_written_when_it_is_due_is_ended_first(tmp_path: Path) -> None:
    """A camera that hangs keeps nothing longer than it may."""
    start, packets = stream()
    time = Time()
    with archive_in(tmp_path, time=time) as (archive, store):
        tape = archive.recorder(CAMERA, LIVE_ONLY)
        tape.start(start, NOON)
        for packet in packets:
            tape.packet(packet)
        _settle(archive)
        assert _sweep(archive) == []
        assert len(all_epochs(store, CAMERA)) == 1
        time.now_s = NOON + 91
        assert _sweep(archive) == []
        assert all_epochs(store, CAMERA) == []
        for packet in later(packets, 100):
            tape.packet(packet)
        _settle(archive)
        assert len(all_epochs(store, CAMERA)) == 1, "and what comes then is kept"


def test_an_end_finishes_what_is_open(tmp_path: Path) -> None:
    start, packets = stream()
    with archive_in(tmp_path) as (archive, _):
        tape = archive.recorder(CAMERA, record(24))
        tape.start(start, NOON)
        for packet in packets:
            tape.packet(packet)
    with archive_in(tmp_path) as (archive, store):
        assert check_all_play(tmp_path, store) == len(packets)
        assert archive.recovered == Recovered()


def test_one_station_a_folder(tmp_path: Path) -> None:
    with DataFolder(tmp_path), pytest.raises(DataFolderInUse, match="in use by another station"):
        DataFolder(tmp_path)
    DataFolder(tmp_path).close()


def test_numbers_that_can_t_be_cost_one_camera_some_pictures_and_no_other_any(tmp_path: Path) -> None:
    start, packets = stream()
    with archive_in(tmp_path) as (archive, store):
        tape, other = archive.recorder(CAMERA, record(24)), archive.recorder("other", record(24))
        tape.start(replace(start, width=70_000), NOON)
        for packet in packets[:40]:
            tape.packet(packet)
        _settle(archive)
        assert isinstance(tape.trouble, DiskFault) and CAMERA in str(tape.trouble)
        for harm, named in (
            (lambda p: replace(p, pts=p.dts + 2**33), DiskFault),
            (lambda p: replace(p, pts=p.pts + 2**44, dts=p.dts + 2**44), OutletError),
            (lambda p: replace(p, pts=p.pts + 2**62, dts=p.dts + 2**62, key=1), DiskFault),
        ):
            tape.start(start, NOON)
            for number, packet in enumerate(packets[:40]):
                tape.packet(harm(packet) if number == 30 else packet)
            _settle(archive)
            assert isinstance(tape.trouble, named), tape.trouble
            assert len(str(tape.trouble).splitlines()) == 1
        for recorder in (tape, other):
            recorder.start(start, NOON + 60)
            for packet in packets:
                recorder.packet(packet)
            recorder.stop()
        _settle(archive)
        assert tape.trouble is None is other.trouble
        assert [len(Epoch.of(row).video) for row in all_epochs(store, "other")] == [5]
        assert max(s.end_us for s in kept(store)) == round((NOON + 70) * US)
        assert check_all_play(tmp_path, store) >= len(packets)
        check_numbers(store)


def test_an_error_of_the_disk_that_nobody_named_is_told_and_over_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, packets = stream()

    def failing(*_: object) -> bool:
        raise OSError(errno.EIO, "as told")

    with archive_in(tmp_path) as (archive, store):
        tape = archive.recorder(CAMERA, record(24))
        with monkeypatch.context() as patched:
            patched.setattr(epoch_module, "_taken", failing)
            patched.setattr(sweep_module, "camera_folders", failing)
            tape.start(start, NOON)
            for packet in packets:
                tape.packet(packet)
            archive._sweeps_done = 0
            (line,) = _sweep(archive)
            assert "as told" in line and "look at the disk" in line
            assert isinstance(tape.trouble, DiskFault)
            patched.setattr(recorder_module, "room", failing)
            patched.setattr(recorder_module, "named_errors", nullcontext)
            (line,) = _sweep(archive)
            assert "no room can be made" in line
            patched.setattr(archive, "_make_room", failing)
            (line,) = _sweep(archive)
            assert "no sweep can be made" in line
        for packet in later(packets, 10):
            tape.packet(packet)
        tape.stop()
        archive._sweeps_done = 0
        assert _sweep(archive) == []
        assert tape.trouble is None
        assert check_all_play(tmp_path, store) == len(packets)


def _settle(archive: Archive) -> None:
    """Everything that was given before has been done."""
    _sweep(archive)


def _sweep(archive: Archive) -> list[str]:
    done, told = threading.Event(), list[str]()

    def tell(swept: Swept) -> None:
        told.extend(swept.lines)
        done.set()

    archive.sweep(tell)
    assert done.wait(30)
    return told
