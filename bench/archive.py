"""How retention works on a large archive: `make bench-archive`.

    python -m bench.archive [--segments 10000000] [--folder DIR]

A real index, key file and tree of files: cameras times hours, 1,800 segments of two seconds in each epoch. Files hold
their header and one chunk; the index says that they hold all, because a sweep and a timeline read the index, not video.
Syncs are real. "Flat" is the ratio of what the process held at most for a tenth of the segments and for all.
Encryption is measured beside the encoder that fills the pipeline, in turns, in CPU time of this process.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
from bench.machine import processor

from passerby.archive.clock import ArchiveClock
from passerby.archive.disk import LocalDisk
from passerby.archive.entries import Init, Segment, pack_inits, pack_segments
from passerby.archive.folder import DataFolder
from passerby.archive.keys.cipher import PART, Cipher, Header
from passerby.archive.keys.key_file import KeyFile, slots_path
from passerby.archive.keys.names import HOUR_US, EpochId
from passerby.archive.keys.slots import FREE, HEAD_BYTES, SLOT_BYTES, Label, Place, pack_head, wrap
from passerby.archive.playlists import pieces_between
from passerby.archive.sweep import Sweeper
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
QUERIES = 300
FRAMES, SIZE, RATE = 250, (1920, 1080), 25


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--segments", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--alone", action="store_true", help="one size only, as a process of its own")
    args = parser.parse_args()
    if args.alone:
        print(*_archive(args.folder, args.segments))
        return
    print(f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {processor()}, {version_line()}")
    held = {}
    for share in (10, 1):
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            count = args.segments // share
            command = [sys.executable, "-m", "bench.archive", "--alone", "--segments", str(count), "--folder", folder]
            out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        day, day_cpu, idle, p95, p95_cpu, held[share] = (float(word) for word in out)
        print(f"{count:,} segments of {CAMERAS} cameras: sweep of a day {day:.1f} s, {day_cpu:.1f} s of CPU (aim 60)")
        print(f"  sweep with nothing due {idle:.2f} s, at most {held[share]:.0f} MiB held")
        print(f"  timeline of six hours, 95 %: {p95:.1f} ms, {p95_cpu:.1f} ms of CPU (aim 50)", flush=True)
    print(f"memory {held[1] / held[10]:.2f} x for ten times the segments")
    sealing, encoding = _encryption()
    print(f"encryption {sealing / encoding:.2%} of the encoder's CPU alone (aim 3 % of the pipeline's)")


def _archive(folder: Path, segments: int) -> tuple[float, float, float, float, float, float]:
    hours = max(25, segments // AN_HOUR // CAMERAS)
    keep_us = (hours + 1) * HOUR_US
    now = [(START_US + hours * HOUR_US) / US]
    with DataFolder(folder / "data") as data, open_store(data.layout.database, lambda: now[0]) as store:
        keys = _keys(data.layout.keys, hours, keep_us)
        blob = pack_segments([Segment(200 + n * 50_000, 50_000, n * 2 * US, 2 * US, 0) for n in range(AN_HOUR)])
        for camera in range(CAMERAS):
            place = data.layout.camera(f"camera-{camera}")
            place.mkdir()
            with store.writing() as connection:
                for hour in range(hours):
                    put_epoch(connection, _row(f"camera-{camera}", hour, keep_us, blob))
                    (place / f"{hour:06d}.epoch").write_bytes(_header(f"camera-{camera}", hour))
        clock = ArchiveClock(None, lambda: now[0], lambda: now[0], b"b" * 16)
        sweeper = Sweeper(data.layout, store, LocalDisk(), keys, clock, HourQueue(data.layout.hours))
        assert not sweeper.sweep({}).lines
        began = time.monotonic()
        sweeper.sweep({}, whole=False)
        idle = time.monotonic() - began
        took, worked = [], []
        settle()
        for n in range(QUERIES):
            begin = START_US + (n * 7919 % (hours - 6)) * HOUR_US
            began, busy = time.monotonic(), time.process_time()
            assert pieces_between(store, f"camera-{n % CAMERAS}", begin, begin + 6 * HOUR_US)
            took.append(time.monotonic() - began)
            worked.append(time.process_time() - busy)
        # A day at once, as after an outage: the oldest 24 hours of every camera.
        now[0] = (START_US + 24 * HOUR_US + keep_us) / US
        began, busy = time.monotonic(), time.process_time()
        found = sweeper.sweep({})
        day, day_cpu = time.monotonic() - began, time.process_time() - busy
        assert (found.destroyed, found.deleted, found.lines) == (24 * CAMERAS, 24 * CAMERAS, []), found
        assert len(keyed_rows(store)) == (hours - 24) * CAMERAS
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    p95, p95_cpu = (sorted(all_)[int(QUERIES * 0.95)] * 1000 for all_ in (took, worked))
    return day, day_cpu, idle, p95, p95_cpu, held


def _keys(folder: Path, hours: int, keep_us: int) -> KeyFile:
    """As if each key had been born in its time; written at once, because a birth waits for the disk."""
    keys = KeyFile(folder)
    master, path = keys._master, slots_path(folder, keys.generation % 2)
    slots = []
    for camera in range(CAMERAS):
        for hour in range(hours):
            epoch = EpochId(f"camera-{camera}", START_US + hour * HOUR_US)
            label = Label(epoch, epoch.period_us, epoch.end_us + keep_us, keep_us)
            place = Place(master.file, master.generation, len(slots))
            slots.append(wrap(label, os.urandom(32), master.key, place, os.urandom))
    path.write_bytes(pack_head(master.file, master.generation) + b"".join(slots) + FREE)
    assert path.stat().st_size == HEAD_BYTES + (len(slots) + 1) * SLOT_BYTES
    return KeyFile(folder)


def _row(camera: str, hour: int, keep_us: int, blob: bytes) -> EpochRow:
    begin = START_US + hour * HOUR_US
    moved = (
        b"".join(Segment(200 + n * 50_000, 50_000, begin + n * 2 * US, 2 * US, 0).pack() for n in range(1)) + blob[31:]
    )
    segments = np.frombuffer(moved, np.uint8).reshape(-1, 31).copy()
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
