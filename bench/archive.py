"""How retention works on a large archive: `make bench-archive`.

    python -m bench.archive [--segments 10000000] [--folder DIR]

A real index, key file and tree of files: cameras times hours, 1,800 segments of two seconds in each epoch. Files hold
their header; the index says that they hold all, because a sweep and a timeline read the index, not video. Syncs are
real. It is done twice, for as many hours: of ten cameras, and of a hundred, which is ten times the segments.

Memory is what the process holds (VmRSS) at each step, and at most (VmHWM since the archive was opened anew, so that
what filling it took is not in it). Flat means: it doesn't grow with rounds of the same work, and ten times the segments
take nowhere near ten times as much. Encryption is measured beside the encoder that fills the pipeline, in turns, in CPU
time of this process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from bench.machine import processor

from passerby.archive.clock import ArchiveClock
from passerby.archive.disk import LocalDisk
from passerby.archive.entries import Init, Segment, pack_inits, pack_segments
from passerby.archive.folder import DataFolder, Layout
from passerby.archive.keys.cipher import PART, Cipher, Header
from passerby.archive.keys.key_file import KeyFile, slots_path
from passerby.archive.keys.names import HOUR_US, EpochId
from passerby.archive.keys.slots import FREE, HEAD_BYTES, SLOT_BYTES, Label, Place, pack_head, wrap
from passerby.archive.playlists import Names, pieces_between, playback
from passerby.archive.sweep import Sweeper, Swept
from passerby.base.build import version_line
from passerby.darkroom._frames import RawPlanes, padded
from passerby.darkroom.encoder import VideoEncoder
from passerby.outlet.messages import Stream
from passerby.server.serve import settle
from passerby.store.epochs import EpochRow, keyed_rows, put_epoch
from passerby.store.hours import HourQueue
from passerby.store.migrate import open_store

US, CAMERAS, AN_HOUR = 1_000_000, 100, 1800
START_US = 1_795_392_000 * US
QUERIES, ROUNDS, IDLE = 300, 4, 20
NAMES = Names(lambda file, n: f"init/{file}/{n}", lambda n: f"{n}.m4s", lambda n, part: f"{n}/{part}.m4s", "gap.m4s")
FRAMES, SIZE, RATE = 250, (1920, 1080), 25


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--segments", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--alone", type=int, help="so many cameras only, as a process of its own")
    args = parser.parse_args()
    hours = max(31, args.segments // AN_HOUR // CAMERAS)
    if args.alone:
        print(json.dumps(_archive(args.folder, args.alone, hours)))
        return
    print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {processor()}, {version_line()}")
    held = {}
    for cameras in (CAMERAS // 10, CAMERAS):
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            command = [sys.executable, "-m", "bench.archive", "--alone", str(cameras), "--folder", folder]
            command += ["--segments", str(args.segments)]
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        held[cameras] = found["peak"]
        print(f"{cameras * hours * AN_HOUR:,} segments of {cameras} cameras, {hours} hours")
        print("  sweep of a day: {:.1f} s, {:.1f} s of CPU (aim 60)".format(*found["day"]))
        print("  sweep with nothing due: {:.2f} s, {:.2f} s of CPU".format(*found["idle"]))
        for what, words in (("look", "timeline of six hours"), ("text", "the same with its playlist")):
            p95, cpu = found[what]
            print(f"  {words}, 95 %: {p95:.1f} ms, {cpu:.1f} ms of CPU" + (" (aim 50)" if what == "look" else ""))
        print("  MiB held: " + ", ".join(f"{words} {mib:.0f}" for words, mib in found["held"]), flush=True)
    print(f"memory {held[CAMERAS] / held[CAMERAS // 10]:.2f} x at most for ten times the segments")
    sealing, encoding = _encryption()
    print(f"encryption {sealing / encoding:.2%} of the encoder's CPU alone (aim 3 % of the pipeline's)")


def _archive(folder: Path, cameras: int, hours: int) -> dict[str, Any]:
    keep_us = (hours + 1) * HOUR_US
    now = [(START_US + hours * HOUR_US) / US]
    layout = Layout(folder / "data")
    _fill(layout, cameras, hours, keep_us)
    Path("/proc/self/clear_refs").write_text("5")
    with DataFolder(layout.root), open_store(layout.database, lambda: now[0]) as store:
        keys = KeyFile(layout.keys)
        held = [("opened", _held())]
        clock = ArchiveClock(None, lambda: now[0], lambda: now[0], b"b" * 16)
        sweeper = Sweeper(layout, store, LocalDisk(), keys, clock, HourQueue(layout.hours))
        assert not sweeper.sweep({}).lines
        held.append(("swept", _held()))
        settle()
        idle = max(_timed(lambda: sweeper.sweep({}, whole=False)) for _ in range(IDLE))
        held.append((f"swept {IDLE} times", _held()))
        took: dict[str, list[tuple[float, float]]] = {"look": [], "text": []}
        for turn in range(ROUNDS):
            for n in range(QUERIES // ROUNDS):
                begin = START_US + ((turn + n * ROUNDS) * 7919 % (hours - 6)) * HOUR_US
                ask = partial(pieces_between, store, f"camera-{n % cameras}", begin, begin + 6 * HOUR_US)
                took["look"].append(_timed(ask))
                took["text"].append(_timed(lambda ask=ask: playback(ask(), NAMES)))  # type: ignore[misc]
            held.append((f"after {(turn + 1) * QUERIES // ROUNDS} timelines", _held()))
        # A day at once, as after an outage: the oldest 24 hours of every camera.
        now[0] = (START_US + 24 * HOUR_US + keep_us) / US
        swept: list[Swept] = []
        day = _timed(lambda: swept.append(sweeper.sweep({})))
        done = swept[0]
        assert (done.destroyed, done.deleted, done.lines) == (24 * cameras, 24 * cameras, []), done
        assert len(keyed_rows(store)) == (hours - 24) * cameras
        held.append(("a day swept", _held()))
    found: dict[str, Any] = {"day": day, "idle": idle, "peak": _held("VmHWM")}
    held.append(("at most", found["peak"]))
    for what, all_ in took.items():
        found[what] = [sorted(one[which] for one in all_)[int(len(all_) * 0.95)] * 1000 for which in (0, 1)]
    return found | {"held": held}


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of CPU."""
    began, busy = time.monotonic(), time.process_time()
    work()
    return time.monotonic() - began, time.process_time() - busy


def _held(what: str = "VmRSS") -> float:
    """MiB of this process."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / 1024


def _fill(layout: Layout, cameras: int, hours: int, keep_us: int) -> None:
    with DataFolder(layout.root), open_store(layout.database, lambda: 0) as store:
        _keys(layout.keys, cameras, hours, keep_us)
        blob = pack_segments([Segment(200 + n * 50_000, 50_000, n * 2 * US, 2 * US, 0) for n in range(AN_HOUR)])
        for camera in range(cameras):
            place = layout.camera(f"camera-{camera}")
            place.mkdir()
            with store.writing() as connection:
                for hour in range(hours):
                    put_epoch(connection, _row(f"camera-{camera}", hour, keep_us, blob))
                    (place / f"{hour:06d}.epoch").write_bytes(_header(f"camera-{camera}", hour))


def _keys(folder: Path, cameras: int, hours: int, keep_us: int) -> None:
    """As if each key had been born in its time; written at once, because a birth waits for the disk."""
    keys = KeyFile(folder)
    master, path = keys._master, slots_path(folder, keys.generation % 2)
    slots = []
    for camera in range(cameras):
        for hour in range(hours):
            epoch = EpochId(f"camera-{camera}", START_US + hour * HOUR_US)
            label = Label(epoch, epoch.period_us, epoch.end_us + keep_us, keep_us)
            place = Place(master.file, master.generation, len(slots))
            slots.append(wrap(label, os.urandom(32), master.key, place, os.urandom))
    path.write_bytes(pack_head(master.file, master.generation) + b"".join(slots) + FREE)
    assert path.stat().st_size == HEAD_BYTES + (len(slots) + 1) * SLOT_BYTES


def _row(camera: str, hour: int, keep_us: int, blob: bytes) -> EpochRow:
    begin = START_US + hour * HOUR_US
    segments = np.frombuffer(blob, np.uint8).reshape(-1, 31).copy()
    starts = (begin + np.arange(AN_HOUR, dtype="<i8") * 2 * US).view(np.uint8).reshape(-1, 8)
    segments[:, 12:20] = starts
    size = 200 + AN_HOUR * 50_000
    span = (begin, begin + HOUR_US, 0, keep_us, hour * AN_HOUR, size)
    inits = pack_inits([Init(100, 100)])
    return EpochRow(camera, f"{hour:06d}.epoch", *span, segments.tobytes(), inits, begin, HOUR_US, root=b"r" * 32)


def _header(camera: str, hour: int) -> bytes:
    return Header(EpochId(camera, START_US + hour * HOUR_US), os.urandom(32)).pack()


def _encryption() -> tuple[float, float]:
    """CPU seconds of sealing what the darkroom's encoder made of ten seconds of 1080p, and of making it."""
    chance = np.random.default_rng(1)
    coarse = chance.integers(16, 235, (FRAMES // 12 + 1, 18, 32), dtype=np.uint8)
    width, height = padded(SIZE[0]), padded(SIZE[1])
    planes = RawPlanes(*(np.full((height // n, width // n), 128, np.uint8) for n in (1, 2, 2)))
    encoder = VideoEncoder(
        SIZE, Fraction(1, 90_000), Fraction(RATE), full_range=False, stream=Stream.REDACTED, threads=1
    )
    packets, encoding = [encoder.start().tail], 0.0
    for n in range(FRAMES):
        block = np.kron(coarse[n // 12], np.ones((height // 18 + 1, width // 32 + 1), np.uint8))
        planes.y[:] = block[:height, :width]
        began = time.process_time()
        packets += [p.tail for p in encoder.encode(planes, n * 90_000 // RATE)]
        encoding += time.process_time() - began
    parts = [b"".join(packets[n : n + RATE // 2]) for n in range(0, len(packets), RATE // 2)]
    cipher = Cipher(Header(EpochId("camera", START_US), bytes(32)), os.urandom(32))
    rounds, began = 100, time.process_time()
    for _ in range(rounds):
        for part in parts:
            cipher.seal(PART, 0, 0, 0, part)
    return (time.process_time() - began) / rounds, encoding


if __name__ == "__main__":
    main()
