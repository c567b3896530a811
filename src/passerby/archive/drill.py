"""A drill: chunks of what should be kept, drawn at random, read again and followed up to the ledger's roots.

It catches mistakes: a disk that lost something, an index or a key that no longer fits, a backup that was put back half.
It can not catch a cheat: who has the chunks can answer, whatever else he keeps, and however long he keeps it.

Who asks gives the seed, and anybody who holds the ledger draws the same. An answer proves itself: the chunk as it is
stored (no key opens it for whoever asks), and its way up to the root.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from passerby.archive import tree
from passerby.archive.check import stored_parts
from passerby.archive.epoch import Epoch
from passerby.archive.folder import Layout
from passerby.archive.keys.cipher import INIT, read_header
from passerby.archive.keys.cipher import parse_head as head_of
from passerby.archive.keys.key_file import KeyReader
from passerby.archive.keys.names import HOUR_US, EpochId
from passerby.archive.reading import Place, Reading
from passerby.base.errors import ArchiveError, PasserbyError
from passerby.ledger import merkle
from passerby.ledger.hours import HOUR, Keys
from passerby.ledger.verify import LedgerError, verify_inclusion
from passerby.store.database import Store
from passerby.store.epochs import epoch_of_file, rows_of_key

# What is due sooner may be destroyed between the ledger's last hour and the answer.
SOON_S = 3 * HOUR


class NotProven(PasserbyError):
    """A chunk that was asked for and is not there, or not as the ledger has it."""


@dataclass(frozen=True, slots=True)
class Pick:
    """One chunk that is asked for.

    Args:
        camera: As the ledger names it.
        hour: Counted from 1970.
        kind: Class of its key.
        root: Of the hour, in hexadecimal, as the ledger has it.
        draw: Which chunk of that hour: this number modulo how many there are.
    """

    camera: str
    hour: int
    kind: str
    root: str
    draw: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A chunk, and its way up to the hour's root.

    Args:
        part: What it is of its hour, in words.
        file: Number of its file among those of the hour, and how many there are.
        chunk: Its number in that file, and how many there are.
        stored: Its bytes, as they lie there.
        root: Of its file.
        up: Hashes from the chunk to that root, then from there to the hour's.
        opened: Whether it was opened too; not where a keeper has half of its key.
    """

    part: str
    file: tuple[int, int]
    chunk: tuple[int, int]
    stored: bytes
    root: bytes
    up: tuple[list[bytes], list[bytes]]
    opened: bool

    def fields(self) -> dict[str, object]:
        """For JSON."""
        up = [[one.hex() for one in part] for part in self.up]
        stored, root = base64.b64encode(self.stored).decode(), self.root.hex()
        return {"part": self.part, "file": self.file, "chunk": self.chunk, "stored": stored, "root": root, "up": up}


def picks(keys: Keys, seed: str, count: int, now_s: int) -> Iterator[Pick]:
    """Chunks of what the ledger says is kept; the same for everybody who holds the same ledger.

    Args:
        keys: As the ledger tells them.
        seed: Of whoever asks.
        count: How many.
        now_s: Seconds since 1970.
    """
    kept = sorted(epoch for epoch in keys.roots if keys.alive[epoch] > now_s + SOON_S)
    for number in range(count if kept else 0):
        drawn = sha256(f"passerby/drill@1\n{seed}\n{number}".encode()).digest()
        epoch = kept[int.from_bytes(drawn[:8], "big") % len(kept)]
        yield Pick(*epoch, keys.roots[epoch], int.from_bytes(drawn[8:16], "big"))


def answer(layout: Layout, store: Store, camera_id: str, pick: Pick) -> Answer:
    """Read a chunk again, and prove it.

    Args:
        layout: The data folder.
        store: Open for reading.
        camera_id: The camera's id here.
        pick: What is asked for.

    Raises:
        NotProven: It is not here, or not as the ledger has it.
        StoreError: The index can't be read.
    """
    rows = rows_of_key(store, camera_id, pick.hour * HOUR_US, HOUR_US, pick.kind)
    if not rows:
        raise NotProven("nothing of this hour is here", "see passerby archive check")
    trees = [_leaves(layout, camera_id, row.file) for row in rows]
    roots = [tree.root(leaves) for _, leaves in trees]
    if tree.root(roots).hex() != pick.root:
        raise NotProven("the files of this hour have another root than the ledger has", "see passerby archive check")
    at = pick.draw % sum(len(leaves) for _, leaves in trees)
    file = 0
    while at >= len(trees[file][1]):
        at, file = at - len(trees[file][1]), file + 1
    end, leaves = trees[file]
    name = rows[file].file
    row = epoch_of_file(store, camera_id, name)
    parts = [] if row is None else stored_parts(Epoch.of(row), end)
    if len(parts) != len(leaves):
        raise NotProven(f"the index does not fit {name}", "see passerby archive check")
    offset, length, what = parts[at]
    stored = _stored(layout, camera_id, name, offset, length)
    if tree.leaf(stored) != leaves[at]:
        raise NotProven(f"{what} of {name} is not what was written", "see passerby archive check")
    opened = _opened(layout, EpochId(camera_id, pick.hour * HOUR_US, HOUR_US, pick.kind), name, offset, stored)
    up = _way(at, leaves), _way(file, roots)
    return Answer(f"{what} of {name}", (file, len(roots)), (at, len(leaves)), stored, roots[file], up, opened)


def _way(index: int, hashes: list[bytes]) -> list[bytes]:
    return merkle.inclusion(index, len(hashes), merkle.of_leaves(hashes))


def proves(fields: Mapping[str, Any], pick: Pick) -> None:
    """Whether an answer is one to what was asked for. Needs no key and nothing of the operator's.

    Args:
        fields: An answer's.
        pick: What was asked for.

    Raises:
        NotProven: It is not.
    """
    try:
        (chunk, chunks), (file, files) = fields["chunk"], fields["file"]
        inner, outer = ([bytes.fromhex(one) for one in part] for part in fields["up"])
        leaf, root = tree.leaf(base64.b64decode(fields["stored"], validate=True)), bytes.fromhex(fields["root"])
        verify_inclusion(leaf, chunk, chunks, inner, root)
        verify_inclusion(root, file, files, outer, bytes.fromhex(pick.root))
    except (KeyError, TypeError, ValueError, LedgerError) as error:
        raise NotProven("the chunk does not lead to the ledger's root", "ask the operator why") from error


def _leaves(layout: Layout, camera_id: str, file: str) -> tuple[int, list[bytes]]:
    path = layout.camera(camera_id) / file
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            found = tree.read(fd, os.fstat(fd).st_size)
        finally:
            os.close(fd)
    except OSError as error:
        raise NotProven(f"{file} can't be read ({error.strerror})", "see passerby archive check") from error
    if found is None:
        raise NotProven(f"{file} was shortened or written over", "see passerby archive check")
    return found


def _stored(layout: Layout, camera_id: str, file: str, offset: int, length: int) -> bytes:
    try:
        with (layout.camera(camera_id) / file).open("rb") as opened:
            opened.seek(offset)
            return opened.read(length)
    except OSError as error:
        raise NotProven(f"{file} can't be read ({error.strerror})", "look at the disk") from error


def _opened(layout: Layout, epoch: EpochId, file: str, offset: int, stored: bytes) -> bool:
    """Whether it opens, where this side alone can: what is opened goes nowhere.

    Raises:
        NotProven: Its key is gone, or opens it not.
    """
    path, keys = layout.camera(epoch.camera) / file, KeyReader(layout.keys)
    try:
        keys.key_of(epoch)
        with path.open("rb") as opened:
            header = read_header(opened.fileno())
        head = head_of(stored)
        if header is None or header.sealed or head is None:
            return False
        place = Place(path, epoch.camera, offset, len(stored), init=head.kind == INIT)
        return all(True for _ in Reading(keys).stream(place))
    except (OSError, ArchiveError) as error:
        raise NotProven(f"it does not open ({error})", "see passerby archive check") from error
