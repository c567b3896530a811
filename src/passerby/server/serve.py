"""Runs the application on this machine's loopback until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from passerby.archive.keeper.looks import Looks
from passerby.base.errors import LockError, ServerError, UsageError
from passerby.lock import landlock, libc
from passerby.server.app import create_app

LOOPBACK = {"127.0.0.1": socket.AF_INET, "::1": socket.AF_INET6}
WAITING = 128
GRACE_S = 3


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes any free one.

    Raises:
        UsageError: Another address than this machine's own.
        ServerError: The port is taken, or may not be used.
    """
    family = LOOPBACK.get("127.0.0.1" if host == "localhost" else host)
    if family is None:
        raise UsageError(
            f"{host} is not this machine's own address", "until there is sign-in, only 127.0.0.1 and ::1 are served"
        )
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1" if host == "localhost" else host, port))
        server.listen(WAITING)
    except (OSError, OverflowError) as error:
        server.close()
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        reason = "is taken by another program" if taken else f"can't be used ({error})"
        raise ServerError(f"port {port} on {host} {reason}", "name another one with --port") from error
    return server


def address(server: socket.socket) -> str:
    """The page's address, for people."""
    host, port = server.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def shut_in(ports: Iterable[int] = ()) -> str:
    """Take from this process the right to write any file, and to bind or connect any further TCP socket but to `ports`.

    SQLite asks for its log in both directions even where it only reads, and is content when the kernel says no. Call it
    after `listen`, while the process has one thread. It binds the whole process for good: not for one that writes too.

    Returns:
        Why it could not be done, or the empty string.
    """
    try:
        libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict_reads((Path("/"),), ports)
    except LockError as error:
        return str(error)
    return ""


def serve(
    data_folder: Path, server: socket.socket, ready: Callable[[], None] = lambda: None, looks: Looks | None = None
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        data_folder: A station works in it.
        server: From `listen`.
        ready: Called once requests are answered.
        looks: Under which act somebody looks, and the keeper's shares; without a keeper neither is needed.

    Raises:
        StoreError: The folder holds no database.
    """
    asyncio.run(_serve(lambda stopping: create_app(data_folder, stopping=stopping, looks=looks), server, ready))


def serve_app(app: FastAPI, server: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve another application in the same way, until SIGTERM or SIGINT.

    Args:
        app: It answers every request by itself: nothing of it waits for the end.
        server: From `listen`.
        ready: Called once requests are answered.
    """
    asyncio.run(_serve(lambda _: app, server, ready))


async def _serve(
    make: Callable[[Callable[[], bool]], FastAPI], server: socket.socket, ready: Callable[[], None]
) -> None:
    stop = asyncio.Event()
    app = make(stop.is_set)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
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
