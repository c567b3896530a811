"""Deletion: every start ends right, whatever is cut short, whatever the settings, the index or the folder say."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.unit.archive.years import HOUR_S, Time, archive_in, record_hour, swept

from passerby.archive.clock import ArchiveClock
from passerby.archive.disk import LocalDisk
from passerby.archive.entries import Init, Segment, pack_inits, pack_segments
from passerby.archive.folder import DataFolder, Layout
from passerby.archive.keys.key_file import KeyFile, KeyReader
from passerby.archive.keys.names import EpochId
from passerby.archive.recorder import UNKNOWN_KEPT_US
from passerby.archive.recover import recover
from passerby.archive.sweep import Sweeper
from passerby.archive.tape import LIVE_ONLY, record
from passerby.base.errors import StoreError
from passerby.ledger.hours import Keys
from passerby.store.database import Store
from passerby.store.epochs import EpochRow, all_epochs, put_epoch
from passerby.store.hours import HourQueue, lists_of
from passerby.store.ledger.disk import LocalDisk as KeyDisk
from passerby.store.migrate import open_store

US = 1_000_000
SOAK = "PASSERBY_SOAK_ROUNDS" in os.environ
START = Time().now_s
HOUR = int(START) // HOUR_S


def name(camera: str) -> str:
    return f"cam-{camera.encode().hex()}"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cameras with three hours each, kept for two; a plain file of before; a file without a key."""
    root, time = tmp_path_factory.mktemp("base") / "data", Time()
    with archive_in(root, time) as (archive, store):
        for hour in range(3):
            time.now_s = START + hour * HOUR_S
            for camera in ("entrance", "removed"):
                record_hour(archive, time, camera)
            if hour == 1:
                swept(archive)
        layout = Layout(root)
        plain = layout.camera("entrance") / "20261123T090000Z.mp4"
        plain.write_bytes(b"as it was before there were keys")
        segment = Segment(0, 32, round((START - 3 * HOUR_S) * US), US, 0)
        with store.writing() as connection:
            span = (segment.start_us, segment.end_us, 0, 2 * HOUR_S * US, 900, 32)
            blobs = (pack_segments([segment]), pack_inits([Init(0, 8)]))
            put_epoch(connection, EpochRow("entrance", plain.name, *span, *blobs))
    (layout.camera("entrance") / "20261101T000000Z.epoch").write_bytes(b"torn, or of another archive")
    return root


class Killed(BaseException):
    """As ``kill -9`` at this moment."""


class Fault:
    """Counts every operation, and ends or fails at one of them, before it or when it is done."""

    def __init__(self, at: int, *, error: bool) -> None:
        self.at, self.error, self.count = at, error, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            raise OSError(5, "as told") if self.error else Killed


class Platter:
    """What a power cut leaves: of what was not synced any part, names that were removed, an index that lags behind."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.dirty: dict[Path, bytes] = {}
        self.removed: dict[Path, bytes] = {}
        self.indexes: list[dict[Path, bytes]] = []
        self.committed()

    def writes(self, path: Path) -> None:
        if path not in self.dirty:
            self.dirty[path] = path.read_bytes() if path.exists() else b""

    def synced(self, path: Path) -> None:
        self.dirty.pop(path, None)

    def removes(self, path: Path) -> None:
        if path.exists():
            self.removed[path] = path.read_bytes()

    def synced_folder(self, folder: Path) -> None:
        self.removed = {path: raw for path, raw in self.removed.items() if path.parent != folder}

    def committed(self) -> None:
        self.indexes.append({path: path.read_bytes() for path in self.root.glob("passerby.db*")})

    def cut(self, seed: int) -> None:
        """Seed 0: nothing that was not synced is there; 1: all of it; else some, sector by sector."""
        chance = random.Random(seed)
        for path, old in self.dirty.items():
            new = bytearray(path.read_bytes())
            old = old.ljust(len(new), b"\0")
            for at in range(0, len(new), 512):
                if seed == 0 or (seed > 1 and chance.random() < 0.5):
                    new[at : at + 512] = old[at : at + 512]
            path.write_bytes(new)
        for path, raw in self.removed.items():
            if seed == 0 or (seed > 1 and chance.random() < 0.5):
                path.write_bytes(raw)
        index = self.indexes[0 if seed == 0 else -1 if seed == 1 else chance.randrange(len(self.indexes))]
        for path in self.root.glob("passerby.db*"):
            path.unlink()
        for path, raw in index.items():
            path.write_bytes(raw)


class FaultyDisk(LocalDisk):
    def __init__(self, fault: Fault, platter: Platter) -> None:
        self.fault, self.platter = fault, platter

    def unlink(self, path: Path) -> None:
        self.fault.step()
        self.platter.removes(path)
        super().unlink(path)
        self.fault.step()

    def sync_folder(self, path: Path) -> None:
        self.fault.step()
        super().sync_folder(path)
        self.platter.synced_folder(path)


class FaultyKeys(KeyDisk):
    def __init__(self, fault: Fault, platter: Platter) -> None:
        super().__init__()
        self.fault, self.platter = fault, platter

    def patch(self, path: Path, at: int, content: bytes, mode: int) -> None:
        self.fault.step()
        self.platter.writes(path)
        super().patch(path, at, content[: len(content) // 2], mode)
        self.fault.step()
        super().patch(path, at, content, mode)

    def sync(self, path: Path) -> None:
        super().sync(path)
        self.platter.synced(path)
        self.fault.step()


class FaultyStore(Store):
    def __init__(self, store: Store, fault: Fault, platter: Platter) -> None:
        super().__init__(store.engine, store.path)
        self.fault, self.platter = fault, platter

    @contextmanager
    def writing(self) -> Iterator:  # type: ignore[type-arg]
        try:
            self.fault.step()
            with super().writing() as connection:
                yield connection
            self.platter.committed()
            self.fault.step()
        except OSError as error:
            raise StoreError("the database takes nothing, as told") from error


class FaultyQueue(HourQueue):
    def __init__(self, path: Path, fault: Fault) -> None:
        super().__init__(path)
        self.fault = fault

    def put(self, events) -> None:  # type: ignore[no-untyped-def]
        try:
            self.fault.step()
            super().put(events)
            self.fault.step()
        except OSError as error:
            raise StoreError("the queue takes nothing, as told") from error


class Kept:
    """A legal hold on one camera's oldest hour."""

    def __init__(self, camera: str) -> None:
        self.camera = camera

    def covers(self, epoch: EpochId, now_us: int) -> bool:
        return (epoch.camera, epoch.hour) == (self.camera, HOUR)


def sweep_once(root: Path, fault: Fault, *, hour: float = 3.01, held: str = "") -> Platter:
    """What a station does at its start and then: recover, sweep. Killed, it returns what had become of the disk."""
    now, platter = START + hour * HOUR_S, Platter(root)
    with DataFolder(root) as folder, open_store(folder.layout.database, lambda: now) as real:
        store, disk = FaultyStore(real, fault, platter), FaultyDisk(fault, platter)
        try:
            keys = KeyFile(folder.layout.keys, FaultyKeys(fault, platter))
            recover(folder.layout, store, disk, UNKNOWN_KEPT_US, keys)
            beside = FaultyKeys(fault, platter)
            clock = ArchiveClock(folder.layout.clock, lambda: now, lambda: now, b"b" * 16, disk=beside)
            queue = FaultyQueue(folder.layout.hours, fault)
            held_now = [Kept(held)] if held else []
            sweeper = Sweeper(folder.layout, store, disk, keys, clock, queue, lambda: held_now, name)
            sweeper.sweep({"entrance": 2 * HOUR_S * US})
        except Killed:
            return platter
    return platter


def check(root: Path, gone: int = 1, held: str = "") -> None:
    """As it must be in the end: the oldest hours are gone but what is held, the others are whole, all can be told."""
    layout = Layout(root)
    alive = {(la.epoch.camera, la.epoch.hour - HOUR) for la in KeyReader(layout.keys).labels()}
    first = {camera: 0 if camera == held else gone for camera in ("entrance", "removed")}
    wanted = {(camera, hour) for camera in first for hour in range(first[camera], 3)}
    assert alive == wanted
    with DataFolder(root), open_store(layout.database, lambda: START) as store:
        for camera in ("entrance", "removed"):
            rows = all_epochs(store, camera)
            assert [r.period_us // US // HOUR_S - HOUR for r in rows] == list(range(first[camera], 3))
            assert not any(r.leaving for r in rows)
            assert sorted(r.file for r in rows) == sorted(p.name for p in layout.camera(camera).iterdir())
    keys, now = Keys(), int(START + 4 * HOUR_S)
    lines = [line for _, found, _ in lists_of(HourQueue(layout.hours).waiting(), keys, (), None, now) for line in found]
    told = [(line.what, line.camera, line.epoch - HOUR) for line in lines if line.what != "silent"]
    assert len(told) == len(set(told)), "told twice"
    assert {(c, h) for what, c, h in told if what == "birth"} == {
        (name(c), h) for c in ("entrance", "removed") for h in range(3)
    }
    assert {(c, h) for what, c, h in told if what == "death"} == {(name(c), h) for c in first for h in range(first[c])}
    assert {(c, h) for what, c, h in told if what == "root"} >= {(name(c), h) for c, h in wanted}


def test_a_sweep_ends_everything_that_is_due(base: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(base, root)
    sweep_once(root, Fault(0, error=False))
    check(root)


@pytest.mark.parametrize(("how", "held"), [("killed", ""), ("error", ""), ("killed", "removed"), ("power", "entrance")])
def test_killed_or_failed_at_every_operation_of_a_sweep(base: Path, tmp_path: Path, how: str, held: str) -> None:
    """No live key for a dead epoch, nothing lost that was due to stay or is held, no deletion stuck."""
    at, step = 0, 1 if SOAK or (how, held) == ("killed", "") else 3
    while True:
        at += step
        root, fault = tmp_path / f"data{at}", Fault(at, error=how == "error")
        shutil.copytree(base, root)
        try:
            platter = sweep_once(root, fault, held=held)
        except Exception as problem:  # noqa: BLE001  a start that fails is told, and the next one goes on
            assert how == "error", problem
        if fault.count < at:
            break
        if how == "power":
            platter.cut(at // step % 4)
        sweep_once(root, Fault(0, error=False), held=held)
        check(root, held=held)
        shutil.rmtree(root)
    assert at > 60


def test_an_index_from_before_the_sweep_brings_nothing_back(base: Path, tmp_path: Path) -> None:
    """A power cut may take the database's last seconds, and a backup far more: what was dead stays dead."""
    root, old = tmp_path / "data", tmp_path / "old"
    shutil.copytree(base, root)
    shutil.copytree(base, old)
    sweep_once(root, Fault(0, error=False))
    for part in old.glob("passerby.db*"):
        shutil.copy(part, root)
    for path in root.glob("passerby.db-*"):
        if not (old / path.name).exists():
            path.unlink()
    for file in (old / "video").rglob("*.*"):
        shutil.copy(file, root / file.relative_to(old))
    sweep_once(root, Fault(0, error=False))
    check(root)


def test_without_an_index_nothing_is_lost_and_nothing_outlives_its_time(base: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(base, root)
    for path in root.glob("passerby.db*"):
        path.unlink()
    (root / "video/entrance/20261123T090000Z.mp4").unlink()
    sweep_once(root, Fault(0, error=False))
    check(root)


def test_a_missing_file_and_a_missing_camera_folder(base: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(base, root)
    shutil.rmtree(root / "video/removed")
    sweep_once(root, Fault(0, error=False), hour=5.01)
    sweep_once(root, Fault(0, error=False), hour=5.01)
    assert KeyReader(root / "keys").labels() == []
    assert not list((root / "video").rglob("*.epoch"))


def test_a_shorter_retention_holds_at_once_and_a_longer_one_never_for_what_is_there(tmp_path: Path) -> None:
    time = Time()
    with archive_in(tmp_path / "data", time) as (archive, store):
        record_hour(archive, time, "entrance", record(2))
    for hours, at, left in ((9, 2.9, 1), (1, 2.01, 0)):
        root = tmp_path / f"data{hours}"
        shutil.copytree(tmp_path / "data", root)
        time.now_s = START + at * HOUR_S
        with archive_in(root, time) as (archive, store):
            archive.recorder("entrance", record(hours))
            assert swept(archive).lines == []
            assert len(all_epochs(store, "entrance")) == left
            time.now_s = START + 3.01 * HOUR_S
            swept(archive)
            assert all_epochs(store, "entrance") == []


def test_what_is_only_looked_at_dies_within_two_minutes(tmp_path: Path) -> None:
    time = Time()
    with archive_in(tmp_path, time) as (archive, store):
        for _ in range(4):
            record_hour(archive, time, "entrance", LIVE_ONLY)
            time.now_s += 30
        assert len(archive.keys.labels()) == 4
        swept(archive)
        assert [la.epoch.period_us // US - START for la in archive.keys.labels()] == [60, 90]
        time.now_s += 90
        swept(archive)
        assert archive.keys.labels() == [] == all_epochs(store, "entrance")


def test_a_rotation_that_is_owed_is_made_although_nothing_is_due(base: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(base, root)
    with archive_in(root, Time(START + 2.5 * HOUR_S)) as (archive, _):
        before = archive.keys.generation
        assert [swept(archive).destroyed for _ in range(2)] == [0, 0]
        assert archive.keys.generation == before + 1


def test_one_file_that_can_not_be_deleted_keeps_no_other(base: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(base, root)

    class Stuck(LocalDisk):
        def unlink(self, path: Path) -> None:
            if path.name.startswith("20261123T12") and path.parent.name == "entrance":
                raise OSError(5, "as told")
            super().unlink(path)

    time = Time(START + 3.01 * HOUR_S)
    with archive_in(root, time, Stuck()) as (archive, store):
        found = swept(archive)
        assert len(found.lines) == 1 and "can't be written" in found.lines[0]
        assert [r.leaving for r in all_epochs(store, "entrance")] == [True, False, False]
        assert len(all_epochs(store, "removed")) == 2
        assert len(archive.keys.labels()) == 4
    with archive_in(root, time) as (archive, _):
        assert swept(archive).lines == []
    check(root)
