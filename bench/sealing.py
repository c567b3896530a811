"""What sealing originals costs: processor time for each picture, bytes, and what a file's beginning takes.

    python -m bench.sealing CLIP [FRAMES]

The clip is played at three sizes, one thread; beside it what the redacted stream's own encoding costs there, of a
picture as it leaves: mosaic everywhere. Compare the two columns of one run.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from bench.machine import processor

from passerby.archive import hpke, seal
from passerby.archive.keys.names import HOUR_US, US, EpochId
from passerby.darkroom._frames import RawPlanes, Record, What, padded
from passerby.darkroom.door import Sealing
from passerby.darkroom.encoder import VideoEncoder
from passerby.darkroom.region import RegionView
from passerby.darkroom.rehearsal import ABOUT
from passerby.darkroom.sealing import Sealer
from passerby.outlet.messages import SealedPacket, SealUnder, Stream

SIZES = ((640, 360), (1280, 720), (1920, 1080))
RATE, TICKS = 25, 90_000
TERMS = seal.Terms(bytes(32), 900)


def main() -> None:
    """Measure, and print."""
    clip, frames = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 250
    print(processor())
    print("size        sealing: ms a picture   kB/s     redacted: ms a picture   kB/s")
    for size in SIZES:
        pictures = list(_pictures(clip, size, frames))
        sealed_ms, sealed_kb = _sealed(pictures, size)
        hidden_ms, hidden_kb = _hidden(pictures, size)
        print(f"{size[0]}x{size[1]:<5}   {sealed_ms:10.2f} {sealed_kb:16.0f}  {hidden_ms:14.2f} {hidden_kb:16.0f}")
    for staff in (2, 4, 9):
        begun = time.process_time()
        header = _cipher(_officers(staff)).header.pack()
        spent = (time.process_time() - begun) * 1000
        pairs = len(seal.allowed_pairs(_officers(staff)))
        print(f"a file's beginning, {pairs:2} pairs of officers: {spent:5.1f} ms, {len(header):6} bytes")


def _pictures(clip: Path, size: tuple[int, int], count: int) -> Iterator[RawPlanes]:
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number >= count:
                return
            yuv = frame.reformat(format="yuv420p").to_ndarray()
            height, width = frame.height, frame.width
            planes = (
                yuv[:height],
                yuv[height : height * 5 // 4].reshape(height // 2, width // 2),
                yuv[height * 5 // 4 :].reshape(height // 2, width // 2),
            )
            out = []
            for plane, n in zip(planes, (1, 2, 2), strict=True):
                full = np.full((padded(size[1]) // n, padded(size[0]) // n), 128, np.uint8)
                full[: size[1] // n, : size[0] // n] = cv2.resize(plane, (size[0] // n, size[1] // n))
                out.append(full)
            yield RawPlanes(*out)


def _sealed(pictures: list[RawPlanes], size: tuple[int, int]) -> tuple[float, float]:
    left: list[SealedPacket] = []
    sealer = Sealer(left.append, 1)
    epoch = EpochId("gate-1", 0, HOUR_US, "sealed")
    share = bytes(seal.slot_share(bytes(32), bytes(32), epoch))
    sealer.give(SealUnder(0, HOUR_US, 10 * US, TERMS.permit, bytes(32), share))
    terms = Sealing("example.org", "gate-1", TERMS, tuple(_officers(4)))
    about = replace(
        ABOUT, what=What.FRAME, flags=Record.LIVE, width=size[0], height=size[1], time_base_num=1, time_base_den=TICKS,
        rate_num=RATE, rate_den=1,
    )  # fmt: skip
    begun = time.process_time()
    for number, planes in enumerate(pictures):
        sealer.picture(planes, replace(about, pts=number * TICKS // RATE), terms)
    sealer.end()
    spent = time.process_time() - begun
    return spent * 1000 / len(pictures), sum(len(p.tail) for p in left) / 1000 / (len(pictures) / RATE)


def _hidden(pictures: list[RawPlanes], size: tuple[int, int]) -> tuple[float, float]:
    view = RegionView(size, ())
    shown = (view.picture(planes, n / RATE) for n, planes in enumerate(pictures))
    hidden = [RawPlanes(planes.y.copy(), planes.u.copy(), planes.v.copy()) for planes in shown]
    encoder = VideoEncoder(
        size, Fraction(1, TICKS), Fraction(RATE), full_range=False, stream=Stream.REDACTED, threads=1,
        live=True,
    )  # fmt: skip
    encoder.start()
    begun, octets = time.process_time(), 0
    for number, planes in enumerate(hidden):
        octets += sum(len(p.tail) for p in encoder.encode(planes, number * TICKS // RATE))
    return (time.process_time() - begun) * 1000 / len(pictures), octets / 1000 / (len(pictures) / RATE)


def _officers(count: int) -> list[seal.Officer]:
    institutions = 3 if count > 4 else 2
    return [seal.Officer(hpke.SealingPair.of(bytes([n]) * 32).public, f"{n % institutions}") for n in range(count)]


def _cipher(officers: list[seal.Officer]) -> seal.Cipher:
    epoch = EpochId("gate-1", 0, HOUR_US, "sealed")
    return seal.new_file(bytes(32), bytes(32), ("example.org", epoch, TERMS), officers, os.urandom)


if __name__ == "__main__":
    main()
