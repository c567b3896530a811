"""Writes checkpoints, proofs and fork evidence. `verify` reads them.

Sources: C2SP tlog-checkpoint 1.0, tlog-proof (draft).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from passerby.ledger.errors import Misuse
from passerby.ledger.note import format_vkey
from passerby.ledger.verify import FORK_FORMAT, PROOF_HEADER, Checkpoint, Key, parse_checkpoint, parse_note


def body(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint.

    Raises:
        Misuse: The origin is empty or has a line break.
    """
    if not origin or any(c < " " for c in origin):
        raise Misuse("an origin is one line that is not empty, such as example.org/city-ledger")
    return f"{origin}\n{size}\n{_base64(root)}\n"


def unverified(note: bytes) -> Checkpoint:
    """What a note says, believed for where nothing depends on it: choosing whom to ask, naming what is refused."""
    return parse_checkpoint(parse_note(note)[0])


def same_body(one: bytes, other: bytes) -> bool:
    """Whether two notes sign the same text."""
    return parse_note(one)[0] == parse_note(other)[0]


def format_proof(index: int, hashes: Sequence[bytes], checkpoint: bytes, extra: bytes = b"") -> bytes:
    """A `.tlog-proof`: where the entry is, its inclusion proof, and the checkpoint with all its signatures."""
    lines = [PROOF_HEADER, *([f"extra {_base64(extra)}"] if extra else []), f"index {index}"]
    return "\n".join([*lines, *map(_base64, hashes), "", ""]).encode() + checkpoint


def format_evidence(keys: Sequence[Key], first: bytes, second: bytes, prefix: bytes, proof: Sequence[bytes]) -> bytes:
    """Fork evidence, one file: two notes by one log, and the proof that the second does not continue the first.

    Args:
        keys: The log's keys.
        first: The note of the smaller tree, or either where both have one size.
        second: The note of the larger tree.
        prefix: The root that the larger tree has at the smaller one's size; differs from the smaller one's root.
        proof: The consistency proof from `prefix` to the larger tree.
    """
    found = {
        "format": FORK_FORMAT,
        "vkeys": [format_vkey(key) for key in keys],
        "first": first.decode(),
        "second": second.decode(),
        "prefix": _base64(prefix),
        "proof": [_base64(h) for h in proof],
    }
    return (json.dumps(found, indent=1, ensure_ascii=False) + "\n").encode()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def format_request(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """What a witness is asked with (tlog-witness: add-checkpoint)."""
    return "\n".join([f"old {old}", *map(_base64, proof), "", ""]).encode() + note
