"""After any end, clean or not: what is whole is kept, what is torn is cut off, and index and files agree again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from passerby.archive.boxes import DISCONTINUITY, FIRST_OF_SEGMENT, KEYFRAME
from passerby.archive.disk import Disk, named_errors
from passerby.archive.entries import Segment
from passerby.archive.epoch import SUFFIX, Epoch
from passerby.archive.folder import Layout
from passerby.archive.scan import Piece, whole_pieces
from passerby.base.ids import SAFE
from passerby.store.database import Store
from passerby.store.epochs import (
    all_epochs,
    cameras_with_epochs,
    epoch_of_file,
    forget_epoch,
    mark_leaving,
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
        removed: Files without anything whole, or whose deletion had begun.
        missing: Rows without a file.
    """

    segments: int = 0
    cut_bytes: int = 0
    lost: int = 0
    removed: int = 0
    missing: int = 0


def recover(layout: Layout, store: Store, disk: Disk, keep_us: int) -> Recovered:
    """Bring files and index together.

    Args:
        layout: The data folder, locked by this process.
        store: Open for writing.
        disk: Where the files are.
        keep_us: Limit of epochs that the index does not know.

    Raises:
        ArchiveError: A file can't be cut off or removed.
        StoreError: The index can't be read or written.
    """
    wipe_live(store)
    done = Recovered()
    found = [p.name for p in sorted(layout.video.iterdir()) if p.is_dir() and SAFE.fullmatch(p.name)]
    for camera_id in sorted({*found, *cameras_with_epochs(store)}):
        _camera(camera_id, layout.camera(camera_id), store, disk, keep_us, done)
    return done


def _camera(camera_id: str, folder: Path, store: Store, disk: Disk, keep_us: int, done: Recovered) -> None:
    files = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    rows = {row.file: row for row in all_epochs(store, camera_id)}
    for name in sorted(rows.keys() - {p.name for p in files}):
        forget_epoch(store, camera_id, name)
        done.missing += 1
    # Files that the index knows come first: numbers of the others follow theirs.
    for path in sorted(files, key=lambda p: (p.name not in rows, p.name)):
        row = rows.get(path.name)
        if row is not None and row.leaving:
            _remove(path, camera_id, store, disk, done)
            continue
        number = max((Epoch.of(r).next_number for r in all_epochs(store, camera_id)), default=0)
        epoch = Epoch.of(row, folder) if row else Epoch(camera_id, path, 0, keep_us, number)
        _file(epoch, store, disk, done, known=row is not None)


def _file(epoch: Epoch, store: Store, disk: Disk, done: Recovered, *, known: bool) -> None:
    with named_errors(epoch.path):
        size = epoch.path.stat().st_size
    if known and size == epoch.written and epoch.video:
        return
    with named_errors(epoch.path):
        epoch.fd = disk.open(epoch.path)
    try:
        _trim_index(epoch, size, done)
        _adopt(epoch, size, done)
        if not epoch.video:
            _remove(epoch.path, epoch.camera_id, store, disk, done)
            return
        with named_errors(epoch.path):
            if size > epoch.written:
                disk.truncate(epoch.fd, epoch.written)
            disk.sync(epoch.fd)
        done.cut_bytes += size - epoch.written
        with store.writing() as connection:
            put_epoch(connection, epoch.row())
    finally:
        epoch.close()


def _trim_index(epoch: Epoch, size: int, done: Recovered) -> None:
    """Forget what lies behind the file's end."""
    kept = [s for s in epoch.segments if s.offset + s.length <= size]
    done.lost += len(epoch.video) - sum(not s.gap for s in kept)
    epoch.segments = kept
    epoch.inits = [i for i in epoch.inits if i.offset + i.length <= size]
    ends = [s.offset + s.length for s in kept] + [i.offset + i.length for i in epoch.inits]
    epoch.written = max(ends, default=0)


def _adopt(epoch: Epoch, size: int, done: Recovered) -> None:
    """Index whole pieces behind the index's end. A last segment may be shorter than it would have become."""
    before = epoch.next_number
    for piece in whole_pieces(epoch.fd, epoch.written, size):
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
    epoch.segments[-1] = replace(
        last,
        length=piece.offset + piece.length - last.offset,
        duration_us=tag.start_us + tag.duration_us - last.start_us,
        recovered=True,
    )


def _remove(path: Path, camera_id: str, store: Store, disk: Disk, done: Recovered) -> None:
    remove_epoch(path, camera_id, store, disk)
    done.removed += 1


def remove_epoch(path: Path, camera_id: str, store: Store, disk: Disk) -> None:
    """Delete one epoch: first it is no longer shown, then its file goes, then its row.

    Raises:
        ArchiveError: The file can't be removed; it stays marked and is tried again.
        StoreError: The index takes no writing.
    """
    if epoch_of_file(store, camera_id, path.name) is not None:
        mark_leaving(store, camera_id, path.name)
    with named_errors(path):
        disk.unlink(path)
        disk.sync_folder(path.parent)
    forget_epoch(store, camera_id, path.name)
