"""A station in a thread of its own, and what left its darkrooms."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from passerby.outlet.messages import Counts, Health, ItemEnd, Message, RedactedPacket, StreamStart
from passerby.station.camera import Condition, State
from passerby.station.live import Station
from passerby.station.settings import read_site
from passerby.station.showcase.site import DemoSite, oversee


@dataclass
class Seen:
    """Everything that came, with the time it came at."""

    messages: list[tuple[float, str, Message]] = field(default_factory=list)
    conditions: list[tuple[float, str, Condition]] = field(default_factory=list)

    def message(self, camera: str, message: Message) -> None:
        self.messages.append((time.monotonic(), camera, message))

    def condition(self, camera: str, condition: Condition) -> None:
        self.conditions.append((time.monotonic(), camera, condition))

    def seal_under(self, camera: str, crew: int) -> None:
        """Nobody here keeps originals."""

    def of(self, kind: type[Message], since_s: float = 0.0) -> list[Message]:
        return [m for at, _, m in list(self.messages) if at > since_s and isinstance(m, kind)]

    def packets(self, since_s: float = 0.0) -> list[RedactedPacket]:
        return [m for m in self.of(RedactedPacket, since_s) if isinstance(m, RedactedPacket)]

    def counts(self, since_s: float = 0.0) -> list[Counts]:
        return [m for m in self.of(Counts, since_s) if isinstance(m, Counts)]

    def starts(self, since_s: float = 0.0) -> list[StreamStart]:
        return [m for m in self.of(StreamStart, since_s) if isinstance(m, StreamStart)]

    def health(self, since_s: float = 0.0) -> list[Health]:
        return [m for m in self.of(Health, since_s) if isinstance(m, Health)]

    def ends(self, since_s: float = 0.0) -> list[ItemEnd]:
        return [m for m in self.of(ItemEnd, since_s) if isinstance(m, ItemEnd)]

    def state(self) -> State:
        return self.conditions[-1][2].state

    def why(self) -> str:
        return self.conditions[-1][2].why


@dataclass
class Running:
    """A station that runs."""

    seen: Seen
    station: Station
    site: DemoSite

    def pids(self) -> dict[str, int]:
        crew = self.station.cameras[0].crew
        return {} if crew is None else {name: process.pid for name, process in crew.processes.items()}


@contextmanager
def running(folder: Path, camera: str, threads: int = 1, clock: Callable[[], float] = time.time) -> Iterator[Running]:
    """A station with one camera, described as in ``site.toml``."""
    settings = folder / "site.toml"
    settings.write_text(f'data = "data"\n[[camera]]\nname = "one"\n{camera}\n', "utf-8")
    site = oversee(settings, clock)
    seen, stop, made, failed = Seen(), threading.Event(), threading.Event(), []
    box: list[Station] = []

    def run() -> None:
        try:
            box.append(Station(read_site(settings), seen, threads, lambda line: None))
            made.set()
            box[0].run(stop)
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            failed.append(error)
            made.set()

    # One that hangs fails the test below, and must not keep the others from ending.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        assert made.wait(20)
        assert not failed, failed
        yield Running(seen, box[0], site)
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()
    assert not failed, failed
