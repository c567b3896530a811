"""A station's records as they run, without its darkrooms: messages go in as crews' threads give them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.unit.archive.scene import CAMERA, NOON, later, stream
from tests.unit.archive.years import Time

from passerby.archive.disk import Disk
from passerby.archive.folder import DataFolder
from passerby.archive.recorder import Archive
from passerby.outlet.messages import Counts, Ruling, bits
from passerby.station.camera import Condition, State
from passerby.station.records import StationRecords
from passerby.station.settings import CameraSettings
from passerby.store.counts import minutes
from passerby.store.database import Store
from passerby.store.migrate import open_store

COUNTING = "hall"
ALL = bits(("crowd", "live", "record"))


@dataclass
class Records:
    """A station's: one camera that records, and one that only counts."""

    time: Time
    records: StationRecords
    archive: Archive
    store: Store
    said: list[str]

    def begin(self) -> None:
        """Both cameras run, and the gate lets everything out."""
        for camera in (CAMERA, COUNTING):
            self.records.message(camera, Ruling(ALL, ALL, ALL, bytes(5), 0, bytes(32), bytes(32)))
            self.records.condition(camera, Condition(State.RUNNING, "", self.time()))
        self.records.message(CAMERA, stream()[0])

    def away(self) -> None:
        """The camera is away for a moment."""
        self.records.condition(CAMERA, Condition(State.DOWN, "the camera does not answer", self.time()))

    def show(self, pictures: int, at_s: float) -> None:
        """So many pictures from a time on, and a count of each camera with every second one."""
        for number, packet in enumerate(later(stream()[1], at_s)[:pictures]):
            self.records.message(CAMERA, packet)
            if number % 2:
                for camera in (CAMERA, COUNTING):
                    self.records.message(camera, Counts(number, at_s + number / 10, 3.0, 2.0, 4.0, 0.0))


def counted(store: Store, camera: str) -> int:
    """How many counts are kept."""
    return sum(minute.samples for minute in minutes(store, camera, 0, 1 << 60))


@contextmanager
def running(root: Path, time: Time | None = None, disk: Disk | None = None) -> Iterator[Records]:
    """As `passerby.station.live_main` puts it together; steady time 0 is noon."""
    time, said = time or Time(), list[str]()
    cameras = [
        CameraSettings(name=CAMERA, source="rtsp://192.0.2.1/", mode="record"),  # type: ignore[arg-type]
        CameraSettings(name=COUNTING, source="rtsp://192.0.2.2/"),
    ]
    with (
        DataFolder(root) as folder,
        open_store(folder.layout.database, time) as store,
        Archive(folder.layout, store, disk, clock=time.clock(folder.layout.clock)) as archive,
    ):
        records = StationRecords(cameras, store, archive, said.append, lambda: time.now_s - NOON, time)
        yield Records(time, records, archive, store, said)
        records.close()
