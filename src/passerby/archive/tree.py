"""The hash tree of an epoch's file: every byte of it is below the root that the ledger holds.

Leaves are hashes of what is stored, as it lies there: the header, then each init section and segment in order. So
anybody may check a file against the ledger without any key. Tree and hashes as in RFC 6962 (`passerby.ledger.merkle`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256

from passerby.ledger import merkle

HASH_BYTES = 32
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


def split(blob: bytes) -> Iterator[bytes]:
    """The leaves in the last chunk of a file."""
    return (blob[at : at + HASH_BYTES] for at in range(0, len(blob), HASH_BYTES))
