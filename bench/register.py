"""How fast a register of 60,000 cameras is: import, lists, filters, maps, export.

    python -m bench.register [--cameras 60000] [--folder DIR] [--postgres ADDRESS]

With an address (``postgresql://…``) of an empty database it is done there; the server's own time is then not in the
processor's.

Places are those of a real city's size, names and owners made up with a fixed seed. Each figure is of the whole call
that a page or a command makes, the database on the disk. Beside the time that passed is the processor's time of this
process: on a machine that others use, only that says something.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.machine import processor

from passerby.archive.folder import Layout
from passerby.charter.register.entry import plain
from passerby.charter.register.exports import public
from passerby.charter.register.map import DEEPEST, quad_of, tile_range
from passerby.charter.register.table import read_table
from passerby.office.book import Book, new_book
from passerby.store import register as rows
from passerby.store.postgres import put_address
from passerby.store.register import Wanted

OWNERS, AREAS, ROUNDS = 40, 120, 60
SITE = "example.org"


def table(cameras: int) -> bytes:
    """A CSV file of so many cameras, whole entries."""
    chance = random.Random(7)
    names = "id name owner area place view latitude longitude office contact purposes why ground languages begins ends"
    lines = [f"{names.replace(' ', ',')},reference"]
    streets = [f"{chance.choice('ABCDEFGHIKLMNOPRSTVW')}street {n}" for n in range(900)]
    for n in range(cameras):
        north, east = 22.15 + chance.gauss(0.2, 0.08), 113.85 + chance.gauss(0.3, 0.12)
        street, other = chance.choice(streets), chance.choice(streets)
        purpose = chance.choice(("crowd-safety", "flow-statistics", "crowd-safety;flow-statistics"))
        lines.append(
            f"cam-{n},{street} at {other} {n % 9},Owner {n % OWNERS},Area {n % AREAS},{street},Along {street}"
            f",{north:.6f},{east:.6f},Office {n % OWNERS},office{n % OWNERS}@example.org,{purpose},Crossing {n} fills "
            f"on holidays,Ordinance section {n % 90},en;zh-Hant,2027-01-04,2028-01-03,R{n:06}"
        )
    return "\n".join(lines).encode()


def timed(work: Callable[[int], object], rounds: int = ROUNDS) -> tuple[float, ...]:
    """Median and 95th percentile, in milliseconds; then the same of processor time. The first is not counted."""
    found, used = [], []
    for number in range(rounds + 1):
        begun, worked = time.perf_counter(), time.process_time()
        work(number)
        found.append((time.perf_counter() - begun) * 1000)
        used.append((time.process_time() - worked) * 1000)
    passed, cost = sorted(found[1:]), sorted(used[1:])
    late = int(rounds * 0.95)
    return passed[rounds // 2], passed[late], cost[rounds // 2], cost[late]


def measure(book: Book, names: list[tuple[str, str]]) -> list[tuple[str, *tuple[float, ...]]]:
    """What a page asks for, each with its figures."""
    store = book.store
    owners = book.organisations()

    def listed(wanted: Wanted, after: tuple[str, str] | None = None) -> str:
        found = rows.page(store, wanted, after, 50)
        return json.dumps([json.loads(row.body) | {"phase": row.phase} for row in found])

    def tile(number: int) -> object:
        zoom = 10 + number % 6
        quad = quad_of(22_350_000 + 900 * number, 114_150_000 + 700 * number) >> 2 * (DEEPEST - zoom)
        first = quad << 2 * (DEEPEST - zoom)
        return rows.clusters(store, (first, first + tile_range(zoom, 0, 0)[1]), 2 * (DEEPEST - zoom - 4))

    def detail(number: int) -> object:
        held = book.camera(names[number * 37 % len(names)][1])
        return json.dumps(public(held.entry, held.owner, held.phase)), plain(owners[held.entry.owner])

    whole = (0, 1 << 2 * DEEPEST)
    return [
        ("list, first page of 50, with the number of all", *timed(lambda _: (listed(Wanted()), rows.count(store)))),
        ("list, a page in the middle", *timed(lambda n: listed(Wanted(), names[len(names) // 2 + n]))),
        ("filter by owner, area and phase, with the number", *timed(lambda n: _filter(
            listed, store, Wanted(f"owner-{n % OWNERS}", f"area-{(n % OWNERS) + OWNERS * (n % 3)}", "proposed")))),
        ("filter by purpose, with the number", *timed(lambda _: _filter(
            listed, store, Wanted(purpose="crowd-safety")))),
        ("filter by words, with the number", *timed(lambda n: _filter(listed, store, Wanted(text=f"street {n} at")))),
        ("filter by words that nothing has", *timed(lambda n: _filter(listed, store, Wanted(text=f"nowhere {n}")))),
        ("map: a tile, in 16 x 16 cells", *timed(tile)),
        ("map: everything, in cells of zoom 10", *timed(lambda _: rows.clusters(store, whole, 2 * (DEEPEST - 10)))),
        ("map: everything, one owner only", *timed(lambda n: rows.clusters(
            store, whole, 2 * (DEEPEST - 12), Wanted(owner=f"owner-{n % OWNERS}")))),
        ("totals by owner, area and phase", *timed(lambda _: rows.totals(store), 20)),
        ("one camera, for the public", *timed(detail)),
    ]  # fmt: skip


def _filter(listed: Callable[[Wanted], str], store: object, wanted: Wanted) -> object:
    return listed(wanted), rows.count(store, wanted)  # type: ignore[arg-type]


@contextmanager
def _there(folder: Path, address: str | None) -> Iterator[None]:
    """A new register in this folder begins at the address, if there is one."""
    folder.mkdir()
    if address is not None:
        put_address(Layout(folder).database, address)
    yield


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cameras", type=int, default=60_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--postgres", metavar="ADDRESS")
    given = parser.parse_args()
    content = table(given.cameras)
    sys.stdout.write(f"{processor()}\n{given.cameras} cameras, a file of {len(content) / 1e6:.1f} MB, ")
    sys.stdout.write("PostgreSQL\n" if given.postgres else "SQLite\n")
    with (
        tempfile.TemporaryDirectory(dir=given.folder) as folder,
        _there(Path(folder) / "register", given.postgres),
        new_book(Path(folder) / "register", time.time, SITE, "https://register.example.org", "") as book,
    ):
        for what, dry in (("import, dry run", True), ("import", False), ("import again, nothing new", False)):
            begun, worked = time.perf_counter(), time.process_time()
            report = book.read_sheet(read_table(content, "list.csv"), dry=dry)
            took = f"{time.perf_counter() - begun:.1f} s, of the processor {time.process_time() - worked:.1f} s"
            done = f"{len(report.new)} new, {report.unchanged} unchanged, {len(report.refused)} refused"
            sys.stdout.write(f"{what}: {took} ({done})\n")
        names = [(row.name, row.id) for row in rows.every(book.store)]
        sys.stdout.write(f"{'ms':50} {'median':>8} {'95 %':>8} {'median of the processor':>24} {'95 %':>8}\n")
        for name, *figures in measure(book, names):
            passed, late, used, most = figures
            sys.stdout.write(f"{name:50} {passed:8.1f} {late:8.1f} {used:24.1f} {most:8.1f}\n")
        begun, worked = time.perf_counter(), time.process_time()
        size = sum(len(json.dumps(public(h.entry, h.owner, h.phase))) for h in book.cameras())
        took = f"{time.perf_counter() - begun:.1f} s, of the processor {time.process_time() - worked:.1f} s"
        sys.stdout.write(f"export of all as JSON: {took}, {size / 1e6:.0f} MB\n")


if __name__ == "__main__":
    main()
