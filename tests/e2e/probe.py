"""Starts `probe_child` the way the product starts its own processes, and talks to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from tests.e2e.processes import REDACT
from tests.unit.lock.conftest import Outcome

from passerby.darkroom.launch import listed_hashes
from passerby.darkroom.ring_file import create_ring
from passerby.lock.spawn import ENVIRONMENT

CHILD = Path(__file__).with_name("probe_child.py")
SIZE = (640, 64)


@dataclass(frozen=True)
class Ask:
    """How a probe is to run; see `probe_child`."""

    role: str
    walls: bool
    place: str = ""
    last: str = "socket-tcp"


class Probe:
    """One probe. ``source`` is any file; ``folder`` gets what the attempts need around them."""

    def __init__(self, ask: Ask, source: Path, folder: Path) -> None:
        self._fds: list[int] = []
        settings = replace(REDACT, size=SIZE).settings(
            {**self._descriptors(ask.role, source), "lifeline": self._pipe()[0]}
        )
        words = dict(settings.words) | {
            "models": json.dumps(listed_hashes()), "passes": "1", "town": str(folder),
            "role": ask.role, "walls": "yes" if ask.walls else "no", "place": ask.place, "last": ask.last,
        }  # fmt: skip
        settings = replace(settings, words=words)
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(CHILD), settings.argument()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=ENVIRONMENT, pass_fds=tuple(settings.fds.values()), cwd="/",
        )  # fmt: skip
        self._in, self._out, self._err = self.process.stdin, self.process.stdout, self.process.stderr

    def _descriptors(self, role: str, source: Path) -> dict[str, int]:
        out, into = self._pipe()
        if role == "intake":
            self._fds.append(os.open(source, os.O_RDONLY))
            return {"notes": into, "source": self._fds[-1]}
        writable, readable = create_ring()
        self._fds += [writable, readable]
        if role == "decode":
            return {"ring": writable, "slots": out}
        return {"ring": readable, "slots": into, "control": self._pipe()[0]}

    def _pipe(self) -> tuple[int, int]:
        ends = os.pipe()
        self._fds += ends
        return ends

    def make(self, name: str, place: str) -> Outcome:
        """One attempt in a fork; the empty name is one that does nothing."""
        assert self._in and self._out and self._err
        try:
            self._in.write(json.dumps({"name": name, "place": place}).encode() + b"\n")
            self._in.flush()
            return Outcome(**json.loads(self._out.readline()))
        except (OSError, ValueError) as problem:
            raise AssertionError(f"the probe ended: {self.process.wait(5)} {self._err.read()!r}") from problem

    def told(self) -> list[dict[str, Any]]:
        """All that a probe without forks tells until it ends."""
        assert self._out
        return [json.loads(line) for line in self._out.read().splitlines()]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._in, self._out, self._err):
            assert file
            with suppress(OSError):
                file.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for fd in self._fds:
            os.close(fd)
