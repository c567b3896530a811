"""A short made-up stream, and a data folder to write it into."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from passerby.archive.disk import Disk, LocalDisk
from passerby.archive.entries import US, Segment
from passerby.archive.epoch import Epoch
from passerby.archive.folder import Layout
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.keys.room import KeyRoom
from passerby.archive.places import place_of_init, place_of_segment
from passerby.archive.reading import Reading
from passerby.archive.recorder import UNKNOWN_KEPT_US, open_keys
from passerby.archive.recover import Recovered, recover
from passerby.archive.tape import Keep, Tape, record
from passerby.darkroom._frames import RawPlanes, padded
from passerby.darkroom.encoder import VideoEncoder
from passerby.outlet.messages import RedactedPacket, Stream, StreamStart
from passerby.store.database import Store
from passerby.store.epochs import all_epochs
from passerby.store.migrate import open_store

SIZE = (64, 48)
TICKS, RATE = 90_000, 10
STEP = TICKS // RATE
HOUR_S = 3600
# On an hour, so that a test can choose where in its epoch it is.
NOON = 1_795_435_200.0
CAMERA = "entrance"


@cache
def stream(frames: int = 100) -> tuple[StreamStart, tuple[RedactedPacket, ...]]:
    """Ten frames a second, a keyframe every two seconds, from the darkroom's own encoder."""
    encoder = VideoEncoder(
        SIZE, Fraction(1, TICKS), Fraction(RATE), full_range=False, stream=Stream.REDACTED, threads=1
    )
    start = encoder.start()
    packets = [p for n in range(frames) for p in encoder.encode(_planes(n), n * STEP)]
    return start, (*packets, *encoder.finish())


def later(packets: tuple[RedactedPacket, ...], seconds: float) -> list[RedactedPacket]:
    """The same pictures at other times."""
    ticks = round(seconds * TICKS)
    return [replace(p, pts=p.pts + ticks, dts=p.dts + ticks) for p in packets]


def _planes(level: int) -> RawPlanes:
    width, height = padded(SIZE[0]), padded(SIZE[1])
    out = RawPlanes(*(np.full((height // n, width // n), 128, np.uint8) for n in (1, 2, 2)))
    out.y[:] = (np.add.outer(np.arange(height), np.arange(width)) * 3 + level * 20) % 200 + 20
    return out


@contextmanager
def opened(root: Path, disk: Disk | None = None, keep: Keep | None = None) -> Iterator[tuple[Tape, Store, Recovered]]:
    """A station's archive for one camera, without its thread: every call has happened when it returns."""
    layout, disk = Layout(root), disk or LocalDisk()
    layout.camera(CAMERA).mkdir(parents=True, exist_ok=True)
    with open_store(layout.database, lambda: NOON) as store:
        keys = open_keys(layout, store)
        done = recover(layout, store, disk, UNKNOWN_KEPT_US, keys)
        room = KeyRoom(keys, lambda: round(NOON * US))
        yield Tape(CAMERA, layout.camera(CAMERA), store, disk, keep or record(24), room), store, done


def kept(store: Store) -> list[Segment]:
    """Every segment of the camera, gaps too, in the order of their numbers."""
    return [s for row in all_epochs(store, CAMERA) for s in Epoch.of(row).segments]


def check_all_play(root: Path, store: Store) -> int:
    """Decode every indexed segment behind its init section; the number of pictures."""
    pictures = 0
    for row in all_epochs(store, CAMERA):
        epoch = Epoch.of(row)
        for number, segment in enumerate(epoch.video, epoch.first_number):
            found = decoded(clear(root, store, row.file, number, segment))
            assert found == round(segment.duration_us * RATE / 1e6), segment
            pictures += found
    return pictures


def clear(root: Path, store: Store, file: str, number: int, segment: Segment) -> bytes:
    """A segment behind its init section, as the server gives it out."""
    layout = Layout(root)
    reading = Reading(KeyReader(layout.keys))
    init = place_of_init(layout, store, CAMERA, file.rpartition(".")[0], segment.init)
    place = place_of_segment(layout, store, CAMERA, number)
    assert init is not None and place is not None
    found = [reading.read(init), reading.read(place)]
    return b"".join(part for part in found if part is not None)


def decoded(data: bytes) -> int:
    """Pictures in a fragmented MP4."""
    with av.open(io.BytesIO(data)) as container:
        frames = list(container.decode(video=0))
    assert all((f.width, f.height) == SIZE and not f.is_corrupt for f in frames)
    return len(frames)


def check_numbers(store: Store) -> None:
    """No two segments share a number or a moment."""
    rows = all_epochs(store, CAMERA)
    spans = sorted((s.start_us, s.end_us) for row in rows for s in Epoch.of(row).video)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    numbers = [n for row in rows for n in range(row.first_number, Epoch.of(row).next_number)]
    assert len(numbers) == len(set(numbers))
