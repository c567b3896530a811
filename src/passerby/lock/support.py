"""What this machine's kernel offers to the lock, for ``passerby doctor``. Reads only; changes nothing.

Source: proc_sys_kernel(5), proc_swaps(5), user_namespaces(7), kernel documentation "Yama".
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from passerby.base.errors import LockError
from passerby.lock import calls, landlock, seccomp

_PROC: Final = Path("/proc")
_OWN_CHILDREN_ONLY: Final = 1  # Yama: a process may trace what it started, or less


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Args:
        name: What was looked at.
        ok: Whether it is as the lock wants it.
        detail: What was found.
        advice: What to do when not ok, else empty.
        required: Without it no locked process starts; the others say what remains.
    """

    name: str
    ok: bool
    detail: str
    advice: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Support:
    """Everything found. ``lockable``: a locked process starts here; ``weaker_only``: only in the weaker mode."""

    findings: tuple[Finding, ...]

    def __getitem__(self, name: str) -> Finding:
        """The finding of that name; `KeyError` when there is none."""
        for finding in self.findings:
            if finding.name == name:
                return finding
        raise KeyError(name)

    @property
    def lockable(self) -> bool:
        """Every required finding is ok."""
        return all(f.ok for f in self.findings if f.required)

    @property
    def weaker_only(self) -> bool:
        """Nothing but Landlock is missing."""
        return [f.name for f in self.findings if f.required and not f.ok] == ["landlock"]


def probe(landlock_state: landlock.State | None = None, proc: Path = _PROC) -> Support:
    """Look at the machine.

    Args:
        landlock_state: The kernel's answer about Landlock, asked for if None.
        proc: The process file system.
    """
    state = landlock.state() if landlock_state is None else landlock_state
    findings = (
        _machine(),
        _seccomp(),
        _landlock(state),
        _core_pattern(proc),
        _ptrace_scope(proc),
        _swap(proc),
        _user_namespaces(proc),
    )
    return Support(findings)


def _machine() -> Finding:
    try:
        return Finding("machine", True, calls.here(), required=True)
    except LockError as error:
        return Finding("machine", False, error.message, error.advice, required=True)


def _seccomp() -> Finding:
    missing = seccomp.available()
    if missing is None:
        return Finding("seccomp", True, "filters, for all threads at once", required=True)
    return Finding("seccomp", False, missing, "use a kernel with seccomp filters, 5.9 or newer", required=True)


def _landlock(state: landlock.State) -> Finding:
    if state.abi is not None:
        return Finding("landlock", True, f"ABI {state.abi}", required=True)
    advice = "use a kernel with Landlock (5.13 or newer), or ask for the weaker mode by name"
    return Finding("landlock", False, state.reason, advice, required=True)


def _core_pattern(proc: Path) -> Finding:
    # Locked processes are not dumpable, so this matters for the processes around them.
    pattern = _line(proc / "sys/kernel/core_pattern")
    if pattern is None:
        return Finding("core_pattern", False, "can't be read", "mount /proc")
    if pattern.startswith("|"):
        return Finding("core_pattern", True, f"a program takes core dumps ({pattern[1:].split()[0]})")
    return Finding("core_pattern", True, f"core dumps are files ({pattern})" if pattern else "no core dumps")


def _ptrace_scope(proc: Path) -> Finding:
    advice = "set kernel.yama.ptrace_scope to 1 or more; locked processes refuse debuggers of their own user anyway"
    scope = _line(proc / "sys/kernel/yama/ptrace_scope")
    if scope is None:
        return Finding("ptrace_scope", False, "the kernel has no Yama", advice)
    ok = scope.isdigit() and int(scope) >= _OWN_CHILDREN_ONLY
    return Finding("ptrace_scope", ok, f"kernel.yama.ptrace_scope is {scope}", "" if ok else advice)


def _swap(proc: Path) -> Finding:
    try:
        areas = (proc / "swaps").read_text(encoding="utf-8", errors="replace").splitlines()[1:]
    except OSError:
        return Finding("swap", False, "can't be read", "mount /proc")
    if not areas:
        return Finding("swap", True, "none in use")
    names = ", ".join(area.split()[0] for area in areas)
    advice = "turn swap off, encrypt it, or give the darkroom's cgroup memory.swap.max 0"
    return Finding("swap", False, f"raw frames could be swapped out to {names}", advice)


def _user_namespaces(proc: Path) -> Finding:
    most = _line(proc / "sys/user/max_user_namespaces")
    allowed = _line(proc / "sys/kernel/unprivileged_userns_clone")
    ok = most is not None and most != "0" and (allowed in (None, "1") or os.geteuid() == 0)
    if ok:
        return Finding("user_namespaces", True, "available: the supervisor can add an empty network as a third wall")
    return Finding("user_namespaces", False, "not available to this user", "none needed: two walls stand without it")


def _line(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
