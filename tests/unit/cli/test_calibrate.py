"""Counted frames: what is read is right, and each fault is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerby.base.errors import PasserbyError
from passerby.cli.calibrate import matched, read_counts
from passerby.outlet.messages import Counts


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


def test_frames_count_from_one() -> None:
    series = [Counts(n, n / 25, 10.0 + n, 0, 0, 0) for n in range(3)]
    assert matched({1: 5.0, 3: 6.0}, series) == ([[10.0], [12.0]], [5.0, 6.0])
    with pytest.raises(PasserbyError, match="no frame 4"):
        matched({4: 1.0}, series)
