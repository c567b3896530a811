"""Finds the act by which a case was opened, in a log's public files, and proves it under the newest checkpoint."""

from __future__ import annotations

from passerby.ledger import merkle
from passerby.ledger.checkpoint import format_proof, unverified
from passerby.ledger.recovery import CHECKPOINT
from passerby.ledger.schema import parse_act
from passerby.ledger.tiles import StoredHashes
from passerby.ledger.verify import WIDTH, Reader, read_tile, split_bundle
from passerby.store.ledger.proven import ProvenAct


def case_in(read: Reader, case: str) -> ProvenAct | None:
    """The act `case` of this case, and its proof; None where the log has none.

    Args:
        read: The log's public files.
        case: The case's id: 64 hexadecimal digits.

    Raises:
        LedgerError: The log can't be read.
    """
    if (note := read(CHECKPOINT)) is None:
        return None
    size, wanted = unverified(note).size, case.encode()
    # The newest first: cases are asked about soon after they were opened.
    for number in reversed(range(-(-size // WIDTH))):
        width = min(WIDTH, size - number * WIDTH)
        for at, entry in enumerate(split_bundle(read_tile(read, "entries", number, width), width)):
            if wanted in entry and parse_act(entry).get("act") == "case":
                index = number * WIDTH + at
                proof = format_proof(index, merkle.inclusion(index, size, StoredHashes(read, size)), note)
                return ProvenAct(entry, proof)
    return None
