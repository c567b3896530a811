"""The hash tree of an epoch's file: every byte of it is below the root that the ledger holds.

Leaves are hashes of what is stored, as it lies there: the header, then each init section and segment in order. So
anybody may check a file against the ledger without any key. Tree and hashes as in RFC 6962 (`passerby.ledger.merkle`).
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable
from hashlib import sha256

from passerby.ledger import merkle

HASH_BYTES = 32
MARK = b"PASSTREE"
TAIL_BYTES = 8 + len(MARK)
BLOCK = 1 << 20


class Leaf:
    """A leaf that is hashed while it is written."""

    def __init__(self) -> None:
        self._hash = sha256(b"\0")

    def add(self, data: bytes) -> None:
        """More of it."""
        self._hash.update(data)

    def end(self) -> bytes:
        """Its hash; what comes next is another leaf."""
        found, self._hash = self._hash.digest(), sha256(b"\0")
        return found


def leaf(data: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(b"\0" + data).digest()


def leaf_at(fd: int, offset: int, length: int) -> bytes:
    """The hash of a range of a file, read piece by piece."""
    one = Leaf()
    for at in range(offset, offset + length, BLOCK):
        one.add(os.pread(fd, min(BLOCK, offset + length - at), at))
    return one.end()


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaves' hashes."""
    found = list(leaves)
    return merkle.root(len(found), merkle.of_leaves(found))


def pack(leaves: list[bytes]) -> bytes:
    """What a closed file ends with: the leaves, how many, a checksum, a mark."""
    body = b"".join(leaves) + struct.pack(">I", len(leaves))
    return body + struct.pack(">I", zlib.crc32(body)) + MARK


def read(fd: int, size: int) -> tuple[int, list[bytes]] | None:
    """The leaves at the end of a closed file, and where they begin; None where the file was not closed.

    Args:
        fd: Open for reading.
        size: Of the file.
    """
    tail = os.pread(fd, TAIL_BYTES, max(0, size - TAIL_BYTES))
    if len(tail) < TAIL_BYTES or tail[8:] != MARK:
        return None
    count, checksum = struct.unpack(">II", tail[:8])
    at = size - TAIL_BYTES - count * HASH_BYTES
    if at < 0:
        return None
    body = os.pread(fd, count * HASH_BYTES, at)
    if zlib.crc32(body + tail[:4]) != checksum:
        return None
    return at, [body[n : n + HASH_BYTES] for n in range(0, len(body), HASH_BYTES)]
