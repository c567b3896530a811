"""Odd and hostile videos through the command: one clear line and exit 1, or a right result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from tests.e2e import odd
from tests.e2e.conftest import Command, names_in
from tests.e2e.hostile_videos import REFUSED, WORKED, Refused, Worked

NEAR = 14.0


@dataclass
class Seen:
    """What an independent reading finds in a video."""

    times: list[Fraction]
    size: tuple[int, int]
    first: list[float]


def seen(data: Path) -> Seen:
    """Decode a video to its end, damaged parts left out."""
    times, size, first = [], (0, 0), []
    with av.open(str(data)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in frames:
                if not times:
                    size, first = (frame.width, frame.height), odd.levels(frame.to_ndarray(format="rgb24")[..., 1])
                times.append(Fraction(frame.pts or 0) * stream.time_base)
    return Seen(times, size, first)


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case.id)
def test_worked(case: Worked, passerby: Command, tmp_path: Path) -> None:
    source, results = tmp_path / f"in{case.suffix}", tmp_path / "results"
    source.write_bytes(case.data())
    results.mkdir()

    outcome = passerby("redact", source, results / "out.mp4", "--json", results / "r.json", cwd=tmp_path)

    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    assert names_in(results) == {"out.mp4", "r.json"}
    report: dict[str, Any] = json.loads((results / "r.json").read_text())
    _compare(case, report, seen_or_times(source, case), seen(results / "out.mp4"))
    assert_bare_mp4(results / "out.mp4")


def seen_or_times(source: Path, case: Worked) -> list[Fraction] | None:
    """The source's own timestamps, where the result must have the same."""
    if case.repaired is None or any(case.repaired):
        return None
    return seen(source).times


def _compare(case: Worked, report: dict[str, Any], times: list[Fraction] | None, out: Seen) -> None:
    if times is not None:
        assert out.times == times
    if case.frames is not None:
        assert len(out.times) == case.frames
    assert report["frames"] == len(out.times) > 0
    assert all(a < b for a, b in zip(out.times, out.times[1:], strict=False))
    assert out.times[0] >= 0
    assert out.size == case.size == (report["width"] + report["padded"] * 0, report["height"])
    assert report["padded"] is case.padded
    if case.repaired is not None:
        assert tuple(report["repaired"].values()) == case.repaired
    if case.quarters is not None:
        wanted = [odd.QUARTERS[q] for q in case.quarters]
        assert all(abs(a - b) < NEAR for a, b in zip(out.first, wanted, strict=True)), (out.first, wanted)


def assert_bare_mp4(path: Path) -> None:
    """No stream but one of video, no tags, no SEI, nobody's name."""
    with av.open(str(path)) as container:
        assert [s.type for s in container.streams] == ["video"]
        assert set(container.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
        assert set(container.streams.video[0].metadata) <= {"language", "handler_name"}
        for packet in container.demux(video=0):
            at, data = 0, bytes(packet)
            while at < len(data):
                length = int.from_bytes(data[at : at + 4])
                assert data[at + 4] & 0x1F in (1, 5, 7, 8), "a unit that is neither picture nor parameters"
                at += 4 + length
    everything = path.read_bytes()
    for word in (b"x264", b"Lavf", b"Lavc", b"Encoder"):
        assert word not in everything
    # FFmpeg writes a box for tags even where there are none: it must be empty.
    assert b"ilst" not in everything or everything.endswith(b"\0\0\0\x08ilst")


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_refused(case: Refused, passerby: Command, tmp_path: Path) -> None:
    source, results = tmp_path / "in.mp4", tmp_path / "results"
    source.write_bytes(case.data())
    results.mkdir()

    outcome = passerby("redact", source, results / "out.mp4", "--json", results / "r.json", cwd=tmp_path)

    assert outcome.line == f"in.mp4 {case.line}"
    assert outcome.out == ""
    assert names_in(results) == set()
