"""Makes attempts, each in a process of its own, and says what became of it. Run by `conftest.Attempts`.

One line of JSON in, ``{"name", "walls", "place"}``; one out, ``{"signal", "status", "result", "reached"}``. Forking
from here keeps an attempt at a few milliseconds. An unknown name is an attempt that does nothing.
Walls: none, landlock, lock. Places: main, older (a thread from before the last wall), younger (from after it).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tests.unit.lock import world
from tests.unit.lock.attempts import ATTEMPTS
from tests.unit.lock.world import NEW_NS, NEW_UTS, Town, World

from passerby.lock import Limits, Profile, Walls, landlock, libc

SECONDS = 20
REACHED = b"!"
RECURSIVE, MOUNT_PRIVATE = 0x4000, 1 << 18
RESULT = struct.Struct("=q")


def live_apart() -> None:
    """What root's control runs do to mounts and to the machine's name must stay in this process and end with it."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            world.demand("unshare", NEW_NS | NEW_UTS)
            world.demand("mount", b"none", b"/", 0, RECURSIVE | MOUNT_PRIVATE, 0)


def neighbour() -> int:
    """Another process of the same user, to be attacked."""
    pid = os.fork()
    if pid == 0:
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
        while True:
            signal.pause()
    return pid


class Thread:
    """A thread that makes the attempt when told."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._go = threading.Event()
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self._go.wait()
        self._work()

    def finish(self) -> None:
        self._go.set()
        self._thread.join()


def lock(result: int, between: Callable[[], None]) -> None:
    """The product's own walls, in its own order; ``between`` runs where threads may start."""
    walls = Walls()
    walls.before_imports(open_descriptors(), Limits(open_files=256), (), parent=os.getppid())
    walls.before_threads()
    between()
    walls.before_first_packet(Profile("attempt", write_fds=(result,)))


def open_descriptors() -> set[int]:
    """Every descriptor of this process, without the one that listing them takes."""
    found = set()
    for entry in list(Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError):
            os.fstat(int(entry.name))
            found.add(int(entry.name))
    return found


def only_landlock(between: Callable[[], None]) -> None:
    """Both Landlock layers and nothing else."""
    between()
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    landlock.restrict_reads(())
    landlock.restrict_all()


def attempt(town: Town, name: str, walls: str, place: str, result: int) -> None:
    """In the forked process: put the walls up and try."""
    around = World(town)
    run = ATTEMPTS[name].run if name in ATTEMPTS else lambda _: 0
    older: list[Thread] = []

    def work() -> None:
        # Tells a death by the attempt itself from one on the way to it.
        os.write(result, REACHED)
        os.write(result, RESULT.pack(run(around)))
        # At once: what the objects around do when they are cleared away would be killed, too.
        os._exit(0)

    def between() -> None:
        if place == "older":
            older.append(Thread(work))

    if walls == "lock":
        lock(result, between)
    elif walls == "landlock":
        only_landlock(between)
    else:
        between()
    if place == "main":
        work()
    (older[0] if older else Thread(work)).finish()


def try_one(town: Town, name: str, walls: str, place: str) -> dict[str, int | bool | None]:
    """Fork, try, and report."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 99
        try:
            signal.alarm(SECONDS)
            os.close(out)
            attempt(town, name, walls, place, into)
            status = 0
        except BaseException as problem:  # noqa: BLE001 (this process must end here, whatever happens)
            if walls != "lock":
                os.write(2, f"{name}: {problem!r}\n".encode())
        finally:
            os._exit(status)
    os.close(into)
    _, status = os.waitpid(pid, 0)
    data = os.read(out, 1 + RESULT.size)
    os.close(out)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    return {
        "signal": killed,
        "status": None if killed else os.WEXITSTATUS(status),
        "result": RESULT.unpack(data[1:])[0] if data[1:] else None,
        "reached": data[:1] == REACHED,
    }


def main() -> None:
    """Serve until the input ends."""
    live_apart()
    secret = ctypes.create_string_buffer(b"sixteen bytes ok", 16)
    tcp, unix = socket.create_server(("127.0.0.1", 0), backlog=1000), socket.socket(socket.AF_UNIX)
    abstract = b"\0passerby-%d" % os.getpid()
    unix.bind(abstract)
    unix.listen(1000)
    port = tcp.getsockname()[1]
    town = Town(Path(sys.argv[1]), neighbour(), port, abstract, ctypes.addressof(secret))
    for line in sys.stdin:
        answer = try_one(town, **json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    os.kill(town.neighbour, signal.SIGKILL)


if __name__ == "__main__":
    main()
