"""The attempt server as a fixture."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.unit.lock.programs import ENVIRONMENT, ROOT


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt: killed by a signal, or left with a status after a result (minus errno).

    ``reached`` is false when the process ended on the way to the attempt, which then proves nothing.
    """

    signal: int | None
    status: int | None
    result: int | None
    reached: bool


class Attempts:
    """Talks to `server`."""

    def __init__(self, folder: Path) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.unit.lock.server", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=ROOT,
        )  # fmt: skip

    def make(self, name: str, walls: str, place: str = "main") -> Outcome:
        assert self._server.stdin and self._server.stdout
        self._server.stdin.write(json.dumps({"name": name, "walls": walls, "place": place}) + "\n")
        self._server.stdin.flush()
        return Outcome(**json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        assert self._server.stdin and self._server.stdout
        self._server.stdin.close()
        self._server.wait(20)
        self._server.stdout.close()


@pytest.fixture(scope="session")
def attempts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attempts]:
    server = Attempts(tmp_path_factory.mktemp("attempts"))
    yield server
    server.close()
