"""Telling a ledger a station's hours: what waits in the station's data folder, and silence for all others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256

from passerby.archive.folder import Layout
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.hours import Keys, follow, make_list
from passerby.ledger.lists import list_path
from passerby.ledger.log import Log
from passerby.ledger.ports import Objects, Slot
from passerby.ledger.schema import HOUR_ACT, parse_act
from passerby.store.hours import Event, HourQueue, lists_of


def tell_hours(
    log: Log, writer: ActWriter, objects: Objects, memory: Slot, layout: Layout, station: str, now: Callable[[], int]
) -> list[int]:
    """Log every hour of a station that is over and was not told yet. Which they were.

    Each list is a file of the log before the act that names it. Told twice after a crash, it is told once: the ledger
    itself says which hours it has, and which keys it knows.

    Args:
        log: Open.
        writer: Of its acts.
        objects: Its public files.
        memory: Where to remember, between runs, what its hours so far come to; rebuilt where it is lost.
        layout: The station's data folder.
        station: Its id in the ledger's acts.
        now: Seconds since 1970.

    Raises:
        StoreError: What waits can't be read.
        LedgerError: The ledger takes no writing.
    """
    keys, hours, told = _remembered(log, objects, memory), writer.hours, list[int]()
    actor = "p-" + sha256(f"{station}\nhours".encode()).hexdigest()[:32]

    def deliver(events: Iterator[Event]) -> int:
        taken = 0
        known = keys.cameras.setdefault(station, set())
        for hour, lines, taken_so_far in lists_of(events, keys, known, hours.get(station), now()):
            known.update(line.camera for line in lines)
            root, cameras, content = make_list(lines)
            objects.put([(list_path(root), content)])
            act = {"act": HOUR_ACT, "actor": actor, "station": station, "hour": hour, "cameras": cameras, "list": root}
            writer.append(act)
            told.append(hour)
            taken = taken_so_far
        return taken

    HourQueue(layout.hours).deliver(deliver)
    log.publish()
    memory.save(_dumps(keys, log))
    return told


def _remembered(log: Log, objects: Objects, memory: Slot) -> Keys:
    """What was remembered, if it is about a tree that this log signed last, and what came since."""
    keys, first = _loads(memory.load() or b"{}", log)
    take = follow(objects.get, keys)
    for entry in log.entries(first):
        take(parse_act(entry))
    return keys


def _dumps(keys: Keys, log: Log) -> bytes:
    point = log.published
    alive = [[*epoch, until, keys.roots.get(epoch, "")] for epoch, until in keys.alive.items()]
    cameras = {station: sorted(found) for station, found in keys.cameras.items()}
    kept = {"size": point.size, "root": point.root.hex(), "numbers": keys.numbers, "alive": alive, "cameras": cameras}
    return json.dumps(kept).encode()


def _loads(raw: bytes, log: Log) -> tuple[Keys, int]:
    point, keys = log.published, Keys()
    try:
        found = json.loads(raw)
        if (found.get("size"), found.get("root")) != (point.size, point.root.hex()):
            return Keys(), 0
        keys.numbers = found["numbers"]
        keys.cameras = {station: set(cameras) for station, cameras in found["cameras"].items()}
        for camera, epoch, kind, until, root in found["alive"]:
            keys.alive[camera, epoch, kind] = until
            if root:
                keys.roots[camera, epoch, kind] = root
    except (ValueError, KeyError, AttributeError):
        return Keys(), 0
    return keys, point.size
