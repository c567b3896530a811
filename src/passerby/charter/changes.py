"""Changes of the site root: enrolment, rotation, loss, compromise and handover of keys, and every other setting.

Each makes the next root, unsigned, which its signers read as `differences` and sign. Whether a change may take effect
is judged by `judge_step` alone, which looks at what differs and at who signed, never at what somebody called it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from passerby.base.errors import CharterError
from passerby.charter.differences import Difference, differences
from passerby.charter.document import text_of
from passerby.charter.keys import Role, SiteKey, State
from passerby.charter.root import SiteRoot, parse_root, sensible
from passerby.ledger.note import format_vkey
from passerby.ledger.verify import ED25519, Key, LedgerError, verify_note

_BOTH = "sign with a key of the operator and one of the reviewer, both listed in the root before it"


class Unlawful(CharterError):
    """A root that may not follow, or may not begin."""


def changed(root: SiteRoot, at: int, **values: Any) -> SiteRoot:
    """The next root with these values.

    Raises:
        Unsound: Its parts would contradict each other.
    """
    found = replace(root, serial=root.serial + 1, previous=root.hash, at=at, **values)
    sensible(found)
    return found


def enrol(root: SiteRoot, keys: Iterable[SiteKey], at: int, institutions: Mapping[str, str] | None = None) -> SiteRoot:
    """The next root with more keys and, where they are of new institutions, these."""
    new = list(keys)
    for key in new:
        if key.id in root.keys:
            raise Unlawful(f"the key {key.key.name} was enrolled before", "make a new key: no key comes back")
    known = {**root.institutions, **(institutions or {})}
    return changed(root, at, keys={**root.keys, **{k.id: k for k in new}}, institutions=known)


def ended(root: SiteRoot, key: Key | str, state: State, since: int, at: int) -> SiteRoot:
    """The next root in which a key is retired, lost or compromised, since then."""
    old = _found(root, key)
    return changed(root, at, keys={**root.keys, old.id: replace(old, state=state, since=since)})


def rotate(root: SiteRoot, old: Key | str, new: SiteKey, at: int) -> SiteRoot:
    """The next root in which a key of the same institution and role takes an old one's place, in the policy, too."""
    gone = _found(root, old)
    if (gone.institution, gone.role) != (new.institution, new.role):
        raise Unlawful("the new key is of another institution or role", "hand over instead of rotating")
    return hand_over(root, [gone.key], [new], at)


def hand_over(
    root: SiteRoot,
    old: Iterable[Key | str],
    new: Iterable[SiteKey],
    at: int,
    institutions: Mapping[str, str] | None = None,
) -> SiteRoot:
    """The next root in which new keys, perhaps another institution's, take the place of old ones of the same role."""
    gone, come = [_found(root, key) for key in old], list(new)
    if {k.role for k in gone} != {k.role for k in come}:
        raise Unlawful("those who come have other roles than those who go", "name keys of the same roles on both sides")
    keys = {k.id: replace(k, state=State.RETIRED, since=at) for k in gone if k.state is State.ACTIVE}
    for key in come:
        if key.id in root.keys:
            raise Unlawful(f"the key {key.key.name} was enrolled before", "make a new key: no key comes back")
    policy = root.policy
    for before, after in zip(gone, come, strict=False):
        policy = policy.replace(format_vkey(before.key), format_vkey(after.key))
    known = {**root.institutions, **(institutions or {})}
    everyone = {**root.keys, **keys, **{k.id: k for k in come}}
    return changed(root, at, keys=everyone, policy=policy, institutions=known)


def _found(root: SiteRoot, key: Key | str) -> SiteKey:
    for known in root.keys.values():
        if key in (known.id, known.key.name, known.key):
            return known
    raise Unlawful("no such key is in the root", "see `passerby root show` for names and ids")


def judge_first(note: bytes) -> SiteRoot:
    """The first root: every key in it that can sign documents signed it, so operator and reviewer did.

    Raises:
        Unsound: It is no root.
        Unlawful: A signature is missing or false.
    """
    root = _read(note)
    if root.serial:
        raise Unlawful("this is not the first root", "give the whole chain, from the first root on")
    _held(root, note, [k for k in root.keys.values() if k.key.kind == ED25519 and k.role is not Role.LOG])
    return root


def judge_step(old: SiteRoot, note: bytes) -> tuple[SiteRoot, list[Difference]]:
    """The next root may follow: it continues the old one, and those signed whose consent its differences need.

    What loosens needs the old root's operator and reviewer; what only narrows, one of the two. A key that is enrolled
    signs, too, which shows that somebody holds it.

    Raises:
        Unsound: It is no root.
        Unlawful: It may not follow; says why.
    """
    new = _read(note)
    if new.previous != old.hash or new.serial != old.serial + 1:
        raise Unlawful("this root does not follow the one before it", "give the chain whole and in order")
    if new.at < old.at:
        raise Unlawful("this root is older than the one before it", "make it anew, with the right time")
    found = differences(old, new)
    _nothing_returns(old, new)
    signed = _signers(old, note)
    roles = {k.role for k in signed if k.usable(new.at) and _stays(new, k)}
    if any(d.loosens for d in found):
        if not {Role.OPERATOR, Role.REVIEWER} <= roles:
            what = next(d.words for d in found if d.loosens)
            raise Unlawful(f"not both sides signed, but it loosens: {what}", _BOTH)
    elif not {Role.OPERATOR, Role.REVIEWER} & roles:
        raise Unlawful("neither operator nor reviewer signed", "one of them signs what only narrows")
    come = [k for name, k in new.keys.items() if name not in old.keys and k.key.kind == ED25519]
    _held(new, note, [k for k in come if k.role is not Role.LOG])
    return new, found


def _stays(new: SiteRoot, key: SiteKey) -> bool:
    """Whether the key may sign this root: a thief's signature is not taken for a root that calls the key stolen."""
    after = new.keys.get(key.id)
    return after is not None and after.state in (State.ACTIVE, State.RETIRED)


def _nothing_returns(old: SiteRoot, new: SiteRoot) -> None:
    """What even both sides together can't do: bring a key back, lose one's history, make a demo real, rename a site."""
    if (old.site, old.demo) != (new.site, new.demo):
        raise Unlawful("a site never changes its name or whether it is a demo", "begin a new site with `root init`")
    for name, before in old.keys.items():
        after = new.keys.get(name)
        if after is None:
            raise Unlawful(f"the key {before.key.name} vanished", "keep it, and say what became of it")
        if (after.key, after.institution, after.role) != (before.key, before.institution, before.role):
            raise Unlawful(f"the key {before.key.name} became another's", "enrol a new key instead")
        if before.state is not State.ACTIVE and (after.state is State.ACTIVE or after.since > before.since):
            raise Unlawful(f"the key {before.key.name} comes back", "enrol a new key instead")
    if new.oldest < old.oldest or any(new.revoked.get(p) != when for p, when in old.revoked.items()):
        raise Unlawful("a permit that was over comes back", "sign a new permit instead")


def _read(note: bytes) -> SiteRoot:
    return parse_root(text_of(note))


def _signers(root: SiteRoot, note: bytes) -> list[SiteKey]:
    keys = {k.key: k for k in root.keys.values()}
    try:
        _, signed, _ = verify_note(note, keys)
    except LedgerError as error:
        raise Unlawful(str(error), "take the root again from whoever signed it") from error
    return [keys[key] for key in signed]


def _held(root: SiteRoot, note: bytes, keys: Iterable[SiteKey]) -> None:
    signed = {k.id for k in _signers(root, note)}
    for key in keys:
        if key.id not in signed:
            raise Unlawful(f"the key {key.key.name} did not sign the root that enrols it", "sign with it, too")
