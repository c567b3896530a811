"""The order in which a process locks itself in. Each step can only be taken once, after the one before it.

1. `Walls.before_imports`: hardening and Landlock layer A (read what imports need, nothing else). One thread.
2. imports, model bytes read.
3. `Walls.before_threads`: Landlock layer B (no file any more). One thread; all later threads inherit it.
4. models compiled, everything warmed up, code generated.
5. `Walls.before_first_packet`: generated code made read-only, other descriptors closed, system call filter on every
   thread, the filter tried.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from passerby.base.errors import LockError
from passerby.lock import calls, landlock, process, seccomp
from passerby.lock.code import Mappings
from passerby.lock.process import Limits
from passerby.lock.seccomp import Profile


class Step(IntEnum):
    """How far a process has locked itself in."""

    OPEN = 0
    IMPORTS = 1
    WARM_UP = 2
    LOCKED = 3


@dataclass(frozen=True, slots=True)
class LockReport:
    """What holds a locked process: for its `Health` and for the register.

    ``landlock_layers`` is 2, or 0 in the weaker mode, where ``weaker`` is true and ``missing`` says why. seccomp is
    never missing.
    """

    profile: str
    landlock_abi: int | None
    landlock_layers: int
    seccomp: bool
    weaker: bool
    missing: str


class Walls:
    """The walls of the calling process.

    Args:
        weaker: Accept a kernel without Landlock: seccomp alone. The report then says so.
        landlock_state: How to ask for Landlock.
        ports: TCP ports that may be connected to; only for a profile that allows IP sockets.
    """

    def __init__(
        self, *, weaker: bool = False, landlock_state: landlock.State | None = None, ports: tuple[int, ...] = ()
    ) -> None:
        """Nothing is locked yet."""
        self._step = Step.OPEN
        self._landlock = landlock.state() if landlock_state is None else landlock_state
        self._weaker = weaker
        self._ports = ports
        self._mappings: Mappings | None = None

    def before_imports(
        self,
        keep_fds: Collection[int],
        limits: Limits,
        readable: Iterable[Path] | None = None,
        *,
        parent: int | None = None,
        drop_to: int | None = None,
    ) -> None:
        """Harden the process and leave it read access to ``readable`` (default: `readable_for_imports`) only.

        Args:
            keep_fds: Descriptors that stay open, see `process.harden`.
            limits: Resource limits.
            readable: Existing files and folders; models and the like must be among them.
            parent: The supervisor's process id, checked.
            drop_to: The unprivileged user id to become, if root.

        Raises:
            LockError: The kernel lacks a wall, or a step failed. Then end the process.
        """
        self._advance(Step.IMPORTS)
        calls.here()
        if missing := seccomp.available():
            raise LockError(f"no system call filter: {missing}", "use a kernel with seccomp filters, 5.9 or newer")
        if self._landlock.abi is None and not self._weaker:
            raise LockError(
                f"no Landlock: {self._landlock.reason}",
                "use a kernel with Landlock (5.13 or newer), or ask for the weaker mode by name",
            )
        process.harden(keep_fds, limits, parent=parent, drop_to=drop_to)
        if self._landlock.abi is not None:
            # The walls themselves count threads and look at mappings, so a process may always read about itself.
            files = readable_for_imports() if readable is None else readable
            landlock.restrict_reads([Path("/proc/self"), *files], self._ports)

    def before_threads(self) -> None:
        """Take away the last files. Nothing may have started a thread so far.

        Raises:
            LockError: A second thread runs, or the kernel refused. Then end the process.
        """
        self._advance(Step.WARM_UP)
        process.assert_one_thread()
        self._mappings = Mappings()
        if self._landlock.abi is not None:
            landlock.restrict_all(self._ports)
            _try_landlock()

    def before_first_packet(self, profile: Profile) -> LockReport:
        """Close what the profile does not name and put the filter on every thread.

        Raises:
            LockError: The kernel refused, or the filter does not answer. Then end the process.
        """
        self._advance(Step.LOCKED)
        assert self._mappings is not None
        self._mappings.freeze_code()
        self._mappings.close()
        for fd in profile.fds:
            try:
                os.fstat(fd)
            except OSError:
                raise LockError(f"descriptor {fd} of profile {profile.name} is not open") from None
        process.close_all_but(profile.fds | {0, 1, 2})
        seccomp.load(seccomp.build(profile, calls.here(), os.getpid()))
        _try_filter(profile)
        abi = self._landlock.abi
        return LockReport(
            profile=profile.name,
            landlock_abi=abi,
            landlock_layers=0 if abi is None else 2,
            seccomp=True,
            weaker=abi is None,
            missing=self._landlock.reason,
        )

    def _advance(self, to: Step) -> None:
        if self._step + 1 != to:
            raise LockError(f"a wall out of order: {to.name} after {self._step.name}")
        self._step = to


def readable_for_imports() -> list[Path]:
    """What Python, its packages and the libraries under them read while they load, as far as it exists here."""
    places = [
        *(sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix),
        *(p for p in sys.path if p),
        *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"),
        *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system", "/sys/fs/cgroup"),
    ]
    return [path for path in map(Path, dict.fromkeys(places)) if path.exists()]


def _try_landlock() -> None:
    # Landlock shows in no status file; a refused open is its only proof.
    try:
        os.close(os.open("/proc/self/status", os.O_RDONLY | os.O_CLOEXEC))
    except PermissionError:
        return
    raise LockError("Landlock's last layer does not hold")


def _try_filter(profile: Profile) -> None:
    # uname is refused by the filter and by nothing else, so a wall that does not stand shows here.
    if profile.strict:
        return
    try:
        os.uname()
    except PermissionError:
        return
    raise LockError("the system call filter does not answer")
