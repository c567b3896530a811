"""Thousands of damaged streams through the real intake and decoder; the worst of them through the locked ones too."""

from __future__ import annotations

import gc
import json
import resource
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.e2e import odd
from tests.e2e.conftest import Command, names_in
from tests.e2e.rig import Passed, Rig

from passerby.outlet.messages import Status

CUTS, PACKETS = 200, 2000
FRAMES = 24
ENDINGS = {Status.DONE, Status.UNREADABLE, Status.NO_VIDEO, Status.NO_DECODER, Status.TOO_LARGE, Status.OVER_LIMIT}
LEAK_BYTES = 24 << 20
MOVING = {"times": range(FRAMES), "size": (64, 48)}

CONTAINERS: dict[str, Callable[[], bytes]] = {
    "mp4": lambda: _moving("mp4"),
    "mp4-fragments": lambda: _moving("mp4", muxer={"movflags": "frag_keyframe+empty_moov"}, key_every=4),
    "mkv": lambda: _moving("matroska"),
    "ts": lambda: _moving("mpegts"),
    "avi-mjpeg": lambda: _moving("avi", codec="mjpeg", pixels="yuvj420p"),
    "webm-vp9": lambda: _moving("webm", codec="libvpx-vp9"),
    "mkv-hevc": lambda: _moving("matroska", codec="libx265", options={"x265-params": "log-level=none"}),
}


def _moving(container: str, **how: object) -> bytes:
    return odd.clip(container, **{**MOVING, "noise": 7, **how})


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def check(passed: Passed, most: int) -> None:
    """What holds for every stream, however bad."""
    assert passed.status in ENDINGS
    assert len(passed.frames) <= most
    assert all(a < b for a, b in zip(passed.times, passed.times[1:], strict=False))
    assert all(time >= 0 for time in passed.times)


@pytest.mark.parametrize("container", CONTAINERS)
def test_truncated_at_200_points(container: str, rig: Rig) -> None:
    whole = CONTAINERS[container]()
    assert len(rig.run(whole).frames) == FRAMES
    cuts = np.random.default_rng(len(container)).integers(0, len(whole), CUTS)

    ended = [rig.run(whole[:cut], passes=1 + int(cut) % 2) for cut in cuts]

    for passed in ended:
        check(passed, FRAMES)
    if container != "mp4":
        # An index at the end is the one thing without which nothing can be read.
        assert sum(len(passed.frames) for passed in ended) > CUTS * FRAMES // 10


@pytest.mark.parametrize("container", CONTAINERS)
def test_bytes_flipped_anywhere(container: str, rig: Rig) -> None:
    whole, random = CONTAINERS[container](), np.random.default_rng(11)
    for _ in range(100):
        data = bytearray(whole)
        for at in random.integers(0, len(data), size=int(random.integers(1, 40))):
            data[at] = int(random.integers(256))
        # Damage may make one packet look like several.
        check(rig.run(bytes(data)), FRAMES * 20)


CODECS: dict[str, dict[str, object]] = {
    "h264": {},
    "hevc": {"codec": "libx265", "options": {"x265-params": "log-level=none"}},
    "vp9": {"codec": "libvpx-vp9"},
    "mpeg4": {"codec": "mpeg4"},
    "mjpeg": {"codec": "mjpeg", "pixels": "yuvj420p"},
}


@pytest.mark.parametrize("codec", CODECS)
def test_2000_corrupted_packets(codec: str, rig: Rig) -> None:
    decoded = 0
    for data in _corrupted_clips(codec, PACKETS):
        passed = rig.run(data)
        assert passed.status is Status.DONE
        check(passed, 2 * PACKETS)
        decoded += len(passed.frames)
    # Damage costs its own pictures, not the rest.
    assert decoded > PACKETS // 10


def _corrupted_clips(codec: str, count: int, per_clip: int = 250) -> list[bytes]:
    """As many corrupted packets as asked for, in clips; the first packet of each is whole."""
    random = np.random.default_rng(17)
    how = {**MOVING, "noise": 7, "key_every": 10, **CODECS[codec], "times": range(per_clip)}
    _, packets = odd.packets(headers_apart=False, **how)
    clips = []
    for _ in range(count // per_clip):
        coded = [
            (bytes(p) if i == 0 else odd.corrupted(bytes(p), random) or b"\0", 2 * i) for i, p in enumerate(packets)
        ]
        clips.append(odd.muxed(coded, codec, size=(64, 48)))
    return clips


def test_no_memory_is_lost(rig: Rig) -> None:
    clips = _corrupted_clips("h264", 500) + _corrupted_clips("mjpeg", 500)
    for _ in range(2):
        _run_all(rig, clips)
    before = _resident()
    for _ in range(8):
        _run_all(rig, clips)
    assert _resident() - before < LEAK_BYTES


def _run_all(rig: Rig, clips: list[bytes]) -> None:
    for data in clips:
        rig.run(data)
    gc.collect()


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_2000_corrupted_packets_in_the_locked_processes(rig: Rig, passerby: Command, tmp_path: Path) -> None:
    (data,) = _corrupted_clips("h264", PACKETS, per_clip=PACKETS)
    (tmp_path / "in.mkv").write_bytes(data)

    outcome = passerby("count", "in.mkv", "--per-frame", "--json", "c.json", cwd=tmp_path)

    assert outcome.code == 0, outcome.err
    counted = json.loads((tmp_path / "c.json").read_text())
    expected = rig.run(data)
    assert expected.end is not None
    assert expected.end.damaged > 0
    assert counted["frames"] == len(counted["series"]) == len(expected.frames) > PACKETS // 4


def test_nothing_is_left_on_a_full_disk(tmp_path: Path) -> None:
    from passerby.archive.mux import Mp4Writer
    from passerby.archive.output import NewFile
    from passerby.base.errors import OutputError
    from passerby.darkroom.encoder import VideoEncoder
    from passerby.outlet.messages import Stream

    encoder = VideoEncoder((64, 48), odd.TICK, Fraction(25), full_range=False, stream=Stream.REDACTED, threads=1)
    start, random = encoder.start(), np.random.default_rng(2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(OutputError, match="File too large"), NewFile(tmp_path / "out.mp4") as new:
            writer = Mp4Writer(new.file, start)
            for pts in range(200):
                for packet in encoder.encode(_noise_planes(random), pts):
                    writer.write(packet)
            writer.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    gc.collect()
    assert names_in(tmp_path) == set()


def _noise_planes(random: np.random.Generator) -> object:
    from passerby.darkroom._frames import RawPlanes

    def plane(height: int, width: int) -> NDArray[np.uint8]:
        return random.integers(0, 255, (height, width), dtype=np.uint8)

    return RawPlanes(plane(64, 64), plane(32, 32), plane(32, 32))


def test_no_descriptor_is_lost(rig: Rig) -> None:
    data = _moving("matroska")
    rig.run(data)
    before = _descriptors()
    for _ in range(20):
        rig.run(data[: len(data) // 2])
    assert _descriptors() == before


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
