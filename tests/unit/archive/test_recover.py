"""Recovery of many files, and of files that can't be read."""

from __future__ import annotations

import shutil
import threading
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.archive.scene import CAMERA, check_all_play, check_numbers, stream
from tests.unit.archive.years import HOUR_S, Time, archive_in, record_hour, settle, swept

from passerby.archive import recover as recover_module
from passerby.archive import tree
from passerby.archive.check import check, remembered_us
from passerby.archive.epoch import Epoch
from passerby.archive.folder import Layout
from passerby.archive.recover import Recovered
from passerby.archive.tape import record
from passerby.base.errors import DiskFull
from passerby.station.records import StationRecords
from passerby.store.database import Store, read_store
from passerby.store.epochs import EpochRow, all_epochs, forget_epoch, put_epoch
from passerby.store.migrate import open_store

HOURS, PICTURES = 4, 40


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One camera, an hour after the other, two segments each."""
    root, time = tmp_path_factory.mktemp("whole") / "data", Time()
    with archive_in(root, time) as (archive, _):
        for _ in range(HOURS):
            record_hour(archive, time, CAMERA, record(24), PICTURES)
            time.now_s += HOUR_S
    return root


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "data")
    return tmp_path / "data"


def test_the_index_is_read_once_however_many_files_there_are(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = list[str]()

    def counted(store: Store, camera: str) -> list[EpochRow]:
        reads.append(camera)
        return all_epochs(store, camera)

    monkeypatch.setattr(recover_module, "all_epochs", counted)
    with archive_in(data) as (archive, _):
        assert archive.recovered == Recovered()
    assert reads == [CAMERA]


def test_files_that_the_index_does_not_know_count_on_from_those_it_does(data: Path) -> None:
    names = sorted(p.name for p in Layout(data).camera(CAMERA).iterdir())
    with open_store(Layout(data).database, Time()) as store:
        forget_epoch(store, CAMERA, names[0], names[2])
    with archive_in(data) as (archive, store):
        assert archive.recovered.segments == 4
        assert check_all_play(data, store) == HOURS * PICTURES
        check_numbers(store)
        assert [row.file for row in all_epochs(store, CAMERA)] == [names[1], names[3], names[0], names[2]]


def test_a_file_that_can_t_be_read_keeps_no_station_from_starting_and_is_left(data: Path, tmp_path: Path) -> None:
    """Known or not: a link is not followed, and of a folder nothing is read."""
    folder, said = Layout(data).camera(CAMERA), list[str]()
    known, unknown = min(folder.iterdir()), folder / "20261101T000000Z.epoch"
    known.rename(tmp_path / "away")
    known.symlink_to(tmp_path / "away")
    unknown.mkdir()
    with archive_in(data) as (archive, store):
        StationRecords([], store, archive, said.append).close()
        assert said == archive.recovered.lines and len(said) == 2
        assert known.name in said[0] and unknown.name in said[1]
        assert archive.recovered == Recovered(lines=said)
        found = swept(archive)
        assert found.lines == [] and found.deleted == 0
        assert [unknown.name in line for line in found.notices] == [True]
        assert known.is_symlink() and unknown.is_dir()
        assert len(all_epochs(store, CAMERA)) == HOURS
        found_wrong = [d.line for d in check(Layout(data), store, remembered_us(Layout(data)))]
        assert len(found_wrong) == 2 and all("can't be read" in line for line in found_wrong)
    known.unlink()
    (tmp_path / "away").rename(known)
    unknown.rmdir()
    with archive_in(data) as (archive, store):
        assert archive.recovered == Recovered()
        assert check_all_play(data, store) == HOURS * PICTURES


def unlisted(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """As a disk that gives no names of this folder."""
    real = Path.iterdir

    def iterdir(self: Path):  # type: ignore[no-untyped-def]
        if self == folder:
            raise OSError(5, "Input/output error", str(self))
        return real(self)

    monkeypatch.setattr(Path, "iterdir", iterdir)


@pytest.mark.parametrize("which", ["camera", "all"])
def test_a_folder_that_can_not_be_listed_is_its_cameras_trouble(
    data: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """Nothing of it is touched, other cameras go on, and it records on; once it can be listed, all is there."""
    time, layout = Time(), Layout(data)
    time.now_s += HOURS * HOUR_S
    folder = layout.camera(CAMERA) if which == "camera" else layout.video
    with monkeypatch.context() as patch:
        unlisted(patch, folder)
        with archive_in(data, time) as (archive, store):
            said = list[str]()
            assert len(archive.recovered.lines) == 1 and "can't be listed" in archive.recovered.lines[0]
            records = StationRecords([], store, archive, said.append)
            assert said == archive.recovered.lines
            records.close()
            recorder = archive.recorder(CAMERA, record(24))
            assert "can't be listed" in str(recorder.trouble)
            found = swept(archive)
            if which == "camera":
                assert found.lines == [] and any("can't be listed" in line for line in found.notices)
                with read_store(layout.database) as reader:
                    assert [d.what for d in check(layout, reader, None) if d.wrong] == ["unlisted"]
            for camera in (CAMERA, "hall"):
                record_hour(archive, time, camera, record(24), PICTURES)
            assert len(all_epochs(store, CAMERA)) == HOURS + 1
            assert len(all_epochs(store, "hall")) == 1
    with archive_in(data, time) as (archive, store):
        assert archive.recovered == Recovered()
        assert check_all_play(data, store) == (HOURS + 1) * PICTURES
        check_numbers(store)


def test_a_sweep_that_nobody_takes_is_told_with_the_next(data: Path) -> None:
    with archive_in(data, Time()) as (archive, _):

        def broken(_: object) -> None:
            called.set()
            raise BrokenPipeError(32, "the log is gone")

        called = threading.Event()
        archive.sweep(broken)
        assert called.wait(60)
        lines = [*swept(archive).lines, *swept(archive).lines]
        assert len(lines) == 1 and "could not be told of" in lines[0] and "the log is gone" in lines[0]


def test_a_camera_whose_folder_can_not_be_made(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in trouble, and records as soon as it can."""
    time, real, broken = Time(), Path.mkdir, [True]

    def mkdir(self: Path, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        if self.name == "hall" and broken[0]:
            raise OSError(28, "No space left on device", str(self))
        real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with archive_in(data, time) as (archive, store):
        recorder = archive.recorder("hall", record(24))
        assert isinstance(recorder.trouble, DiskFull)
        start, packets = stream()
        for turn in range(2):
            recorder.start(start, time.now_s + 60 * turn)
            for packet in packets[:PICTURES]:
                recorder.packet(packet)
            recorder.stop()
            settle(archive)
            assert (recorder.trouble is None) == (turn == 1)
            broken[0] = False
        assert len(all_epochs(store, "hall")) == 1


def _roots(root: Path) -> dict[str, bytes]:
    with open_store(Layout(root).database, Time()) as store:
        return {row.file: row.root for row in all_epochs(store, CAMERA)}


@pytest.mark.parametrize("index", ["rows without roots", "rows that lag", "no rows", "no index"])
def test_a_closed_file_keeps_its_root_whatever_the_index_has_lost(data: Path, index: str) -> None:
    """The ledger may have it: after a power cut, hashes that were made anew would look like another recording."""
    told, sizes = _roots(data), {p: p.stat().st_size for p in Layout(data).camera(CAMERA).iterdir()}
    assert len(told) == HOURS and all(told.values())
    if index == "no index":
        for path in data.glob("passerby.db*"):
            path.unlink()
    else:
        with open_store(Layout(data).database, Time()) as store:
            rows = all_epochs(store, CAMERA)
        with open_store(Layout(data).database, Time()) as store, store.writing() as connection:
            for row in rows:
                first = Epoch.of(row).video[0]
                behind = {"segments": first.pack(), "size": first.offset + first.length}
                put_epoch(connection, replace(row, root=b"", **(behind if index == "rows that lag" else {})))
        if index == "no rows":
            with open_store(Layout(data).database, Time()) as store:
                forget_epoch(store, CAMERA, *told)
    with archive_in(data) as (archive, store):
        assert archive.recovered.cut_bytes == 0
        assert check_all_play(data, store) == HOURS * PICTURES
        check_numbers(store)
    assert _roots(data) == told
    assert {p: p.stat().st_size for p in sizes} == sizes


def test_a_closed_end_that_does_not_fit_what_is_before_it_is_made_anew(data: Path) -> None:
    """Its root is told as it is now: an end alone proves nothing."""
    told, file = _roots(data), sorted(Layout(data).camera(CAMERA).iterdir())[1]
    with open_store(Layout(data).database, Time()) as store:
        forget_epoch(store, CAMERA, file.name)
    raw = bytearray(file.read_bytes())
    raw[-200] ^= 1
    tail = raw[-8 - len(tree.MARK) :]
    count = int.from_bytes(tail[:4], "big")
    body = raw[-len(tail) - 32 * count : -len(tail)] + tail[:4]
    raw[-len(tail) + 4 : -len(tail) + 8] = zlib.crc32(body).to_bytes(4, "big")
    file.write_bytes(raw)
    with archive_in(data) as (archive, store):
        assert archive.recovered.cut_bytes > 0
        assert check_all_play(data, store) == HOURS * PICTURES
        assert [d for d in check(Layout(data), store, None) if d.wrong] == []
    now = _roots(data)
    assert {name for name in told if now[name] != told[name]} == {file.name}
