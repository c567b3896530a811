"""Follows a log from outside: each checkpoint must continue the one remembered; what does not is kept as evidence."""

from __future__ import annotations

from collections.abc import Sequence

from passerby.ledger import merkle
from passerby.ledger.checkpoint import format_evidence
from passerby.ledger.errors import Forked, Refuted, Unreadable
from passerby.ledger.ports import Slot
from passerby.ledger.tiles import StoredHashes
from passerby.ledger.verify import Checkpoint, Key, Reader, Trust, verify_consistency


def fetch(read: Reader, trust: Trust) -> tuple[bytes, Checkpoint, list[str]]:
    """The log's checkpoint now, as far as it is trusted."""
    if (note := read("checkpoint")) is None:
        raise Unreadable("the log shows no checkpoint")
    return note, *trust.check(note)


def check_continues(
    old: tuple[bytes, Checkpoint], new: tuple[bytes, Checkpoint], keys: Sequence[Key], hashes: StoredHashes
) -> None:
    """The new checkpoint continues the old one.

    Args:
        old: The checkpoint remembered, note and contents.
        new: The one shown now.
        keys: The log's keys.
        hashes: The hashes of the tree shown now; not trusted.

    Raises:
        Forked: It does not, and both are signed by the log: the evidence is enough for anybody.
        Refuted: It is smaller: rolled back, or shown to us stale.
        Unreadable: The log's tiles are missing or are not those of its checkpoint, so that nothing can be decided.
    """
    (old_note, before), (new_note, after) = old, new
    if after.size < before.size:
        raise Refuted(f"rolled back: the log shows {after.size} entries, but has signed {before.size} before")
    proof = merkle.consistency(before.size, after.size, hashes)
    try:
        return verify_consistency(before.size, before.root, after.size, after.root, proof)
    except Refuted:
        prefix = merkle.root(before.size, hashes) if after.size > before.size else after.root
    try:
        verify_consistency(before.size, prefix, after.size, after.root, proof)
    except Refuted as error:
        raise Unreadable("the log's tiles are not those of its checkpoint: nothing can be said about it") from error
    evidence = format_evidence(keys, old_note, new_note, prefix, proof)
    raise Forked(f"forked: the log signed two histories, of {before.size} and of {after.size} entries", evidence)


class Monitor:
    """Remembers one checkpoint of a log, and demands that the next continues it.

    Args:
        read: The log's files.
        trust: The log's keys, and whose cosignatures are demanded.
        memory: The checkpoint remembered.
    """

    def __init__(self, read: Reader, trust: Trust, memory: Slot) -> None:
        self._read, self._trust, self._memory = read, trust, memory

    def look(self) -> list[str]:
        """Look once and remember; returns what was proven. Raises as `check_continues` does, and remembers nothing."""
        note, point, told = fetch(self._read, self._trust)
        kept = self._memory.load()
        if kept is None:
            self._memory.save(note)
            return [*told, "this is the first look: nothing earlier to compare it with"]
        keys = list(self._trust.keys or self._trust.policy.logs)
        before, _ = Trust(keys, origin=self._trust.origin).check(kept)
        check_continues((kept, before), (note, point), keys, StoredHashes(self._read, point.size))
        self._memory.save(note)
        return [*told, f"it continues the tree of {before.size} entries seen before"]
