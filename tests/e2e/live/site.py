"""`passerby run` as a process of its own, and what it has written so far."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.conftest import COMMAND
from tests.e2e.live.camera import soon

from passerby.archive.entries import Segment
from passerby.archive.epoch import Epoch
from passerby.base.errors import StoreError
from passerby.station.showcase.site import oversee
from passerby.store.database import read_store
from passerby.store.epochs import all_epochs
from passerby.store.events import Absence, list_absences

PATIENCE_S = 90.0
ROUNDS = int(os.environ.get("PASSERBY_SOAK_ROUNDS", "20"))
SAID = "said.txt"
FAR_US = 1 << 60
SITE = (
    'data = "data"\n[server]\nenabled = {server}\nport = {port}\n[[camera]]\nname = "one"\nsource = "{clip}"\n{more}\n'
)


def write(folder: Path, clip: Path | str, more: str = 'mode = "record"\ncount_every_s = 1', port: int = 0) -> Path:
    """Settings with one camera; with a server where a port is named."""
    path = folder / "site.toml"
    path.write_text(SITE.format(clip=clip, more=more, server="true" if port else "false", port=port), "utf-8")
    oversee(path)
    return path


def free_port() -> int:
    """A port of the loopback address that nobody holds just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether the server says that it is well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextmanager
def station(settings: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """It runs; whatever happens, it has ended afterwards."""
    # Into a file: nobody reads a pipe while a test goes on, and a full one would stop the station.
    with (settings.parent / SAID).open("wb") as log:
        process = subprocess.Popen(
            [*COMMAND, "run", str(settings), *options],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def said(settings: Path) -> str:
    """What the last station has said so far."""
    return (settings.parent / SAID).read_text("utf-8")


def ends_well(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    """Asked to stop, it does, without a complaint."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0


def counted(settings: Path) -> int:
    """How many counts the database has taken so far."""
    path = settings.parent / "data" / "passerby.db"
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as reader:
            row = reader.execute("SELECT coalesce(max(id), 0) FROM recent_counts").fetchone()
        return int(row[0])
    except sqlite3.OperationalError:
        return 0


def finished(settings: Path) -> dict[tuple[str, int], Segment]:
    """Segments that the index calls whole, by file and offset. Empty while there is no index."""
    found: dict[tuple[str, int], Segment] = {}
    try:
        with read_store(settings.parent / "data" / "passerby.db") as store:
            for row in all_epochs(store, "one"):
                found |= {(row.file, segment.offset): segment for segment in Epoch.of(row).video}
    except StoreError:
        return {}
    return found


def indexed(settings: Path) -> tuple[list[Segment], list[Absence]]:
    """Everything that the index holds of the camera in order of time, gaps too, and when it was away."""
    with read_store(settings.parent / "data" / "passerby.db") as store:
        segments = [segment for row in all_epochs(store, "one") for segment in Epoch.of(row).segments]
        return segments, list_absences(store, "one", 0, FAR_US)


def descendants(pid: int) -> dict[int, str]:
    """Every process under one, with its module."""
    out: dict[int, str] = {}
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return out
    for child in children:
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"-m" in words:
            out[int(child)] = words[words.index(b"-m") + 1].decode()
        out |= descendants(int(child))
    return out


def moves_on(settings: Path) -> float:
    """Counts go on coming; after how many seconds."""
    before = counted(settings)
    return soon("more counts", lambda: counted(settings) > before, PATIENCE_S)
