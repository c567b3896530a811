"""The file that is being written, and its row."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from passerby.archive import tree
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
from passerby.archive.keys.cipher import END, Cipher, Header
from passerby.archive.keys.names import EpochId, Kind
from passerby.archive.keys.room import KeyRoom
from passerby.store.database import Store
from passerby.store.epochs import EpochRow, epoch_of_file

# Files of epochs with keys, and of the time before there were any.
SUFFIX, PLAIN_SUFFIX = ".epoch", ".mp4"
SUFFIXES = (SUFFIX, PLAIN_SUFFIX)
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
        length_us: How long the period is; 0 in a plain file.
        kind: The class of its key.
        cipher: Seals what is written; None for a file that was only found.
        leaves: Of its hash tree: header, init sections and segments in the order in which they lie there.
        root: Of the tree, once the file is closed.
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
    length_us: int = 0
    kind: str = Kind.REDACTED.value
    cipher: Cipher | None = None
    leaves: list[bytes] = field(default_factory=list)
    root: bytes = b""

    @classmethod
    def of(cls, row: EpochRow, folder: Path = Path()) -> Epoch:
        """The epoch that a row tells of; its file is not open."""
        return cls(
            row.camera_id,
            folder / row.file,
            row.period_us if row.length_us else row.start_us,
            row.keep_us,
            row.first_number,
            row.shift_us,
            row.size,
            unpack_segments(row.segments),
            unpack_inits(row.inits),
            length_us=row.length_us,
            kind=row.kind,
            root=row.root,
        )

    @property
    def id(self) -> EpochId | None:
        """Whose key opens it; None for a plain file."""
        return EpochId(self.camera_id, self.period_us, self.length_us, self.kind) if self.length_us else None

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
            period_us=self.period_us if self.length_us else 0,
            length_us=self.length_us,
            kind=self.kind,
            root=self.root,
        )

    def close(self) -> None:
        """Close the file."""
        if self.fd != NO_FD:
            os.close(self.fd)
            self.fd = NO_FD


def file_name(period_us: int, copy: int, kind: str = Kind.REDACTED.value) -> str:
    """``20261123T070000Z.epoch``; a second one has ``-2``; one of another class its name: ``-sealed-2``."""
    stamp = datetime.fromtimestamp(period_us // US, UTC).strftime("%Y%m%dT%H%M%SZ")
    stamp += "" if kind == Kind.REDACTED.value else f"-{kind}"
    return f"{stamp}-{copy}{SUFFIX}" if copy > 1 else f"{stamp}{SUFFIX}"


def open_epoch(
    store: Store, disk: Disk, folder: Path, epoch_id: EpochId, keep_us: int, number: int, at_us: int, room: KeyRoom
) -> Epoch:
    """A new file of an epoch: its header is on the disk when this returns.

    Whoever records keeps no share of a key, so a file that another process has begun is never gone on with.

    Args:
        store: The index.
        disk: Where the files are.
        folder: The camera's.
        epoch_id: Which epoch.
        keep_us: How long it may be kept.
        number: Of its first segment.
        at_us: Where in recorded time this is.
        room: Where its key comes from.

    Raises:
        ArchiveError: The file can't be made, or there is no key.
        StoreError: The index can't be read.
    """
    path = free_path(store, folder, epoch_id)
    cipher = room.new_file(epoch_id, keep_us, at_us)
    epoch = Epoch(epoch_id.camera, path, epoch_id.period_us, keep_us, number, cipher=cipher)
    begin_file(epoch, disk, cipher.header)
    return epoch


def free_path(store: Store, folder: Path, epoch_id: EpochId) -> Path:
    """Where a new file of an epoch goes.

    Raises:
        StoreError: The index can't be read.
    """
    copy = 1
    while _taken(store, folder, epoch_id, copy):
        copy += 1
    return folder / file_name(epoch_id.period_us, copy, epoch_id.kind)


def begin_file(epoch: Epoch, disk: Disk, stated: Header) -> None:
    """Write a file's header: it is on the disk when this returns.

    Raises:
        ArchiveError: The file can't be made.
    """
    epoch.length_us, epoch.kind = stated.epoch.length_us, stated.epoch.kind
    header, path, folder = stated.pack(), epoch.path, epoch.path.parent
    with named_errors(path):
        epoch.fd = disk.open(path)
        disk.write(epoch.fd, header, 0)
        disk.sync(epoch.fd)
        disk.sync_folder(folder)
    epoch.written = len(header)
    epoch.leaves.append(tree.leaf(header))


def reopen(epoch: Epoch, disk: Disk) -> None:
    """Go on with a file that this process has begun.

    Raises:
        ArchiveError: It can't be opened.
    """
    with named_errors(epoch.path):
        epoch.fd = disk.open(epoch.path)
        disk.truncate(epoch.fd, epoch.written)
    epoch.root = b""


def end_epoch(epoch: Epoch, disk: Disk, last: bytes = b"") -> None:
    """Close the hash tree: what follows the last segment says that nothing is missing. ``written`` stays before it.

    Args:
        epoch: Whose file.
        disk: Where it is.
        last: The chunk that says so, where somebody else has the key; else it is made here, if there is one.

    Raises:
        ArchiveError: The disk takes no writing; recovery closes it later.
    """
    leaves = list(epoch.leaves)
    if epoch.cipher is not None:
        last = epoch.cipher.seal(END, 0, 0, 0, b"")
    if last:
        leaves.append(tree.leaf(last))
    with named_errors(epoch.path):
        disk.truncate(epoch.fd, epoch.written)
        disk.write(epoch.fd, last + tree.pack(leaves), epoch.written)
        disk.sync(epoch.fd)
    epoch.root = tree.root(leaves)


def _taken(store: Store, folder: Path, epoch_id: EpochId, copy: int) -> bool:
    """Whether there is a file of this name, with a key or plain, or the index says so."""
    stem = file_name(epoch_id.period_us, copy, epoch_id.kind).removesuffix(SUFFIX)
    return any(
        (folder / (stem + suffix)).exists() or epoch_of_file(store, epoch_id.camera, stem + suffix) is not None
        for suffix in SUFFIXES
    )
