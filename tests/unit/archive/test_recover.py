"""Recovery of many files, and of files that can't be read."""

from __future__ import annotations

import shutil
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.archive.scene import CAMERA, check_all_play, check_numbers
from tests.unit.archive.years import HOUR_S, Time, archive_in, record_hour, swept

from passerby.archive import recover as recover_module
from passerby.archive import tree
from passerby.archive.check import check, remembered_us
from passerby.archive.epoch import Epoch
from passerby.archive.folder import Layout
from passerby.archive.recover import Recovered
from passerby.archive.tape import record
from passerby.station.records import StationRecords
from passerby.store.database import Store
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
