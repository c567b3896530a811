"""Where the station process of ``passerby run`` begins: the data folder, the database, the archive, the cameras."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from passerby.archive.capacity import Policy
from passerby.archive.clock import ArchiveClock
from passerby.archive.folder import DataFolder, link_keys
from passerby.archive.keys.names import HOUR_US
from passerby.archive.recorder import Archive
from passerby.base.errors import EXIT_DONE, PasserbyError
from passerby.charter.site_permit import act_camera
from passerby.ledger.hours import HOUR
from passerby.station.custody import share_source
from passerby.station.holds import Holds
from passerby.station.live import Station, check_files
from passerby.station.records import StationRecords
from passerby.station.settings import Site, read_site
from passerby.station.witnessed import Witnessed, site_name
from passerby.store.acts import ActQueue
from passerby.store.database import Store, Turn
from passerby.store.hours import HourQueue
from passerby.store.leases import Work
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.folder import OneFile
from passerby.store.migrate import open_store
from passerby.store.now import FILE, NowFile


@dataclass(frozen=True, slots=True)
class Shared:
    """A database that many stations share, as one of them may write it.

    Args:
        store: Where numbers and states go, under the station's lease.
        once: Makes work safe to do again there.
        turn: The first step of every write on this machine: refuses once the lease may be over.
    """

    store: Store
    once: Callable[[Work], Callable[[], None]]
    turn: Turn


def run(site: Site, threads: int, stop: threading.Event, shared: Shared | None = None) -> None:
    """Until ``stop`` is set.

    Args:
        site: The settings.
        threads: For each kind of work of one camera.
        stop: Ends it.
        shared: Where numbers go instead of the data folder's own database, which then holds the archive's index alone.

    Raises:
        PasserbyError: The station can't start, in one line.
    """
    check_files(site.cameras)
    name = partial(act_camera, site_name(site.oversight))
    with ExitStack() as stack:
        folder = DataFolder(site.data)
        stack.callback(folder.close)
        store = stack.enter_context(open_store(folder.layout.database, time.time))
        if shared is not None:
            store = store.under(shared.turn)
        link_keys(folder.layout, site.keys)
        if site.keeper is None:
            say("no keeper: who has this machine's keys opens what is kept, and looks are not logged (docs/custody.md)")
        archive = stack.enter_context(
            Archive(
                folder.layout,
                store,
                shares=share_source(site, say=say),
                clock=ArchiveClock(folder.layout.clock, witnessed=Witnessed(site.oversight)),
                holds=Holds(folder.layout.holds, site.oversight, say, ActQueue(folder.layout.acts)),
                ledger_name=name,
                policy=Policy(
                    round(site.archive.quota_gb * 1e9), site.archive.when_full, round(site.archive.least_h * HOUR_US)
                ),
            )
        )
        hour = int(time.time()) // HOUR
        HourQueue(folder.layout.hours).greet(hour, [name(camera.name) for camera in site.cameras])
        now = NowFile(site.data / FILE, time.time)
        stack.callback(now.close)
        numbers, once = (store, None) if shared is None else (shared.store, shared.once)
        records = StationRecords(site.cameras, numbers, archive, say, now=now, shared=once)
        stack.callback(records.close)
        seen = OneFile(folder.layout.roots_seen, LocalDisk())
        station = Station(site, records, threads, say, memory=seen, put=ActQueue(folder.layout.acts).put)
        station.run(stop, tick=records.tick)


def say(line: str) -> None:
    """A line for the log: standard output, with the time."""
    print(time.strftime("%Y-%m-%dT%H:%M:%S%z"), line, flush=True)


def main(argv: list[str]) -> int:
    """``SITE THREADS``; how it ended."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        run(read_site(Path(argv[1])), int(argv[2]), stop)
    except PasserbyError as error:
        print(f"passerby: {error}", file=sys.stderr, flush=True)
        return error.exit_code
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv))
