"""What a station keeps and says: of its sweeps, of a power cut at any moment, of a clock that is set back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.unit.archive.scene import CAMERA, NOON, check_all_play, check_numbers, kept
from tests.unit.archive.years import HOUR_S, Time, archive_in, settle, swept
from tests.unit.station.scene import COUNTING, counted, running

from passerby.archive.disk import LocalDisk
from passerby.archive.sweep import Swept
from passerby.station.records import RETENTION_STANDS, SWEEP_PATIENCE_S, StationRecords
from passerby.store.epochs import all_epochs

COPIES = 100


def test_room_that_was_made_is_said_and_is_no_failure(tmp_path: Path) -> None:
    said, time = list[str](), Time()
    with archive_in(tmp_path) as (archive, store):
        records = StationRecords([], store, archive, said.append, time)
        notice = "there is no room: 1 recordings are given up before their time, as the settings say"
        for found, words in (
            (Swept(notices=[notice]), [notice]),
            (Swept(lines=["so and so"]), ["an old recording could not be deleted: so and so", RETENTION_STANDS]),
        ):
            said.clear()
            time.now_s += SWEEP_PATIENCE_S + 1
            records._told(found)
            records.tick()
            assert said == words
        records.close()


class Watched(LocalDisk):
    """Calls back after everything it does, and between the halves of a write."""

    def __init__(self, moment: Callable[[], None]) -> None:
        self.moment = moment

    def write(self, fd: int, data: bytes, offset: int) -> None:
        half = len(data) // 2
        super().write(fd, data[:half], offset)
        self.moment()
        super().write(fd, data[half:], offset + half)
        self.moment()

    def sync(self, fd: int) -> None:
        super().sync(fd)
        self.moment()


def test_the_data_folder_copied_at_a_hundred_moments(tmp_path: Path) -> None:
    """As a power cut leaves it: the next start has all that was finished then, plays it, and goes on."""
    root, copies = tmp_path / "data", list[tuple[Path, int, int]]()

    def copy() -> None:
        if len(copies) == COPIES or not begun:
            return
        # What is finished and counted before the copy begins has to be in it.
        finished = sum(not segment.gap for segment in kept(station.store)) * 20
        numbers = counted(station.store, COUNTING)
        target = tmp_path / f"copy{len(copies)}"
        shutil.copytree(root, target)
        copies.append((target, finished, numbers))

    begun = False
    with running(root, disk=Watched(copy)) as station:
        begun = True
        for lap in range(4):
            station.begin()
            station.show(100, 12 * lap)
            station.archive.sweep()
            settle(station.archive)
            if lap % 2:
                station.away()
    assert len(copies) == COPIES and len({finished for _, finished, _ in copies}) > 5
    for target, finished, numbers in copies:
        with running(target) as station:
            before, counts = check_all_play(target, station.store), counted(station.store, COUNTING)
            assert before >= finished and counts >= numbers
            station.begin()
            station.show(40, 100)
            station.away()
            assert swept(station.archive).lines == []
            assert station.said == []
            assert check_all_play(target, station.store) == before + 40
            check_numbers(station.store)
        with running(target) as station:
            assert counted(station.store, COUNTING) == counts + 20
        shutil.rmtree(target)


def test_the_clock_is_set_back_an_hour_while_a_station_runs(tmp_path: Path) -> None:
    """Nothing is lost, nothing overlaps, nothing dies early; what is recorded goes on from where it was."""
    time = Time(NOON + 1800)
    with running(tmp_path, time) as station:
        station.begin()
        station.show(40, 1800)
        time.now_s += 4
        time.off_s = -HOUR_S
        station.show(80, 1800)  # 40 of them are known already
        station.away()
        time.now_s += 6
        station.begin()
        station.show(40, 1812)
        settle(station.archive)
        book = station.records._books[CAMERA]
        assert book.recorder is not None and HOUR_S - 20 < book.recorder.shift_s <= HOUR_S
        station.away()
        found = swept(station.archive)
        assert (found.lines, found.destroyed, station.said) == ([], 0, [])
        assert check_all_play(tmp_path, station.store) == 120
        check_numbers(station.store)
        assert {row.shift_us > 0 for row in all_epochs(station.store, CAMERA)} == {True}
        # A camera that keeps for a day keeps for a day of the time that passes, whatever the clock says.
        for hours, alive in ((23, 1), (26, 0)):
            time.now_s = NOON + 1800 + hours * HOUR_S
            assert swept(station.archive).lines == []
            assert len(station.archive.keys.labels()) == alive
    with running(tmp_path) as station:
        assert counted(station.store, COUNTING) == counted(station.store, CAMERA) == 80
