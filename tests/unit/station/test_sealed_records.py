"""What a station keeps of sealed originals: while the gate lets them out, one file for each crew, permit and hour."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.archive.test_sealed_tape import Darkroom, settled
from tests.unit.archive.years import archive_in

from passerby.archive.boxes import FIRST_OF_SEGMENT, KEYFRAME
from passerby.archive.keys.cipher import INIT, PART
from passerby.archive.recorder import Archive
from passerby.outlet.messages import Ruling, SealUnder, bits
from passerby.station.camera import Condition, State
from passerby.station.records import SEALS, StationRecords
from passerby.station.settings import CameraSettings
from passerby.store.cameras import list_cameras
from passerby.store.database import Store
from passerby.store.epochs import all_epochs

CAMERA, PERMIT, OTHER = "entrance", b"p" * 32, b"q" * 32
SETTINGS = CameraSettings(name=CAMERA, source="rtsp://192.0.2.1/", seal=True)


def ruling(*opens: str, permit: bytes = PERMIT) -> Ruling:
    what = bits({"crowd", *opens})
    return Ruling(what, what, what, bytes(5), 0, permit, bytes(32))


class Station:
    """Records with one camera that seals."""

    def __init__(self, archive: Archive, store: Store) -> None:
        self.archive, self.store = archive, store
        self.records = StationRecords([SETTINGS], store, archive, lambda _: None)

    def given(self, crew: int = 1) -> SealUnder | None:
        """What a crew's darkroom is told, once the archive has come to rest."""
        first = self.records.seal_under(CAMERA, crew)
        settled(self.archive)
        return first or self.records.seal_under(CAMERA, crew)

    def kept(self) -> int:
        settled(self.archive)
        return sum(row.kind == "sealed" for row in all_epochs(self.store, CAMERA))


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with archive_in(tmp_path) as (archive, store):
        station = Station(archive, store)
        yield station
        station.records.close()


def test_off_unless_the_gate_opens_it(station: Station) -> None:
    assert station.given() is None
    station.records.message(CAMERA, ruling())
    assert station.given() is None
    station.records.message(CAMERA, ruling("seal"))
    under = station.given()
    assert under is not None and under.permit == PERMIT


def test_one_file_for_each_crew_and_permit(station: Station) -> None:
    station.records.message(CAMERA, ruling("seal"))
    found = [station.given(1), station.given(1), station.given(2)]
    station.records.message(CAMERA, ruling("seal"))
    found.append(station.given(2))
    station.records.message(CAMERA, ruling("seal", permit=OTHER))
    found.append(station.given(2))
    assert [one is not None for one in found] == [True, False, True, False, True]
    assert len({one.salt for one in found if one}) == 3 and found[-1] and found[-1].permit == OTHER
    # Shut and opened again: the darkroom has ended its file, and needs another.
    station.records.message(CAMERA, ruling())
    assert station.given(2) is None
    station.records.message(CAMERA, ruling("seal", permit=OTHER))
    assert station.given(2) is not None


def test_what_comes_after_the_gate_has_shut_is_not_kept(station: Station) -> None:
    station.records.message(CAMERA, ruling("seal"))
    under = station.given()
    assert under is not None
    room = Darkroom(under, CAMERA, PERMIT)
    station.records.message(CAMERA, ruling())
    for packet in (room.header, room.chunk(INIT)):
        station.records.message(CAMERA, packet)
    assert station.kept() == 0
    station.records.message(CAMERA, ruling("seal"))
    again = station.given()
    assert again is not None
    room, at = Darkroom(again, CAMERA, PERMIT), again.period_us + 1
    for packet in (
        room.header,
        room.chunk(INIT),
        room.chunk(PART, FIRST_OF_SEGMENT | KEYFRAME, at, 1),
        room.chunk(INIT),
    ):
        station.records.message(CAMERA, packet)
    assert station.kept() == 1


def test_the_page_says_so(station: Station) -> None:
    for opens, there in ((("seal",), True), ((), False)):
        station.records.message(CAMERA, ruling(*opens))
        station.records.condition(CAMERA, Condition(State.RUNNING, f"{opens}", time.time()))
        station.records._later.close()
        station.records._later = type(station.records._later)(lambda _: None)
        assert (SEALS in list_cameras(station.store)[0].message) == there
