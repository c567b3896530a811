"""After any end, clean or not: what is whole is kept, what is torn is cut off, and index and files agree again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from passerby.archive import tree
from passerby.archive.boxes import DISCONTINUITY, FIRST_OF_SEGMENT, KEYFRAME
from passerby.archive.disk import Disk, fault, named_errors
from passerby.archive.entries import Segment
from passerby.archive.epoch import SUFFIX, SUFFIXES, Epoch, end_epoch
from passerby.archive.folder import Layout
from passerby.archive.keys.cipher import read_header
from passerby.archive.keys.key_file import KeyFile
from passerby.archive.keys.names import EpochId
from passerby.archive.keys.slots import Label
from passerby.archive.scan import Piece, whole_pieces
from passerby.base.errors import ArchiveError, DiskFault
from passerby.base.ids import SAFE
from passerby.store.database import Store
from passerby.store.epochs import (
    EpochRow,
    all_epochs,
    cameras_with_epochs,
    forget_epoch,
    put_epoch,
    wipe_live,
)


@dataclass(slots=True)
class Recovered:
    """What recovery did.

    Args:
        segments: Found whole behind the index's end, and indexed.
        cut_bytes: Torn, and cut off.
        lost: Segments whose bytes the disk no longer has.
        removed: Files without anything whole.
        missing: Rows without a file.
        lines: Files that the disk does not give, a line each. They and their rows stay as they are.
        unlisted: Why a camera's folder can't be listed, by its id; nothing of that camera is touched.
    """

    segments: int = 0
    cut_bytes: int = 0
    lost: int = 0
    removed: int = 0
    missing: int = 0
    lines: list[str] = field(default_factory=list)
    unlisted: dict[str, ArchiveError] = field(default_factory=dict)


def recover(layout: Layout, store: Store, disk: Disk, keep_us: int, keys: KeyFile) -> Recovered:
    """Bring files and index together. What has no key any more is left to the sweep, and so is what can't be read.

    Args:
        layout: The data folder, locked by this process.
        store: Open for writing.
        disk: Where the files are.
        keep_us: Limit of plain epochs that the index does not know.
        keys: The key file.

    Raises:
        KeysError: The key file can't be used.
        StoreError: The index can't be read or written.
    """
    wipe_live(store)
    done, labels = Recovered(), {label.epoch: label for label in keys.labels()}
    try:
        folders = camera_folders(layout)
    except ArchiveError as error:
        done.lines.append(f"no recording is looked through: {error}")
        done.unlisted = dict.fromkeys(cameras_with_epochs(store), error)
        return done
    for camera_id in sorted({*folders, *cameras_with_epochs(store)}):
        try:
            _Camera(camera_id, layout.camera(camera_id), store, disk, keep_us, labels, done).recover()
        except Unlisted as error:
            done.lines.append(f"{camera_id}: its recordings are left as they lie: {error}")
            done.unlisted[camera_id] = error
    return done


class Unlisted(DiskFault):
    """A folder whose files nobody can name: nothing is known of it, which is not the same as nothing in it."""


def camera_folders(layout: Layout) -> list[str]:
    """Cameras that have a folder, whoever they are.

    Raises:
        Unlisted: The disk does not say.
    """
    with _listing(layout.video):
        return [p.name for p in sorted(layout.video.iterdir()) if p.is_dir() and SAFE.fullmatch(p.name)]


def files_in(folder: Path) -> list[Path]:
    """The files of epochs in a camera's folder, by name; none where there is no such folder.

    Raises:
        Unlisted: The disk does not say.
    """
    with _listing(folder):
        return sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES) if folder.is_dir() else []


@contextmanager
def _listing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unlisted(f"{folder} can't be listed ({error.strerror})", "look at the disk and its rights") from error


@dataclass(slots=True)
class _Camera:
    """One camera's files and rows."""

    camera_id: str
    folder: Path
    store: Store
    disk: Disk
    keep_us: int
    labels: Mapping[EpochId, Label]
    done: Recovered
    # Of the segment after the last that the index knows.
    number: int = 0

    def recover(self) -> None:
        """Bring them together."""
        rows = {row.file: row for row in all_epochs(self.store, self.camera_id)}
        files = files_in(self.folder)
        for name in sorted(rows.keys() - {p.name for p in files}):
            if not rows[name].leaving:
                forget_epoch(self.store, self.camera_id, name)
                self.done.missing += 1
        # Files that the index knows come first: numbers of the others follow theirs.
        self.number = max((Epoch.of(row).next_number for row in rows.values()), default=0)
        for path in sorted(files, key=lambda p: (p.name not in rows, p.name)):
            row = rows.get(path.name)
            if row is not None and row.leaving:
                continue
            try:
                self._one(path, row)
            except (OSError, ArchiveError) as error:
                why = fault(f"{path.name} can't be read", error)
                self.done.lines.append(f"{self.camera_id}: a recording is left as it lies: {why}")

    def _one(self, path: Path, row: EpochRow | None) -> None:
        epoch = Epoch.of(row, self.folder) if row else Epoch(self.camera_id, path, 0, self.keep_us, self.number)
        with named_errors(path):
            size = path.stat().st_size
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            if path.suffix == SUFFIX and not self._names_itself(epoch, fd):
                return
            if not (row and epoch.video and _closed(epoch, fd, size)):
                self._mend(epoch, size, known=row is not None)
        finally:
            os.close(fd)

    def _names_itself(self, epoch: Epoch, fd: int) -> bool:
        """Whose key a file needs; False for one that nobody can open: the sweep sees to that."""
        header = read_header(fd)
        if header is None or header.epoch.camera != self.camera_id or header.epoch not in self.labels:
            return False
        found = header.epoch
        epoch.period_us, epoch.length_us, epoch.kind = found.period_us, found.length_us, found.kind
        epoch.keep_us = self.labels[found].keep_us
        epoch.written = max(epoch.written, len(header.pack()))
        epoch.leaves = [tree.leaf(header.pack())]
        return True

    def _mend(self, epoch: Epoch, size: int, *, known: bool) -> None:
        begin = epoch.written if not known or epoch.length_us == 0 else len(_header(epoch))
        with named_errors(epoch.path):
            epoch.fd = self.disk.open(epoch.path)
        try:
            _trim_index(epoch, size, 0 if epoch.length_us == 0 else begin, self.done)
            _adopt(epoch, size, self.done)
            if not epoch.video:
                self._remove(epoch.path)
                return
            closed = epoch.length_us > 0 and _was_closed(epoch, size)
            with named_errors(epoch.path):
                if size > epoch.written and not closed:
                    self.disk.truncate(epoch.fd, epoch.written)
                self.disk.sync(epoch.fd)
            self.done.cut_bytes += 0 if closed else size - epoch.written
            if epoch.length_us and not closed:
                _close(epoch, self.disk)
            with self.store.writing() as connection:
                put_epoch(connection, epoch.row())
            self.number = max(self.number, epoch.next_number)
        finally:
            epoch.close()

    def _remove(self, path: Path) -> None:
        remove_file(path, self.disk)
        forget_epoch(self.store, self.camera_id, path.name)
        self.done.removed += 1


def _header(epoch: Epoch) -> bytes:
    with named_errors(epoch.path), epoch.path.open("rb") as file:
        header = read_header(file.fileno())
    return b"" if header is None else header.pack()


def _closed(epoch: Epoch, fd: int, size: int) -> bool:
    """Whether nothing is to be done: a plain file that ends where the index says, another whose tree is closed."""
    if not epoch.length_us:
        return size == epoch.written
    found = tree.read(fd, size)
    return found is not None and bool(epoch.root) and tree.root(found[1]) == epoch.root


def _was_closed(epoch: Epoch, size: int) -> bool:
    """Whether only the index lags behind a file that was closed. Its root may be in the ledger: it stays as it is."""
    with named_errors(epoch.path):
        found = tree.read(epoch.fd, size)
        if found is None:
            return False
        at, leaves = found
        last = [tree.leaf_at(epoch.fd, epoch.written, at - epoch.written)] if at > epoch.written else []
        if _hashed(epoch) + last != leaves:
            return False
    epoch.leaves, epoch.root = leaves, tree.root(leaves)
    return True


def _close(epoch: Epoch, disk: Disk) -> None:
    """The tree of a file that was found: hashed from what lies there."""
    with named_errors(epoch.path):
        epoch.leaves = _hashed(epoch)
    end_epoch(epoch, disk)


def _hashed(epoch: Epoch) -> list[bytes]:
    """The leaves of what the index knows: the header's, then init sections and segments as they lie there."""
    ranges = sorted([(i.offset, i.length) for i in epoch.inits] + [(s.offset, s.length) for s in epoch.video])
    return epoch.leaves[:1] + [tree.leaf_at(epoch.fd, *one) for one in ranges]


def _trim_index(epoch: Epoch, size: int, begin: int, done: Recovered) -> None:
    """Forget what lies behind the file's end. Before ``begin`` nothing ends."""
    kept = [s for s in epoch.segments if s.offset + s.length <= size]
    done.lost += len(epoch.video) - sum(not s.gap for s in kept)
    epoch.segments = kept
    epoch.inits = [i for i in epoch.inits if i.offset + i.length <= size]
    ends = [s.offset + s.length for s in kept] + [i.offset + i.length for i in epoch.inits]
    epoch.written = max(ends, default=begin)


def _adopt(epoch: Epoch, size: int, done: Recovered) -> None:
    """Index whole pieces behind the index's end. A last segment may be shorter than it would have become."""
    before = epoch.next_number
    for piece in whole_pieces(epoch.fd, epoch.written, size, plain=not epoch.length_us):
        if piece.init:
            epoch.add_init(piece.length)
            continue
        if not epoch.inits:
            break
        _add(epoch, piece)
        epoch.written = piece.offset + piece.length
    done.segments += epoch.next_number - before


def _add(epoch: Epoch, piece: Piece) -> None:
    tag = piece.tag
    last = epoch.segments[-1] if epoch.segments else None
    if tag.flags & FIRST_OF_SEGMENT or last is None or last.gap:
        if last is not None and not last.gap and tag.start_us > last.end_us and tag.flags & DISCONTINUITY:
            epoch.add_gap(last.end_us, tag.start_us)
        flags = (bool(tag.flags & KEYFRAME), bool(tag.flags & DISCONTINUITY), True)
        init = len(epoch.inits) - 1
        epoch.add_segment(Segment(piece.offset, piece.length, tag.start_us, tag.duration_us, init, *flags))
        return
    epoch.segments[-1] = last._replace(
        length=piece.offset + piece.length - last.offset,
        duration_us=tag.start_us + tag.duration_us - last.start_us,
        recovered=True,
    )


def remove_file(path: Path, disk: Disk) -> None:
    """Remove a file that may be gone already; durable when this returns.

    Raises:
        ArchiveError: It can't be removed.
    """
    with named_errors(path):
        if path.parent.is_dir():
            disk.unlink(path)
            disk.sync_folder(path.parent)
