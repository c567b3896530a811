"""Landlock: first read-only access to what imports need (layer A), then nothing at all (layer B).

Source: kernel documentation, "Landlock: unprivileged access control"; landlock_create_ruleset(2). A rule set binds the
calling thread and those it starts later, not threads that already run (up to ABI 7), so both layers are put on while
the process has one thread. Needs no_new_privs.

Landlock does not ask about mapping an opened file as code, so libraries load under a read-only rule and the right to
execute is given to nobody.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR
from typing import Final

from passerby.base.errors import LockError
from passerby.lock import libc

_CREATE_RULESET_VERSION: Final = 1
_RULE_PATH_BENEATH: Final = 1
_RULE_NET_PORT: Final = 2
_CONNECT_TCP: Final = 1 << 1

_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
# What a process needs in a folder of its own: write and truncate files, make and remove them and folders.
_KEEP: Final = _READ_FILE | _READ_DIR | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8
_TRUNCATE: Final = 1 << 14
# Highest right of each ABI: EXECUTE … MAKE_SYM (13 rights), then REFER, TRUNCATE, IOCTL_DEV.
_FS_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 5: 16}
_NET_TCP: Final = 0b11  # BIND_TCP, CONNECT_TCP, from ABI 4
_SCOPES: Final = 0b11  # ABSTRACT_UNIX_SOCKET, SIGNAL, from ABI 6


class _Ruleset(ctypes.Structure):
    """``struct landlock_ruleset_attr``; kernels that know fewer fields accept the rest when zero."""

    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    """``struct landlock_path_beneath_attr``."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


class _NetPort(ctypes.Structure):
    """``struct landlock_net_port_attr``."""

    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


@dataclass(frozen=True, slots=True)
class State:
    """Whether this kernel has Landlock. ``abi`` is None when not, and then ``reason`` says why."""

    abi: int | None
    reason: str = ""


_REASONS: Final = {
    errno.ENOSYS: "the kernel is built without Landlock",
    errno.EOPNOTSUPP: "Landlock is disabled at boot (add landlock to the lsm= kernel parameter)",
    errno.EPERM: "the container's own system call filter forbids Landlock",
}


def state() -> State:
    """Ask the kernel; changes nothing."""
    try:
        return State(libc.syscall("landlock_create_ruleset", None, 0, _CREATE_RULESET_VERSION))
    except OSError as problem:
        return State(None, _REASONS.get(problem.errno or 0, f"the kernel answers: {problem.strerror}"))


def abi() -> int | None:
    """The version of Landlock's interface (1 or more), or None where it is missing; `state` knows the reason."""
    return state().abi


def rights(version: int) -> tuple[int, int, int]:
    """The rights that a rule set handles, hence denies, under an ABI: file system, TCP, scopes."""
    files = max(count for since, count in _FS_RIGHTS.items() if since <= version)
    return (1 << files) - 1, _NET_TCP if version >= 4 else 0, _SCOPES if version >= 6 else 0


def restrict_reads(paths: Iterable[Path], ports: Iterable[int] = (), own: Iterable[Path] = ()) -> int:
    """Layer A: from now on the calling thread can read files beneath ``paths`` and do nothing else with files.

    TCP, abstract sockets and signals out of the process are denied as far as the ABI has them.

    Args:
        paths: What may be read.
        ports: TCP ports that may be connected to, at any address: Landlock knows no addresses.
        own: Folders in which files may be written, made and removed, too.

    Returns:
        The ABI used.

    Raises:
        LockError: A path does not exist, or Landlock is missing.
    """
    return _restrict(tuple(paths), tuple(ports), tuple(own))


def restrict_all(ports: Iterable[int] = ()) -> int:
    """Layer B: no file can be opened any more. Stacks on layer A, which must allow the same ``ports``.

    Returns:
        The ABI used.

    Raises:
        LockError: Landlock is missing.
    """
    return _restrict((), tuple(ports))


def _restrict(paths: tuple[Path, ...], ports: tuple[int, ...], own: tuple[Path, ...] = ()) -> int:
    found = state()
    if found.abi is None:
        raise LockError(f"no Landlock: {found.reason}", "run: passerby doctor")
    attributes = _Ruleset(*rights(found.abi))
    ruleset = -1
    try:
        ruleset = libc.syscall("landlock_create_ruleset", attributes, ctypes.sizeof(attributes), 0)
        for path in paths:
            _allow(ruleset, path, _READ_FILE | _READ_DIR)
        for path in own:
            _allow(ruleset, path, (_KEEP | _TRUNCATE) & attributes.fs)
        for port in ports if attributes.net else ():
            libc.syscall("landlock_add_rule", ruleset, _RULE_NET_PORT, _NetPort(_CONNECT_TCP, port), 0)
        libc.syscall("landlock_restrict_self", ruleset, 0)
    except OSError as problem:
        raise LockError(f"Landlock refused ({problem})", "run: passerby doctor") from None
    finally:
        if ruleset >= 0:
            os.close(ruleset)
    return found.abi


def _allow(ruleset: int, path: Path, rights_there: int) -> None:
    # The rule holds for what the path leads to now: links are followed here, once.
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        # The right to list folders means nothing on a file, and the kernel refuses it there.
        allowed = rights_there if S_ISDIR(os.fstat(parent).st_mode) else _READ_FILE
        libc.syscall("landlock_add_rule", ruleset, _RULE_PATH_BENEATH, _PathBeneath(allowed, parent), 0)
    finally:
        os.close(parent)
