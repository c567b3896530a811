"""Writes policies, and says which witnesses to ask. `verify` reads and judges them.

Source: C2SP tlog-policy (draft).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from passerby.ledger.errors import Misuse, Unreadable
from passerby.ledger.note import format_vkey
from passerby.ledger.verify import Key, Policy, parse_policy


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness as a policy names it; `url` is where it takes checkpoints."""

    name: str
    key: Key
    url: str = ""


def compose(
    logs: Sequence[Key],
    witnesses: Sequence[Witness] = (),
    groups: Mapping[str, tuple[int, Sequence[str]]] | None = None,
    quorum: str = "none",
) -> bytes:
    """A policy file.

    Args:
        logs: The logs' keys.
        witnesses: Each under its own name.
        groups: How many of whom, by name; members before the groups that hold them.
        quorum: A witness, a group, or `none`.

    Raises:
        Misuse: The parts make no sound policy; says why.
    """
    lines = [f"log {format_vkey(key)}" for key in logs]
    lines += [f"witness {w.name} {format_vkey(w.key)} {w.url}".rstrip() for w in witnesses]
    lines += [f"group {name} {least} {' '.join(members)}" for name, (least, members) in (groups or {}).items()]
    raw = ("\n".join([*lines, f"quorum {quorum}"]) + "\n").encode()
    try:
        parse_policy(raw)
    except Unreadable as error:
        raise Misuse(str(error)) from error
    return raw


def to_ask(policy: Policy, signed: Iterable[Key]) -> dict[Key, str]:
    """The witnesses that have an address and have not cosigned yet; empty where those that have are enough."""
    have = set(signed)
    if policy.satisfied(have):
        return {}
    return {key: url for key, url in policy.urls.items() if url and key not in have}
