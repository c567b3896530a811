"""Sealed originals as they lie on the disk, for whoever asks that they be opened: headers, slot shares, ciphertext."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from passerby.archive import seal
from passerby.archive.disk import named_errors
from passerby.archive.entries import Init, Segment
from passerby.archive.epoch import Epoch
from passerby.archive.folder import Layout
from passerby.archive.keys.cipher import HEAD_BYTES, Header, parse_head, read_header
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.keys.names import Kind
from passerby.archive.unseal import SealedFile
from passerby.base.errors import Altered
from passerby.store.database import Store
from passerby.store.epochs import epochs_between


@dataclass(frozen=True, slots=True)
class Lying:
    """A file of sealed originals.

    Args:
        path: Where it lies.
        header: Its header.
        inits: Its init sections.
        segments: Those that are wanted, in order.
    """

    path: Path
    header: Header
    inits: Sequence[Init]
    segments: Sequence[Segment]

    @property
    def file(self) -> SealedFile:
        """As officers are shown it."""
        return SealedFile(self.header.epoch, self.header.salt, self.header.sealed)

    def share(self, keys: KeyReader) -> bytes:
        """Its slot share.

        Raises:
            KeysError: Its key is destroyed: nothing opens it any more.
        """
        return bytes(seal.slot_share(keys.key_of(self.header.epoch), self.header.salt, self.header.epoch))

    def chunks(self) -> Iterator[bytes]:
        """What is wanted of it, chunk by chunk, each stream's beginning first.

        Raises:
            Altered: What lies there is not what was written.
            ArchiveError: It can't be read.
        """
        with named_errors(self.path), self.path.open("rb") as file:
            begun = -1
            for segment in self.segments:
                if segment.init != begun:
                    begun = segment.init
                    yield from _chunks(file.fileno(), self, self.inits[begun].offset, self.inits[begun].length)
                yield from _chunks(file.fileno(), self, segment.offset, segment.length)


def sealed_between(layout: Layout, store: Store, camera: str, from_us: int, to_us: int) -> list[Lying]:
    """The files of sealed originals that touch ``[from, to)``.

    Args:
        layout: Of the data folder.
        store: Its index.
        camera: The camera's id.
        from_us: Microseconds since 1970.
        to_us: Not included.

    Raises:
        StoreError: The index can't be read.
        ArchiveError: A file can't be read, or is none of this camera.
    """
    found = []
    for row in epochs_between(store, camera, from_us, to_us, Kind.SEALED.value):
        epoch = Epoch.of(row, layout.camera(camera))
        wanted = [s for s in epoch.video if s.start_us < to_us and s.end_us > from_us and s.init < len(epoch.inits)]
        if not wanted:
            continue
        with named_errors(epoch.path), epoch.path.open("rb") as file:
            header = read_header(file.fileno())
        if header is None or header.epoch != epoch.id:
            raise Altered(f"{epoch.path.name} is not what was written", "run: passerby archive check")
        found.append(Lying(epoch.path, header, epoch.inits, wanted))
    return found


def _chunks(fd: int, lying: Lying, at: int, length: int) -> Iterator[bytes]:
    end = at + length
    while at < end:
        head = parse_head(os.pread(fd, HEAD_BYTES, at))
        if head is None or at + head.stored > end:
            raise Altered(f"a part of {lying.path.name} is not in its place", "run: passerby archive check")
        yield os.pread(fd, head.stored, at)
        at += head.stored
