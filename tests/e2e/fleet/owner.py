"""An owner of a shard as a process: writes without rest, and says what was acknowledged. Run by test_fencing.

``owner.py ADDRESS SHARD NAME LENGTH MODE``. An ``honest`` one ends when its watch says so. A ``stubborn`` one has a
watch that stands still, believes that it renews, and never stops trying.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from sqlalchemy import Connection

from passerby.base.errors import Fenced, StoreError
from passerby.fleet import lease as lease_module
from passerby.fleet.lease import Holder, boot_clock
from passerby.store.counts import Count, put_many
from passerby.store.leases import Numbered
from passerby.store.migrate import open_postgres

PAUSE_S = 0.005


def main(address: str, shard: str, name: str, length: str, mode: str) -> None:
    """Take the lease, write until it is lost."""
    lost = threading.Event()
    clock = boot_clock
    if mode == "stubborn":
        began_s = boot_clock()
        clock = lambda: began_s  # noqa: E731
        lease_module.renew = lambda *_: True
    store = open_postgres(address, Path("owner.db"))
    holder = Holder(store, shard, name, lost.set, length_s=float(length), clock=clock)
    fence = holder.wait(threading.Event())
    assert fence is not None
    numbered = Numbered(store.under(fence), fence)
    token = fence.lease.token
    print(f"owns {token}", flush=True)
    number = 0
    while not lost.is_set():
        number += 1

        def work(connection: Connection, n: int = number) -> None:
            put_many(connection, [(Count(shard, 1_000_000 * n, token, 0, 0, n), False)])

        once = numbered(work)
        while not lost.is_set():
            try:
                once()
            except Fenced:
                print(f"fenced {token} {number}", flush=True)
                time.sleep(0.1)
            except StoreError:
                time.sleep(0.05)
            else:
                print(f"ack {token} {number}", flush=True)
                break
        time.sleep(PAUSE_S)
    print("lost", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
