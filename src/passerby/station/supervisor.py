"""The outermost process of ``passerby run``: starts the station and the server, and starts again what ends.

It holds no pictures and no state, so little can happen to it; if it is killed, the kernel ends the others with it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from passerby.archive.folder import Layout
from passerby.base.errors import EXIT_DONE
from passerby.lock import libc
from passerby.station.backoff import Backoff
from passerby.station.settings import Site
from passerby.store.database import is_there

TICK_S = 0.05
# Longer than a station needs to end its processes.
GOODBYE_S = 8.0
# A process that ends sooner than this has not run.
SHORTEST_RUN_S = 5.0


@dataclass(slots=True)
class Part:
    """A process that is to run all the time.

    Args:
        name: For people.
        command: Arguments after the interpreter.
        may_start: Whether what it needs is there.
        backoff: How long to wait before another start.
        lasting: Never given up: what it needs is on another machine, which may be away at the start.
        proven: Whether it has run for a while: its settings are good, and what stops it now may pass.
    """

    name: str
    command: Sequence[str]
    may_start: Callable[[], bool] = lambda: True
    backoff: Backoff = field(default_factory=lambda: Backoff(random.random))
    lasting: bool = False
    process: subprocess.Popen[bytes] | None = None
    proven: bool = False
    started_s: float = 0.0
    start_s: float = 0.0


def supervise(
    parts: Sequence[Part],
    stop: threading.Event,
    say: Callable[[str], None],
    *,
    seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Run every part until ``stop`` is set or ``seconds`` are over. A part that ends by itself with 0 is done.

    Must be called by a thread that lives as long as the parts: the kernel ends them with it.

    Returns:
        0, or the exit code of a part that failed at its first start: it has said why in one line, and would say the
        same again. One that ran before is started for ever: a full disk or a busy folder passes.
    """
    until_s = None if seconds is None else clock() + seconds
    try:
        while not stop.wait(TICK_S) and (until_s is None or clock() < until_s):
            for part in parts:
                if part.process is None and clock() >= part.start_s and part.may_start():
                    _start(part, clock)
                elif part.process is not None and (code := part.process.poll()) is not None:
                    part.proven = part.proven or clock() - part.started_s >= SHORTEST_RUN_S
                    if code > 0 and not part.proven and not part.lasting:
                        return code
                    _ended(part, code, say, clock)
            if all(part.process is None and part.start_s == float("inf") for part in parts):
                return EXIT_DONE
        return EXIT_DONE
    finally:
        goodbye(parts, clock)


def goodbye(parts: Sequence[Part], clock: Callable[[], float] = time.monotonic) -> None:
    """Ask every part to end, wait, and end what has not. Parts named later end first."""
    for part in reversed(parts):
        if part.process is not None and part.process.poll() is None:
            part.process.terminate()
    end_s = clock() + GOODBYE_S
    for part in parts:
        if part.process is None:
            continue
        try:
            part.process.wait(max(0.1, end_s - clock()))
        except subprocess.TimeoutExpired:
            part.process.kill()
            part.process.wait()
        part.process = None


def _start(part: Part, clock: Callable[[], float]) -> None:
    parent = os.getpid()

    def with_parent() -> None:
        """In the child, before it runs anything: end when the supervisor ends, even if that is now."""
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    # A session of its own: Ctrl-C comes to the supervisor alone, which then asks each part to end.
    part.process = subprocess.Popen(
        [sys.executable, "-m", *part.command], stdin=subprocess.DEVNULL, preexec_fn=with_parent, start_new_session=True
    )
    part.started_s = clock()


def parts_for(settings: Path, site: Site, threads: int, *, link: bool = True) -> list[Part]:
    """The station; the scribe where looks are logged; the notifier and the server, where the settings want them.

    Args:
        settings: The file.
        site: What it says.
        threads: For the darkrooms.
        link: Whether the server prints a one-time link.
    """
    parts = [Part("station", ["passerby.station.live_main", str(settings), str(threads)])]
    if site.logged is not None:
        parts.append(Part("scribe", ["passerby.cli", "archive", "scribe", str(settings)]))
    there = partial(is_there, Layout(site.data).database)
    if site.alerts.channels:
        parts.append(Part("notifier", ["passerby.cli", "alerts", "run", str(settings)], there))
    for camera in site.cameras:
        if camera.push is not None:
            command = ["passerby.cli", "push", str(settings), camera.name]
            parts.append(Part(f"push of {camera.name}", command, there, lasting=True))
    if site.server.enabled:
        server = site.server
        command = ["passerby.cli", "serve", str(site.data), "--host", server.host, "--port", str(server.port)]
        command += ["--settings", str(settings), *([] if link else ["--no-link"])]
        parts.append(Part("server", command, there))
    return parts


def _ended(part: Part, code: int, say: Callable[[str], None], clock: Callable[[], float]) -> None:
    part.process = None
    lived_s = clock() - part.started_s
    if code == EXIT_DONE:
        part.start_s = float("inf")
        return
    if lived_s >= SHORTEST_RUN_S:
        part.backoff.reset()
    wait_s = part.backoff.next_s()
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    say(f"the {part.name} {how} and starts again")
    part.start_s = clock() + wait_s
