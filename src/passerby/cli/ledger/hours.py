"""Telling a ledger a station's hours: what waits in the station's data folder, and silence for all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from passerby.archive.folder import Layout
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.acts import Follower
from passerby.ledger.hours import Keys, follow, make_list
from passerby.ledger.lists import list_path
from passerby.ledger.log import Log
from passerby.ledger.ports import Objects
from passerby.ledger.schema import HOUR_ACT
from passerby.store.hours import Event, HourQueue, lists_of


def tell_hours(
    log: Log, writer: ActWriter, objects: Objects, layout: Layout, station: str, now: Callable[[], int]
) -> list[int]:
    """Log every hour of a station that is over and was not told yet. Which they were.

    Each list is a file of the log before the act that names it. Told twice after a crash, it is told once: the ledger
    itself says which hours it has, and which keys it knows.

    Args:
        log: Open.
        writer: Of its acts.
        objects: Its public files.
        layout: The station's data folder.
        station: Its id in the ledger's acts.
        now: Seconds since 1970.

    Raises:
        StoreError: What waits can't be read.
        LedgerError: The ledger takes no writing.
    """
    keys, follower, told = Keys(), Follower(), list[int]()
    take = follow(objects.get, keys)
    for entry in log.entries(0):
        take(follower.take(entry))
    actor = "p-" + sha256(f"{station}\nhours".encode()).hexdigest()[:32]

    def deliver(events: Sequence[Event]) -> int:
        taken = 0
        before, cameras_before = follower.hours.get(station), keys.cameras.get(station, set())
        for hour, lines, taken_so_far in lists_of(events, keys, cameras_before, before, now()):
            root, cameras, content = make_list(lines)
            objects.put([(list_path(root), content)])
            act = {"act": HOUR_ACT, "actor": actor, "station": station, "hour": hour, "cameras": cameras, "list": root}
            writer.append(act)
            told.append(hour)
            taken = taken_so_far
        return taken

    HourQueue(layout.hours).deliver(deliver)
    return told
