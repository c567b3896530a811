"""What the supervisor sees of a locked process from outside: the filter, on every one of its threads.

Source: proc_pid_status(5). Landlock shows nowhere there; a locked process proves it by a refused open.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_FILTER: Final = 2  # SECCOMP_MODE_FILTER


@dataclass(frozen=True, slots=True)
class ThreadWalls:
    """One thread: its id, its seccomp mode (2: filter), how many filters, and no_new_privs."""

    thread: int
    seccomp: int
    filters: int
    no_new_privs: bool


def thread_walls(pid: int, proc: Path = _PROC) -> tuple[ThreadWalls, ...]:
    """Every thread of a process; empty when there is no such process.

    Listed until two listings agree, so that a thread born meanwhile is not missed. The caller must be the parent and
    must not have waited for the process, else the id may be somebody else's.
    """
    while True:
        before = _threads(pid, proc)
        walls = tuple(w for t in before if (w := _walls(pid, t, proc)) is not None)
        if len(walls) == len(before) and _threads(pid, proc) == before:
            return walls


def locked(pid: int, proc: Path = _PROC) -> bool:
    """Whether every thread has no_new_privs and a filter more than this process has.

    The comparison matters inside a container, whose engine has put a filter on everybody.
    """
    own = thread_walls_of_self(proc)
    walls = thread_walls(pid, proc)
    return bool(walls) and all(w.seccomp == _FILTER and w.no_new_privs and w.filters > own for w in walls)


def thread_walls_of_self(proc: Path = _PROC) -> int:
    """How many filters lie on the calling process."""
    return int(_fields(proc / "self" / "status").get("Seccomp_filters", "0"))


def _threads(pid: int, proc: Path) -> list[int]:
    try:
        return sorted(int(entry.name) for entry in (proc / str(pid) / "task").iterdir())
    except OSError:
        return []


def _walls(pid: int, thread: int, proc: Path) -> ThreadWalls | None:
    try:
        fields = _fields(proc / str(pid) / "task" / str(thread) / "status")
    except OSError:
        return None
    mode = int(fields.get("Seccomp", "0"))
    # Kernels before 5.9 do not count filters; none of them can be locked (close_range).
    return ThreadWalls(thread, mode, int(fields.get("Seccomp_filters", "0")), fields.get("NoNewPrivs") == "1")


def _fields(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
