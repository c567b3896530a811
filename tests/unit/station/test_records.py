"""What a station says of its sweeps."""

from __future__ import annotations

from pathlib import Path

from tests.unit.archive.years import Time, archive_in

from passerby.archive.sweep import Swept
from passerby.station.records import RETENTION_STANDS, SWEEP_PATIENCE_S, StationRecords


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
