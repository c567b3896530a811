"""What a process gives up by itself: descriptors, privileges, limits, core dumps, a life longer than its parent's.

Source: prctl(2), getrlimit(2), close_range(2), core(5), madvise(2).
"""

from __future__ import annotations

import mmap
import os
import resource
import signal
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passerby.base.errors import LockError
from passerby.lock import libc, privileges

_MADV_DONTDUMP: Final = 16
_LAST_FD: Final = 0xFFFFFFFF
_PAUSE: Final = 0.002  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of a locked process, soft and hard alike; None leaves a limit as it is.

    Args:
        address_space: Bytes of address space. Counts what is reserved, not what is used; a backstop to the cgroup.
        cpu_seconds: Seconds of processor time until the kernel kills; for jobs with an end, not for live cameras.
        open_files: One more than the highest descriptor that can be opened.
        file_size: Bytes that a file may grow to; pipes are not files.
    """

    address_space: int | None = None
    cpu_seconds: int | None = None
    open_files: int | None = 64
    file_size: int | None = 0


def harden(keep_fds: Collection[int], limits: Limits, *, parent: int | None = None, drop_to: int | None = None) -> None:
    """Give up everything that a locked process does not need. There is no way back.

    Args:
        keep_fds: Open descriptors to keep. Of 0, 1 and 2 the others become ``/dev/null``, so that no later open takes
            their place; every other descriptor is closed.
        limits: Resource limits.
        parent: The process id that must still be the parent, so that a supervisor's death is not missed.
        drop_to: If the process is root's: the user and group id to become.

    Raises:
        LockError: Something can't be given up, or more than one thread runs. Then end the process.
    """
    try:
        assert_one_thread()
        os.umask(0o077)
        _close_others(frozenset(keep_fds))
        _set_limits(limits)
        privileges.drop(drop_to)
        # After the change of user: the kernel clears the death signal and resets dumpable when credentials change.
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        libc.prctl(libc.PR_SET_DUMPABLE, 0)
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
        privileges.forget_executable_reads()
    except OSError as problem:
        raise LockError(f"the process could not be hardened ({problem})", "run: passerby doctor") from None
    # After the death signal is armed: a parent that died before has been replaced by now.
    if parent is not None and os.getppid() != parent:
        raise LockError("the supervisor has gone")


def thread_count() -> int:
    """Threads of this process. Needs ``/proc``.

    Raises:
        LockError: ``/proc`` is not there.
    """
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir())
    except OSError as problem:
        raise LockError(f"threads can't be counted ({problem.strerror})", "mount /proc") from None


def assert_one_thread(patience: float = 1.0) -> None:
    """Refuse unless exactly one thread runs: the walls before the last bind only the calling thread.

    A thread that has been joined can stay listed for a moment while the kernel buries it, and OpenVINO starts one such
    thread while it loads; hence the patience. Once one thread is left, nobody but the caller can start another.

    Args:
        patience: Seconds to wait for others to vanish.

    Raises:
        LockError: A second thread runs.
    """
    end = time.monotonic() + patience
    while (count := thread_count()) != 1:
        if time.monotonic() > end:
            raise LockError(f"{count} threads run where only one may", "start threads after the second wall")
        time.sleep(_PAUSE)


def dont_dump(address: int, length: int) -> None:
    """Keep the pages that touch ``[address, address + length)`` out of any core dump, for raw frames.

    Raises:
        LockError: The kernel refused.
    """
    start = address - address % mmap.PAGESIZE
    end = -(-(address + length) // mmap.PAGESIZE) * mmap.PAGESIZE
    try:
        libc.syscall("madvise", start, end - start, _MADV_DONTDUMP)
    except OSError as problem:
        raise LockError(f"frame memory can't be kept out of core dumps ({problem.strerror})") from None


def close_all_but(keep: Collection[int]) -> None:
    """Close every descriptor that is not in ``keep``, without asking which are open.

    Raises:
        OSError: The kernel is older than 5.9.
    """
    first = 0
    for fd in [*sorted(keep), _LAST_FD + 1]:
        if first < fd:
            libc.syscall("close_range", first, fd - 1, 0)
        first = fd + 1


def _close_others(keep: frozenset[int]) -> None:
    for fd in keep:
        try:
            os.fstat(fd)
        except OSError:
            raise LockError(f"descriptor {fd} is to be kept but is not open") from None
    close_all_but(keep | {0, 1, 2})
    if missing := {0, 1, 2} - keep:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in missing - {nowhere}:
            os.dup2(nowhere, fd)
        if nowhere not in missing:
            os.close(nowhere)


def _set_limits(limits: Limits) -> None:
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: limits.address_space,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_FSIZE: limits.file_size,
    }
    for which, value in wanted.items():
        if value is not None:
            _, hard = resource.getrlimit(which)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (value, value))
