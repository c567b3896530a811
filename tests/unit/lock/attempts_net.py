"""Attempts to reach another process or machine through sockets."""

from __future__ import annotations

import errno
import socket as s

from tests.unit.lock.attempt import Attempt
from tests.unit.lock.world import sys, words

CLOEXEC = s.SOCK_CLOEXEC


def _make(name: str, family: int, kind: int, protocol: int = 0, *, root: bool = False, feature: str = "") -> Attempt:
    return Attempt(f"socket-{name}", lambda w: sys("socket", family, kind, protocol), root=root, feature=feature)


SOCKETS = [
    _make("tcp", s.AF_INET, s.SOCK_STREAM),
    _make("udp", s.AF_INET, s.SOCK_DGRAM),
    _make("tcp6", s.AF_INET6, s.SOCK_STREAM, feature="IPv6"),
    _make("udp6", s.AF_INET6, s.SOCK_DGRAM, feature="IPv6"),
    _make("unix-stream", s.AF_UNIX, s.SOCK_STREAM),
    _make("unix-datagram", s.AF_UNIX, s.SOCK_DGRAM),
    _make("netlink", s.AF_NETLINK, s.SOCK_RAW),
    _make("raw", s.AF_INET, s.SOCK_RAW, s.IPPROTO_ICMP, root=True),
    _make("packet", s.AF_PACKET, s.SOCK_RAW, 0x0300, root=True, feature="packet sockets"),
    _make("vsock", 40, s.SOCK_STREAM, feature="vsock"),
    _make("multipath", s.AF_INET, s.SOCK_STREAM, 262, feature="multipath TCP"),
    _make("sctp", s.AF_INET, s.SOCK_STREAM, 132, feature="SCTP"),
    _make("crypto", 38, s.SOCK_SEQPACKET, feature="AF_ALG"),
    _make("xdp", 44, s.SOCK_RAW, root=True, feature="AF_XDP"),
    _make("bluetooth", 31, s.SOCK_RAW, 1, feature="Bluetooth"),
]

USES = [
    Attempt("socketpair", lambda w: sys("socketpair", s.AF_UNIX, s.SOCK_STREAM, 0, w.out)),
    Attempt("connect-tcp", lambda w: sys("connect", w.tcp.fileno(), w.inet(w.town.tcp_port), 16),
            landlock=errno.EACCES),
    Attempt("connect-udp", lambda w: sys("connect", w.udp.fileno(), w.inet(w.town.tcp_port), 16)),
    Attempt("connect-abstract", lambda w: sys("connect", w.unix.fileno(), w.abstract(), 2 + len(w.town.abstract)),
            landlock=errno.EPERM),
    Attempt("bind-tcp", lambda w: sys("bind", w.tcp.fileno(), w.inet(0), 16), landlock=errno.EACCES),
    Attempt("listen", lambda w: sys("listen", w.door.fileno(), 1)),
    Attempt("accept4", lambda w: sys("accept4", w.door.fileno(), 0, 0, CLOEXEC)),
    Attempt("sendto", lambda w: sys("sendto", w.udp.fileno(), w.text, 16, 0, 0, 0)),
    Attempt("sendto-stream", lambda w: sys("sendto", w.left.fileno(), w.text, 16, 0, 0, 0)),
    Attempt("sendmsg", lambda w: sys("sendmsg", w.left.fileno(), w.message(), 0)),
    Attempt("sendmsg-descriptor", lambda w: sys("sendmsg", w.left.fileno(), w.message(descriptor=w.file), 0)),
    Attempt("sendmmsg", lambda w: sys("sendmmsg", w.left.fileno(), w.message(), 1, 0)),
    Attempt("recvfrom", lambda w: sys("recvfrom", w.left.fileno(), w.out, 16, 0, 0, 0)),
    Attempt("recvmsg", lambda w: sys("recvmsg", w.left.fileno(), w.message(), 0)),
    Attempt("recvmmsg", lambda w: sys("recvmmsg", w.left.fileno(), w.message(), 1, 0, 0)),
    Attempt("shutdown", lambda w: sys("shutdown", w.left.fileno(), 2)),
    Attempt("getsockname", lambda w: sys("getsockname", w.door.fileno(), w.out, words(16))),
    Attempt("getsockopt", lambda w: sys("getsockopt", w.door.fileno(), 1, 3, w.out, words(4))),
    Attempt("setsockopt", lambda w: sys("setsockopt", w.door.fileno(), 1, 2, words(1), 4)),
]  # fmt: skip

NET = SOCKETS + USES
