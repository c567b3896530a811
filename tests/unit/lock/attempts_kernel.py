"""Attempts on memory and on parts of the kernel that a counting process has no use for."""

from __future__ import annotations

import errno

from tests.unit.lock.attempt import Attempt, refused
from tests.unit.lock.world import sys, words

R, W, X = 1, 2, 4
SHARED, PRIVATE, ANONYMOUS = 1, 2, 0x20
PAGE = 4096


def _undone(made: int, undo: str, *args: int) -> int:
    """What a control run makes outlives its process, so it is taken back (IPC_RMID, 0)."""
    if made >= 0:
        sys(undo, made, *args)
    return made


def _queue(name: bytes) -> int:
    made = sys("mq_open", name, 0x42, 0o600, 0)
    if made >= 0:
        sys("mq_unlink", name)
    return made


MEMORY = [
    Attempt("mmap-code", lambda w: sys("mmap", 0, PAGE, R | X, PRIVATE | ANONYMOUS, -1, 0)),
    Attempt("mmap-writable-code", lambda w: sys("mmap", 0, PAGE, R | W | X, PRIVATE | ANONYMOUS, -1, 0)),
    Attempt("mmap-file-shared", lambda w: sys("mmap", 0, PAGE, R | W, SHARED, w.file, 0)),
    Attempt("mmap-file-private", lambda w: sys("mmap", 0, PAGE, R, PRIVATE, w.file, 0)),
    Attempt("mmap-file-code", lambda w: sys("mmap", 0, PAGE, R | X, PRIVATE, w.shell, 0)),
    Attempt("mmap-memory-file", lambda w: sys("mmap", 0, PAGE, R | W, SHARED, w.memory, 0)),
    Attempt("mmap-shared", lambda w: sys("mmap", 0, PAGE, R | W, SHARED | ANONYMOUS, -1, 0)),
    Attempt("mprotect-code", lambda w: sys("mprotect", w.page, PAGE, R | X)),
    Attempt("mprotect-writable-code", lambda w: sys("mprotect", w.page, PAGE, R | W | X)),
    Attempt("pkey_mprotect-code", lambda w: sys("pkey_mprotect", w.page, PAGE, R | X, -1)),
    Attempt("mlock", lambda w: sys("mlock", w.page, PAGE)),
    Attempt("mincore", lambda w: sys("mincore", w.page, PAGE, w.out)),
    Attempt("msync", lambda w: sys("msync", w.page, PAGE, 1)),
    Attempt("membarrier", lambda w: sys("membarrier", 0, 0, 0), feature="membarrier"),
    Attempt("get_mempolicy", lambda w: sys("get_mempolicy", w.out, 0, 0, 0, 0), feature="NUMA"),
    Attempt("set_mempolicy", lambda w: sys("set_mempolicy", 0, 0, 0), feature="NUMA"),
    refused("mbind", lambda w: sys("mbind", w.page, PAGE, 0, 0, 0, 0), feature="NUMA"),
    Attempt("shmget", lambda w: _undone(sys("shmget", 0, PAGE, 0o600), "shmctl", 0), feature="System V memory"),
    Attempt("shmat", lambda w: sys("shmat", 0x7FFFFFF, 0, 0), control=errno.EINVAL, feature="System V memory",
            reason="a segment would have to be made first, which is shmget"),
    Attempt("msgget", lambda w: _undone(sys("msgget", 0, 0o600), "msgctl", 0), feature="System V messages"),
    Attempt("semget", lambda w: _undone(sys("semget", 0, 1, 0o600), "semctl", 0, 0), feature="System V semaphores"),
    Attempt("mq_open", lambda w: _queue(b"room%d" % w.me), feature="message queues"),
]  # fmt: skip

KERNEL = [
    Attempt("io_uring_setup", lambda w: sys("io_uring_setup", 1, words(*[0] * 15)), feature="io_uring"),
    Attempt("io_setup", lambda w: sys("io_setup", 1, words(0)), feature="asynchronous input"),
    Attempt("bpf", lambda w: sys("bpf", 0, words(2 | 4 << 32, 4 | 1 << 32, *[0] * 14), 128), root=True, feature="bpf"),
    Attempt("perf_event_open", lambda w: sys("perf_event_open", words(1 | 112 << 32, *[0] * 4, 0x60, *[0] * 8),
                                              0, -1, -1, 0), feature="performance counters"),
    Attempt("userfaultfd", lambda w: sys("userfaultfd", 1), feature="user page faults"),
    Attempt("keyctl", lambda w: sys("keyctl", 0, -3, 1), feature="keys"),
    Attempt("add_key", lambda w: sys("add_key", b"user", b"room", w.text, 16, -2), feature="keys"),
    Attempt("syslog", lambda w: sys("syslog", 10, 0, 0), root=True),
    Attempt("adjtimex", lambda w: sys("adjtimex", words(*[0] * 40))),
    Attempt("clock_adjtime", lambda w: sys("clock_adjtime", 0, words(*[0] * 40))),
    Attempt("sethostname", lambda w: sys("sethostname", w.host, len(w.host)), root=True),
    Attempt("ioperm", lambda w: sys("ioperm", 0x80, 1, 0), root=True, feature="port access"),
    Attempt("modify_ldt", lambda w: sys("modify_ldt", 0, w.out, 16), feature="descriptor tables"),
    Attempt("arch_prctl", lambda w: sys("arch_prctl", 0x1003, w.out)),
    Attempt("ioprio_get", lambda w: sys("ioprio_get", 1, 0)),
    Attempt("futex_waitv", lambda w: sys("futex_waitv", 0, 0, 0, 0, 0), control=errno.EINVAL,
            reason="a wait that would succeed never ends"),
    Attempt("times", lambda w: sys("times", w.out)),
    Attempt("rt_sigpending", lambda w: sys("rt_sigpending", w.out, 8)),
]  # fmt: skip

REST = MEMORY + KERNEL
