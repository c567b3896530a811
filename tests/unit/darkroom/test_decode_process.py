"""Where a camera only counts, the hide process says which pictures it needs; the others are never handed over."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from passerby.base.build import build_hash
from passerby.base.errors import OutletError
from passerby.charter.permit import Claims, local_permit
from passerby.darkroom._frames import Record, Ring, What, give_back
from passerby.darkroom.decode_process import DecodeProcess, Slots
from passerby.darkroom.decoder import Decoder
from passerby.darkroom.door import FileDoor
from passerby.darkroom.ring_file import SLOTS, create_ring
from passerby.darkroom.weights import listed_hashes
from passerby.intake.demux import Demuxer
from passerby.outlet.messages import Message, Packet, PassEnd, Permit, Status, StreamHeader

RATE, FRAMES, KEY_EVERY = 25, 100, 20
TICKS_PER_S = 90_000
NAP_S = 1.0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds with a keyframe every 0.8 s and pictures that come in another order than they are shown."""
    path = tmp_path_factory.mktemp("decode") / "reordered.mp4"
    rng = np.random.default_rng(3)
    ground = rng.integers(16, 235, (96 * 3 // 2, 160), dtype=np.uint8)
    with av.open(str(path), "w") as out:
        options = {"g": str(KEY_EVERY), "bf": "3", "b-pyramid": "normal", "sc_threshold": "0"}
        stream = out.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 160, 96, "yuv420p", Fraction(1, RATE)
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.roll(ground, 2 * index, axis=1), "yuv420p")
            frame.pts = index
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def read(clip: Path) -> tuple[StreamHeader, list[Packet]]:
    with clip.open("rb") as file:
        demuxer = Demuxer(file, bytes(32), 1)
        return demuxer.header(), list(demuxer.packets())


class Told:
    """A pipe's receiver, from a list."""

    def __init__(self, messages: list[Message]) -> None:
        self._messages = deque(messages)

    def receive(self) -> Message | None:
        return self._messages.popleft() if self._messages else None


def decoded(
    clip: Path, rest: Callable[[], float] | None, *, keyframes: bool = False, kind: str = "camera"
) -> list[Record]:
    """Every record of one connection of a camera whose clock is the machine's."""
    header, packets = read(clip)
    base = Fraction(header.time_base_num, header.time_base_den)
    start = round(time.monotonic() * TICKS_PER_S)

    def stamped(packet: Packet) -> Packet:
        return replace(packet, pts=start + round(packet.pts * base * TICKS_PER_S), dts=packet.dts)

    packets = [stamped(p) for p in packets if p.flags & 1 or not keyframes]
    header = replace(header, time_base_num=1, time_base_den=TICKS_PER_S)

    def claims(source: bytes) -> Claims:
        return Claims(source, frozenset({"count"}), listed_hashes(), build_hash(), time.time())

    permit = Permit(0, local_permit(claims(header.source)))
    writable, readable = create_ring()
    os.close(readable)
    records: list[Record] = []
    DecodeProcess(
        Told([permit, header, *packets, PassEnd(1, Status.DONE)]),  # type: ignore[arg-type]
        Ring(writable, writable=True),
        lambda record: records.append(Record.unpack(record.pack())),
        lambda: 0,
        FileDoor(claims),
        1,
        kind,
        lambda: start / TICKS_PER_S,
        rest,
        keyframes=keyframes,
    ).run()
    return records


def shown_s(records: list[Record]) -> list[float]:
    frames = [r for r in records if r.what == What.FRAME]
    return [(r.pts - frames[0].pts) / TICKS_PER_S for r in frames]


def test_where_every_picture_is_needed_all_are_handed_over(clip: Path) -> None:
    records = decoded(clip, None)
    assert len(shown_s(records)) == FRAMES
    assert sum(r.unneeded for r in records) == 0


def test_pictures_come_no_sooner_than_they_are_asked_for_and_none_is_forgotten(clip: Path) -> None:
    records = decoded(clip, lambda: 0.5)
    times = shown_s(records)
    assert all(0.5 <= b - a < 0.5 + 2 / RATE for a, b in pairwise(times))
    assert len(times) == 8
    assert len(times) + sum(r.unneeded for r in records) == FRAMES
    assert records[-1].what == What.PASS_END


def test_a_file_is_never_thinned_out(clip: Path) -> None:
    assert len(shown_s(decoded(clip, lambda: 0.5, kind="video"))) == FRAMES


def test_of_keyframes_alone_those_that_nobody_needs_are_not_even_decoded(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed: list[Packet] = []
    feed = Decoder.feed

    def watched(decoder: Decoder, packet: Packet | None) -> object:
        fed.extend([] if packet is None else [packet])
        return feed(decoder, packet)

    monkeypatch.setattr(Decoder, "feed", watched)
    records = decoded(clip, lambda: NAP_S, keyframes=True)
    assert shown_s(records) == pytest.approx([0.0, 1.6, 3.2], abs=1e-3)
    assert len(fed) == 3
    assert sum(r.unneeded for r in records) == FRAMES // KEY_EVERY - 3


def test_a_keyframe_comes_out_as_it_goes_in(clip: Path) -> None:
    header, packets = read(clip)
    keyframes = [p for p in packets if p.flags & 1]
    waiting, at_once = Decoder(header, 1), Decoder(header, 1, alone=True)
    assert sum(len(list(waiting.feed(p))) for p in keyframes) < len(keyframes), "this clip would make them wait"
    for packet in keyframes:
        (picture,) = at_once.feed(packet)
        assert picture.pts == packet.pts
        assert not picture.damaged
    assert list(at_once.feed(None)) == []


def test_a_keyframe_that_is_broken_costs_no_other(clip: Path) -> None:
    header, packets = read(clip)
    keyframes = [p for p in packets if p.flags & 1]
    decoder = Decoder(header, 1, alone=True)
    broken = replace(keyframes[0], tail=b"\0\0\0\1" + bytes(64))
    assert not [p for p in decoder.feed(broken) if not p.damaged]
    assert [p.pts for k in keyframes[1:] for p in decoder.feed(k)] == [k.pts for k in keyframes[1:]]


def test_slots_come_back_with_what_is_needed_next() -> None:
    back, hide = os.pipe()
    slots = Slots(back)
    taken = {slots.take() for _ in range(SLOTS)}
    assert taken == set(range(SLOTS))
    os.write(hide, b"".join(give_back(slot, slot) for slot in sorted(taken)))
    assert slots.rest() == SLOTS - 1
    assert {slots.take() for _ in range(SLOTS)} == taken
    os.close(hide)
    with pytest.raises(OutletError):
        slots.take()
    os.close(back)
