"""Archives whose clock a test moves: cameras that record an hour after the other, a sweep whenever one is wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.unit.archive.scene import NOON, stream

from passerby.archive.clock import ArchiveClock
from passerby.archive.disk import Disk
from passerby.archive.folder import DataFolder
from passerby.archive.recorder import Archive
from passerby.archive.sweep import Hold, Swept
from passerby.archive.tape import Keep, record
from passerby.store.database import Store
from passerby.store.migrate import open_store

HOUR_S = 3600
BOOT = b"b" * 16


class Time:
    """One that a test moves on. The wall clock may be wrong by ``off_s``; the steady one never is."""

    def __init__(self, now_s: float = NOON) -> None:
        self.now_s, self.off_s, self.boot = now_s, 0.0, BOOT
        self.witnessed_s: float | None = None

    def __call__(self) -> float:
        return self.now_s + self.off_s

    def clock(self, path: Path | None = None) -> ArchiveClock:
        return ArchiveClock(path, self, lambda: self.now_s, self.boot, lambda: self.witnessed_s)


@contextmanager
def archive_in(
    root: Path,
    time: Time | None = None,
    disk: Disk | None = None,
    holds: Callable[[], Collection[Hold]] = lambda: (),
) -> Iterator[tuple[Archive, Store]]:
    """A station's archive."""
    time = time or Time()
    with (
        DataFolder(root) as folder,
        open_store(folder.layout.database, lambda: NOON) as store,
        Archive(
            folder.layout,
            store,
            disk,
            clock=time.clock(folder.layout.clock),
            holds=holds,
            ledger_name=lambda camera: f"cam-{camera.encode().hex()}",
        ) as archive,
    ):
        yield archive, store


def swept(archive: Archive) -> Swept:
    """One whole sweep; whatever was given to the archive before has been done then."""
    done, told = threading.Event(), list[Swept]()

    def tell(found: Swept) -> None:
        told.append(found)
        done.set()

    archive._sweeps_done = 0
    archive.sweep(tell)
    assert done.wait(60)
    return told[0]


def record_hour(archive: Archive, time: Time, camera: str, keep: Keep | None = None, pictures: int = 40) -> None:
    """A few seconds of this hour."""
    start, packets = stream()
    recorder = archive.recorder(camera, keep or record(2))
    recorder.start(start, time())
    for packet in packets[:pictures]:
        recorder.packet(packet)
    recorder.stop()
    settle(archive)


def settle(archive: Archive) -> None:
    """Wait until everything that was given has been done, without a sweep."""
    with archive._changed:
        archive._changed.notify()
    for _ in range(4000):
        with archive._changed:
            busy = any(line.waiting for line in archive._lines.values())
        if not busy and not archive.busy:
            return
        threading.Event().wait(0.005)
    raise AssertionError("the archive does not settle")
