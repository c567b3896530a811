"""The file that is being written, and its row."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from passerby.archive.disk import Disk, named_errors
from passerby.archive.entries import (
    US,
    Init,
    Segment,
    pack_inits,
    pack_segments,
    unpack_inits,
    unpack_segments,
)
from passerby.store.database import Store
from passerby.store.epochs import EpochRow, epoch_of_file

SUFFIX = ".mp4"
NO_FD = -1


@dataclass(slots=True)
class Epoch:
    """One epoch of one camera.

    Args:
        camera_id: Which camera.
        path: The file.
        period_us: When the epoch's period begins.
        keep_us: How long it may be kept.
        first_number: Of its first segment.
        shift_us: The largest shift of a stream in it.
        written: Bytes of whole pieces in the file.
        segments: Segments and gaps, in order.
        inits: Init sections.
        fd: The open file, or `NO_FD`.
    """

    camera_id: str
    path: Path
    period_us: int
    keep_us: int
    first_number: int
    shift_us: int = 0
    written: int = 0
    segments: list[Segment] = field(default_factory=list)
    inits: list[Init] = field(default_factory=list)
    fd: int = NO_FD

    @classmethod
    def of(cls, row: EpochRow, folder: Path = Path()) -> Epoch:
        """The epoch that a row tells of; its file is not open."""
        return cls(
            row.camera_id,
            folder / row.file,
            row.start_us,
            row.keep_us,
            row.first_number,
            row.shift_us,
            row.size,
            unpack_segments(row.segments),
            unpack_inits(row.inits),
        )

    @property
    def file(self) -> str:
        """Its name in the camera's folder."""
        return self.path.name

    @property
    def video(self) -> list[Segment]:
        """The segments without the gaps; the first has the number ``first_number``."""
        return [s for s in self.segments if not s.gap]

    @property
    def next_number(self) -> int:
        """Of the segment after the last."""
        return self.first_number + len(self.video)

    def add_init(self, length: int) -> None:
        """An init section was written."""
        self.inits.append(Init(self.written, length))
        self.written += length

    def add_segment(self, segment: Segment) -> None:
        """A segment was written."""
        self.segments.append(segment)

    def add_gap(self, from_us: int, to_us: int) -> None:
        """Nothing was kept in this time, until just now. A gap that was thought to be over is replaced."""
        if self.segments and self.segments[-1].gap:
            self.segments.pop()
        self.segments.append(Segment(self.written, 0, from_us, to_us - from_us, 0, key=False, discontinuity=True))

    def row(self) -> EpochRow:
        """What the index says of it. Only whole segments count."""
        video = self.video
        size = max(
            video[-1].offset + video[-1].length if video else 0,
            self.inits[-1].offset + self.inits[-1].length if self.inits else 0,
        )
        return EpochRow(
            self.camera_id,
            self.file,
            video[0].start_us if video else self.period_us,
            video[-1].end_us if video else self.period_us,
            self.shift_us,
            self.keep_us,
            self.first_number,
            size,
            pack_segments(self.segments),
            pack_inits(self.inits),
        )

    def close(self) -> None:
        """Close the file."""
        if self.fd != NO_FD:
            os.close(self.fd)
            self.fd = NO_FD


def file_name(period_us: int, copy: int) -> str:
    """``20261123T070000Z.mp4``; a second one of the same time has ``-2``."""
    stamp = datetime.fromtimestamp(period_us // US, UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{stamp}-{copy}{SUFFIX}" if copy > 1 else f"{stamp}{SUFFIX}"


def open_epoch(
    store: Store, disk: Disk, camera_id: str, folder: Path, period_us: int, keep_us: int, number: int
) -> Epoch:
    """The epoch of this period: the one begun before, or a new one.

    Raises:
        ArchiveError: The file can't be made.
        StoreError: The index can't be read.
    """
    copy = 1
    while True:
        path = folder / file_name(period_us, copy)
        row = epoch_of_file(store, camera_id, path.name)
        known = Epoch.of(row, folder) if row else None
        # Numbers inside an epoch have no holes: one whose numbers ended earlier stays as it is.
        if row is None or (known and not row.leaving and (known.next_number == number or not known.video)):
            break
        copy += 1
    epoch = known or Epoch(camera_id, path, period_us, keep_us, number)
    epoch.period_us, epoch.keep_us = period_us, keep_us
    if not epoch.video:
        epoch.first_number = number
    with named_errors(path):
        new = not path.exists()
        epoch.fd = disk.open(path)
        if new:
            disk.sync_folder(folder)
        disk.truncate(epoch.fd, epoch.written)
    return epoch
