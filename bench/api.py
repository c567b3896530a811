"""How fast the interface answers: 200 requests a second over 60,000 registered cameras, and 500 clients of the events.

    python -m bench.api [--cameras 60000] [--rate 200] [--seconds 30] [--clients 500]

The real server is a process of its own; it has what a machine of two cores leaves beside whoever asks. Requests are a
mix of what pages ask, begun on time whatever answers take (an open loop), so that a slow one makes no room for itself.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from bench.machine import processor
from bench.register import AREAS, OWNERS, table

from passerby.access import keys
from passerby.access.keys import Wish
from passerby.access.rights import Right
from passerby.access.room import open_room
from passerby.archive.folder import Layout
from passerby.charter.register.table import read_table
from passerby.office.book import new_book
from passerby.server.app import create_app
from passerby.server.limits import Rate, Rates
from passerby.server.public.sources import Sources
from passerby.server.serve import listen, serve
from passerby.station.showcase.site import DemoSite, demo_home
from passerby.store.cameras import Camera, put_cameras
from passerby.store.counts import Count, add_counts
from passerby.store.ledger.disk import LocalDisk
from passerby.store.migrate import open_store

US, LIVE = 1_000_000, 40
# Connections of the load, as many as a proxy in front might keep.
LINES = 32
FREE = Rates(Rate(1e6, 1e6), Rate(1e6, 1e6))
Mix = list[tuple[str, int, Callable[[random.Random], str]]]


def mix(cameras: int) -> Mix:
    """What pages ask, how often of a hundred, and an address of it."""
    register = "/api/v1/register"

    def camera(chance: random.Random) -> str:
        return f"{register}/cameras/cam-{chance.randrange(cameras)}"

    def part(chance: random.Random) -> str:
        zoom = chance.randrange(9, 17)
        west, south = 113.9 + chance.random() * 0.5, 22.2 + chance.random() * 0.25
        wide = 360 / 2**zoom * 3
        return f"{register}/map?box={west:.4f},{south:.4f},{west + wide:.4f},{south + wide * 0.6:.4f}&zoom={zoom}"

    def filtered(chance: random.Random) -> str:
        owner = f"owner-{chance.randrange(OWNERS)}"
        return f"{register}/cameras?organisation={owner}&area=area-{chance.randrange(AREAS)}"

    return [
        ("a camera's page", 30, camera),
        ("a part of the map", 30, part),
        ("a list, filtered", 15, filtered),
        ("a list, searched", 10, lambda c: f"{register}/cameras?q=street%20{c.randrange(900)}%20at"),
        ("the register as a whole", 10, lambda _: f"{register}/about"),
        ("the live cameras (signed in)", 5, lambda _: "/api/v1/cameras"),
    ]


@dataclass(slots=True)
class Seen:
    """Answers of one kind."""

    took_ms: list[float] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cameras", type=int, default=60_000)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve is not None:
        _serve(given.serve)
        return
    sys.stdout.write(f"{processor()}\n{given.cameras} registered cameras, {LIVE} live, SQLite\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = _prepare(folder, given.cameras)
        with _server(folder) as (port, pid):
            asyncio.run(_measure(port, pid, key, folder, given))


def _prepare(folder: Path, cameras: int) -> str:
    DemoSite(folder / "site")
    with new_book(folder / "office", time.time, "demo.passerby", "https://register.example.org", "") as book:
        book.read_sheet(read_table(table(cameras), "list.csv"), dry=False)
    (folder / "data").mkdir()
    now = int(time.time()) * US
    with open_store(Layout(folder / "data").database, time.time) as store:
        names = [f"cam-{n}" for n in range(LIVE)]
        put_cameras(store, [Camera(name, name, "live", 0, "running", "", now, "none", now) for name in names])
    with open_room(folder / "data") as room:
        return keys.make(room, Wish("bench", frozenset({Right.SEE_NUMBERS})), None)[0]


def _serve(folder: Path) -> None:
    home = demo_home(folder / "site")
    root = (folder / "site" / "roots" / "0.note").read_bytes().rpartition(b"\n\n")[0] + b"\n"
    sources = Sources(folder / "office", home.objects(LocalDisk()).get, folder / "site", sha256(root).hexdigest())
    with listen("127.0.0.1", 0) as server, open_room(folder / "data") as room:
        port = server.getsockname()[1]
        serve(
            lambda stopping: create_app(folder / "data", room, sources=sources, rates=FREE, stopping=stopping),
            server,
            lambda: sys.stdout.write(f"{port}\n") and sys.stdout.flush(),
        )


@contextmanager
def _server(folder: Path) -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-m", "bench.api", "--serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


@dataclass(slots=True)
class Line:
    """One connection that stays open, with no more between it and the socket than has to be."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    shown: str

    @classmethod
    async def to(cls, port: int, key: str) -> Line:
        """A new one."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return cls(reader, writer, f"host: 127.0.0.1\r\nauthorization: Bearer {key}\r\naccept-encoding: gzip\r\n\r\n")

    async def get(self, path: str, *, whole: bool = True) -> int:
        """An answer's status; its body is read where that has an end."""
        self.writer.write(f"GET {path} HTTP/1.1\r\n{self.shown}".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = re.search(r"\r\ncontent-length: (\d+)", head)
        if whole and length:
            await self.reader.readexactly(int(length[1]))
        return int(head.split(" ", 2)[1])


async def _measure(port: int, pid: int, key: str, folder: Path, given: argparse.Namespace) -> None:
    kinds = mix(given.cameras)
    first = await Line.to(port, key)
    for _, _, make in kinds:
        await first.get(make(random.Random(1)))
    await _rated("alone", port, pid, key, given)
    heard = [0] * given.clients
    listeners = [asyncio.create_task(_listen(port, key, heard, n)) for n in range(given.clients)]
    until = time.monotonic() + 60
    while sum(1 for n in heard if n) < given.clients and time.monotonic() < until:
        await asyncio.sleep(0.2)
    held = sum(1 for n in heard if n)
    extra = await (await Line.to(port, key)).get("/api/v1/events", whole=False)
    sys.stdout.write(f"\n{held} clients of the events held; one more is answered {extra}\n")
    stop = threading.Event()
    writer = threading.Thread(target=_write, args=(folder, stop))
    writer.start()
    before, begun = sum(heard), time.monotonic()
    await _rated(f"beside {held} clients of the events, {LIVE} counts a second", port, pid, key, given)
    told = (sum(heard) - before) / (time.monotonic() - begun)
    sys.stdout.write(f"events told: {told:.0f} a second, {told / max(1, held):.1f} to each client\n")
    stop.set()
    writer.join()
    for task in listeners:
        task.cancel()
    await asyncio.gather(*listeners, return_exceptions=True)


async def _listen(port: int, key: str, heard: list[int], number: int) -> None:
    line = await Line.to(port, key)
    await line.get("/api/v1/events", whole=False)
    while piece := await line.reader.read(1 << 16):
        heard[number] += piece.count(b"event:")


def _used_s(pid: int) -> float:
    """Of the processor's time that a process has had: on a machine that others use, only that says something."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _write(folder: Path, stop: threading.Event) -> None:
    """A station's counts: each live camera once a second."""
    with open_store(Layout(folder / "data").database, time.time) as store:
        number = 0
        while not stop.wait(1 / LIVE):
            add_counts(store, Count(f"cam-{number % LIVE}", int(time.time() * US), 3, 2, 4, 0), mosaic=False)
            number += 1


async def _rated(what: str, port: int, pid: int, key: str, given: argparse.Namespace) -> None:
    chance, kinds = random.Random(7), mix(given.cameras)
    seen = {name: Seen() for name, _, _ in kinds}
    shares = [share for _, share, _ in kinds]
    asked = [chance.choices(kinds, shares)[0] for _ in range(given.rate * given.seconds)]
    paths = iter([(number, name, make(chance)) for number, (name, _, make) in enumerate(asked)])
    begun, used = time.monotonic(), _used_s(pid)

    async def ask() -> None:
        line = await Line.to(port, key)
        for number, name, path in paths:
            due = begun + number / given.rate
            if (pause := due - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            code = await line.get(path)
            # From when it was due: what waited for a free connection waited for the server.
            seen[name].took_ms.append((time.monotonic() - due) * 1000)
            seen[name].codes[code] += 1
        line.writer.close()

    await asyncio.gather(*(ask() for _ in range(LINES)))
    count = given.rate * given.seconds
    rate, cost = count / (time.monotonic() - begun), (_used_s(pid) - used) / count * 1000
    sys.stdout.write(f"\n{what}: {rate:.0f} requests a second, {cost:.1f} ms of the server's processor each\n")
    sys.stdout.write(f"{'ms':34} {'median':>8} {'95 %':>8} {'99 %':>8}  answers\n")
    rows = [*seen.items(), ("all", _all(seen.values()))]
    for name, found in rows:
        took = sorted(found.took_ms) or [0.0]
        middle, late, latest = (took[min(len(took) - 1, int(len(took) * share))] for share in (0.5, 0.95, 0.99))
        sys.stdout.write(f"{name:34} {middle:8.1f} {late:8.1f} {latest:8.1f}  {dict(found.codes)}\n")
    sys.stdout.flush()


def _all(found: Iterable[Seen]) -> Seen:
    whole = Seen()
    for one in found:
        whole.took_ms += one.took_ms
        whole.codes += one.codes
    return whole


if __name__ == "__main__":
    main()
