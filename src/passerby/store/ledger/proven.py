"""Logs acts and waits until others have seen them: append, publish, have it cosigned, prove."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from passerby.ledger import merkle
from passerby.ledger.act_writer import ActWriter
from passerby.ledger.checkpoint import format_proof, unverified
from passerby.ledger.errors import Misuse
from passerby.ledger.log import Log
from passerby.ledger.ports import Clock
from passerby.ledger.tiles import StoredHashes
from passerby.ledger.verify import Reader
from passerby.store.ledger.disk import Disk
from passerby.store.ledger.folder import OneFile
from passerby.store.ledger.home import Home, open_log

# A ledger has one writer at a time; somebody who appends an act needs it for less than this.
PATIENCE_S = 5.0
_AGAIN_S = 0.02
Cosign = Callable[[bytes, Reader], Sequence[str]]  # a checkpoint and the log's files; signature lines


@dataclass(frozen=True, slots=True)
class ProvenAct:
    """An entry, and the proof that it is in the log (tlog-proof)."""

    entry: bytes
    proof: bytes


def log_acts(
    home: Home, disk: Disk, clock: Clock, acts: Sequence[tuple[Mapping[str, object], bytes]], cosign: Cosign
) -> tuple[list[ProvenAct], bytes]:
    """Log acts, and prove each under a checkpoint that witnesses have cosigned.

    Args:
        home: Where the log lives.
        disk: The operations on files.
        clock: Seconds since 1970.
        acts: Each as `ActWriter.append` takes it, with its caller's key or none.
        cosign: Asks witnesses.

    Returns:
        Each act's proof, and the cosigned checkpoint.

    Raises:
        Misuse: Another writer keeps the log, or an act may not enter.
        Unsafe: The disk failed.
    """
    with _opened(home, disk, clock) as log:
        writer = ActWriter(log, OneFile(home.beside(".acts"), disk), clock)
        places = writer.append_many(acts)
        writer.close()
        read = home.objects(disk).get
        note = log.add_cosignatures(cosign(log.note, read))
        size = unverified(note).size
        hashes = StoredHashes(read, size)
        proofs = [format_proof(index, merkle.inclusion(index, size, hashes), note) for index in places]
        return [ProvenAct(log.entry(i), proof) for i, proof in zip(places, proofs, strict=True)], note


def _opened(home: Home, disk: Disk, clock: Clock) -> Log:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return open_log(home, disk, clock)
        except Misuse:
            if time.monotonic() >= until:
                raise
        time.sleep(_AGAIN_S)
