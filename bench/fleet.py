"""The control plane under a fleet's load, with pictures simulated: `make bench-fleet`.

A PostgreSQL server of its own is started. So many cameras' minutes are written by so many stations, each under its
lease, by the code that stations run; meanwhile the map, the newest counts and a camera's day are read, and leases are
renewed. Then rows are moved to SQLite and back. For each size of fleet: what a row costs, how long reads take.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.machine import processor
from sqlalchemy import text
from tests.postgres import Cluster

from passerby.store.counts import HOUR_US, MINUTE_US, Sums, hours, latest, put_sums
from passerby.store.database import Store
from passerby.store.leases import Fence, Numbered, renew, take
from passerby.store.migrate import open_postgres, open_sqlite
from passerby.store.move import to_postgres, to_sqlite
from passerby.store.partitions import keep_house
from passerby.store.rows import merge_rows
from passerby.store.schema import latest_counts

SHARD = 40
LEASE_US = 60_000_000
HANDS = 4
SAFE = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "shared_buffers": "256MB"}


@dataclass
class Times:
    """How long something took, again and again."""

    seconds: list[float] = field(default_factory=list)

    def take(self, work: Callable[[], object]) -> None:
        """Once more."""
        begun_s = time.perf_counter()
        work()
        self.seconds.append(time.perf_counter() - begun_s)

    def at(self, share: float) -> float:
        """A quantile in milliseconds."""
        ordered = sorted(self.seconds)
        return round(1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2) if ordered else 0.0


def minute_of(cameras: list[str], minute_us: int, chance: random.Random) -> list[Sums]:
    """A minute of each camera: twelve counts."""
    return [
        Sums(camera, minute_us, 12, 12 * people, 11 * people, 13 * people, people, 0.0, 0)
        for camera in cameras
        for people in (chance.random() * 50,)
    ]


class Writer:
    """A station's part of the load: its cameras' minutes, under its lease."""

    def __init__(self, store: Store, number: int, cameras: int) -> None:
        self.cameras = [f"c{number:04d}-{n:02d}" for n in range(cameras)]
        lease = take(store, f"s{number:04d}", "bench", LEASE_US)
        assert lease is not None
        self.lease, fence = lease, Fence(lease)
        self._numbered = Numbered(store.under(fence), fence)
        self._chance = random.Random(number)

    def write(self, minute_us: int) -> None:
        """One batch."""
        rows = minute_of(self.cameras, minute_us, self._chance)
        newest = [(s.camera_id, minute_us, s.people_max, 0.0, 0.0, 0.0, minute_us) for s in rows]
        names = ["camera_id", "time_us", "people", "low", "high", "vehicles", "id"]

        def work(connection: Any) -> None:
            put_sums(connection, rows)
            merge_rows(connection, latest_counts, names, newest)

        self._numbered(work)()


def load(store: Store, cameras: int, seconds: float, rate: float) -> dict[str, object]:
    """So many cameras' rows at a rate for a while, with readers beside them."""
    writers = [Writer(store, n, min(SHARD, cameras - n * SHARD)) for n in range(-(-cameras // SHARD))]
    now_us = int(time.time()) * 1_000_000 // MINUTE_US * MINUTE_US
    for ahead in range(4):
        keep_house(store, now_us + ahead * 24 * HOUR_US)
    stop, writing, lag = threading.Event(), Times(), Times()
    reads = {"newest": Times(), "camera's day": Times(), "city's day": Times(), "renewal": Times()}

    def read() -> None:
        chance = random.Random(1)
        while not stop.is_set():
            writer = chance.choice(writers)
            camera = chance.choice(writer.cameras)
            reads["newest"].take(lambda: latest(store))
            reads["camera's day"].take(lambda c=camera: hours(store, c, now_us - 24 * HOUR_US, now_us + 24 * HOUR_US))  # type: ignore[misc]
            reads["city's day"].take(lambda: _city(store, now_us))
            reads["renewal"].take(lambda w=writer: renew(store, w.lease, LEASE_US))  # type: ignore[misc]
            stop.wait(0.5)

    reader = threading.Thread(target=read)
    reader.start()
    begun_s, processor_s = time.perf_counter(), time.process_time()
    done = [0] * HANDS

    def write(hand: int) -> None:
        """Stations are independent of each other: some hands write for all of them."""
        mine, minute = writers[hand::HANDS], 0
        while mine and time.perf_counter() - begun_s < seconds:
            for writer in mine:
                early_s = (done[hand] * HANDS / rate if rate else 0.0) - (time.perf_counter() - begun_s)
                if early_s > 0:
                    time.sleep(early_s)
                lag.seconds.append(max(0.0, -early_s) if rate else 0.0)
                writing.take(lambda w=writer, m=minute: w.write(now_us + m * MINUTE_US))  # type: ignore[misc]
                done[hand] += len(writer.cameras)
                if time.perf_counter() - begun_s >= seconds:
                    break
            minute += 1

    hands = [threading.Thread(target=write, args=(hand,)) for hand in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    passed_s, written = time.perf_counter() - begun_s, sum(done)
    busy_s = time.process_time() - processor_s
    stop.set()
    reader.join()
    return {
        "cameras": cameras,
        "rows_a_second": round(written / passed_s),
        "batch_ms_p50": writing.at(0.5),
        "batch_ms_p99": writing.at(0.99),
        "lag_s_p99": lag.at(0.99) / 1e3,
        "client_ms_a_row": round(1e3 * busy_s / written, 4),
        "ms_p95": {name: times.at(0.95) for name, times in reads.items()},
        "bytes_a_row": sizes(store),
    }


def _city(store: Store, now_us: int) -> None:
    with store.reading() as connection:
        asked = "SELECT hour_us, sum(people_sum), sum(samples) FROM hour_counts WHERE hour_us >= :since GROUP BY 1"
        connection.execute(text(asked), {"since": now_us - 24 * HOUR_US}).all()


def sizes(store: Store) -> dict[str, float]:
    """Bytes of a row with its part of the indexes."""
    found = {}
    with store.reading() as connection:
        for table in ("minute_counts", "hour_counts"):
            size = connection.execute(
                text("SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(CAST(:t AS regclass))"),
                {"t": table},
            ).scalar_one()
            count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            found[table] = round(float(size) / max(1, count), 1)
    return found


def moved(cluster: Cluster, folder: Path, rows: int) -> dict[str, object]:
    """So many minutes to PostgreSQL and back."""
    path, chance = folder / "passerby.db", random.Random(2)
    with open_sqlite(path) as store:
        for first in range(0, rows, 60_000):
            cameras = [f"c{n:05d}" for n in range(min(60_000, rows - first))]
            with store.writing() as connection:
                put_sums(connection, minute_of(cameras, first // 60_000 * MINUTE_US, chance))
    begun_s = time.perf_counter()
    there = to_postgres(path, cluster.new())
    there_s, begun_s = time.perf_counter() - begun_s, time.perf_counter()
    back = to_sqlite(path)
    assert there == back
    return {
        "rows": sum(there.rows.values()),
        "there_s": round(there_s, 1),
        "back_s": round(time.perf_counter() - begun_s, 1),
        "sha256": there.hash,
    }


def main() -> None:
    """All of it; print and save."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cameras", type=int, nargs="+", default=[10, 100, 1000, 10_000, 60_000])
    options.add_argument("--seconds", type=float, default=60, help="how long each size runs")
    options.add_argument("--rate", type=float, default=1000, help="rows a second; 0: as many as go")
    options.add_argument("--move", type=int, default=10_000_000, help="rows that are moved; 0: none")
    options.add_argument("--out", type=Path, default=Path("out/bench-fleet.json"))
    asked = options.parse_args()
    result: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {"processor": processor(), "threads": len(os.sched_getaffinity(0)), "kernel": platform.release()},
        "load": [],
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(**SAFE)
    try:
        for cameras in asked.cameras:
            with open_postgres(cluster.new(), Path("bench.db")) as store:
                result["load"].append(load(store, cameras, asked.seconds, asked.rate))
            print(json.dumps(result["load"][-1]), flush=True)
        if asked.move:
            with tempfile.TemporaryDirectory() as folder:
                result["moved"] = moved(cluster, Path(folder), asked.move)
            print(json.dumps(result["moved"]), flush=True)
    finally:
        cluster.close()
        asked.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
