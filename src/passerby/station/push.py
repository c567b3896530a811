"""Hands a camera's live redacted video on to an RTSP server, so that an existing system can show and keep it.

A process of its own for each such camera. It opens video as the pages do: under an act for each quarter of an hour,
and with the keeper's share, where the site has a keeper.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from passerby.archive.folder import Layout
from passerby.archive.keeper.looks import Looks
from passerby.archive.live import LiveSegment, Window
from passerby.archive.places import place_of_init, place_of_part
from passerby.archive.reading import Reading
from passerby.store.database import Store
from passerby.store.epochs import get_live

LOOK_S = 0.1
# A server that takes nothing for so long hangs: FFmpeg would wait for it for ever.
HUNG_S = 10.0


class Sender(Protocol):
    """Takes parts of a stream."""

    def send(self, init: bytes, part: bytes) -> None:
        """Send one."""

    def close(self) -> None:
        """Say goodbye."""


@dataclass(slots=True)
class Live:
    """Follows one camera's live window, part by part, from the newest part that can be shown by itself.

    Args:
        layout: Of the data folder.
        store: Open for reading.
        reading: Has the keys.
        looks: Has it logged that somebody looks.
        camera: Whose.
    """

    layout: Layout
    store: Store
    reading: Reading
    looks: Looks
    camera: str
    _next: tuple[int, int] | None = None
    _init: tuple[str, int] = ("", -1)
    _init_bytes: bytes = b""

    def parts(self) -> Iterator[tuple[bytes, bytes, bool]]:
        """What has come since the last call: init section, part, and whether a new stream begins with it.

        Raises:
            StoreError: The index can't be read.
            ShareRefused: The keeper says no.
            ArchiveError: The video can't be read.
        """
        blob = get_live(self.store, self.camera)
        window = Window.unpack(blob) if blob else Window()
        if not window.segments:
            self._next = None
            return
        if self._next is None or (window.find(self._next[0]) is None and self._next[0] < window.segments[-1].number):
            self._next = _entry(window)
        last = window.segments[-1]
        self.looks.begin(self.camera, window.segments[0].start_us, last.start_us + last.duration_us)
        while self._next is not None and (segment := window.find(self._next[0])) is not None:
            number, index = self._next
            if index >= len(segment.parts):
                if not segment.finished:
                    return
                self._next = number + 1, 0
                continue
            part = self._read(window, number, index)
            fresh = self._take_init(segment) or (index == 0 and segment.discontinuity)
            self._next = number, index + 1
            if part is not None and self._init_bytes:
                yield self._init_bytes, part, fresh

    def _read(self, window: Window, number: int, index: int) -> bytes | None:
        place = place_of_part(self.layout, window, self.camera, number, index)
        return self.reading.read(place) if place else None

    def _take_init(self, segment: LiveSegment) -> bool:
        """Whether the stream is described anew."""
        wanted = (segment.file, segment.init)
        if wanted == self._init:
            return False
        place = place_of_init(self.layout, self.store, self.camera, segment.file.rpartition(".")[0], segment.init)
        found = self.reading.read(place) if place else None
        self._init, self._init_bytes = wanted, found or b""
        return True


def push(
    live: Live,
    connect: Callable[[], Sender],
    stop: threading.Event,
    hung: Callable[[], None],
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Send what comes until `stop` is set.

    Args:
        live: The camera.
        connect: Makes a sender for a new stream.
        stop: Ends it.
        hung: Called by another thread when a part has been under way for `HUNG_S`: must end the process.
        clock: Monotonic seconds.

    Raises:
        OutputError: The server does not take the stream: start again later.
        PasserbyError: The video can't be read.
    """
    guard = _Guard(hung, clock)
    threading.Thread(target=guard.watch, args=(stop,), daemon=True).start()
    sender: Sender | None = None
    try:
        while not stop.is_set():
            for init, part, fresh in live.parts():
                if fresh and sender is not None:
                    sender.close()
                    sender = None
                sender = sender or connect()
                with guard:
                    sender.send(init, part)
            stop.wait(LOOK_S)
    finally:
        if sender is not None:
            with guard:
                sender.close()


class _Guard:
    """Knows since when something has been under way."""

    def __init__(self, hung: Callable[[], None], clock: Callable[[], float]) -> None:
        self._hung, self._clock, self._since = hung, clock, float("inf")

    def __enter__(self) -> None:
        self._since = self._clock()

    def __exit__(self, *_: object) -> None:
        self._since = float("inf")

    def watch(self, stop: threading.Event) -> None:
        """Until `stop`; a little longer, so that a goodbye can hang no longer either."""
        while not stop.wait(1.0) or self._since < float("inf"):
            if self._clock() - self._since > HUNG_S:
                self._hung()
                return
            time.sleep(0.1)


def _entry(window: Window) -> tuple[int, int]:
    """The newest part that begins with a key picture."""
    for segment in reversed(window.segments):
        for index in range(len(segment.parts) - 1, -1, -1):
            if segment.parts[index].key:
                return segment.number, index
    return window.segments[-1].number + 1, 0
