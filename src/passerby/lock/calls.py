"""System call numbers of the two architectures a darkroom runs on.

Source: the kernel's ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``scripts/syscall.tbl`` (aarch64). The tests compare
every number with libseccomp. ``None``: the architecture has no such call, so a rule for it is left out.
"""

from __future__ import annotations

import os
import struct
from functools import cache
from typing import Final, Literal

from passerby.base.errors import LockError

Machine = Literal["x86_64", "aarch64"]

X86_64: Final[Machine] = "x86_64"
AARCH64: Final[Machine] = "aarch64"

# Name: (x86_64, aarch64).
TABLE: Final[dict[str, tuple[int, int | None]]] = {
    "access": (21, None),
    "bind": (49, 200),
    "brk": (12, 214),
    "capset": (126, 91),
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "clone": (56, 220),
    "clone3": (435, 435),
    "close": (3, 57),
    "close_range": (436, 436),
    "connect": (42, 203),
    "eventfd2": (290, 19),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "fcntl": (72, 25),
    "fstat": (5, 80),
    "fstatfs": (138, 44),
    "futex": (202, 98),
    "getcpu": (309, 168),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "getpeername": (52, 205),
    "getpid": (39, 172),
    "getrandom": (318, 278),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "getsockname": (51, 204),
    "getsockopt": (55, 209),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "ioctl": (16, 29),
    "landlock_add_rule": (445, 445),
    "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446),
    "lseek": (8, 62),
    "lstat": (6, None),
    "madvise": (28, 233),
    "mbind": (237, 235),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "nanosleep": (35, 101),
    "newfstatat": (262, 79),
    "open": (2, None),
    "openat": (257, 56),
    "personality": (135, 92),
    "poll": (7, None),
    "ppoll": (271, 73),
    "prctl": (157, 167),
    "pread64": (17, 67),
    "prlimit64": (302, 261),
    "read": (0, 63),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "recvfrom": (45, 207),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_getaffinity": (204, 123),
    "sched_setaffinity": (203, 122),
    "sched_yield": (24, 124),
    "seccomp": (317, 277),
    "sendto": (44, 206),
    "set_robust_list": (273, 99),
    "setsockopt": (54, 208),
    "shutdown": (48, 210),
    "sigaltstack": (131, 132),
    "socket": (41, 198),
    "stat": (4, None),
    "statfs": (137, 43),
    "statx": (332, 291),
    "sysinfo": (99, 179),
    "tgkill": (234, 131),
    "time": (201, None),
    "uname": (63, 160),
    "write": (1, 64),
}


def number(name: str, machine: Machine) -> int | None:
    """The number of a call, or None where the architecture does not have it."""
    return TABLE[name][0 if machine == X86_64 else 1]


@cache
def here() -> Machine:
    """The architecture of this process. Remembered, because a locked process can't ask.

    Raises:
        LockError: Not 64-bit x86 or ARM: there is no table, hence no lock.
    """
    name = os.uname().machine
    if struct.calcsize("P") == 8:
        if name == X86_64:
            return X86_64
        if name == AARCH64:
            return AARCH64
    raise LockError(f"no lock for a {8 * struct.calcsize('P')}-bit process on {name}", "use 64-bit x86 or ARM")


def call(name: str) -> int:
    """The number of a call here, for the few calls that have no wrapper in every libc.

    Raises:
        LockError: No table for this machine, or no such call on it.
    """
    found = number(name, here())
    if found is None:
        raise LockError(f"this architecture has no call {name}")
    return found
