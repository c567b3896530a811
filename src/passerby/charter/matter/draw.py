"""Which looks are reviewed: drawn from a checkpoint that was cosigned after them, so that nobody who looks can know.

The seed is a hash of the checkpoint's root and of the witnesses' Ed25519 cosignatures, whose bytes nobody knows before
they have signed. Whoever has the log and the draw's list, in which the checkpoint is kept, draws the same looks again.
Draws leave no entry out and take none twice. What is left to whoever runs the log: which of several cosigned
checkpoints to take, and a witness sees each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import rfc8785

from passerby.charter.document import Unsound, check, parse_json
from passerby.charter.shapes import digest, whole
from passerby.ledger.errors import Refuted, Unreadable
from passerby.ledger.lists import write_lines
from passerby.ledger.note import format_vkey
from passerby.ledger.schema import Act
from passerby.ledger.verify import (
    COSIGN_ED25519,
    Key,
    parse_checkpoint,
    parse_note,
    parse_vkey,
    verify_note,
)

SEED = b"passerby/draw@1\n"
ALL = 1000
LOOKS = ("export", "look", "unseal")
_LINE = {"entry": whole(), "leaf": digest}


@dataclass(frozen=True, slots=True)
class Seen:
    """An act by which somebody saw people: its number in the log, and its leaf hash."""

    index: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw as its list tells it.

    Args:
        witnesses: Verifier keys whose cosignatures made the seed; none where the site has no witnesses.
        looks: Those that were drawn.
    """

    witnesses: tuple[Key, ...]
    looks: tuple[Seen, ...]


def seed(root: bytes, signatures: Sequence[bytes]) -> bytes:
    """What decides a draw."""
    return sha256(SEED + root + b"".join(sorted(signatures))).digest()


def draw(seed_: bytes, looks: Sequence[Seen], thousandths: int) -> tuple[Seen, ...]:
    """Those looks whose number, by the seed, is below the share; at least one where there is any.

    Args:
        seed_: Of the checkpoint.
        looks: All since the last draw.
        thousandths: How many of a thousand looks are drawn, on average.
    """
    scores = [(int.from_bytes(sha256(seed_ + look.leaf).digest(), "big"), look) for look in looks]
    bound = (thousandths << 256) // ALL
    taken = tuple(look for score, look in scores if score < bound)
    return taken or tuple(look for _, look in sorted(scores, key=lambda s: (s[0], s[1].index))[:1])


def make(
    note: bytes, witnesses: Sequence[Key], first: int, last: int, looks: Sequence[Seen], thousandths: int, until: int
) -> tuple[Act, bytes, tuple[Seen, ...]]:
    """A draw: its act, less the actor; its list; and what was drawn.

    Args:
        note: A cosigned checkpoint over at least `last` entries.
        witnesses: Whose cosignatures count.
        first: Where the last draw ended.
        last: The first entry that this one does not cover.
        looks: All between them, in order.
        thousandths: How many of a thousand are drawn.
        until: When the reviews are due, in seconds since 1970.

    Raises:
        LedgerError: The note is not what it must be.
    """
    text, signed, _ = verify_note(note, witnesses)
    point = parse_checkpoint(text)
    counted = sorted((key for key in signed if key.kind == COSIGN_ED25519), key=format_vkey)
    taken = draw(seed(point.root, _signatures(note, counted)), looks, thousandths)
    head = {"note": note.decode(), "witnesses": [format_vkey(key) for key in counted]}
    root, content = write_lines([rfc8785.dumps(head), *(rfc8785.dumps(_fields(look)) for look in taken)])
    act: Act = {
        "act": "draw", "first": first, "last": last, "size": point.size, "root": point.root.hex(),
        "thousandths": thousandths, "until": until, "list": root,
    }  # fmt: skip
    return act, content, taken


def verify(act: Act, index: int, ended: int, lines: Sequence[bytes], looks: Sequence[Seen]) -> Drawn:
    """A logged draw is what its checkpoint decides. Whether the checkpoint is the log's own is for the caller to see.

    Args:
        act: The act `draw`.
        index: Its number in the log.
        ended: Where the draw before it ended; 0 for the first.
        lines: Its list.
        looks: Every look in the entries that it covers, in order.

    Raises:
        Refuted: It is something else; the message says in what.
        Unreadable: The list can't be read.
    """
    where = f"the draw that is entry {index}"
    if act["first"] != ended or not act["first"] < act["last"] <= act["size"] <= index:
        raise Refuted(f"{where} leaves entries out, takes some twice, or is not from a later checkpoint")
    if not 0 < act["thousandths"] <= ALL:
        raise Refuted(f"{where} draws no share that can be")
    try:
        head = parse_json(lines[0].decode())
        if not isinstance(head, dict) or head.keys() != {"note", "witnesses"}:
            raise Unreadable(f"the list of {where} does not begin with its checkpoint")
        note = str(head["note"]).encode()
        witnesses = tuple(parse_vkey(str(vkey)) for vkey in head["witnesses"])
        text, signed, _ = verify_note(note, witnesses)
        point, found = parse_checkpoint(text), tuple(_look(line) for line in lines[1:])
    except (Unsound, IndexError, TypeError, UnicodeDecodeError) as error:
        raise Unreadable(f"the list of {where} can't be read") from error
    if (point.size, point.root.hex()) != (act["size"], act["root"]):
        raise Refuted(f"{where} names another checkpoint than its list")
    if set(signed) != set(witnesses) or any(key.kind != COSIGN_ED25519 for key in witnesses):
        raise Refuted(f"{where} counts a witness that did not cosign")
    ordered = sorted(witnesses, key=format_vkey)
    if found != draw(seed(point.root, _signatures(note, ordered)), looks, act["thousandths"]):
        raise Refuted(f"{where} is not what its checkpoint decides: other looks were to be reviewed")
    return Drawn(witnesses, found)


def _signatures(note: bytes, keys: Sequence[Key]) -> list[bytes]:
    named = {(key.name, key.id) for key in keys}
    return [value for name, label, value in parse_note(note)[1] if (name, label) in named]


def _fields(look: Seen) -> Act:
    return {"entry": look.index, "leaf": look.leaf.hex()}


def _look(line: bytes) -> Seen:
    found = parse_json(line.decode())
    check(found, _LINE)
    assert isinstance(found, dict)
    if rfc8785.dumps(found) != line:
        raise Unreadable("a draw's list has a line that is not canonical")
    return Seen(found["entry"], bytes.fromhex(found["leaf"]))
