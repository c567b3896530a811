"""Counted frames: what is read is right, and each fault is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from passerby.base.errors import PasserbyError
from passerby.cli.calibrate import matched, read_counts, summary
from passerby.crowd.calibration import advice, calibrate
from passerby.outlet.messages import Features


def written(folder: Path, text: str) -> Path:
    path = folder / "counts.csv"
    path.write_text(text)
    return path


def test_frames_in_order(tmp_path: Path) -> None:
    assert read_counts(written(tmp_path, "frame,count\n9,4\n2,3.5\n")) == {2: 3.5, 9: 4.0}


@pytest.mark.parametrize("text", ["", "frame,people\n1,2\n", "frame,count\n0,2\n", "frame,count\n1,-2\n",
                                  "frame,count\n1,2\n1,2\n", "frame,count\n1,nan\n", "frame,count\nx,2\n",
                                  "frame,count\n1\n"])  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(PasserbyError):
        read_counts(written(tmp_path, text))


def told(frame: int, *, area: float = 2.0, bodies: float = -1.0) -> Features:
    return Features(frame, 10.0 + frame, 30.0, area, 1.0, bodies)


def test_frames_count_from_one() -> None:
    names, rows, people = matched({1: 5.0, 3: 6.0}, [told(n) for n in range(3)])
    assert names == ["found", "weak", "area", "edge"]
    assert (rows, people) == ([[10.0, 30.0, 2.0, 1.0], [12.0, 30.0, 2.0, 1.0]], [5.0, 6.0])
    with pytest.raises(PasserbyError, match="no frame 4"):
        matched({4: 1.0}, [told(n) for n in range(3)])


def test_what_is_not_known_in_every_counted_frame_takes_no_part() -> None:
    series = [told(0, area=-1.0, bodies=3.0), told(1, bodies=2.0), told(2, bodies=0.0)]
    assert matched({1: 1.0, 2: 2.0}, series)[0] == ["found", "weak", "edge", "bodies"]
    assert matched({2: 1.0, 3: 2.0}, series)[0] == ["found", "weak", "area", "edge", "bodies"]


def test_what_more_frames_bring_is_said_once_each() -> None:
    chance = np.random.default_rng(3)
    x = chance.uniform(1, 20, (20, 1))
    y = 2 * x[:, 0] + chance.normal(0, 2, 20)
    made = calibrate(["found"], x, y)
    lines = summary(made, advice(["found"], x, y, made.ridge, chance))
    assert len(lines) == len(set(lines)) == 4
    assert lines[0].startswith("20 counted frames: off by ")
    assert [line.split(":")[0] for line in lines[2:]] == ["10 more frames", "20 more frames"]
