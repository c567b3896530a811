"""Checks a log of one's own: what strangers can check, and that it is what the state beside the key has signed."""

from __future__ import annotations

from collections.abc import Sequence

from passerby.ledger.checkpoint import unverified
from passerby.ledger.errors import Misuse, Refuted, Unreadable
from passerby.ledger.ports import Slot
from passerby.ledger.verify import Key, Reader, Trust, parse_vkey, verify_log

VKEY = "log.vkey"


def check(read: Reader, state: Slot, keys: Sequence[Key] = ()) -> list[str]:
    """Check a folder and the state of its writer.

    Args:
        read: The folder's files.
        state: The last signed checkpoint.
        keys: The log's keys; by default those in `log.vkey`.

    Returns: What was proven.

    Raises:
        Refuted: The log is false, or another one than was signed.
        Unreadable: Something is missing.
    """
    if not keys:
        keys = [parse_vkey(line) for line in (read(VKEY) or b"").decode("utf-8", "replace").split("\n") if line]
    if not keys:
        raise Misuse(f"the log has no {VKEY}: name its key with --vkey")
    told = verify_log(read, Trust(keys))
    if (note := state.load()) is None:
        raise Unreadable("the log is sound, but the last signed state is not beside the key: restore it")
    signed, _ = Trust(keys).check(note)
    shown = unverified(read("checkpoint") or b"")
    if shown.size < signed.size:
        raise Refuted(f"rolled back: the folder shows {shown.size} entries, but {signed.size} were signed")
    if shown != signed:
        raise Refuted(f"the folder shows another tree of {shown.size} entries than the state of {signed.size} signed")
    return [*told, "it is the tree that was signed last, by the state beside the key"]
