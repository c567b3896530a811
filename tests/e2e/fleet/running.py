"""A small fleet on real Ray nodes: its settings, what it has written, and faults that are put into it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from tests.e2e.conftest import COMMAND
from tests.e2e.fleet.nodes import Nodes

from passerby.station.showcase.site import oversee
from passerby.store.counts import Count, counts_after
from passerby.store.database import Store
from passerby.store.leases import Held, list_leases

AREA, CAMERA = "centre", "gate"
LEASE_S = 6.0
PATIENCE_S = 120.0
RUN = {
    "cameras": 1, "cores": 0.1, "memory_mib": 200, "in_bit_s": 1e5, "out_bit_s": 0, "pictures": 5, "left_out": 0,
}  # fmt: skip
COSTS = {"date": "2026-01-01", "machine": "a test's", "version": "x", "modes": {"counts": {"runs": [RUN]}}}


def clip(path: Path) -> Path:
    """A small clip, so that counting costs little."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=4, options={"preset": "ultrafast", "g": "4"})
        stream.width, stream.height, stream.pix_fmt = 320, 192, "yuv420p"
        stream.time_base = Fraction(1, 4)
        for index in range(80):
            picture = np.full((288, 320), 90, np.uint8)
            picture[40:120, (3 * index) % 280 : (3 * index) % 280 + 30] = 180
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts = index
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def settings(folder: Path, database: str, cameras: int = 1, shard_cameras: int = 1) -> Path:
    """A fleet of one area."""
    video = clip(folder / "clip.mp4")
    names = [CAMERA] if cameras == 1 else [f"{CAMERA}-{n:02d}" for n in range(cameras)]
    lines = [f'[[camera]]\nname = "{name}"\nsource = "{video}"\ncount_every_s = 1\n' for name in names]
    site = folder / "centre.toml"
    site.write_text('data = "unused"\n' + "".join(lines), "utf-8")
    oversee(site)
    (folder / "cost.json").write_text(json.dumps(COSTS))
    fleet = folder / "fleet.toml"
    fleet.write_text(
        f'database = "{database}"\ndata = "machines"\ncosts = "cost.json"\nlease_s = {LEASE_S}\n'
        f'shard_cameras = {shard_cameras}\n[[area]]\nname = "{AREA}"\nsettings = "centre.toml"\n'
    )
    return fleet


def command(nodes: Nodes, *words: str) -> str:
    """Run ``passerby fleet`` and give back what it said."""
    done = subprocess.run(
        [*COMMAND, "fleet", *words], env={**os.environ, **nodes.env}, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def until(what: str, true: Callable[[], bool], patience_s: float = PATIENCE_S) -> float:
    """Wait; how long it took."""
    begun_s = time.monotonic()
    while not true():
        assert time.monotonic() - begun_s < patience_s, f"{what}: not within {patience_s} s"
        time.sleep(0.1)
    return time.monotonic() - begun_s


def rows(store: Store) -> list[Count]:
    """All counts so far, in the order of their coming."""
    return counts_after(store, 0, 1_000_000)


def leases(store: Store) -> dict[str, Held]:
    """The leases by shard."""
    return {held.shard: held for held in list_leases(store)}


def processes(word: str, besides: str = "") -> dict[int, str]:
    """Processes of this machine whose command has this word."""
    found = dict[int, str]()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if word in line and besides in line:
                    found[int(folder.name)] = line
    return found


def kill(pid: int) -> None:
    """At once."""
    os.kill(pid, signal.SIGKILL)


def parent(pid: int) -> int:
    """Who started it."""
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
