"""Video in clear, for whoever has the keys: a range of a file at a time, each chunk checked before it is given out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from passerby.archive.boxes import FIRST_OF_SEGMENT, TAG_SIZE
from passerby.archive.epoch import SUFFIX
from passerby.archive.keys.cipher import HEAD_BYTES, INIT, Cipher, Head, parse_head, read_header
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.keys.shares import NoShares, ShareOpener, epoch_key
from passerby.base.errors import Altered, ArchiveError, DiskFault, KeysError


@dataclass(frozen=True, slots=True)
class Place:
    """A range of bytes in a file: an init section, a segment or a part, as it is stored.

    Args:
        path: The file.
        camera: Whose it has to be.
        offset: Of the first byte.
        length: In bytes.
        init: An init section.
        start_us: When it has to start; None where nobody said.
    """

    path: Path
    camera: str
    offset: int
    length: int
    init: bool = False
    start_us: int | None = None


class Reading:
    """Reads what places name.

    Args:
        keys: Of the data folder.
        shares: Where shares come from. Without a keeper none is needed.
    """

    def __init__(self, keys: KeyReader, shares: ShareOpener | None = None) -> None:
        self._keys, self._shares = keys, shares or NoShares()

    def read(self, place: Place) -> bytes | None:
        """The bytes in clear, or None where they have been deleted since, or their key destroyed.

        Raises:
            Altered: What lies there was not written for this place.
            ShareRefused: The keeper's share is not given.
            ArchiveError: The disk reports a fault.
        """
        found = list(self.stream(place))
        return b"".join(found) if found else None

    def stream(self, place: Place) -> Iterator[bytes]:
        """The same, part by part; nothing where they have been deleted.

        Raises:
            ArchiveError: As `read`.
        """
        try:
            fd = os.open(place.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _fault(place, error) from error
        try:
            yield from self._of(place, fd) if place.path.suffix == SUFFIX else _plain(place, fd)
        except OSError as error:
            raise _fault(place, error) from error
        finally:
            os.close(fd)

    def cipher(self, fd: int, camera: str) -> Cipher | None:
        """What opens a file; None where its key is destroyed.

        Args:
            fd: The file, open for reading.
            camera: Whose it has to be.

        Raises:
            Altered: It is none of ours, or another camera's.
            ShareRefused: The keeper's share is not given.
        """
        header = read_header(fd)
        if header is None or header.epoch.camera != camera:
            raise Altered(f"a file of {camera}'s video is not what was written", "run: passerby archive check")
        try:
            key = self._keys.key_of(header.epoch)
        except KeysError:
            return None
        share = self._shares.open(header.epoch, header.sealed)
        return Cipher(header, epoch_key(key, share, header.salt, header.epoch))

    def _of(self, place: Place, fd: int) -> Iterator[bytes]:
        cipher = self.cipher(fd, place.camera)
        if cipher is None:
            return
        at, end, before = place.offset, place.offset + place.length, None
        while at < end:
            raw = os.pread(fd, HEAD_BYTES, at)
            head = parse_head(raw)
            if head is None or at + head.stored > end or not _fits(head, before, place):
                raise Altered(f"{place.camera}: a part of {place.path.name} is not in its place", "run: archive check")
            stored = os.pread(fd, head.stored, at)
            if len(stored) < head.stored:
                return
            yield cipher.open(head, stored)
            at, before = at + head.stored, head


def _fits(head: Head, before: Head | None, place: Place) -> bool:
    """Whether a chunk may follow, or begin here: chunks that were exchanged or left out show by their numbers."""
    if (head.kind == INIT) != place.init:
        return False
    if before is not None:
        return head.number == before.number + 1 and not head.flags & FIRST_OF_SEGMENT
    return place.start_us is None or head.start_us == place.start_us


def _plain(place: Place, fd: int) -> Iterator[bytes]:
    """Of the time before epochs had keys. Players pass over tags, but an init section is given out without."""
    cut = TAG_SIZE if place.init else 0
    data = os.pread(fd, place.length - cut, place.offset + cut)
    if len(data) == place.length - cut:
        yield data


def _fault(place: Place, error: OSError) -> ArchiveError:
    return DiskFault(f"{place.path.name} can't be read ({error.strerror})", "look at the disk")
