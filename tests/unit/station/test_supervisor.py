"""The outermost process: what ends is started again; what can't start at all is said at once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from passerby.station.backoff import Backoff
from passerby.station.supervisor import SHORTEST_RUN_S, Part, supervise

# Counts its own starts in a file, and ends with the code that is meant for this one.
PROGRAM = """
import pathlib, sys
path, codes = pathlib.Path(sys.argv[1]), sys.argv[2:]
path.write_bytes(path.read_bytes() + b"x")
sys.exit(int(codes[len(path.read_bytes()) - 1]))
"""


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One byte for each start."""
    (tmp_path / "part_for_a_test.py").write_text(PROGRAM, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    path = tmp_path / "starts"
    path.write_bytes(b"")
    return path


def part(path: Path, *codes: int) -> Part:
    return Part("part", ["part_for_a_test", str(path), *map(str, codes)], backoff=Backoff(lambda: 0.0))


def test_what_fails_at_its_first_start_is_not_tried_again(starts: Path) -> None:
    assert supervise([part(starts, 3, 0)], threading.Event(), print) == 3
    assert starts.read_bytes() == b"x"


def test_what_has_run_is_started_again_however_soon_it_fails(starts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def clock() -> float:
        """Real time, in which the first life was a long one."""
        return time.monotonic() + (2 * SHORTEST_RUN_S if starts.read_bytes() else 0.0)

    assert supervise([part(starts, 3, 3, 0)], threading.Event(), print, clock=clock) == 0
    assert starts.read_bytes() == b"xxx"
    assert capsys.readouterr().out.count("ended with 3 and starts again") == 2
