"""Watches the database for what the station writes, and tells everyone who waits."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import BaseModel

from passerby.base.errors import StoreError
from passerby.server.models import AlertModel, CameraModel, CountModel, HealthModel
from passerby.store.cameras import Camera, list_cameras
from passerby.store.counts import Count, counts_after, latest
from passerby.store.database import Changes, Store
from passerby.store.events import alerts_after, health_after, newest_ids
from passerby.store.now import Now

LOOK_S, LOOK_CLOSELY_S, AFTER_ERROR_S = 0.2, 0.04, 1.0
MOST_WAITING = 500
# Clients of the events at once: more would only be slower for all.
MOST_CLIENTS = 500
BEAT_S = 15.0
ASK_AGAIN_S = 10.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of news: its kind, its content as JSON, and the camera that it is about."""

    kind: str
    data: str
    camera: str
    wire: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Made once for all clients."""
        object.__setattr__(self, "wire", f"event: {self.kind}\ndata: {self.data}\n\n".encode() if self.kind else b"")


NOTHING = Event("", "", "")


class Audience(Protocol):
    """One client of the events."""

    def of(self, cameras: set[str]) -> set[str]:
        """Those of the cameras of which they may hear."""

    def listens(self) -> bool:
        """Whether they are still signed in."""


@dataclass(slots=True)
class _Marks:
    """What has been told already."""

    count: int = 0
    alert: int = 0
    health: int = 0
    cameras: dict[str, str] = field(default_factory=dict)
    latest: dict[str, Count] = field(default_factory=dict)


class Hub:
    """One look at the database for all clients.

    Args:
        store: Open for reading.
        stopping: True once the server should end; then every wait ends.
        clock: Seconds since 1970.
        now: What the station said last.
    """

    def __init__(
        self,
        store: Store,
        stopping: Callable[[], bool],
        clock: Callable[[], float],
        now: Callable[[], Now | None],
    ) -> None:
        self._store, self._stopping = store, stopping
        self._clock, self._now = clock, now
        self._troubles: object = None
        self._queues: set[asyncio.Queue[Event | None]] = set()
        self._changed = asyncio.Event()
        self._waiting = 0
        self._marks: _Marks | None = None

    @property
    def stopping(self) -> bool:
        """Whether the server ends."""
        return self._stopping()

    async def run(self) -> None:
        """Look until the server ends. An unreadable database is looked at again, more slowly."""
        changes: Changes | None = None
        try:
            while not self._stopping():
                try:
                    changes = changes or Changes(self._store)
                    if changes() or self._trouble_changed():
                        await self._tell()
                except StoreError as error:
                    log.warning("%s", error)
                    await asyncio.sleep(AFTER_ERROR_S)
                await asyncio.sleep(LOOK_CLOSELY_S if self._waiting else LOOK_S)
        finally:
            if changes is not None:
                changes.close()
            for queue in self._queues:
                _put(queue, None)
            self._changed.set()

    @property
    def full(self) -> bool:
        """Whether as many clients listen as are held."""
        return len(self._queues) >= MOST_CLIENTS

    async def change(self, timeout_s: float) -> None:
        """Return when something was written, or the time is over."""
        self._waiting += 1
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting -= 1

    async def events(self, audience: Audience) -> AsyncIterator[bytes]:
        """Server-sent events for one client: first every camera's state, then what comes. A slow client is let go.

        Args:
            audience: Which cameras are for them, and whether they may still listen.
        """
        queue: asyncio.Queue[Event | None] = asyncio.Queue(MOST_WAITING)
        self._queues.add(queue)
        try:
            first = await asyncio.to_thread(self._snapshot)
            yield b"retry: 1000\n\n"
            asked = {event.camera for event in first} | {NOTHING.camera}
            mine, asked_s = await asyncio.to_thread(audience.of, asked), time.monotonic()
            for event in first:
                if event.camera in mine:
                    yield event.wire
            while not self._stopping():
                try:
                    async with asyncio.timeout(BEAT_S):
                        news = await queue.get()
                except TimeoutError:
                    news = NOTHING
                if news is None:
                    return
                waiting = [news, *_more(queue)]
                # Who may hear what is asked anew for a camera that is new and every few seconds; who is signed out
                # hears no more.
                named = {event.camera for event in waiting if event is not None}
                if not named <= asked or time.monotonic() - asked_s > ASK_AGAIN_S:
                    if not await asyncio.to_thread(audience.listens):
                        return
                    asked |= named
                    mine, asked_s = await asyncio.to_thread(audience.of, asked), time.monotonic()
                if news is NOTHING:
                    yield b": still here\n\n"
                if told := b"".join(event.wire for event in waiting if event is not None and event.camera in mine):
                    yield told
                if None in waiting:
                    return
        finally:
            self._queues.discard(queue)

    def say(self, kind: str, content: BaseModel, camera: str) -> None:
        """Tell everybody who may hear of this camera at once what no database says. On the event loop's thread."""
        for queue in list(self._queues):
            _put(queue, _event(kind, content, camera))

    def _trouble_changed(self) -> bool:
        """Whether the station says something else than before, or has fallen silent: the database need not know."""
        now = self._now()
        before, self._troubles = self._troubles, None if now is None else (now.troubles, now.silent(self._clock()))
        return before != self._troubles

    async def _tell(self) -> None:
        before, self._changed = self._changed, asyncio.Event()
        before.set()
        events = await asyncio.to_thread(self._news)
        for queue in list(self._queues):
            for event in events:
                _put(queue, event)

    def _snapshot(self) -> list[Event]:
        newest = latest(self._store)
        return [_event("state", self._told(c, newest.get(c.id)), c.id) for c in list_cameras(self._store)]

    def _told(self, camera: Camera, newest: Count | None) -> CameraModel:
        return CameraModel.of(camera, newest).told(self._now(), self._clock())

    def _news(self) -> list[Event]:
        if self._marks is None:
            # What was there before is in the snapshot that every client gets first.
            self._marks = _Marks(*newest_ids(self._store), latest=latest(self._store))
            return self._states(self._marks)
        marks, events = self._marks, list[Event]()
        for count in counts_after(self._store, marks.count):
            marks.count = max(marks.count, count.id)
            marks.latest[count.camera_id] = count
            events.append(_event("counts", CountModel.of(count), count.camera_id))
        for alert in alerts_after(self._store, marks.alert):
            marks.alert = alert.id
            events.append(_event("alert", AlertModel.of(alert), alert.camera_id))
        for sample in health_after(self._store, marks.health):
            marks.health = sample.id
            events.append(_event("health", HealthModel.of(sample), sample.camera_id))
        events += self._states(marks)
        return events

    def _states(self, marks: _Marks) -> list[Event]:
        """Cameras whose state is another one than before."""
        found, told = list[Event](), dict[str, str]()
        for camera in list_cameras(self._store):
            told[camera.id] = self._told(camera, None).model_dump_json()
            if marks.cameras.get(camera.id) != told[camera.id]:
                found.append(_event("state", self._told(camera, marks.latest.get(camera.id)), camera.id))
        gone = marks.cameras.keys() - told.keys()
        marks.cameras = told
        return found + [Event("gone", f'"{camera_id}"', camera_id) for camera_id in sorted(gone)]


def _event(kind: str, content: BaseModel, camera: str) -> Event:
    return Event(kind, content.model_dump_json(), camera)


def _more(queue: asyncio.Queue[Event | None]) -> list[Event | None]:
    """What else waits: told together, so that each client is woken once."""
    return [queue.get_nowait() for _ in range(queue.qsize())]


def _put(queue: asyncio.Queue[Event | None], event: Event | None) -> None:
    """A client that doesn't read is told to go: it comes back and asks anew."""
    try:
        queue.put_nowait(event)
    except asyncio.QueueFull:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
