"""Runs an application on a socket until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from passerby.base.errors import LockError, ServerError, UsageError
from passerby.lock import landlock, libc

WAITING = 128
GRACE_S = 3


def numeric(host: str) -> IPv4Address | IPv6Address:
    """The address to listen on.

    Raises:
        UsageError: It is a name; only ``localhost`` is known.
    """
    try:
        return ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        advice = "use 127.0.0.1, ::1, 0.0.0.0, or one of this machine's"
        raise UsageError(f"{host} is no numeric address", advice) from error


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Whether `host` may be listened on is `passerby.server.where`'s.

    Raises:
        UsageError: This is no address of a machine.
        ServerError: The port is taken, or may not be used.
    """
    ip = numeric(host)
    # Said by name: only then asyncio sends what is written at once. Else the kernel waits 40 ms between head and body.
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    server = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((str(ip), port))
        server.listen(WAITING)
    except (OSError, OverflowError) as error:
        server.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "is taken by another program" if taken else f"can't be used ({error})"
        raise ServerError(f"port {port} on {host} {reason}", "name another one with --port") from error
    return server


def shut_in(ports: Iterable[int] = (), own: Iterable[Path] = ()) -> str:
    """Take from this process the right to write any file, and to bind or connect any further TCP socket but to `ports`.

    Args:
        ports: TCP ports that may be connected to.
        own: Folders in which files may be written all the same.

    SQLite asks for its log in both directions even where it only reads, and is content when the kernel says no. Call it
    after `listen`, while the process has one thread. It binds the whole process for good: not for one that writes too.

    Returns:
        Why it could not be done, or the empty string.
    """
    try:
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict_reads((Path("/"),), ports, own)
    except LockError as error:
        return str(error)
    return ""


@dataclass(frozen=True, slots=True)
class Tls:
    """What a server shows of itself.

    Args:
        certificate: PEM, with what leads to its authority.
        key: PEM.
    """

    certificate: Path
    key: Path


def serve(
    make: Callable[[Callable[[], bool]], FastAPI],
    server: socket.socket,
    ready: Callable[[], None] = lambda: None,
    tls: Tls | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        make: Makes the application; it is told what says whether the server should end.
        server: From `listen`.
        ready: Called once requests are answered.
        tls: What to show; without, it speaks plainly.

    Raises:
        StoreError: The folder holds no database.
    """
    asyncio.run(_serve(make, server, ready, tls))


def serve_app(app: FastAPI, server: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve another application in the same way, until SIGTERM or SIGINT.

    Args:
        app: It answers every request by itself: nothing of it waits for the end.
        server: From `listen`.
        ready: Called once requests are answered.
    """
    asyncio.run(_serve(lambda _: app, server, ready, None))


async def _serve(
    make: Callable[[Callable[[], bool]], FastAPI], server: socket.socket, ready: Callable[[], None], tls: Tls | None
) -> None:
    stop = asyncio.Event()
    app = make(stop.is_set)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        # What a proxy says of whom it asks for is read in one place: `passerby.server.names`.
        proxy_headers=False,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
        ws="none",
    )
    runner = _Runner(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    task = asyncio.create_task(runner.serve(sockets=[server]))
    while not runner.started and not task.done():
        await asyncio.sleep(0.01)
    if runner.started:
        settle()
        ready()
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    runner.should_exit = True
    await task
    waiting.cancel()


def settle() -> None:
    """What the imports made stays: without this each collection walks all of it, 50 ms in the middle of an answer."""
    gc.collect()
    gc.freeze()


class _Runner(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again after a clean end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
