"""How fast the ledger is, beside the disk it writes on: `make bench-ledger`.

    python -m bench.ledger [--entries 1000000] [--folder DIR] [--out FILE]

Everything is real: keys, signatures, files, syncs. The disk's floor (the same bytes appended to a file and synced by
one caller) is measured in turns with the ledger itself. Memory is the most that a process of its own ever held; "flat"
is its ratio between a tenth of the entries and all. The mirror is killed with `kill -9` again and again on its way.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from operator import truediv
from pathlib import Path
from statistics import median

from bench.machine import processor

from passerby.base.build import version_line
from passerby.ledger import merkle
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.note import format_vkey
from passerby.ledger.tiles import StoredHashes
from passerby.ledger.verify import verify_inclusion
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import Folder, OneFile
from passerby.store.ledger.home import Home, create, open_log

GROUP = 4096
CALLERS, ACTS_EACH = 64, 40
TURNS, ACTS_A_TURN = 20, 25
PROOFS = 500
JOURNAL_ADDS = 58  # bytes around an entry that is alone in its group: frame, key and length
CUTS = 8
ACTOR = "p-" + "a7" * 16
VERIFY = Path(__file__).resolve().parents[1] / "src/passerby/ledger/verify.py"
Figures = dict[str, float | int]


def clock() -> int:
    return int(time.time())


def begin(folder: Path, name: str) -> tuple[Home, str]:
    """A new log; its home and verifier key."""
    home = Home.at(folder / name)
    (signer,) = create(home, f"bench.example/{name}", LocalDisk(), clock, os.urandom)
    return home, format_vkey(signer.key)


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def act(number: int) -> dict[str, object]:
    return {"act": "stop", "actor": ACTOR, "camera": f"cam-{number:x}", "permit": f"{number:064x}"}


def one_caller(folder: Path) -> Figures:
    """Acts of one caller, each durable before the next, in turns with the disk's own floor.

    The floor is what a program gets that adds the same bytes to a file and syncs it. A sync that doesn't make the file
    longer is cheaper on most file systems: that floor is told, too.
    """
    home, _ = begin(folder, "one")
    appended_s, in_place_s, ours_s = list[float](), list[float](), list[float]()
    with open_log(home, LocalDisk(), clock) as log:
        writer = ActWriter(log, OneFile(home.beside(".acts"), LocalDisk()), clock)
        same = os.urandom(len(log.entry(writer.append(act(0)))) + JOURNAL_ADDS)
        grows, stays = (os.open(folder / name, os.O_RDWR | os.O_CREAT) for name in ("grows", "stays"))
        os.write(stays, bytes(2 * TURNS * ACTS_A_TURN * len(same)))
        os.fsync(stays)
        os.lseek(stays, 0, os.SEEK_SET)

        def disk(file: int) -> None:
            for _ in range(ACTS_A_TURN):
                os.write(file, same)
                os.fdatasync(file)

        def ledger(turn: int) -> None:
            for number in range(ACTS_A_TURN):
                writer.append(act(turn * ACTS_A_TURN + number))

        for turn in range(TURNS):
            appended_s.append(timed(partial(disk, grows)) / ACTS_A_TURN)
            ours_s.append(timed(partial(ledger, turn)) / ACTS_A_TURN)
            in_place_s.append(timed(partial(disk, stays)) / ACTS_A_TURN)
        writer.close()
        os.close(grows)
        os.close(stays)
    return {
        "floor_per_s": round(1 / median(appended_s)), "acts_per_s": round(1 / median(ours_s)),
        "share_of_floor": round(median(map(truediv, appended_s, ours_s)), 3),
        "in_place_floor_per_s": round(1 / median(in_place_s)),
        "share_of_in_place_floor": round(median(map(truediv, in_place_s, ours_s)), 3), "bytes_an_act": len(same),
    }  # fmt: skip


def many_callers(folder: Path) -> Figures:
    """Acts of 64 callers at once, each durable before its answer."""
    home, _ = begin(folder, "many")
    with open_log(home, LocalDisk(), clock) as log:
        writer = ActWriter(log, OneFile(home.beside(".acts"), LocalDisk()), clock)

        def caller(name: int) -> None:
            for number in range(ACTS_EACH):
                writer.append(act(name * ACTS_EACH + number), f"{name}/{number}".encode())

        threads = [threading.Thread(target=caller, args=(name,)) for name in range(CALLERS)]
        for thread in threads:
            thread.start()

        def all_answered() -> None:
            for thread in threads:
                thread.join()

        took_s = timed(all_answered)
        writer.close()
        assert log.published.size == CALLERS * ACTS_EACH + 1  # and the schema
    return {"callers": CALLERS, "acts": CALLERS * ACTS_EACH, "acts_per_s": round(CALLERS * ACTS_EACH / took_s)}


def entry(number: int) -> bytes:
    return b'{"number":%d,"more":"%064x"}' % (number, number)


def batched(home: Home, first: int, end: int) -> Figures:
    """Entries in groups, each group durable; all published at the end."""

    def work() -> None:
        with open_log(home, LocalDisk(), clock) as log:
            for start in range(first, end, GROUP):
                log.append_many([(entry(n), b"") for n in range(start, min(end, start + GROUP))])
            log.publish()

    took_s = timed(work)
    return {"entries": end - first, "seconds": round(took_s, 1), "entries_per_s": round((end - first) / took_s)}


def process(arguments: Iterable[str | Path], kill_after_s: float | None = None) -> tuple[int, float, float]:
    """Exit code, seconds and most MiB of a process.

    Its own high-water mark is looked at while it runs: what `wait4` says begins with its parent's.
    """
    begun, most_kib = time.perf_counter(), 0
    child = subprocess.Popen([sys.executable, *map(str, arguments)], stdout=subprocess.DEVNULL)
    if kill_after_s is not None:
        threading.Timer(kill_after_s, child.kill).start()
    while child.poll() is None:
        status = Path(f"/proc/{child.pid}/status").read_text()
        most_kib = max([most_kib, *(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))])
        time.sleep(0.02)
    return child.returncode, time.perf_counter() - begun, most_kib / 1024


def verified(home: Home, vkey: str) -> Figures:
    """The whole log checked by `verify.py`, alone in its process."""
    code, took_s, memory_mib = process([VERIFY, "log", home.folder, "--vkey", vkey])
    assert code == 0, f"verify.py ended with {code}"
    return {"seconds": round(took_s, 1), "memory_mib": round(memory_mib, 1)}


def mirrored(home: Home, vkey: str, copy: Path, cuts: int, seed: int) -> Figures:
    """A mirror killed again and again, until one run comes to its end."""
    command: list[str | Path] = ["-m", "passerby.cli", "ledger", "mirror", home.folder, copy, "--vkey", vkey]
    chance = random.Random(seed)
    lived = [process(command, chance.uniform(1, 12)) for _ in range(cuts)]
    code, took_s, memory_mib = process(command)
    assert code == 0, f"the mirror ended with {code}"
    same = process([VERIFY, "log", copy, "--vkey", vkey])[0]
    assert same == 0, "the copy is not the log"
    return {
        "killed": sum(end[0] == -9 for end in lived), "last_run_s": round(took_s, 1),
        "memory_mib": round(max(memory_mib, *(end[2] for end in lived)) if lived else memory_mib, 1),
    }  # fmt: skip


def proofs(home: Home, size: int) -> Figures:
    """Inclusion proofs of entries anywhere, each from the files alone: nothing is held between two."""
    read, chance, took_ms = Folder(home.folder, LocalDisk()).get, random.Random(1), list[float]()
    root = StoredHashes(read, size).root()
    for _ in range(PROOFS):
        index = chance.randrange(size)
        begun = time.perf_counter()
        hashes = StoredHashes(read, size)
        proof = merkle.inclusion(index, size, hashes)
        took_ms.append((time.perf_counter() - begun) * 1000)
        verify_inclusion(hashes(0, index), index, size, proof, root)
    took_ms.sort()
    return {
        "median_ms": round(median(took_ms), 2), "p99_ms": round(took_ms[int(PROOFS * 0.99)], 2),
        "slowest_ms": round(took_ms[-1], 2),
    }  # fmt: skip


def measured(folder: Path, entries: int) -> dict[str, Figures]:
    """All of it, told as it comes."""
    found: dict[str, Figures] = {}

    def take(name: str, figures: Figures) -> None:
        found[name] = figures
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()), flush=True)

    take("one caller", one_caller(folder))
    take("many callers", many_callers(folder))
    home, vkey = begin(folder, "large")
    tenth = entries // 10
    take("batched, a tenth", batched(home, 0, tenth))
    take("verify, a tenth", verified(home, vkey))
    take("mirror, a tenth", mirrored(home, vkey, folder / "copy", 0, 0))
    take("batched, the rest", batched(home, tenth, entries))
    take("verify, all", verified(home, vkey))
    take("proofs", proofs(home, entries))
    take("mirror, all", mirrored(home, vkey, folder / "copy", CUTS, 1))
    for kind in ("verify", "mirror"):
        ratio = found[f"{kind}, all"]["memory_mib"] / found[f"{kind}, a tenth"]["memory_mib"]
        take(f"{kind}, memory", {"all_to_a_tenth": round(ratio, 2)})
    return found


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured (default: .cache)")
    parser.add_argument("--out", type=Path, default=Path("out/bench-ledger.json"))
    asked = parser.parse_args()
    parent = asked.folder or Path(".cache")
    parent.mkdir(parents=True, exist_ok=True)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    print(f"{processor()}, {len(os.sched_getaffinity(0))} threads")
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        found = measured(Path(folder), asked.entries)
    result = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"processor": processor(), "threads": len(os.sched_getaffinity(0))},
        "versions": {"passerby": version_line()},
        "rows": found,
    }
    asked.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
