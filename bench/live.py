"""How many cameras this machine holds without leaving a picture out: `make bench-live`.

For each kind of camera the number is doubled, then halved in between, until one more would leave pictures out; with
`--kind` and `--cameras` one number is tried, with `--aims` the number of each kind that is aimed at, and how far the
page is behind the camera. What has been measured is saved after each try.

Live cameras learn their plate for 40 s, so that people are hidden in front of a proven scene and plates are fitted
again and again while it is measured. Cameras are clips paced by their own timestamps through the real intake, darkroom
and outlet; redacted video is taken from the outlet and not stored. Latency is from a picture's arrival to its redacted
packet; of the page, to the screen.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import av
import cv2
from bench.machine import processor
from bench.page import behind
from bench.speed import large_clip

from passerby.base.build import version_line
from passerby.outlet.messages import Counts, Health, IntakeHealth, Message, RedactedPacket, StreamStart
from passerby.station.camera import Condition, State
from passerby.station.live import Station
from passerby.station.settings import read_site
from passerby.station.showcase.clip import sample_clip
from passerby.station.showcase.site import oversee

TICKS_PER_S = 90_000
# Pictures left out, as a share of all, that count as none: a stall of the machine itself.
NONE = 0.002
WARM_UP_S = 60.0
# Each kind, and how many of them two cores are to hold.
AIMS = {"1080p25": 2, "720p8": 12, "720p8-counts": 40, "1080p25-keyframes": 100}
KINDS = tuple(AIMS)
ROLES = ("intake", "decode", "hide")


class Taken:
    """What left the darkrooms."""

    def __init__(self) -> None:
        self.first: dict[str, float] = {}
        self.late: list[float] = []
        self.counts = 0
        self.health: dict[str, Health] = {}
        self.intake: dict[str, IntakeHealth] = {}
        self.trouble: list[str] = []
        self._lock = threading.Lock()

    def message(self, camera: str, message: Message) -> None:
        """One message."""
        with self._lock:
            match message:
                case StreamStart() | Counts() if camera not in self.first:
                    self.first[camera] = time.monotonic()
                case RedactedPacket():
                    self.late.append(time.monotonic() - message.pts / TICKS_PER_S)
                case Health():
                    self.health[camera] = message
                case IntakeHealth():
                    self.intake[camera] = message
                case _:
                    self.counts += isinstance(message, Counts)

    def condition(self, camera: str, condition: Condition) -> None:
        """A change of state."""
        if condition.state in (State.DOWN, State.ISOLATED):
            self.trouble.append(f"{camera}: {condition.why}")


def small_clip(sample: Path, folder: Path) -> Path:
    """The sample at 1280x720 and 8 frames a second."""
    path = folder / "small-720p8.mp4"
    if not path.is_file():
        with av.open(str(sample)) as source, av.open(str(path), "w") as out:
            stream = out.add_stream("libx264", rate=8, options={"preset": "fast", "b": "1M", "g": "16"})
            stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
            for index, frame in enumerate(source.decode(video=0)):
                picture = cv2.resize(frame.to_ndarray(format="bgr24"), (1280, 720), interpolation=cv2.INTER_CUBIC)
                coded = av.VideoFrame.from_ndarray(picture, format="bgr24")
                coded.pts, coded.time_base = index, Fraction(1, 8)
                out.mux(stream.encode(coded))
            out.mux(stream.encode(None))
    return path


def try_out(count: int, clip: Path, more: str, seconds: float, warm_up_s: float) -> dict[str, object]:
    """So many cameras for so long; what they did."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "site.toml"
        cameras = [f'[[camera]]\nname = "c{n}"\nsource = "{clip.resolve()}"\n{more}\n' for n in range(count)]
        settings.write_text('data = "data"\n' + "".join(cameras), "utf-8")
        oversee(settings)
        taken, stop = Taken(), threading.Event()
        began_s = time.monotonic()
        station = Station(read_site(settings), taken, 1, _tell(began_s))
        measured: dict[str, object] = {}

        def watch() -> None:
            while len(taken.first) < count and time.monotonic() - began_s < 120 + 5 * count:
                time.sleep(0.05)
            time.sleep(warm_up_s)
            before, taken.late = dict(taken.health), []
            dropped = sum(health.dropped for health in taken.intake.values())
            busy_before, wall_before = _busy_s(station), time.monotonic()
            time.sleep(seconds)
            busy_s = {role: now - busy_before[role] for role, now in _busy_s(station).items()}
            measured.update(_measured(taken, before, dropped, busy_s, time.monotonic() - wall_before))
            measured["memory_mib_per_camera"] = round(_memory_mib(station) / count)
            stop.set()

        watcher = threading.Thread(target=watch)
        watcher.start()
        station.run(stop)
        watcher.join()
    starts = sorted(at - began_s for at in taken.first.values())
    return {
        "cameras": count,
        "first_picture_s": round(starts[0], 2) if starts else None,
        "all_started_s": round(starts[-1], 1) if len(starts) == count else None,
        **measured,
    }


def _tell(began_s: float) -> Callable[[str], None]:
    return lambda line: print(f"{time.monotonic() - began_s:8.1f} s  {line}", file=sys.stderr, flush=True)


def _measured(
    taken: Taken, before: dict[str, Health], dropped_before: int, busy_s: dict[str, float], wall_s: float
) -> dict[str, object]:
    total: dict[str, float] = defaultdict(float)
    for name, now in taken.health.items():
        then = before.get(name)
        for field in ("read", "skipped", "detections", "learn_ns", "find_ns", "hide_ns", "encode_ns"):
            total[field] += getattr(now, field) - (getattr(then, field) if then and then.read <= now.read else 0)
    dropped = sum(health.dropped for health in taken.intake.values()) - dropped_before
    frames = max(1.0, total["read"])
    left_out = (total["skipped"] + dropped) / (frames + total["skipped"] + dropped)
    return {
        "left_out": round(left_out, 4),
        "trouble": taken.trouble[:3],
        "holds": left_out <= NONE and not taken.trouble and total["read"] > 0,
        "fps": round(total["read"] / wall_s, 1),
        "looks_per_s": round(total["detections"] / wall_s, 1),
        "cores": round(sum(busy_s.values()) / wall_s, 2),
        "cpu_ms_per_picture": {role: round(1e3 * spent_s / frames, 2) for role, spent_s in busy_s.items()},
        "wall_ms_per_frame": {
            stage: round(total[f"{stage}_ns"] / 1e6 / frames, 2) for stage in ("learn", "find", "hide", "encode")
        },
        "latency_s": round(median(taken.late), 3) if taken.late else None,
    }


def _busy_s(station: Station) -> dict[str, float]:
    """Processor time of the locked processes so far, by role, and of the station, which is this process."""
    total, tick = dict.fromkeys(ROLES, 0.0), os.sysconf("SC_CLK_TCK")
    for camera in station.cameras:
        for role, process in camera.crew.processes.items() if camera.crew else ():
            fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            total[role] += (int(fields[11]) + int(fields[12])) / tick
    return total | {"station": time.process_time()}


def _memory_mib(station: Station) -> float:
    """Memory of every locked process, shared pages divided among those who share them."""
    total = 0
    for camera in station.cameras:
        for process in camera.crew.processes.values() if camera.crew else ():
            try:
                rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
            except OSError:
                continue
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def most(clip: Path, more: str, seconds: float, limit: int, warm_up_s: float) -> list[dict[str, object]]:
    """Runs with more and more cameras, up to the first that does not hold or the limit."""
    runs: list[dict[str, object]] = []
    holds, fails, count = 0, limit + 1, 1
    while count < fails and count > holds:
        runs.append(try_out(count, clip, more, seconds, warm_up_s))
        print(json.dumps(runs[-1]), flush=True)
        if runs[-1]["holds"]:
            holds = count
        else:
            fails = count
        count = min(count * 2, limit) if fails > limit else (holds + fails) // 2
    return runs


def main() -> None:
    """Every kind of camera; print and save."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--warm-up", type=float, default=WARM_UP_S, help="seconds before it is measured")
    options.add_argument("--seconds", type=float, default=60, help="how long each try runs")
    options.add_argument("--kind", nargs="+", choices=KINDS, default=KINDS, help="kinds of cameras")
    options.add_argument("--cameras", type=int, default=0, help="try just this many")
    options.add_argument("--aims", action="store_true", help="try what is aimed at, and how far the page is behind")
    options.add_argument("--limit", type=int, default=32, help="most cameras tried")
    options.add_argument("--cache", type=Path, default=Path(".cache/bench"))
    options.add_argument("--out", type=Path, default=Path("out/bench-live.json"))
    asked = options.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    asked.cache.mkdir(parents=True, exist_ok=True)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    sample = sample_clip(Path(".cache/demo"))
    large, small = large_clip(sample, asked.cache), small_clip(sample, asked.cache)
    kinds = {
        "1080p25": (large, 'mode = "live"\nlongest_stay_s = 40'),
        "720p8": (small, 'mode = "live"\nlongest_stay_s = 40'),
        "720p8-counts": (small, ""),
        "1080p25-keyframes": (large, 'frames = "keyframes"'),
    }
    assert set(kinds) == set(KINDS)
    result: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"processor": processor(), "threads": len(os.sched_getaffinity(0)), "kernel": platform.release()},
        "versions": {"passerby": version_line(), "av": av.__version__, "opencv": cv2.__version__},
        "seconds_each": asked.seconds,
        "rows": {},
    }
    for name in asked.kind:
        clip, more = kinds[name]
        print(name, flush=True)
        if count := asked.cameras or (AIMS[name] if asked.aims else 0):
            runs = [try_out(count, clip, more, asked.seconds, asked.warm_up)]
            print(json.dumps(runs[-1]), flush=True)
        else:
            runs = most(clip, more, asked.seconds, asked.limit, asked.warm_up)
        held = [run for run in runs if run["holds"]]
        row = {"most": max((run["cameras"] for run in held), default=0), "runs": runs}  # type: ignore[type-var]
        result["rows"][name] = row
        asked.out.write_text(json.dumps(result, indent=1) + "\n")
    if asked.aims:
        result["page"] = behind(min(asked.seconds, 60.0))
        print(json.dumps(result["page"]), flush=True)
        asked.out.write_text(json.dumps(result, indent=1) + "\n")
    for name, row in result["rows"].items():
        print(f"{name}: {row['most']}")


if __name__ == "__main__":
    sys.exit(main())
