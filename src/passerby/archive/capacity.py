"""Room: what is used, for how many days it lasts, and what happens when it is over.

Nothing is ever written over silently. At the quota, or where the disk is nearly full, the archive takes the first step
that the settings allow: `shorten` destroys the oldest keys early, never younger than `least`; `stop` keeps nothing more
until there is room. Both are said aloud, and a key that dies early is told to the ledger as every other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from passerby.archive.keys.names import US, EpochId
from passerby.store.database import Store
from passerby.store.epochs import SizedRow, Use, oldest_rows, uses

DAY_US = 86_400 * US
SHORTEN, STOP = "shorten", "stop"
# Below this much free space a disk counts as full: what is open must still be closed, and SQLite needs room.
RESERVE_BYTES = 256 << 20
# How much is made room for at once: a share of the quota.
PIECE = 50
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Policy:
    """What may happen when there is no room.

    Args:
        quota_bytes: What recordings may take; 0: as much as the disk has.
        steps: `shorten`, `stop`: in which order.
        least_us: Younger than this nothing is given up.
    """

    quota_bytes: int = 0
    steps: Sequence[str] = (STOP,)
    least_us: int = DAY_US


@dataclass(frozen=True, slots=True)
class Room:
    """How much there is.

    Args:
        used: Bytes of kept files.
        left: Bytes until quota or reserve is reached; below 0 it is over.
        cameras: What each takes.
    """

    used: int
    left: int
    cameras: Sequence[Use]

    def per_day(self, use: Use) -> float:
        """Bytes that a camera takes a day, from what is kept of it."""
        return use.size * DAY_US / max(use.to_us - use.from_us, 3600 * US)

    @property
    def days_left(self) -> float | None:
        """Until it is full, as it grows now if nothing were deleted; None where nothing grows."""
        daily = sum(self.per_day(use) for use in self.cameras)
        return max(0, self.left) / daily if daily else None


def room(store: Store, video: Path, policy: Policy) -> Room:
    """How much room there is.

    Args:
        store: Open.
        video: The folder of the recordings.
        policy: Its quota.

    Raises:
        StoreError: The index can't be read.
        OSError: The disk can't be asked.
    """
    found = uses(store)
    used = sum(use.size for use in found)
    disk = os.statvfs(video)
    free = disk.f_bavail * disk.f_frsize - RESERVE_BYTES
    return Room(used, min(free, policy.quota_bytes - used) if policy.quota_bytes else free, found)


def to_give_up(
    store: Store, policy: Policy, missing: int, now_us: int, held: Callable[[EpochId], bool] = lambda _: False
) -> tuple[list[EpochId], int]:
    """The oldest epochs that free so much, none younger than allowed and none that is held; and what they do free.

    Raises:
        StoreError: The index can't be read.
    """
    found, freed = list[EpochId](), 0
    for row in _oldest(store, now_us - policy.least_us):
        if freed >= missing or len(found) >= MOST_ROWS:
            break
        epoch = EpochId(row.camera_id, row.period_us, row.length_us, row.kind)
        if not held(epoch):
            freed += row.size
            found.append(epoch)
    return found, freed


def _oldest(store: Store, before_us: int) -> Iterator[SizedRow]:
    """From the oldest on, so many at a time: what is held may be many."""
    for skip in count(0, MOST_ROWS):
        yield from (rows := oldest_rows(store, before_us, MOST_ROWS, skip))
        if len(rows) < MOST_ROWS:
            return
