"""Which system calls a locked process may make: the allow-list as data, with the reason for each.

`docs/lock.md` has the same table in prose; a test compares the two. Whatever no rule names kills the process.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Final

from passerby.lock.bpf import ALLOW, KILL_PROCESS, Below, Check, Equals, Masked, answer
from passerby.lock.libc import PR_SET_NAME

# mmap(2), mprotect(2).
_PROT_READ_WRITE: Final = 0x1 | 0x2
_MAP_PRIVATE_ANONYMOUS: Final = 0x02 | 0x20
_MAP_TYPE_AND_ANONYMOUS: Final = 0x0F | 0x20

# clone(2): exactly what a C library passes for a thread. CLONE_DETACHED means nothing since Linux 2.6; musl sets it.
_CLONE_A_THREAD: Final = 0x003D0F00  # VM FS FILES SIGHAND THREAD SYSVSEM SETTLS PARENT_SETTID CHILD_CLEARTID
_CLONE_DETACHED: Final = 0x00400000

# Answered "done" without being run. FFmpeg names its threads; names can be read by every process of the machine, so a
# name that stuck would be an outlet that nobody meters.
_PRETEND: Final = answer(0)

# socket(2): IPv4 and IPv6, streams and datagrams, with or without SOCK_NONBLOCK and SOCK_CLOEXEC. No raw sockets, no
# local ones (those carry descriptors), nothing that tells of the machine.
_IP: Final = (2, 10)
_KINDS: Final = tuple(kind | flags for kind in (1, 2) for flags in (0, 0x800, 0x80000, 0x80800))
_PROTOCOLS: Final = (0, 6, 17)
# setsockopt(2): SOL_SOCKET, IPPROTO_IP, _TCP, _UDP, _IPV6.
_LEVELS: Final = (1, 0, 6, 17, 41)
# fcntl(2): F_SETFD, F_GETFL, F_SETFL.
_FD_FLAGS: Final = (2, 3, 4)

_ALL_64: Final = (1 << 64) - 1
_SIGINT: Final = 2
# The GNU C library takes this signal for itself when the first thread starts.
_SIGSETXID: Final = 33
# clock_gettime(2): numbers from here on, as unsigned, are descriptors and the clocks of other processes.
_FIRST_UNKNOWN_CLOCK: Final = 12


@dataclass(frozen=True, slots=True)
class Profile:
    """What one kind of locked process may do beyond computing. Descriptors are those open when the lock falls.

    Args:
        name: For messages and the report, such as ``decode``.
        read_fds: Where ``read`` is allowed.
        write_fds: Where ``write`` is allowed. Leave 2 in it when the standard error may be used, else a print kills.
        seek_fds: Where ``lseek`` is allowed: the one source file of a process that must seek in it.
        allow_threads: New threads (never processes).
        allow_poll: ``poll`` and ``ppoll``, for a process that waits on two pipes.
        allow_affinity: ``sched_setaffinity`` of the calling thread. OpenVINO's threads call it even with pinning off,
            and live with a refusal; only a strict profile must allow it.
        allow_ip: IP sockets to connect and talk through, for intake: it must reach cameras. No listening, no accepting,
            no message that could carry a descriptor. Which TCP ports is Landlock's part.
        strict: Questions about paths kill too, instead of answering "permission denied".
    """

    name: str
    read_fds: tuple[int, ...] = ()
    write_fds: tuple[int, ...] = ()
    seek_fds: tuple[int, ...] = ()
    allow_threads: bool = True
    allow_poll: bool = False
    allow_affinity: bool = False
    allow_ip: bool = False
    strict: bool = False

    @property
    def fds(self) -> frozenset[int]:
        """Every descriptor that the profile names."""
        return frozenset(self.read_fds + self.write_fds + self.seek_fds)


@dataclass(frozen=True, slots=True)
class Rule:
    """``action`` for a call when every check holds, else ``otherwise``."""

    call: str
    checks: tuple[Check, ...] = ()
    action: int = ALLOW
    otherwise: int = KILL_PROCESS


# Memory, threads and time: they reach nothing outside the process.
FREE: Final = (
    *("futex", "sched_yield", "gettid", "rseq", "set_robust_list", "rt_sigprocmask", "sigaltstack", "exit"),
    *("munmap", "brk", "madvise", "mremap"),
    *("clock_nanosleep", "nanosleep", "gettimeofday", "time"),
    *("close", "exit_group", "getcpu", "getpid", "getrandom", "getrusage", "restart_syscall", "rt_sigreturn"),
)

# Answered "permission denied": libraries ask these lightly and take no for an answer. Each names or describes a file,
# the machine or a limit; none of them is run.
REFUSED: Final = (
    *("openat", "open", "newfstatat", "stat", "lstat", "statx", "fstat", "statfs", "fstatfs"),
    *("readlink", "readlinkat", "access", "faccessat", "faccessat2", "getcwd", "getdents64"),
    *(
        "ioctl",
        "fcntl",
        "pread64",
        "eventfd2",
        "uname",
        "sysinfo",
        "getrlimit",
        "prlimit64",
        "mbind",
        "sched_setaffinity",
    ),
)


def _on(call: str, fds: tuple[int, ...], otherwise: int = KILL_PROCESS) -> Rule:
    if not fds:
        return Rule(call, action=otherwise, otherwise=otherwise)
    return Rule(call, (Equals(0, fds),), ALLOW, otherwise)


def _threads(profile: Profile) -> list[Rule]:
    # clone3 keeps its flags behind a pointer that a filter can't follow; told it does not exist, the C library uses
    # clone, whose flags are an argument.
    rules = [Rule("clone3", action=answer(errno.ENOSYS))]
    if profile.allow_threads:
        flags = Masked(0, _ALL_64 & ~_CLONE_DETACHED, _CLONE_A_THREAD)
        rules.append(Rule("clone", (flags,)))
    return rules


def _ip(softly: int) -> list[Rule]:
    """What FFmpeg's RTSP, RTP, TCP and UDP ask for."""
    return [
        Rule("recvfrom"),
        Rule("sendto"),
        Rule("socket", (Equals(0, _IP), Equals(1, _KINDS), Equals(2, _PROTOCOLS)), ALLOW, softly),
        Rule("connect"),
        # A port of one's own is needed to receive datagrams. Landlock denies it for TCP, and nobody may listen.
        Rule("bind"),
        *(Rule(call) for call in ("getsockopt", "getsockname", "getpeername", "shutdown")),
        Rule("setsockopt", (Equals(1, _LEVELS),)),
        Rule("fcntl", (Equals(1, _FD_FLAGS),), ALLOW, softly),
    ]


def rules_of(profile: Profile, pid: int) -> list[Rule]:
    """Every rule of a profile, the most frequent calls first. ``pid``: the process that will be locked."""
    softly = KILL_PROCESS if profile.strict else answer(errno.EACCES)
    no_new_code = Masked(2, _ALL_64 & ~_PROT_READ_WRITE, 0)
    clock = (Below(0, _FIRST_UNKNOWN_CLOCK),)
    rules = [
        *(Rule(call) for call in FREE[:2]),
        _on("read", profile.read_fds),
        _on("write", profile.write_fds),
        Rule("mmap", (no_new_code, Masked(3, _MAP_TYPE_AND_ANONYMOUS, _MAP_PRIVATE_ANONYMOUS))),
        Rule("mprotect", (no_new_code,)),
        *(Rule(call) for call in FREE[2:]),
        *_threads(profile),
        _on("lseek", profile.seek_fds, softly),
        Rule("clock_gettime", clock),
        Rule("clock_getres", clock),
        Rule("prctl", (Equals(0, (PR_SET_NAME,)),), _PRETEND),
        Rule("sched_getaffinity", otherwise=softly, checks=(Equals(0, (0, pid)),)),
        Rule("tgkill", (Equals(0, (pid,)),)),
        Rule("rt_sigaction", (Equals(0, (_SIGINT, _SIGSETXID) if profile.allow_threads else (_SIGINT,)),)),
    ]
    if profile.allow_affinity:
        rules.append(Rule("sched_setaffinity", (Equals(0, (0,)),), otherwise=softly))
    if profile.allow_ip:
        rules += _ip(softly)
    if profile.allow_poll:
        rules += [Rule("poll"), Rule("ppoll")]
    if not profile.strict:
        ruled = {rule.call for rule in rules}
        rules += [Rule(call, action=answer(errno.EACCES)) for call in REFUSED if call not in ruled]
    return rules
