"""Asks witnesses for cosignatures, for a log of one's own.

Source: C2SP tlog-witness 1.0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from passerby.ledger import merkle
from passerby.ledger.checkpoint import format_request, unverified
from passerby.ledger.errors import LedgerError, Refuted, Unreadable
from passerby.ledger.note import signature_line
from passerby.ledger.tiles import StoredHashes
from passerby.ledger.verify import Key, Reader, parse_note, strict_number, verify_note
from passerby.ledger.witness import SIZE

Post = Callable[[str, bytes], tuple[int, str, bytes]]  # an address and a body; the status, content type and body
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking.

    Args:
        lines: Signature lines, each checked.
        failed: Why a witness gave none, by its key.
    """

    lines: list[str]
    failed: dict[Key, str]


def ask_all(note: bytes, read: Reader, witnesses: Mapping[Key, str], post: Post) -> Asked:
    """Ask every witness to cosign a checkpoint; one that fails keeps none of the others from signing.

    Args:
        note: The signed checkpoint.
        read: The log's files, which hold the tree of that checkpoint.
        witnesses: Where each takes checkpoints, by its key.
        post: Sends a request.
    """
    asked = Asked([], {})
    for key, url in witnesses.items():
        try:
            asked.lines.append(ask(note, read, key, url, post))
        except (LedgerError, OSError) as error:
            asked.failed[key] = str(error)
    return asked


def ask(note: bytes, read: Reader, key: Key, url: str, post: Post) -> str:
    """Ask one witness; returns its signature line.

    Raises:
        Refuted: It says that the log does not continue what it has seen, or it signed something else.
        Unreadable: It can't be reached or understood.
    """
    point, old = unverified(note), 0
    for _ in range(_TRIES):
        proof = merkle.consistency(old, point.size, StoredHashes(read, point.size))
        status, kind, body = post(f"{url.rstrip('/')}/add-checkpoint", format_request(old, proof, note))
        if status == 200:
            return _cosigned(note, key, body)
        if status != 409 or kind.split(";")[0] != SIZE:
            said = body[:200].decode("utf-8", "replace").strip()
            wrong = Refuted if status == 422 else Unreadable
            raise wrong(f"the witness {key.name} answered {status}: {said}")
        old = strict_number(body.decode("ascii", "replace").removesuffix("\n"), f"the size that {key.name} has seen")
        if old > point.size:
            raise Refuted(f"rolled back: the witness {key.name} has seen {old} entries, this log has {point.size}")
    raise Unreadable(f"the witness {key.name} names a new size each time it is asked")


def _cosigned(note: bytes, key: Key, body: bytes) -> str:
    whole = note + body
    if key not in verify_note(whole, [key])[1]:
        raise Unreadable(f"the witness {key.name} answered without a signature by the key that is known")
    return next(signature_line(*parts) for parts in parse_note(whole)[1] if parts[:2] == (key.name, key.id))
