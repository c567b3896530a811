"""What can be seen of running processes from outside: who belongs to whom, and what holds them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from passerby.darkroom.launch import Wanted
from passerby.lock import verify
from passerby.outlet.messages import Message, RedactedPacket, StreamHeader
from passerby.station.crew import Crew, open_source
from passerby.station.files import _hash, displayed_size, permit_for

MODULES = {
    "passerby.intake.main": "intake",
    "passerby.darkroom.decode_main": "decode",
    "passerby.darkroom.hide_main": "hide",
}
REDACT = Wanted(frozenset({"redact"}), threads=2)


def children(parent: int) -> dict[str, int]:
    """The locked processes of a supervisor that run now, by role."""
    found = {}
    for pid in _all_children(parent):
        with suppress(OSError, ValueError, IndexError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            role = MODULES.get(words[words.index(b"-m") + 1].decode())
            if role and alive(pid):
                found[role] = pid
    return found


def _all_children(parent: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{parent}/task").iterdir())
        return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    except OSError:
        return []


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def fields(status: Path) -> dict[str, str]:
    """A status file of ``/proc`` by name."""
    return {name: value.strip() for name, _, value in (line.partition(":") for line in status.read_text().splitlines())}


def wait_for(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def all_locked(pids: dict[str, int]) -> bool:
    """Whether all three run and are locked in."""
    return len(pids) == len(MODULES) and all(verify.locked(pid) for pid in pids.values())


def may_look_inside() -> bool:
    """Whether this process may look into others that refuse debuggers (CAP_SYS_PTRACE, bit 19)."""
    return bool(int(fields(Path("/proc/self/status"))["CapEff"], 16) >> 19 & 1)


@contextmanager
def at_work(source: Path, wanted: Wanted = REDACT, passes: int = 1) -> Iterator[tuple[Crew, Iterator[Message]]]:
    """A crew in the middle of its work: pictures have left, many more wait, and nobody drains the outlet."""
    fd = open_source(source)
    try:
        permit = permit_for(_hash(fd), wanted)
        with Crew(wanted, fd, passes) as crew:
            header = crew.header(permit)
            assert isinstance(header, StreamHeader)
            crew.start_hide(displayed_size(header))
            messages = crew.item(permit)
            for message in messages:
                if isinstance(message, RedactedPacket):
                    break
            yield crew, messages
    finally:
        os.close(fd)
