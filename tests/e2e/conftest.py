"""The command as a person runs it, and what it must never leave behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

LONGEST_S = 120
COMMAND = (sys.executable, "-m", "passerby.cli")


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and its words."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line of a failure."""
        assert "Traceback" not in self.err, self.err
        assert self.code == 1, (self.code, self.out, self.err)
        assert self.err.startswith("passerby: "), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix("passerby: ").rstrip("\n")


class Command:
    """Runs ``passerby`` in a session of its own and sees to it that nothing of it stays."""

    def __call__(self, *arguments: str | bytes | Path, cwd: Path, before: Sequence[str] = ()) -> Outcome:
        """Run it.

        Args:
            arguments: Its arguments.
            cwd: Where.
            before: A command to run it with.
        """
        process = subprocess.Popen(
            [*before, *COMMAND, *(os.fspath(a) for a in arguments)],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="backslashreplace",
            start_new_session=True,
            env={**os.environ, "COLUMNS": "500", "NO_COLOR": "1"},
        )
        try:
            out, err = process.communicate(timeout=LONGEST_S)
        finally:
            process.kill()
            process.wait()
        left = left_of(process.pid)
        assert not left, f"processes {left} stayed"
        assert "Traceback" not in err, err
        assert "Exception ignored" not in err, err
        return Outcome(process.returncode, out, err)


def left_of(session: int) -> list[int]:
    """Processes of a session that still run, once those that are about to go have gone."""
    for _ in range(100):
        left = [pid for pid in _processes() if _session(pid) == session]
        if not left:
            break
        time.sleep(0.02)
    return left


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _session(pid: int) -> int | None:
    with suppress(OSError):
        state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:4]
        return None if state in "ZX" else int(session)
    return None


@pytest.fixture(scope="session")
def passerby() -> Command:
    return Command()


def names_in(folder: Path) -> set[str]:
    """Every name in a folder, hidden ones too."""
    return {entry.name for entry in folder.iterdir()}
