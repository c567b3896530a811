"""The C library through ctypes: raw system calls that raise `OSError`. Nothing is loaded that is not loaded already."""

from __future__ import annotations

import ctypes
import os
from typing import Final

from passerby.lock import calls

_libc: Final = ctypes.CDLL(None, use_errno=True)
_syscall: Final = _libc.syscall
_syscall.restype = ctypes.c_long

# prctl(2), <linux/prctl.h>.
PR_SET_PDEATHSIG: Final = 1
PR_GET_DUMPABLE: Final = 3
PR_SET_DUMPABLE: Final = 4
PR_SET_NAME: Final = 15
PR_CAPBSET_READ: Final = 23
PR_CAPBSET_DROP: Final = 24
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4

Pointer = ctypes.Array[ctypes.c_char] | ctypes.Structure


def _word(value: int | Pointer | None) -> ctypes.c_long | ctypes.c_void_p:
    if isinstance(value, int):
        return ctypes.c_long(value)
    return ctypes.c_void_p(None if value is None else ctypes.addressof(value))


def syscall(name: str, *args: int | Pointer | None) -> int:
    """Make the named system call (`calls.TABLE`); pointers stay owned by the caller.

    Raises:
        OSError: What the kernel answered.
        LockError: No number for this architecture.
    """
    number = calls.call(name)
    ctypes.set_errno(0)
    result = int(_syscall(ctypes.c_long(number), *(_word(a) for a in args)))
    if result == -1 and (code := ctypes.get_errno()):
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def prctl(option: int, *args: int) -> int:
    """prctl(2); missing arguments are zero, as several options demand.

    Raises:
        OSError: What the kernel answered.
    """
    return syscall("prctl", option, *args, *(0,) * (4 - len(args)))
