"""What a data folder holds, for a test that can't see its mount: run inside the station's own with ``nsenter``."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.live.site import finished

from passerby.base.errors import StoreError
from passerby.store.counts import recent
from passerby.store.database import read_store

FAR_US = 1 << 60


@dataclass(frozen=True, slots=True)
class Look:
    """When the camera's counts were, and its finished segments by file, offset and length."""

    times_us: list[int]
    finished: set[tuple[str, int, int]]


def inside(pid: int, *module: str) -> str:
    """What a module prints that is run where that process is."""
    command = ["nsenter", f"--target={pid}", "--user", "--mount", "--preserve-credentials", f"--wd={Path.cwd()}"]
    done = subprocess.run([*command, sys.executable, "-m", *module], capture_output=True, check=True, text=True)
    return done.stdout


def key(pid: int, settings: Path) -> str:
    """A machine key of the server that has that data folder."""
    data = settings.parent / "data"
    words = ("account", "key", "add", str(data), "a test", "--right", "see-numbers")
    return inside(pid, "passerby.cli", *words).strip()


def look(pid: int, settings: Path) -> Look:
    """Into the data folder beside the settings, as that process sees it."""
    times_us, segments = json.loads(inside(pid, "tests.e2e.live.look", str(settings)))
    return Look(times_us, {(file, offset, length) for file, offset, length in segments})


def main(settings: Path) -> None:
    """Print it."""
    times_us: list[int] = []
    try:
        with read_store(settings.parent / "data" / "passerby.db") as store:
            times_us = [count.time_us for count in recent(store, "one", 0, FAR_US)]
    except StoreError:
        pass
    segments = [(file, offset, segment.length) for (file, offset), segment in finished(settings).items()]
    print(json.dumps([times_us, segments]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
