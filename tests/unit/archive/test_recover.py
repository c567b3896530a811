"""Recovery of many files, and of files that can't be read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.unit.archive.scene import CAMERA, check_all_play, check_numbers
from tests.unit.archive.years import HOUR_S, Time, archive_in, record_hour, swept

from passerby.archive import recover as recover_module
from passerby.archive.check import check, remembered_us
from passerby.archive.folder import Layout
from passerby.archive.recover import Recovered
from passerby.archive.tape import record
from passerby.station.records import StationRecords
from passerby.store.database import Store
from passerby.store.epochs import EpochRow, all_epochs, forget_epoch
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
