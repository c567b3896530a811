"""What a process may do because of who it is: user, capabilities, personality. Given up here.

Source: capabilities(7), capset(2), prctl(2), personality(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from typing import Final

from passerby.base.errors import LockError
from passerby.lock import libc

_CAPABILITY_VERSION: Final = 0x20080522
_MOST_CAPABILITIES: Final = 64
_READ_IMPLIES_EXEC: Final = 0x0400000
_QUERY_PERSONALITY: Final = 0xFFFFFFFF


class _CapabilityHeader(ctypes.Structure):
    """``struct __user_cap_header_struct``; pid 0 is the caller."""

    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def drop(user: int | None) -> None:
    """Empty every capability set and, if the process is root's and ``user`` is not None, become that user and group.

    Raises:
        LockError: ``user`` is root itself.
        OSError: The kernel refused.
    """
    # Without CAP_SETPCAP the bounding set stays; with no_new_privs and no capability of its own it then gives nothing.
    with contextlib.suppress(OSError):
        for capability in range(_MOST_CAPABILITIES):
            libc.prctl(libc.PR_CAPBSET_DROP, capability)
    if user is not None and os.geteuid() == 0:
        if user == 0:
            raise LockError("dropping to user 0 drops nothing", "name an unprivileged user id")
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    try:
        libc.prctl(libc.PR_CAP_AMBIENT, libc.PR_CAP_AMBIENT_CLEAR_ALL)
    except OSError as problem:
        if problem.errno != errno.EINVAL:  # a kernel before 4.3 has no ambient set
            raise
    header = _CapabilityHeader(_CAPABILITY_VERSION, 0)
    none = ctypes.create_string_buffer(2 * 12)  # two sets of effective, permitted, inheritable: all empty
    libc.syscall("capset", header, none)


def forget_executable_reads() -> None:
    """Let readable memory not be executable for being readable.

    Raises:
        OSError: The kernel refused.
    """
    # Under READ_IMPLIES_EXEC, which fork hands down, every readable mapping would be code and the filter's check of
    # mmap would check nothing.
    now = libc.syscall("personality", _QUERY_PERSONALITY)
    if now & _READ_IMPLIES_EXEC:
        libc.syscall("personality", now & ~_READ_IMPLIES_EXEC)
