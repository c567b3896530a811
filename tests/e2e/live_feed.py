"""A station's archive and store fed in real time with a really redacted stream, and the real server before it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.unit.archive.stream import packets_of

from passerby.archive.folder import DataFolder
from passerby.archive.recorder import Archive
from passerby.archive.tape import record
from passerby.store.cameras import Camera, put_cameras
from passerby.store.counts import Count, add_counts
from passerby.store.events import HealthRow, add_health
from passerby.store.migrate import open_store

US = 1_000_000
CAMERAS = ("entrance", "hall", "yard")


def now_us() -> int:
    return round(time.time() * US)


class Feed:
    """Plays a redacted MP4 into a data folder, over and over, at its own pace.

    Args:
        root: The data folder.
        video: Made by ``passerby redact``.
    """

    def __init__(self, root: Path, video: Path) -> None:
        self._root, self._source = root, packets_of(video)
        self._end = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.trouble: list[str] = []
        self.people = 5

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        start, packets = self._source
        base = start.time_base_num / start.time_base_den
        with (
            DataFolder(self._root) as folder,
            open_store(folder.layout.database, time.time) as store,
            Archive(folder.layout, store) as archive,
        ):
            now = now_us()
            away = "the camera does not answer; trying again"
            put_cameras(
                store,
                [
                    Camera("entrance", "Entrance", "record", 24 * 3600 * US, "running", "", now, "none", now),
                    Camera("hall", "Hall", "counts-only", 0, "running", "", now, "none", now),
                    Camera("yard", "Yard", "live", 0, "away", away, now, "none", now),
                ],
            )
            recorder = archive.recorder("entrance", record(24))
            began = time.time()
            recorder.start(start, began)
            lap = counted = 0
            while not self._end.is_set():
                offset = lap * (packets[-1].pts + packets[-1].duration)
                for packet in packets:
                    due = began + (packet.pts + offset) * base
                    if self._end.wait(max(0.0, due - time.time())):
                        break
                    recorder.packet(replace(packet, pts=packet.pts + offset, dts=packet.dts + offset))
                    if time.time() - counted >= 1:
                        counted = int(time.time())
                        for camera in CAMERAS[:2]:
                            n = float(self.people)
                            add_counts(store, Count(camera, now_us(), n, n - 1, n + 2, 0), mosaic=False)
                        add_health(store, HealthRow("entrance", now_us(), 10, 0, 0.2, "none", "ab" * 32))
                    if recorder.trouble:
                        self.trouble.append(str(recorder.trouble))
                    self._ready.set()
                lap += 1


class Served:
    """``passerby serve`` on a free port."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "passerby.cli", "serve", str(self.root), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().removeprefix("passerby: ").partition("enter#")[0]
        assert self.address.startswith("http://127.0.0.1:"), self.process.communicate()
        return self

    def stop(self) -> tuple[int, str, float]:
        """SIGTERM; its exit code, what it said, and how long it took in seconds."""
        before = time.monotonic()
        self.process.terminate()
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said, time.monotonic() - before

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
