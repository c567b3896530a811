"""A camera that fails again and again, and one that runs for long: nothing may grow, nothing raw may lie about.

`make test` plays a few rounds; `make soak` plays 200 (PASSERBY_SOAK_FAULTS) and an hour (PASSERBY_SOAK_MINUTES).
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from tests.e2e.cleared import cleared
from tests.e2e.clips import frames_in
from tests.e2e.live.camera import RtspCamera, soon
from tests.e2e.live.figures import note
from tests.e2e.live.raw import finest_detail, raw_in
from tests.e2e.live.site import (
    FAR_US,
    PATIENCE_S,
    counted,
    descendants,
    ends_well,
    finished,
    indexed,
    moves_on,
    station,
    write,
)

ROUNDS = int(os.environ.get("PASSERBY_SOAK_FAULTS", "3"))
MINUTES = float(os.environ.get("PASSERBY_SOAK_MINUTES", "0"))
# The limit is 5 s on a machine that does nothing else; beside other tests things take longer.
RESUME_S = 5.0 * 3
SAMPLE_S = 15.0
MOST_GROWTH_MIB = 8.0
PRIVATE = re.compile(r"^Private_(?:Dirty|Clean):\s+(\d+)", re.MULTILINE)
RECORD = 'mode = "record"\ncount_every_s = 1'


@dataclass(frozen=True)
class Held:
    """What all processes of a station hold together."""

    processes: int
    descriptors: int
    memory_mib: float

    @classmethod
    def by(cls, process: subprocess.Popen[bytes]) -> Held:
        pids = [process.pid, *descendants(process.pid)]
        rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
        private = [int(kb) for text in rollups for kb in PRIVATE.findall(text)]
        descriptors = sum(1 for pid in pids for _ in Path(f"/proc/{pid}/fd").iterdir())
        return cls(len(pids), descriptors, sum(private) / 1024)


def killed(camera: RtspCamera) -> None:
    camera.stop()
    time.sleep(0.3)


def hung(camera: RtspCamera) -> None:
    camera.hang()
    time.sleep(3.0)
    camera.stop()


def of_another_size(camera: RtspCamera) -> None:
    camera.stop()
    camera.start("--size", "320x96")
    time.sleep(3.0)
    camera.stop()


def locked_up(camera: RtspCamera) -> None:
    camera.stop()
    camera.start(user="viewer", password="another")
    time.sleep(2.0)
    camera.stop()


def garbage(camera: RtspCamera) -> None:
    camera.stop()
    camera.start("--garbage")
    time.sleep(3.0)
    camera.stop()


FAULTS: tuple[Callable[[RtspCamera], None], ...] = (killed, hung, of_another_size, locked_up, garbage)


def test_a_camera_that_fails_again_and_again_costs_nothing(camera: RtspCamera, clip: Path, tmp_path: Path) -> None:
    settings = write(tmp_path, camera.url, RECORD)
    chance = random.Random(ROUNDS)
    with station(settings) as process:
        moves_on(settings)
        # Every kind of fault once, so that all that is made late has been made.
        faults = [_round(camera, settings, fault) for fault in FAULTS]
        before = _settled(process)
        note("held: faults", **asdict(before))
        for number in range(ROUNDS):
            faults.append(_round(camera, settings, chance.choice(FAULTS)))
            if number % 20 == 19:
                print(f"after {number + 1} rounds: {(held := Held.by(process))}", flush=True)
                note("held: faults", **asdict(held))
        after = _settled(process)
        note("held: faults", **asdict(after))
        ends_well(process)
    resumed_s = sorted(fault.again_s for fault in faults)
    print(f"\n{len(resumed_s)} faults: counts again after {_median(resumed_s):.1f} s, at most {resumed_s[-1]:.1f} s")
    print(f"before {before}\nafter  {after}")
    assert (after.processes, after.descriptors) == (before.processes, before.descriptors)
    assert after.memory_mib - before.memory_mib < MOST_GROWTH_MIB * before.processes
    segments, absences = indexed(settings)
    for fault in faults:
        assert [s for s in segments if s.gap and fault.touches(s.start_us, s.end_us)], f"no gap in the index: {fault}"
        assert [a for a in absences if fault.touches(a.from_us, a.to_us or FAR_US)], f"never told as away: {fault}"
    assert all(a.end_us <= b.start_us for a, b in pairwise(segments)), "what is in the index overlaps"
    kept = finished(settings)
    files = cleared(tmp_path / "data", tmp_path / "clear")
    assert kept and sum(frames_in(path) for path in files) >= len(kept)
    # Six hours of learning lie before it: whatever is in a recording is a mosaic, and the clip is noise.
    assert max(finest_detail(path) for path in files) < finest_detail(clip) / 4
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and raw_in(path, clip)]


@pytest.mark.skipif(MINUTES == 0, reason="an hour: make soak")
def test_memory_is_flat(camera: RtspCamera, tmp_path: Path) -> None:
    settings = write(tmp_path, camera.url, RECORD + "\nlongest_stay_s = 60")
    with station(settings) as process:
        moves_on(settings)
        held: list[Held] = []
        end_s = time.monotonic() + MINUTES * 60
        while time.monotonic() < end_s:
            before = counted(settings)
            time.sleep(SAMPLE_S)
            held.append(Held.by(process))
            note("held: memory", **asdict(held[-1]))
            assert counted(settings) > before, "it stopped counting"
        ends_well(process)
    third = len(held) // 3
    middle, last = (_median([h.memory_mib for h in part]) for part in (held[third : 2 * third], held[2 * third :]))
    print(f"\n{MINUTES:.0f} minutes: {held[0]}, in the middle third {middle:.0f} MiB, in the last {last:.0f} MiB")
    assert {(h.processes, h.descriptors) for h in held[third:]} == {(held[-1].processes, held[-1].descriptors)}
    assert last - middle < MOST_GROWTH_MIB * held[-1].processes


@dataclass(frozen=True)
class Fault:
    """What was done to the camera, when (seconds since 1970), and how long after its end there were counts again."""

    what: str
    from_s: float
    until_s: float
    again_s: float

    def touches(self, from_us: int, until_us: int) -> bool:
        return from_us < self.until_s * 1e6 and until_us > self.from_s * 1e6


def _round(camera: RtspCamera, settings: Path, fault: Callable[[RtspCamera], None]) -> Fault:
    """One fault and a well camera after it."""
    from_s = time.time()
    fault(camera)
    camera.start()
    until_s, well_s = time.time(), time.monotonic()
    before = counted(settings)
    soon(f"counts after it was {fault.__name__}", lambda: counted(settings) > before, RESUME_S)
    again_s = time.monotonic() - well_s
    note(f"fault: {fault.__name__}", again_s=round(again_s, 2))
    return Fault(fault.__name__, from_s, until_s, again_s)


def _settled(process: subprocess.Popen[bytes]) -> Held:
    """Once the spare crew waits and threads that were needed for a moment have ended."""
    last: list[Held] = []

    def still() -> bool:
        last.append(Held.by(process))
        time.sleep(1.0)
        return len(last) >= 4 and len({(h.processes, h.descriptors) for h in last[-4:]}) == 1

    soon("that nothing changes", still, PATIENCE_S)
    return last[-1]


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
