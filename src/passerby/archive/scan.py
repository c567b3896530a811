"""What is whole in a file of the archive: reads heads and checksums, never a picture, and needs no key."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from passerby.archive.boxes import MARK, TAG, TAG_SIZE, VERSION, Tag
from passerby.archive.keys.cipher import INIT as CHUNK_INIT
from passerby.archive.keys.cipher import PART, whole_chunk

INIT, FRAGMENT = (b"ftyp", b"moov"), (b"moof", b"mdat")
LARGEST_BOX = 256 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """One whole piece of a file: an init section (no tag's flags matter), or a fragment.

    ``offset`` and ``length`` in bytes hold the tag's box, or the chunk's head, as well.
    """

    offset: int
    length: int
    init: bool
    tag: Tag


def whole_pieces(fd: int, begin: int, end: int, *, plain: bool) -> Iterator[Piece]:
    """The pieces from ``begin`` on, up to the first that is torn or not ours.

    Args:
        fd: The file, open for reading.
        begin: Where a piece begins.
        end: The file's size.
        plain: Of the time before epochs had keys.
    """
    at, look = begin, _piece if plain else _chunk
    while (piece := look(fd, at, end)) is not None:
        yield piece
        at = piece.offset + piece.length


def _chunk(fd: int, at: int, end: int) -> Piece | None:
    head = whole_chunk(fd, at, end)
    if head is None or head.kind not in (CHUNK_INIT, PART):
        return None
    return Piece(at, head.stored, head.kind == CHUNK_INIT, Tag(head.flags, head.start_us, head.duration_us))


def _piece(fd: int, at: int, end: int) -> Piece | None:
    tag_box = os.pread(fd, TAG_SIZE, at)
    if len(tag_box) < TAG_SIZE or tag_box[:8] != struct.pack(">I4s", TAG_SIZE, b"free"):
        return None
    mark, version, flags, start, duration, checksum = TAG.unpack(tag_box[8:])
    if (mark, version) != (MARK, VERSION):
        return None
    body_at = at + TAG_SIZE
    first = _box(fd, body_at, end)
    second = _box(fd, body_at + first[1], end) if first else None
    if first is None or second is None:
        return None
    kinds = (first[0], second[0])
    length = first[1] + second[1]
    head = TAG.pack(MARK, VERSION, flags, start, duration, 0)
    if kinds not in (INIT, FRAGMENT) or zlib.crc32(head + os.pread(fd, length, body_at)) != checksum:
        return None
    return Piece(at, TAG_SIZE + length, kinds == INIT, Tag(flags, start, duration))


def _box(fd: int, at: int, end: int) -> tuple[bytes, int] | None:
    """Name and size of a box that lies wholly before ``end``."""
    head = os.pread(fd, 8, at)
    if len(head) < 8:
        return None
    size, name = struct.unpack(">I4s", head)
    return (name, size) if 8 <= size <= LARGEST_BOX and at + size <= end else None
