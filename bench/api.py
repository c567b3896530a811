"""How fast the interface answers: 200 requests a second over 60,000 registered cameras, and 500 clients of the events.

    python -m bench.api [--cameras 60000] [--rate 200] [--seconds 30] [--clients 500]

The real server is a process of its own; it has what a machine of two cores leaves beside whoever asks. Requests are a
mix of what pages ask, begun on time whatever answers take (an open loop), so that a slow one makes no room for itself.
"""

from __future__ import annotations

import argparse
import asyncio
import random
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

import httpx
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
        with _server(folder) as address:
            asyncio.run(_measure(address, key, folder, given))


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
def _server(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.api", "--serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


async def _measure(address: str, key: str, folder: Path, given: argparse.Namespace) -> None:
    kinds, shown = mix(given.cameras), {"authorization": f"Bearer {key}"}
    limits = httpx.Limits(max_connections=2 * given.clients + 200, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=address, limits=limits, timeout=30, headers=shown) as client:
        for _, _, make in kinds:
            await client.get(make(random.Random(1)))
        await _rated("alone", client, kinds, given)
        heard = [0] * given.clients
        listeners = [asyncio.create_task(_listen(client, heard, n)) for n in range(given.clients)]
        until = time.monotonic() + 60
        while sum(1 for n in heard if n) < given.clients and time.monotonic() < until:
            await asyncio.sleep(0.2)
        held = sum(1 for n in heard if n)
        extra = await client.send(client.build_request("GET", "/api/v1/events"), stream=True)
        sys.stdout.write(f"{held} clients of the events held; one more is answered {extra.status_code}\n")
        await extra.aclose()
        stop = threading.Event()
        writer = threading.Thread(target=_write, args=(folder, stop))
        writer.start()
        before, begun = sum(heard), time.monotonic()
        await _rated(f"beside {held} clients of the events, {LIVE} counts a second", client, kinds, given)
        took = time.monotonic() - begun
        told = (sum(heard) - before) / took
        sys.stdout.write(f"events told: {told:.0f} a second, {told / max(1, held):.1f} to each client\n")
        stop.set()
        writer.join()
        for task in listeners:
            task.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)


async def _listen(client: httpx.AsyncClient, heard: list[int], number: int) -> None:
    async with client.stream("GET", "/api/v1/events", timeout=None) as answer:
        async for piece in answer.aiter_raw():
            heard[number] += piece.count(b"event:")


def _write(folder: Path, stop: threading.Event) -> None:
    """A station's counts: each live camera once a second."""
    with open_store(Layout(folder / "data").database, time.time) as store:
        number = 0
        while not stop.wait(1 / LIVE):
            add_counts(store, Count(f"cam-{number % LIVE}", int(time.time() * US), 3, 2, 4, 0), mosaic=False)
            number += 1


async def _rated(what: str, client: httpx.AsyncClient, kinds: Mix, given: argparse.Namespace) -> None:
    chance = random.Random(7)
    seen = {name: Seen() for name, _, _ in kinds}
    waiting: set[asyncio.Task[None]] = set()
    begun = time.monotonic()

    async def ask(name: str, path: str, due: float) -> None:
        answer = await client.get(path)
        seen[name].took_ms.append((time.monotonic() - due) * 1000)
        seen[name].codes[answer.status_code] += 1

    for number in range(given.rate * given.seconds):
        due = begun + number / given.rate
        if (pause := due - time.monotonic()) > 0:
            await asyncio.sleep(pause)
        name, _, make = chance.choices(kinds, [share for _, share, _ in kinds])[0]
        task = asyncio.create_task(ask(name, make(chance), due))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    await asyncio.gather(*waiting)
    rate = given.rate * given.seconds / (time.monotonic() - begun)
    sys.stdout.write(
        f"\n{what}: {rate:.0f} requests a second\n{'ms':34} {'median':>8} {'95 %':>8} {'99 %':>8}  answers\n"
    )
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
