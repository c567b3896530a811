"""A shard's station as a process: waits for its lease, runs while it holds, and is gone when it may be over.

``python -m passerby.fleet.shard FLEET.TOML SHARD HOLDER CAMERA…``
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from passerby.archive.folder import Layout
from passerby.base.errors import EXIT_DONE, EXIT_FAILED, PasserbyError, SettingsError, StoreError
from passerby.fleet.lease import Holder
from passerby.fleet.settings import Fleet, read_fleet
from passerby.station.live_main import Shared, run, say
from passerby.station.settings import ServerSettings, Site, read_site
from passerby.store.acts import ActQueue
from passerby.store.database import Store
from passerby.store.leases import Numbered
from passerby.store.migrate import open_postgres
from passerby.store.outbox import collect

# After the lease was lost its processes get so long to end by themselves; then the kernel ends them with this one.
GRACE_S = 2.0
COLLECT_EVERY_S = 1.0
EXIT_LOST = 75


def site_of(fleet: Fleet, shard: str, cameras: list[str]) -> Site:
    """The settings of a shard: those of its area, with its cameras alone and a folder of its own.

    Raises:
        SettingsError: The area has no such camera.
    """
    area = next((a for a in fleet.areas if shard.startswith(f"{a.name}-")), None)
    if area is None:
        raise SettingsError(f"{shard} is in no area of the fleet")
    site = read_site(area.settings)
    ours = [camera for camera in site.cameras if camera.name in cameras]
    if len(ours) != len(cameras):
        raise SettingsError(f"{area.settings} has not all cameras of {shard}", "plan anew: passerby fleet run")
    changes = {"cameras": ours, "data": fleet.data / shard, "server": ServerSettings(enabled=False)}
    return site.model_copy(update=changes)


def main(argv: list[str]) -> int:
    """How it ended: `EXIT_LOST` where the lease is over."""
    stop, lost = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def over() -> None:
        """Everything ends now; whoever hangs ends with this process."""
        lost.set()
        stop.set()
        threading.Timer(GRACE_S, lambda: os._exit(EXIT_LOST)).start()

    try:
        fleet = read_fleet(Path(argv[1]))
        shard, holder_name, cameras = argv[2], argv[3], argv[4:]
        site = site_of(fleet, shard, cameras)
        with _opened(fleet, site) as store:
            holder = Holder(store, shard, holder_name, over, length_s=fleet.lease_s)
            fence = holder.wait(stop, say)
            if fence is None:
                return EXIT_DONE
            say(f"{shard}: owned, token {fence.lease.token}")
            fenced = store.under(fence)
            acts = threading.Thread(target=_acts, args=(fenced, ActQueue(Layout(site.data).acts), stop), daemon=True)
            acts.start()
            try:
                run(site, 1, stop, Shared(fenced, Numbered(fenced, fence), fence.watch))
            finally:
                acts.join(GRACE_S)
                holder.close()
    except PasserbyError as error:
        print(f"passerby: {error}", file=sys.stderr, flush=True)
        return EXIT_LOST if lost.is_set() else EXIT_FAILED
    return EXIT_LOST if lost.is_set() else EXIT_DONE


def _opened(fleet: Fleet, site: Site) -> Store:
    try:
        site.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{site.data} can't be made ({error.strerror})", "check the folder's rights") from error
    return open_postgres(fleet.database, Layout(site.data).database)


def _acts(store: Store, queue: ActQueue, stop: threading.Event) -> None:
    """Acts that were queued on this machine go to the database that the sequencer reads, until the end."""
    said = ""
    while True:
        ending = stop.wait(COLLECT_EVERY_S)
        try:
            collect(store, queue)
            said = ""
        except StoreError as error:
            if said != str(error):
                say(said := str(error))
        if ending:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv))
