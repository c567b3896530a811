"""How questions travel: a local socket or, between machines, TLS in which each side shows a certificate.

One question a connection: four bytes of length, big-endian, and the document; the answer likewise.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from passerby.archive.keeper.messages import LONGEST
from passerby.base.errors import CustodyError, KeeperAway, UsageError

PATIENCE_S = 10.0
MOST_AT_ONCE = 32
SOCKET_MODE = 0o660
_LENGTH = struct.Struct(">I")
log = logging.getLogger(__name__)
Handle = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Certificates:
    """What one side of TLS shows, and whose word it takes for the other's.

    Args:
        own: Certificate chain (PEM).
        key: Its private key (PEM), which others must not be able to read.
        authority: Certificates that the other side's must be signed by (PEM): of this one purpose, no public ones.
    """

    own: Path
    key: Path
    authority: Path

    def context(self, side: ssl.Purpose) -> ssl.SSLContext:
        """For `ssl`: TLS 1.3 only, certificates on both sides.

        Raises:
            CustodyError: A file can't be used.
        """
        try:
            if self.key.stat().st_mode & 0o077:
                raise CustodyError(f"{self.key} can be read by others", "chmod 600 it")
            found = ssl.create_default_context(side, cafile=str(self.authority))
            found.minimum_version = ssl.TLSVersion.TLSv1_3
            found.verify_mode = ssl.CERT_REQUIRED
            found.load_cert_chain(self.own, self.key)
        except (OSError, ssl.SSLError) as error:
            raise CustodyError(f"the certificates can't be used ({error})", "check the three files") from error
        return found


def parse_host(address: str) -> tuple[str, int]:
    """Host and port.

    Raises:
        UsageError: It is no `HOST:PORT`.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"{address} is no address", "give HOST:PORT, such as keeper.example.org:8723")
    return host.strip("[]"), int(port)


def _read(connection: Any, longest: int) -> bytes:
    """One document.

    Raises:
        OSError: It is longer than any, or ends early.
    """
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if length > longest:
        raise OSError("a document is longer than any")
    return _exactly(connection, length)


def _exactly(connection: Any, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        piece = connection.recv(length - len(found))
        if not piece:
            raise OSError("the other side ended early")
        found += piece
    return bytes(found)


def _write(connection: Any, document: bytes) -> None:
    connection.sendall(_LENGTH.pack(len(document)) + document)


class _Handler(socketserver.BaseRequestHandler):
    """One connection: one question, one answer."""

    server: Server

    def handle(self) -> None:
        """Answer. Whoever is slow, or breaks off, is let go."""
        with self.server.places:
            try:
                self.request.settimeout(PATIENCE_S)
                if isinstance(self.request, ssl.SSLSocket):
                    self.request.do_handshake()
                _write(self.request, self.server.answer(_read(self.request, LONGEST)))
            except OSError as error:
                log.info("a connection ended without an answer: %s", error)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves a handler on a socket that is listening already.

    Args:
        listening: From `listen_here` or `listen_tls`.
        answer: Takes a question's bytes, gives an answer's.
        now_and_then: Called a few times a second.
        tls: Where the socket is TCP's.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        listening: socket.socket,
        answer: Handle,
        now_and_then: Callable[[], None] = lambda: None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.places = threading.BoundedSemaphore(MOST_AT_ONCE)
        self.answer, self._now_and_then, self._tls = answer, now_and_then, tls
        self.address_family = listening.family
        socketserver.BaseServer.__init__(self, listening.getsockname(), _Handler)
        self.socket = listening

    def get_request(self) -> tuple[Any, Any]:
        """Take a connection; a handshake is done by its own thread."""
        connection, address = self.socket.accept()
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def service_actions(self) -> None:
        """Called between connections."""
        self._now_and_then()


@contextmanager
def _near(path: Path) -> Iterator[str]:
    """The path by its folder's descriptor: an address of a local socket has at most 107 bytes, a path may have more.

    Raises:
        OSError: There is no such folder.
    """
    folder = os.open(path.parent, os.O_PATH | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def listen_here(path: Path) -> socket.socket:
    """A listening local socket, in place of one that nobody listens at any more.

    Raises:
        CustodyError: Somebody listens there, or it can't be made.
    """
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~SOCKET_MODE)
    try:
        with _near(path) as near, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
            if other.connect_ex(near) != 0:
                path.unlink(missing_ok=True)
            found.bind(near)
        found.listen(MOST_AT_ONCE)
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            raise CustodyError(f"somebody listens at {path}", "stop that one, or name another place") from error
        raise CustodyError(f"{path} can't be listened at ({error.strerror or error})", "name another place") from error
    finally:
        os.umask(before)
    return found


def listen_tls(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 takes a free one.

    Raises:
        CustodyError: It can't be had.
    """
    try:
        return socket.create_server((host, port), backlog=MOST_AT_ONCE, family=_family(host))
    except OSError as error:
        raise CustodyError(f"{host}:{port} can't be listened at ({error.strerror or error})", "name another") from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def ask_here(path: Path) -> Handle:
    """Asks a keeper at a local socket."""

    def ask(document: bytes) -> bytes:
        try:
            with _near(path) as near, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(PATIENCE_S)
                connection.connect(near)
                return _asked(connection, document)
        except OSError as error:
            raise _away(error) from error

    return ask


def ask_tls(host: str, port: int, tls: ssl.SSLContext) -> Handle:
    """Asks a keeper on another machine, whose certificate must be of this name."""

    def ask(document: bytes) -> bytes:
        try:
            with (
                socket.create_connection((host, port), PATIENCE_S) as plain,
                tls.wrap_socket(plain, server_hostname=host) as connection,
            ):
                return _asked(connection, document)
        except OSError as error:
            raise _away(error) from error

    return ask


def _asked(connection: Any, document: bytes) -> bytes:
    _write(connection, document)
    return _read(connection, LONGEST)


def _away(error: OSError) -> KeeperAway:
    return KeeperAway(f"there is no answer ({error})", "see whether keeper and scribe run")
