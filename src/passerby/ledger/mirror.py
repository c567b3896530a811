"""Holds a whole copy of a log, every entry proven before it is kept, and goes on wherever it was cut."""

from __future__ import annotations

import logging
from collections.abc import Callable

from passerby.ledger import merkle
from passerby.ledger.errors import LedgerError, Refuted, Unsafe
from passerby.ledger.follow import check_continues, fetch
from passerby.ledger.lists import list_of
from passerby.ledger.ports import Objects
from passerby.ledger.tiles import Edge, File, StoredHashes
from passerby.ledger.verify import (
    WIDTH,
    Checkpoint,
    Reader,
    Trust,
    leaf_hash,
    read_tile,
    split_bundle,
    tile_path,
    verify_subtree_consistency,
)

_BATCH = 64  # bundles that become durable together: at most 1 GiB, usually a few MB
_log = logging.getLogger(__name__)


class Mirror:
    """A copy of a log in `objects`; memory does not grow with the log.

    Args:
        source: The log's files, not trusted.
        objects: Where the copy is held. Its `checkpoint` is written last: what it covers is held.
        trust: The log's keys, and whose cosignatures are demanded.
        watch: Told how many entries are held, now and then.
    """

    def __init__(
        self, source: Reader, objects: Objects, trust: Trust, watch: Callable[[int], None] = lambda _held: None
    ) -> None:
        self._source, self._objects, self._trust, self._watch = source, objects, trust, watch

    def update(self) -> list[str]:
        """Fetch what is new; returns what was proven.

        Raises:
            Forked: The log signed two histories; the evidence is enough for anybody.
            Refuted: It is rolled back, or gave entries that it has not signed.
            Unreadable: Something is missing; what was fetched is kept, and the next call goes on there.
        """
        note, point, told = fetch(self._source, self._trust)
        hashes = StoredHashes(self._source, point.size)
        held = self._held()
        if held:
            keys = list(self._trust.keys or self._trust.policy.logs)
            check_continues(held, (note, point), keys, hashes)
        before = held[1].size if held else 0
        self._copy(before, point, hashes)
        self._objects.put([("checkpoint", note)])
        return [*told, f"{point.size} entries are held here, {point.size - before} of them new"]

    def _held(self) -> tuple[bytes, Checkpoint] | None:
        if (note := self._objects.get("checkpoint")) is None:
            return None
        keys = self._trust.keys or self._trust.policy.logs
        return note, Trust(keys, origin=self._trust.origin).check(note)[0]

    def _copy(self, size: int, point: Checkpoint, hashes: StoredHashes) -> None:
        try:
            edge = Edge.load(self._objects.get, size)
        except LedgerError as error:
            raise Unsafe(f"the mirror is damaged ({error}): begin it anew in an empty folder") from error
        batch: list[File] = []
        for number in range(size // WIDTH, -(-point.size // WIDTH)):
            entries = self._bundle(number, point, hashes)
            for entry in entries[edge.size - number * WIDTH :]:
                batch += list_of(entry, self._source)
                batch += edge.add(entry)
            if number % _BATCH == _BATCH - 1:
                self._objects.put(batch)
                self._watch(edge.size)
                batch = []
        self._objects.put([*batch, *edge.partial()])
        if edge.root() != point.root:
            raise Unsafe("the mirror's own tree is damaged: begin it anew in an empty folder")

    def _bundle(self, number: int, point: Checkpoint, hashes: StoredHashes) -> list[bytes]:
        """A bundle's entries, proven: from the copy, where an earlier run got them, else from the source."""
        kept = self._objects.get(tile_path("entries", number)) if point.size >= (number + 1) * WIDTH else None
        if kept is not None:
            try:
                return _prove(kept, number, point, hashes)
            except LedgerError:  # false, or cut
                _log.warning("bundle %d of the mirror has rotted: fetching it again", number)
        width = min(WIDTH, point.size - number * WIDTH)
        return _prove(read_tile(self._source, "entries", number, width), number, point, hashes)


def _prove(raw: bytes, number: int, point: Checkpoint, hashes: StoredHashes) -> list[bytes]:
    """A bundle's entries, proven to be what the checkpoint stands for, with hashes that need not be trusted."""
    start, width = number * WIDTH, min(WIDTH, point.size - number * WIDTH)
    entries = split_bundle(raw, width)
    root = merkle.root(width, merkle.of_leaves([leaf_hash(entry) for entry in entries]))
    proof = merkle.subtree(start, start + width, point.size, hashes)
    try:
        verify_subtree_consistency(start, start + width, point.size, root, point.root, proof)
    except Refuted as error:
        raise Refuted(f"an entry was swapped: bundle {number} is not what the log signed") from error
    return entries
