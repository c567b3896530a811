"""How long a year's report takes over a ledger of so many entries, and how much memory; 60,000 cameras reconciled.

    python -m bench.report [--entries 200000] [--folder DIR]       DIR is kept, and used again where it holds a log
    python -m bench.report --sample docs/sample-report              the sample in docs: its ledger, JSON, HTML and PDF

The ledger is what a city of 570 acts an hour would have: hours of stations (whose lists are left out, as
`--without-keys` does), looks with cases and reasons, phases, requests with due dates, draws each day. Every entry is
checked and proven: signature, tiles, schema, each actor's numbers. Memory is compared with a tenth of the entries.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.machine import processor
from tests.unit.charter.report import city
from tests.unit.charter.report.city import CHIEF, CLERK, MACHINE, NEXT, WATCHER, YEAR, sha

from passerby.charter.matter import draw
from passerby.charter.matter.draw import Seen
from passerby.charter.reconcile import Anonymous, Configured, Device, Looked, compare
from passerby.charter.report.page import page
from passerby.charter.report.report import compute
from passerby.ledger.acts import Follower, first_schema
from passerby.ledger.checkpoint import body
from passerby.ledger.hours import BIRTH, SILENT, Keys, Line, make_list, read_list
from passerby.ledger.lists import list_path
from passerby.ledger.note import sign_note
from passerby.ledger.schema import Act, format_act
from passerby.ledger.tiles import Edge
from passerby.ledger.verify import Trust, leaf_hash, parse_vkey
from passerby.press.reports import report_pdf

STATIONS, CAMERAS = 400, 60_000
DAYS = 365
KEPT = ("entries", "seconds", "cpu", "MiB", "lines")


def acts(entries: int) -> Iterator[tuple[int, Act]]:
    """Time and act, in order, `draw` being asked for by its name alone."""
    for number in range(min(CAMERAS, entries // 10)):
        about = {"camera": f"cam-{number:05x}", "owner": f"org-{number % 7:02x}", "area": f"area-{number % 60:02x}"}
        yield YEAR, {"act": "phase", "actor": CLERK, "phase": "active", "content": sha(number), **about}
    left, step = entries, 365 * 86400 * 1000 // entries
    hours: dict[int, int] = {}
    for number in range(left):
        now = YEAR + number * step // 1000
        if number and number % (entries // DAYS) == 0:
            yield now, {"act": "draw"}
        kind = number % 20
        if kind < 14:
            station = number % STATIONS
            hours[station] = hour = hours.get(station, YEAR // 3600) + 1
            yield now, {
                "act": "hour", "actor": MACHINE, "station": f"st-{station:04x}", "hour": hour, "cameras": 150,
                "list": sha("list", number % 64),
            }  # fmt: skip
            continue
        case, camera = sha("case", number // 20), f"cam-{number % CAMERAS:05x}"
        about = {"camera": camera, "purpose": "crowd-safety", "case": case}
        yield (
            now,
            {
                14: {"act": "case", "actor": WATCHER, "case": case, "purpose": "crowd-safety"},
                15: {"act": "because", "actor": WATCHER, "subject": case, "reason": "overcrowding"},
                16: {"act": "look", "actor": WATCHER, "until": now + 900, **about, **city.content_of("look", number)},
                17: {
                    "act": "due",
                    "actor": CLERK,
                    "subject": case,
                    "duty": "access-request",
                    "until": now + 40 * 86400,
                },
                18: {"act": "done", "actor": CLERK, "subject": case, "duty": "access-request", "outcome": "answered"},
                19: {"act": "stop", "actor": MACHINE, "camera": camera, "permit": sha(number)},
            }[kind],
        )


def build(folder: Path, entries: int) -> int:
    """Write the log; how many entries it came to."""
    follower, looks, state = Follower(), list[Seen](), {"ended": 0, "index": 0}
    edge, lists = Edge(), dict[str, bytes]()

    def entry(now: int, act: Act) -> bytes:
        whole = follower.whole(act, now)
        follower.advance(whole)
        raw = format_act(whole)
        if act["act"] == "look":
            looks.append(Seen(state["index"], leaf_hash(raw)))
        state["index"] += 1
        return raw

    def drawn(now: int) -> Act:
        size = state["index"]
        note = sign_note(body(city.ORIGIN, size, edge.root()), [city.LOG, city.PAPER], now)
        act, content, _ = draw.make(note, [city.PAPER.key], state["ended"], size, looks, 50, now + 14 * 86400)
        lists[list_path(str(act["list"]))] = content
        state["ended"] = size
        looks.clear()
        return {**act, "actor": CHIEF}

    def each() -> Iterator[bytes]:
        yield entry(YEAR, first_schema(MACHINE))
        for now, act in acts(entries):
            yield entry(now, drawn(now) if act["act"] == "draw" else act)
        yield entry(NEXT, {"act": "comment", "actor": CLERK, "content": sha("after")})

    def counted() -> Iterator[bytes]:
        for raw in each():
            for _ in edge.add(raw):
                pass
            yield raw

    count = city.write_log(folder, counted(), NEXT + 86400)
    for path, content in lists.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    return count


def once(folder: Path) -> None:
    """In a process of its own: the report, its time and its memory."""

    def read(path: str) -> bytes | None:
        try:
            return (folder / path).read_bytes()
        except FileNotFoundError:
            return None

    begun, worked = time.perf_counter(), time.process_time()
    found = compute(read, Trust([parse_vkey(city.VKEY)]), YEAR, NEXT, keys=False)
    took, cpu = time.perf_counter() - begun, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps(dict(zip(KEPT, (found.size, took, cpu, memory, len(found.lines)), strict=True))) + "\n")


def measured(folder: Path) -> dict[str, float]:
    """The same, from here."""
    command = [sys.executable, "-m", "bench.report", "--once", str(folder)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def reconciling() -> float:
    """Seconds to compare 60,000 cameras."""
    configured = [Configured(f"cam-{n}", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}") for n in range(CAMERAS)]
    registered = {f"cam-{n}": "active" for n in range(5, CAMERAS + 5)}
    seen = [Device(c.host) for c in configured[7:]]
    looked = {c.camera: Looked(Anonymous.OPEN if n % 1000 == 0 else Anonymous.REFUSED, audio=False)
              for n, c in enumerate(configured)}  # fmt: skip
    begun = time.perf_counter()
    findings = compare("example.org", b"s" * 32, configured, registered, seen, looked)
    took = time.perf_counter() - begun
    assert len(findings) == 5 + 5 + 60, len(findings)
    return took


def list_lines(hours: int = 200, cameras: int = 150) -> float:
    """Seconds of a processor for a line of an hour's list, read, proven and followed."""
    made = []
    for hour in range(hours):
        said = [Line(f"cam-{n:08x}", hour, BIRTH if n % 2 else SILENT, hour, 24) for n in range(cameras)]
        root, held, content = make_list(said)
        act = {"station": "st-01", "hour": hour, "cameras": held, "list": root}
        made.append((act, content, (hour + 1) * 3600))
    keys, begun = Keys(), time.process_time()
    for act, content, logged in made:
        keys.take(read_list(act, {list_path(act["list"]): content}.get), logged)
    return (time.process_time() - begun) / (hours * cameras)


def sample(folder: Path) -> None:
    """The report in docs, and the ledger that it is computed from."""
    log = city.year().write(folder / "ledger")
    found = compute(lambda p: (log / p).read_bytes() if (log / p).is_file() else None, Trust([parse_vkey(city.VKEY)]),
                    YEAR, NEXT)  # fmt: skip
    for name, content in (("json", found.encode()), ("html", page(found)), ("pdf", report_pdf(found))):
        (folder / f"report.{name}").write_bytes(content)
    sys.stdout.write(f"{folder}: {found.size} entries, {len(found.lines)} lines\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--once", type=Path)
    parser.add_argument("--sample", type=Path)
    given = parser.parse_args()
    if given.once:
        return once(given.once)
    if given.sample:
        return sample(given.sample)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        sys.stdout.write(f"{processor()}\n")
        for share in (10, 1):
            log = folder / f"log-{given.entries // share}"
            if not (log / "checkpoint").is_file():
                begun = time.perf_counter()
                count = build(log, given.entries // share)
                sys.stdout.write(f"{count} entries written in {time.perf_counter() - begun:.0f} s\n")
            told = measured(log)
            sys.stdout.write(
                f"{told['entries']:.0f} entries: report in {told['seconds']:.1f} s "
                f"({told['cpu']:.1f} s of a processor, {told['cpu'] / told['entries'] * 1e6:.1f} µs an entry), "
                f"{told['MiB']:.0f} MiB at most\n"
            )
    sys.stdout.write(f"a line of an hour's list takes {list_lines() * 1e6:.1f} µs of a processor\n")
    sys.stdout.write(f"{CAMERAS} cameras reconciled in {reconciling():.2f} s\n")
    return None


if __name__ == "__main__":
    main()
