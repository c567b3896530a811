"""Closing a log and following it by another, so that a stranger can check both ends.

The last entry of the old log names its successor's key; the first entry of the new one names the old log's key, final
size and root. Whoever has both checkpoints, the last leaf of one and the first of the other, has the whole chain.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import rfc8785

from passerby.ledger.errors import Refuted, Unreadable
from passerby.ledger.note import format_vkey
from passerby.ledger.verify import Checkpoint, Key

FREEZE, CONTINUE = "log.freeze", "log.continue"
_KEYS = "vkeys"


def freeze_entry(successor: Sequence[Key]) -> bytes:
    """The last entry of a log."""
    return rfc8785.dumps({"act": FREEZE, "v": 1, _KEYS: [format_vkey(key) for key in successor]})


def continue_entry(keys: Sequence[Key], final: Checkpoint) -> bytes:
    """The first entry of the log that follows one with these keys and this final checkpoint."""
    vkeys = [format_vkey(key) for key in keys]
    return rfc8785.dumps(
        {"act": CONTINUE, "v": 1, "origin": final.origin, "size": final.size, "root": final.root.hex(), _KEYS: vkeys}
    )


def is_freeze(entry: bytes) -> bool:
    """Whether a log ends with this entry."""
    if FREEZE.encode() not in entry:
        return False
    try:
        return _fields(entry).get("act") == FREEZE
    except Unreadable:
        return False


def verify_succession(
    old: tuple[Checkpoint, Sequence[Key], bytes], new: tuple[Checkpoint, Sequence[Key], bytes]
) -> list[str]:
    """One log was closed and the other follows it.

    Args:
        old: The closed log's checkpoint, its keys and its last entry, all proven.
        new: The following log's checkpoint, its keys and its first entry, all proven.

    Returns: What was proven.

    Raises:
        Refuted: One end does not name the other.
        Unreadable: One of the entries is not of this kind.
    """
    final, last, first = old[0], _fields(old[2]), _fields(new[2])
    if last.get("act") != FREEZE:
        raise Refuted(f"{final.origin} is not closed: its last entry is another")
    if last.get(_KEYS) != [format_vkey(key) for key in new[1]]:
        raise Refuted(f"{final.origin} names another successor than {new[0].origin}")
    if first != _fields(continue_entry(old[1], final)):
        raise Refuted(f"{new[0].origin} does not begin where {final.origin} ended")
    return [f"{final.origin} was closed after {final.size} entries", f"{new[0].origin} continues it, and says so first"]


def _fields(entry: bytes) -> dict[str, object]:
    try:
        fields = json.loads(entry)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the entry is not JSON") from error
    if not isinstance(fields, dict):
        raise Unreadable("the entry is not a JSON object")
    return fields
