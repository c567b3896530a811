"""Opening a log: what was signed, what was acknowledged, and refusing where the two don't fit together."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from passerby.ledger import checkpoint as write
from passerby.ledger.errors import LedgerError, Unreadable, Unsafe
from passerby.ledger.note import Signer
from passerby.ledger.ports import Ports, Record
from passerby.ledger.seen import ROW, Seen
from passerby.ledger.succession import is_freeze
from passerby.ledger.tiles import Edge, read_entry
from passerby.ledger.verify import Checkpoint, Trust

CHECKPOINT = "checkpoint"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A log as its last writer left it.

    Args:
        note: The last signed checkpoint.
        edge: The right edge of its tree.
        tail: What is acknowledged but not published.
        seen: The callers' keys, tail included.
        frozen: Whether the log was closed.
    """

    note: bytes
    edge: Edge
    tail: Sequence[Record]
    seen: Seen
    frozen: bool


def recover(signers: Sequence[Signer], ports: Ports) -> Recovered:
    """Read what is there, and show a checkpoint that was signed but not shown.

    Raises:
        Unsafe: The folder, the state and the journal don't fit together.
    """
    if (note := ports.state.load()) is None:
        raise Unsafe("the last signed state is missing beside the key: restore it, or begin a new log with a new key")
    trust = Trust([signer.key for signer in signers], origin=write.unverified(note).origin)
    signed, _ = trust.check(note)
    try:
        edge = Edge.load(ports.objects.get, signed.size)
    except LedgerError as error:
        raise Unsafe(f"the folder does not hold the {signed.size} entries that were signed ({error})") from error
    if edge.root() != signed.root:
        raise Unsafe(f"the folder's tree of {signed.size} entries is not the one that was signed")
    _show(ports, trust, note, signed)
    tail = _acknowledged(ports, signed.size)
    last = tail[-1].entry if tail else _last(ports, signed.size)
    return Recovered(note, edge, tail, _seen(ports, signed.size, tail), last is not None and is_freeze(last))


def _show(ports: Ports, trust: Trust, note: bytes, signed: Checkpoint) -> None:
    shown = ports.objects.get(CHECKPOINT)
    try:
        public = trust.check(shown)[0] if shown else None
    except Unreadable:
        public = None  # cut while it was written by something else than us
    if public and (public.size > signed.size or (public.size == signed.size and public != signed)):
        raise Unsafe(f"the state beside the key is older than the log, which has signed {public.size} entries")
    if public != signed:
        _log.info("the checkpoint of %d entries was signed but not shown: showing it", signed.size)
        ports.objects.put([(CHECKPOINT, note)])


def _acknowledged(ports: Ports, size: int) -> list[Record]:
    first, records = ports.journal.read()
    if first > size:
        raise Unsafe(f"the journal begins at entry {first}, the log ends at {size}: restore the journal")
    tail = records[size - first :]
    if first + len(records) < size:  # empty, or older than what was published
        ports.journal.restart(size, tail)
    return tail


def _seen(ports: Ports, size: int, tail: Sequence[Record]) -> Seen:
    rows = ports.rows.load(size)
    if len(rows) < ROW * size:
        _log.warning("the rows of the callers' keys are short: calls repeated from before may enter twice")
    seen = Seen(rows.ljust(ROW * size, b"\0"))
    for record in tail:
        seen.add(record.key)
    return seen


def _last(ports: Ports, size: int) -> bytes | None:
    return read_entry(ports.objects.get, size - 1, size) if size else None
