"""Attempts to make, drive, read or stop processes, and to change what this one is."""

from __future__ import annotations

import ctypes
import errno
import os

from tests.unit.lock.attempt import DENIED, EXECUTED, Attempt, refused
from tests.unit.lock.world import NEW_NET, NEW_NS, NEW_USER, World, raw, sys, words

THREAD = 0x003D0F00
SIGCHLD = 17


def _split(name: str, *args: int | ctypes.Array[ctypes.c_char]) -> int:
    """A call that makes a process: the new one leaves at once."""
    child = sys(name, *args, splits=True)
    if child == 0:
        os._exit(0)
    return child


def _clone3(flags: int) -> int:
    return _split("clone3", words(flags, 0, 0, 0, SIGCHLD, *[0] * 6), 88)


def _run(w: World, name: str, *args: int | bytes, flags: int | None = None) -> int:
    """A call that runs a shell, which leaves with a status of its own."""
    texts = [ctypes.create_string_buffer(t) for t in (b"sh", b"-c", b"exit %d" % EXECUTED)]
    argv, environment = words(*(ctypes.addressof(t) for t in texts), 0), words(0)
    return sys(name, *args, argv, environment, *(() if flags is None else (flags,)))


def _foreign(w: World) -> int:
    return -errno.ENOSYS if w.foreign is None else int(w.foreign())


MAKE = [
    Attempt("fork", lambda w: _split("fork")),
    Attempt("clone-process", lambda w: _split("clone", SIGCHLD, 0, 0, 0, 0)),
    Attempt("clone-new-user", lambda w: _split("clone", SIGCHLD | NEW_USER, 0, 0, 0, 0), feature="user namespaces"),
    Attempt("clone-thread-new-user", lambda w: _split("clone", THREAD | NEW_USER, 0, 0, 0, 0), control=errno.EINVAL,
            reason="the kernel itself never makes a thread in another user namespace"),
    Attempt("clone3", lambda w: _clone3(0), errno.ENOSYS),
    Attempt("clone3-new-user", lambda w: _clone3(NEW_USER), errno.ENOSYS, feature="user namespaces"),
    Attempt("execve", lambda w: _run(w, "execve", b"/bin/sh"), landlock=DENIED),
    Attempt("execveat", lambda w: _run(w, "execveat", w.shell, b"", flags=0x1000), landlock=DENIED),
    Attempt("wait4", lambda w: sys("wait4", -1, 0, 1, 0), control=errno.ECHILD, reason="it has no children"),
    Attempt("i386-call", _foreign, feature="i386 calls"),
    Attempt("x32-call", lambda w: raw(0x40000000 | 39), control=errno.ENOSYS, reason="few kernels are built with x32"),
    Attempt("unknown-call", lambda w: raw(6000), control=errno.ENOSYS, reason="no kernel has it"),
]  # fmt: skip

REACH = [
    Attempt("kill", lambda w: sys("kill", w.town.neighbour, 0), landlock=errno.EPERM),
    Attempt("kill-self", lambda w: sys("kill", w.me, 0)),
    Attempt("tkill", lambda w: sys("tkill", w.town.neighbour, 0), landlock=errno.EPERM),
    Attempt("tgkill", lambda w: sys("tgkill", w.town.neighbour, w.town.neighbour, 0), landlock=errno.EPERM),
    Attempt("rt_sigqueueinfo", lambda w: sys("rt_sigqueueinfo", w.me, 0, words(0, -1, 0, 0, *[0] * 12))),
    Attempt("pidfd_open", lambda w: sys("pidfd_open", w.town.neighbour, 0)),
    Attempt("pidfd_send_signal", lambda w: sys("pidfd_send_signal", w.handle, 0, 0, 0), landlock=errno.EPERM),
    Attempt("pidfd_getfd", lambda w: sys("pidfd_getfd", w.handle, 0, 0), landlock=errno.EPERM),
    Attempt("ptrace-seize", lambda w: sys("ptrace", 0x4206, w.town.neighbour, 0, 0), landlock=errno.EPERM),
    Attempt("ptrace-me", lambda w: sys("ptrace", 0, 0, 0, 0)),
    Attempt("process_vm_readv",
            lambda w: sys("process_vm_readv", w.town.neighbour, w.vector(), 1, words(w.town.secret, 16), 1, 0),
            landlock=errno.EPERM),
    Attempt("process_vm_writev",
            lambda w: sys("process_vm_writev", w.town.neighbour, w.vector(), 1, words(w.town.secret, 16), 1, 0),
            landlock=errno.EPERM),
    Attempt("process_vm_writev-self", lambda w: sys("process_vm_writev", w.me, w.vector(), 1, words(w.page, 16), 1, 0)),
    Attempt("process_madvise",
            lambda w: sys("process_madvise", w.handle, words(w.town.secret & -4096, 4096), 1, 20, 0), root=True),
    Attempt("kcmp", lambda w: sys("kcmp", w.me, w.me, 1, 0, 0), feature="kcmp"),
    Attempt("getpgid", lambda w: sys("getpgid", w.town.neighbour)),
    Attempt("move_pages", lambda w: sys("move_pages", 0, 1, words(w.page), 0, w.out, 0), feature="NUMA"),
    refused("sched_getaffinity", lambda w: sys("sched_getaffinity", w.town.neighbour, 128, w.out)),
    refused("sched_setaffinity", lambda w: sys("sched_setaffinity", 0, 8, words(1))),
    refused("sched_setaffinity-other", lambda w: sys("sched_setaffinity", w.town.neighbour, 8, words(1))),
]  # fmt: skip

BECOME = [
    Attempt("unshare-user", lambda w: sys("unshare", NEW_USER), feature="user namespaces"),
    Attempt("unshare-net", lambda w: sys("unshare", NEW_NET), root=True),
    Attempt("unshare-mounts", lambda w: sys("unshare", NEW_NS), root=True),
    Attempt("setns", lambda w: sys("setns", w.network, NEW_NET), root=True),
    Attempt("setuid", lambda w: sys("setuid", os.getuid())),
    Attempt("setresuid", lambda w: sys("setresuid", -1, -1, -1)),
    Attempt("setgroups", lambda w: sys("setgroups", 0, 0), root=True),
    Attempt("capset", lambda w: sys("capset", words(0x20080522), words(0, 0, 0))),
    Attempt("personality", lambda w: sys("personality", 0xFFFFFFFF)),
    Attempt("prctl-dumpable", lambda w: sys("prctl", 4, 1, 0, 0, 0)),
    Attempt("prctl-get-name", lambda w: sys("prctl", 16, w.out, 0, 0, 0)),
    Attempt("prctl-death-signal", lambda w: sys("prctl", 1, 0, 0, 0, 0)),
    Attempt("prctl-ptracer", lambda w: sys("prctl", 0x59616D61, -1, 0, 0, 0), control=errno.EINVAL,
            reason="only kernels with Yama know it"),
    Attempt("seccomp-query", lambda w: sys("seccomp", 2, 0, words(0x7FFF0000))),
    Attempt("landlock_create_ruleset", lambda w: sys("landlock_create_ruleset", 0, 0, 1), feature="Landlock"),
    Attempt("setsid", lambda w: sys("setsid")),
    Attempt("setpgid", lambda w: sys("setpgid", 0, 0)),
    Attempt("setpriority", lambda w: sys("setpriority", 0, 0, 5)),
    Attempt("sched_setscheduler", lambda w: sys("sched_setscheduler", 0, 3, words(0))),
    Attempt("getppid", lambda w: sys("getppid")),
    Attempt("getuid", lambda w: sys("getuid")),
    Attempt("rt_sigaction-other", lambda w: sys("rt_sigaction", 10, 0, w.out, 8)),
    Attempt("setitimer", lambda w: sys("setitimer", 0, words(0, 0, 0, 0), 0)),
    Attempt("alarm", lambda w: sys("alarm", 0)),
    Attempt("timer_create", lambda w: sys("timer_create", 1, 0, w.out), feature="POSIX timers"),
]  # fmt: skip

PROCESSES = MAKE + REACH + BECOME
