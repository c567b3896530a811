"""seccomp: build the filter of a `Profile` and load it into every thread.

Source: seccomp(2); kernel documentation, "Seccomp BPF (SECure COMPuting with filters)". Loading needs no_new_privs.
"""

from __future__ import annotations

import ctypes
import errno
from typing import Final

from passerby.base.errors import LockError
from passerby.lock import bpf, calls, libc
from passerby.lock.bpf import KILL_PROCESS
from passerby.lock.calls import Machine
from passerby.lock.rules import Profile, rules_of

__all__ = ["Profile", "available", "build", "load"]

# seccomp(2) operations and flags, <linux/seccomp.h>; architectures from <linux/audit.h>.
_SET_MODE_FILTER: Final = 1
_GET_ACTION_AVAIL: Final = 2
_FLAG_TSYNC: Final = 1
_AUDIT_ARCH: Final[dict[Machine, int]] = {calls.X86_64: 0xC000003E, calls.AARCH64: 0xC00000B7}
_X32_BIT: Final = 0x40000000


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def build(profile: Profile, machine: Machine, pid: int) -> bytes:
    """The filter as an array of ``struct sock_filter``; pure.

    Default: kill the process. A call of another architecture kills whatever its number is; on x86_64 so does x32,
    whose calls carry the same architecture mark.

    Args:
        profile: What is allowed.
        machine: Whose numbers to use.
        pid: The process that will be locked (``tgkill`` only to itself).
    """
    steps = [
        bpf.load(bpf.ARCH_OFFSET),
        bpf.Instruction(bpf.JUMP_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        bpf.give(KILL_PROCESS),
        bpf.load(bpf.NR_OFFSET),
    ]
    if machine == calls.X86_64:
        steps += [bpf.Instruction(bpf.JUMP_GREATER_EQUAL, 0, 1, _X32_BIT), bpf.give(KILL_PROCESS)]
    for rule in rules_of(profile, pid):
        number = calls.number(rule.call, machine)
        if number is not None:
            steps += bpf.block(number, rule.checks, rule.action, rule.otherwise)
    steps.append(bpf.give(KILL_PROCESS))
    if len(steps) > bpf.MAX_INSTRUCTIONS:
        raise LockError(f"the filter of {profile.name} has {len(steps)} instructions, more than the kernel takes")
    return bpf.pack(steps)


def available() -> str | None:
    """None when the kernel can load our filters, else what is missing. Changes nothing."""
    for action in (bpf.KILL_PROCESS, bpf.ERRNO, bpf.ALLOW):
        wanted = ctypes.create_string_buffer(action.to_bytes(4, "little"), 4)
        try:
            libc.syscall("seccomp", _GET_ACTION_AVAIL, 0, wanted)
        except OSError as problem:
            return f"seccomp can't {action:#x} ({problem.strerror})"
    try:
        # Without a program the kernel checks the flag and then fails on the pointer (seccomp(2), EFAULT).
        libc.syscall("seccomp", _SET_MODE_FILTER, _FLAG_TSYNC, None)
    except OSError as problem:
        if problem.errno != errno.EFAULT:
            return f"seccomp can't bind all threads at once ({problem.strerror})"
    return None


def load(program: bytes) -> None:
    """Put the filter on every thread of this process, and on all that they start. There is no way back.

    Raises:
        LockError: The kernel refused, or a thread could not be brought under the filter. Then end the process.
    """
    steps = ctypes.create_string_buffer(program, len(program))
    wrapped = _Program(len(program) // 8, ctypes.addressof(steps))
    try:
        stray = libc.syscall("seccomp", _SET_MODE_FILTER, _FLAG_TSYNC, wrapped)
    except OSError as problem:
        message = f"the kernel refused the system call filter ({problem.strerror})"
        raise LockError(message, "run: passerby doctor") from None
    if stray:
        raise LockError(f"thread {stray} could not be brought under the system call filter")
