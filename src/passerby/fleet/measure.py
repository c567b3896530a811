"""Measures what cameras cost here: a real station under a site for show, a clip as each camera, for each mode."""

from __future__ import annotations

import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from passerby.base.build import version_line
from passerby.base.errors import SettingsError
from passerby.fleet.cost import Costs, Mode, ModeCost, Run
from passerby.outlet.messages import Counts, Health, IntakeHealth, Message, RedactedPacket, SealUnder, StreamStart
from passerby.station.camera import Condition, State
from passerby.station.live import Station
from passerby.station.settings import read_site
from passerby.station.showcase.site import oversee

SETTINGS = {"low": 'frames = "keyframes"', "counts": "", "full": 'mode = "live"\nlongest_stay_s = 40'}
START_S, START_EACH_S = 120.0, 5.0


class _Taken:
    """What left the darkrooms."""

    def __init__(self) -> None:
        self.alive: set[str] = set()
        self.bytes = 0
        self.health: dict[str, Health] = {}
        self.intake: dict[str, IntakeHealth] = {}
        self.trouble = ""
        self._lock = threading.Lock()

    def seal_under(self, camera: str, crew: int) -> SealUnder | None:
        """Nothing is sealed here."""
        del camera, crew
        return None

    def message(self, camera: str, message: Message) -> None:
        """One message."""
        with self._lock:
            match message:
                case StreamStart() | Counts():
                    self.alive.add(camera)
                case RedactedPacket():
                    self.bytes += len(message.tail)
                case Health():
                    self.health[camera] = message
                case IntakeHealth():
                    self.intake[camera] = message
                case _:
                    pass

    def condition(self, camera: str, condition: Condition) -> None:
        """A change of state."""
        if condition.state in (State.DOWN, State.ISOLATED, State.DENIED):
            self.trouble = f"{camera}: {condition.why}"

    def totals(self) -> dict[str, int]:
        """What was read, sent, shown and left out so far."""
        with self._lock:
            health, intake = list(self.health.values()), list(self.intake.values())
            return {
                "in": sum(i.octets for i in intake),
                "out": self.bytes,
                "shown": sum(h.read for h in health),
                "left out": sum(h.skipped for h in health) + sum(i.dropped for i in intake),
            }


def measure(
    clip: Path,
    modes: Sequence[Mode],
    counts: Sequence[int],
    seconds: float,
    warm_up_s: float,
    say: Callable[[str], None],
) -> Costs:
    """Run each mode with each number of cameras.

    Args:
        clip: Of a fixed camera.
        modes: Which.
        counts: Numbers of cameras, the smallest first.
        seconds: How long each run is measured.
        warm_up_s: How long before that, once all have begun.
        say: Tells people how far it is.

    Raises:
        SettingsError: The cameras don't run here.
        SourceError: The clip can't be used.
    """
    found = dict[Mode, ModeCost]()
    for mode in modes:
        runs = list[Run]()
        for count in counts:
            runs.append(_run(clip, mode, count, seconds, warm_up_s))
            say(f"{mode}: {runs[-1].model_dump_json()}")
        found[mode] = ModeCost(runs=runs)
    return Costs(date=datetime.now(UTC).date().isoformat(), machine=_machine(), version=version_line(), modes=found)


def _run(clip: Path, mode: Mode, count: int, seconds: float, warm_up_s: float) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "site.toml"
        cameras = [f'[[camera]]\nname = "c{n}"\nsource = "{clip.resolve()}"\n{SETTINGS[mode]}\n' for n in range(count)]
        settings.write_text('data = "data"\n' + "".join(cameras), "utf-8")
        oversee(settings)
        taken, stop, found = _Taken(), threading.Event(), list[Run]()
        station = Station(read_site(settings), taken, 1, lambda _: None)

        def watch() -> None:
            until_s = time.monotonic() + START_S + START_EACH_S * count
            while len(taken.alive) < count and time.monotonic() < until_s:
                time.sleep(0.05)
            if len(taken.alive) == count and not stop.wait(warm_up_s):
                found.append(_measured(station, taken, count, seconds))
            stop.set()

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            station.run(stop)
        finally:
            stop.set()
            watcher.join()
    if not found:
        raise SettingsError(f"{count} cameras don't run on this machine ({taken.trouble or 'no sign of life'})")
    return found[0]


def _measured(station: Station, taken: _Taken, count: int, seconds: float) -> Run:
    before, busy_s, begun_s = taken.totals(), _busy_s(station), time.monotonic()
    time.sleep(seconds)
    passed_s = time.monotonic() - begun_s
    # A camera that began anew counts from 0 again.
    came = {name: max(0, now - before[name]) for name, now in taken.totals().items()}
    return Run(
        cameras=count,
        cores=round((_busy_s(station) - busy_s) / passed_s, 4),
        memory_mib=round(_memory_mib(station), 1),
        in_bit_s=round(8 * came["in"] / passed_s),
        out_bit_s=round(8 * came["out"] / passed_s),
        pictures=round(came["shown"] / passed_s, 2),
        left_out=round(came["left out"] / max(1, came["left out"] + came["shown"]), 4),
    )


def _processes(station: Station) -> list[int]:
    return [p.pid for camera in station.cameras if camera.crew for p in camera.crew.processes.values()]


def _busy_s(station: Station) -> float:
    """Processor time of the locked processes, and of this one, which is their station."""
    total, tick = time.process_time(), os.sysconf("SC_CLK_TCK")
    for pid in _processes(station):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / tick
    return total


def _memory_mib(station: Station) -> float:
    total = 0
    for pid in (*_processes(station), os.getpid()):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    return f"{name}, {len(os.sched_getaffinity(0))} threads, Linux {platform.release()}"
