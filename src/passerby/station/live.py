"""A running station: its cameras, the warm crew that waits to replace one, and the end."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from passerby.base.errors import PasserbyError, SourceError
from passerby.darkroom.launch import Wanted
from passerby.darkroom.pace import SHARE
from passerby.ledger.ports import Slot
from passerby.lock.spawn import keep_out_of_dumps
from passerby.station.camera import Camera, Records, State
from passerby.station.crew import open_source
from passerby.station.desk import Desk
from passerby.station.live_crew import LiveCrew
from passerby.station.settings import CameraSettings, Site

TICK_S = 0.02
# Crews that get ready keep a core busy each for two or three seconds: as many at a time as cores have no camera yet,
# then this part of the cores. The rest is for cameras that run already.
STARTING_PART = 0.5
# Warm crews in waiting. Each holds some hundred megabytes, so not one for each camera.
MOST_SPARE = 1
SPARE_AFTER_S = 1.0
# Searching may take this part of the machine, shared evenly among its cameras: the rest belongs to their frames.
SEARCH_PART = 0.6


class Station:
    """Starts, watches and restarts the cameras of one machine.

    Must be run by the thread that made it: children end with the thread that started them.

    Args:
        site: The settings.
        records: Where what leaves darkrooms goes.
        threads: Threads for each kind of work of one camera.
        say: Tells people about changes, a line each.
        chance: A number in [0, 1).
        memory: Remembers which site roots were seen; without one only as long as this station runs.
        put: Queues an act for the ledger, durably.
    """

    def __init__(
        self,
        site: Site,
        records: Records,
        threads: int,
        say: Callable[[str], None],
        chance: Callable[[], float] = random.random,
        memory: Slot | None = None,
        put: Callable[[Mapping[str, object]], None] = lambda _: None,
    ) -> None:
        keep_out_of_dumps()
        self._site = site
        self._threads = threads
        self._say = say
        self._ports = sorted({camera.port for camera in site.cameras if camera.port is not None})
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="names")
        self._cores = len(os.sched_getaffinity(0))
        self._search_share = min(SHARE, SEARCH_PART * self._cores / max(1, len(site.cameras)))
        self._spares: dict[tuple[object, ...], LiveCrew] = {}
        self._spare_s = 0.0
        self._desk = Desk(site.oversight, memory or Forgetful(), say, put)
        self.cameras = [Camera(c, self._crew_for, self._look_up, records, self._desk, chance) for c in site.cameras]
        self._said = {camera.settings.name: camera.condition for camera in self.cameras}

    @property
    def spare_is_ready(self) -> bool:
        """Whether a warm crew waits."""
        return any(crew.ready.is_set() for crew in self._spares.values())

    def run(self, stop: threading.Event, tick: Callable[[], None] = lambda: None) -> None:
        """Until ``stop`` is set; ends every process it started. ``tick`` is called again and again."""
        try:
            while not stop.wait(TICK_S):
                self._desk.look()
                for camera in self.cameras:
                    camera.tick()
                self._keep_spare()
                self._report()
                tick()
        finally:
            for camera in self.cameras:
                camera.stop()
            for crew in self._spares.values():
                crew.kill()
                crew.bury()
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _crew_for(self, camera: Camera) -> LiveCrew | None:
        """A warm crew if there is one that fits, else a new one, unless too many are starting."""
        crew = self._spares.pop(self._kind(camera), None)
        if crew is not None:
            self._spare_s = time.monotonic() + SPARE_AFTER_S
            if not crew.gone.is_set():
                return crew
            crew.bury()
        if self._starting() >= self._most_starting():
            return None
        return self._new_crew(camera)

    def _keep_spare(self) -> None:
        """One warm crew in waiting, once all cameras have theirs."""
        now_s = time.monotonic()
        for kind, crew in list(self._spares.items()):
            if crew.gone.is_set():
                del self._spares[kind]
                crew.bury()
                self._spare_s = now_s + SPARE_AFTER_S
        if len(self._spares) >= MOST_SPARE or now_s < self._spare_s or self._starting():
            return
        idle = (State.ISOLATED, State.DENIED)
        live = [camera for camera in self.cameras if camera.condition.state not in idle]
        if live and all(camera.crew is not None for camera in live):
            # The kind that most cameras could use.
            kinds = [self._kind(camera) for camera in live]
            camera = max(live, key=lambda c: kinds.count(self._kind(c)))
            self._spares[self._kind(camera)] = self._new_crew(camera)

    def _new_crew(self, camera: Camera) -> LiveCrew:
        clip = clip_of(camera.settings)
        source = None if clip is None else open_source(clip)
        try:
            ports = self._ports if camera.settings.port is not None else ()
            return LiveCrew(self._wanted(camera), ports, source)
        finally:
            if source is not None:
                os.close(source)

    def _wanted(self, camera: Camera) -> Wanted:
        return camera.wanted(self._threads, weaker=self._site.weaker_lock, search_share=self._search_share)

    def _kind(self, camera: Camera) -> tuple[object, ...]:
        return (self._wanted(camera), camera.settings.port is not None, clip_of(camera.settings))

    def _most_starting(self) -> int:
        ready = sum(camera.crew is not None and camera.crew.ready.is_set() for camera in self.cameras)
        return max(1, int(STARTING_PART * self._cores), self._cores - ready)

    def _starting(self) -> int:
        crews = [*(camera.crew for camera in self.cameras), *self._spares.values()]
        return sum(crew is not None and not crew.ready.is_set() and not crew.gone.is_set() for crew in crews)

    def _look_up(self, host: str, port: int) -> Future[str]:
        return self._pool.submit(look_up, host, port)

    def _report(self) -> None:
        for camera in self.cameras:
            name, now = camera.settings.name, camera.condition
            if (before := self._said[name]) is not now:
                self._said[name] = now
                if (before.state, before.why) != (now.state, now.why):
                    self._say(f"{name}: {now.state.value}" + (f" ({now.why})" if now.why else ""))


class Forgetful:
    """Remembers for as long as it lives: a slot without a file."""

    def __init__(self) -> None:
        self._content: bytes | None = None

    def load(self) -> bytes | None:
        """What was saved last."""
        return self._content

    def save(self, content: bytes) -> None:
        """Replace it."""
        self._content = content


def clip_of(settings: CameraSettings) -> Path | None:
    """The file that a camera's intake reads, if any."""
    return settings.learn_from if settings.port is not None else Path(settings.source)


def check_files(cameras: Iterable[CameraSettings]) -> None:
    """Find out before the start that a clip or a scene can't be read.

    Raises:
        SourceError: Which clip, and why.
        SettingsError: Which scene can't be read.
        SceneError: What is wrong with it.
    """
    for settings in cameras:
        settings.read_scene()
        clip = clip_of(settings)
        if clip is not None:
            try:
                os.close(open_source(clip))
            except SourceError as error:
                raise SourceError(f"camera {settings.name}: {error.message}", error.advice) from error


def look_up(host: str, port: int) -> str:
    """A host's numeric address.

    Raises:
        PasserbyError: It has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise PasserbyError(f"{host} has no address ({error.strerror})") from error
    return str(found[0][4][0])
