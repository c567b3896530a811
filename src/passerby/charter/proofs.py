"""Reads the ledger's evidence offline: what is in it, since when its witnesses say so, and how fresh their word is.

A time is never one witness's word: it is when enough of them, by the root's policy, had cosigned. Old proofs are judged
by the policy that was in force when they were cosigned, so that a witness may rotate its key without ending permits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from passerby.charter.changes import Unlawful, judge_first, judge_step
from passerby.charter.keys import Role
from passerby.charter.root import SiteRoot
from passerby.ledger.acts import ROOT_ACT
from passerby.ledger.schema import Act, parse_act
from passerby.ledger.verify import (
    LARGEST,
    Checkpoint,
    Key,
    LedgerError,
    Policy,
    leaf_hash,
    parse_checkpoint,
    parse_policy,
    parse_proof,
    verify_inclusion,
    verify_note,
)  # fmt: skip


class RolledBack(Unlawful):
    """A chain of roots that is older than one seen before."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the ledger and the proof that it is there (tlog-proof)."""

    entry: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """What a proof proved.

    Args:
        act: The entry.
        index: Its number.
        since: When enough witnesses had cosigned a tree with it; seconds since 1970.
    """

    act: Act
    index: int
    since: int


@dataclass(frozen=True, slots=True)
class Site:
    """A site as a darkroom trusts it: its roots from the first on, and whether the ledger holds them.

    Args:
        roots: From the first to the one in force.
        proven: Whether the ledger holds those that loosen.
        serials: Each root's hash to its serial.
    """

    roots: Sequence[SiteRoot]
    proven: bool
    serials: Mapping[str, int]

    @property
    def root(self) -> SiteRoot:
        """The root in force."""
        return self.roots[-1]


def open_site(notes: Sequence[bytes], first: str, logged: Sequence[Logged | None] = (), least: int = 0) -> Site:
    """A site from its chain of roots.

    Args:
        notes: The roots, from the first on.
        first: The first root's hash, known beforehand: it is on the sign and in the station's settings.
        logged: For each root the proof that it is in the ledger, the first as entry 0. A root that only narrows counts
            without.
        least: The highest serial that was seen before: an older chain is a replay.

    Raises:
        Unsound, Unlawful: The chain is not this site's, or broken, or older than one seen before.
    """
    roots: list[SiteRoot] = []
    loosening: list[int] = []
    for number, note in enumerate(notes):
        if not roots:
            roots.append(judge_first(note))
            loosening.append(0)
            continue
        root, found = judge_step(roots[-1], note)
        roots.append(root)
        loosening += [number] if any(d.loosens for d in found) else []
    if not roots or roots[0].hash != first:
        raise Unlawful("this is another site's root", "compare the first root's hash with the one on the sign")
    if roots[-1].serial < least:
        raise RolledBack("this root is older than one seen before", "give the chain up to the newest root")
    given = [*logged, *[None] * len(roots)]
    proven = all(_root_logged(roots, number, given[number]) for number in loosening)
    return Site(roots, proven, {root.hash: root.serial for root in roots})


def _root_logged(roots: Sequence[SiteRoot], number: int, logged: Logged | None) -> bool:
    found = look_up(roots, logged, {"act": ROOT_ACT, "content": roots[number].hash})
    return found is not None and (number > 0 or found.index == 0)


def look_up(roots: Sequence[SiteRoot], logged: Logged | None, fields: Mapping[str, object]) -> Found | None:
    """The entry is in the site's ledger, says this, and enough witnesses saw it; None if any of that is not so."""
    if logged is None:
        return None
    try:
        act = parse_act(logged.entry)
        index, hashes, note = parse_proof(logged.proof)
        point, times = _cosigned(roots[-1], note)
        verify_inclusion(leaf_hash(logged.entry), index, point.size, hashes, point.root)
    except LedgerError:
        return None
    since = _first_seen(roots, times)
    if since is None or any(act.get(name) != value for name, value in fields.items()):
        return None
    return Found(act, index, since)


def heartbeat(root: SiteRoot, note: bytes) -> int | None:
    """When a quorum had freshly cosigned this checkpoint; None where none did, or it is not the site's."""
    try:
        _, times = _cosigned(root, note)
    except LedgerError:
        return None
    return freshest(_policy(root.policy), times)


@lru_cache(maxsize=64)
def _policy(text: str) -> Policy:
    """A root's policy; read for every proof, parsed once."""
    return parse_policy(text.encode())


def _cosigned(root: SiteRoot, note: bytes) -> tuple[Checkpoint, dict[Key, int]]:
    """A checkpoint by a log key of the root, and who cosigned it when, as far as their keys counted then.

    Raises:
        LedgerError: A signature is false, or no log of the site signed.
    """
    keys = {k.key: k for k in root.keys.values() if k.role in (Role.LOG, Role.WITNESS)}
    text, signed, _ = verify_note(note, keys)
    point = parse_checkpoint(text)
    times = {key: when for key, when in signed.items() if keys[key].role is Role.WITNESS and keys[key].usable(when)}
    seen = min(times.values(), default=LARGEST)
    logs = [keys[key] for key in signed if keys[key].role is Role.LOG and key.name == point.origin]
    if not any(log.usable(seen) for log in logs):
        raise LedgerError("no log of this site signed the checkpoint")
    return point, times


def _first_seen(roots: Sequence[SiteRoot], times: Mapping[Key, int]) -> int | None:
    ends = [*(after.at for _, after in pairwise(roots)), LARGEST]
    for root, end in zip(reversed(roots), reversed(ends), strict=True):
        seen = earliest(_policy(root.policy), {key: when for key, when in times.items() if when <= end})
        if seen is not None:
            return seen
    return None


def earliest(policy: Policy, times: Mapping[Key, int]) -> int | None:
    """The first moment by which enough witnesses had cosigned."""
    for when in sorted(set(times.values())):
        if policy.satisfied(key for key, time in times.items() if time <= when):
            return when
    return None


def freshest(policy: Policy, times: Mapping[Key, int]) -> int | None:
    """The last moment since which enough witnesses have cosigned."""
    for when in sorted(set(times.values()), reverse=True):
        if policy.satisfied(key for key, time in times.items() if time >= when):
            return when
    return None
