"""How a sealed original is opened: each of two officers gives a half, by the rules of a keeper, for an act `unseal`.

An officer's half goes to the key that the act names and to nobody else, and only for files that the act touches. Who
holds the slot's key and two halves of one pair has the key of the file; see `seal` for why nobody else has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from passerby.archive import hpke, seal
from passerby.archive.keeper.judge import Overseen, Why, judge, refuse
from passerby.archive.keeper.messages import Ask, Epoch
from passerby.archive.keys.names import EpochId
from passerby.archive.keys.shares import KEY_BYTES
from passerby.base.errors import CustodyError
from passerby.charter.asking import Asking
from passerby.charter.proofs import Logged


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file of sealed originals, as its header tells.

    Args:
        epoch: Whose.
        salt: The file's.
        halves: `seal.pack`: of all pairs, or of the two who are asked.
    """

    epoch: EpochId
    salt: bytes
    halves: bytes


def give_halves(
    officer: hpke.SealingPair,
    other: bytes,
    asked: tuple[Asking, Logged, bytes],
    files: Sequence[SealedFile],
    site: Overseen,
    now: int,
) -> bytes:
    """An officer's halves of some files, sealed to whoever asked.

    Args:
        officer: Who gives them.
        other: The id of the officer who gives the others.
        asked: What is asked to be opened, the act and its proof, the key to which the halves go.
        files: Which.
        site: What the site's root says now.
        now: Seconds since 1970.

    Raises:
        KeeperRefused: No act covers this: by which rule.
        CustodyError: The two are no pair of these files.
    """
    asking, logged, key = asked
    epochs = tuple(Epoch(f.epoch.period_us, f.epoch.length_us, b"") for f in files)
    judged, allowed = judge(Ask(asking.text(), logged.entry, logged.proof, key, epochs), site, now)
    if judged.act != "unseal":
        raise refuse(Why.KIND)
    if not files or [file.epoch for file in files] != allowed:
        raise refuse(Why.INTERVAL)
    found = bytearray(KEY_BYTES * len(files))
    with hpke.wiped(found):
        for number, file in enumerate(files):
            half = seal.half_of(officer, _between(file, officer.id, other), _place(site.site, file))
            with hpke.wiped(half):
                found[KEY_BYTES * number : KEY_BYTES * (number + 1)] = half
        return hpke.seal(key, found, _info(asking, officer.id))


def take_halves(pair: hpke.SealingPair, asking: Asking, officer: bytes, sealed: bytes, count: int) -> list[bytearray]:
    """What an officer gave, for whoever asked.

    Args:
        pair: To which it was sealed.
        asking: What was asked for.
        officer: The id of who gave it.
        sealed: What came.
        count: Of how many files.

    Raises:
        CustodyError: It is of another officer, or for something else.
    """
    found = pair.open(sealed, _info(asking, officer))
    with hpke.wiped(found):
        if len(found) != KEY_BYTES * count:
            raise CustodyError("an officer gave another number of halves than was asked for", "ask again")
        return [found[at : at + KEY_BYTES] for at in range(0, len(found), KEY_BYTES)]


def _between(file: SealedFile, one: bytes, other: bytes) -> seal.Halves:
    found = [halves for halves in seal.unpack(file.halves)[0] if set(halves.officers) == {one, other}]
    if len(found) != 1 or one == other:
        raise CustodyError("these two officers are no pair of this file", "name two of two institutions")
    return found[0]


def _place(site: str, file: SealedFile) -> bytes:
    return seal.place_of(site, file.epoch, file.salt, seal.unpack(file.halves)[1])


def _info(asking: Asking, officer: bytes) -> bytes:
    return b"passerby/half-for@1\n" + asking.hash.encode() + b"\n" + officer
