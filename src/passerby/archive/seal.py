"""Sealed originals: a key that no institution has, and that nobody has once its time is over.

The key of a file is random. It opens as slot share ⊕ half A ⊕ half B. The slot share comes from the epoch's slot and
dies with it; the halves are drawn anew for each allowed pair of officers, who are of two institutions, and each is
sealed to its officer (`hpke`). Whoever seals forgets the key. Each half is bound to the permit under which the file was
sealed, and to the longest stretch that it lets be opened: nobody can show an officer another limit.

Why this suffices: half A is random, and half B is the key ⊕ slot share ⊕ half A, so each half alone is random, too.
Both halves of a pair together give the key ⊕ slot share; without the slot share, which is random to everybody once the
slot is destroyed, that says nothing of the key. A slot share is of one file: two files of one hour don't share one, or
a key that was opened in time would open the other file after its time.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from passerby.archive import hpke
from passerby.archive.keys.cipher import Cipher, Header
from passerby.archive.keys.names import EpochId, Kind
from passerby.archive.keys.shares import KEY_BYTES
from passerby.base.errors import CustodyError
from passerby.charter.officers import MOST_PAIRS

_VERSION = b"\x02"
_HALF = hpke.OVERHEAD + KEY_BYTES
_PAIR = 2 * hpke.ID + 2 * _HALF
_COUNT = struct.Struct(">B")
_TERMS = struct.Struct(">32sH")
_FRONT = 1 + _COUNT.size + _TERMS.size


@dataclass(frozen=True, slots=True)
class Officer:
    """Who holds halves.

    Args:
        public: To what halves are sealed.
        institution: Whose officer.
    """

    public: bytes = field(repr=False)
    institution: str

    @property
    def id(self) -> bytes:
        """The label of the public key."""
        return hpke.key_id(self.public)


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which a file was sealed, and what its halves may be asked for: both are bound into each half.

    Args:
        permit: Hash of the permit (32 bytes).
        unseal_s: The longest stretch of time that one unsealing may open, as the permit says.
    """

    permit: bytes
    unseal_s: int

    def pack(self) -> bytes:
        """As a file's header holds them."""
        return _TERMS.pack(self.permit, self.unseal_s)


@dataclass(frozen=True, slots=True)
class Halves:
    """The two halves of one pair, each for one officer.

    Args:
        officers: The ids of the two, the lower first.
        sealed: Their halves, in the same order.
    """

    officers: tuple[bytes, bytes]
    sealed: tuple[bytes, bytes]


def allowed_pairs(officers: Sequence[Officer]) -> list[tuple[Officer, Officer]]:
    """Every two officers of two institutions, the lower id first.

    Raises:
        CustodyError: There is no such pair, there are more than a file's header holds, or an officer is named twice.
    """
    ordered = sorted(officers, key=lambda officer: officer.id)
    if len({officer.id for officer in ordered}) != len(ordered):
        raise CustodyError("an officer's key is named twice", "name each once, for one institution")
    found = [(a, b) for a, b in combinations(ordered, 2) if a.institution != b.institution]
    if not found:
        raise CustodyError("no two officers are of two institutions", "name one of each: nobody unseals alone")
    if len(found) > MOST_PAIRS:
        raise CustodyError(f"{len(found)} pairs of officers are more than {MOST_PAIRS}", "name fewer officers")
    return found


def slot_share(slot_key: bytes, salt: bytes, epoch: EpochId) -> bytearray:
    """What the epoch's slot gives for one file's key.

    Args:
        slot_key: Of the epoch, of kind `sealed`.
        salt: The file's.
        epoch: Whose.
    """
    _check(epoch)
    info = b"passerby/seal-slot@1\n" + epoch.canonical()
    return bytearray(HKDF(SHA256(), KEY_BYTES, salt, info).derive(slot_key))


def split(
    key: bytes | bytearray,
    share: bytes | bytearray,
    place: bytes,
    officers: Sequence[Officer],
    randomness: Callable[[int], bytes],
) -> list[Halves]:
    """The halves of a file's key, for each allowed pair.

    Args:
        key: The file's, 32 random bytes.
        share: Its slot share.
        place: What the halves are of: `place_of`.
        officers: All of the site's.
        randomness: Gives so many random bytes.

    Raises:
        CustodyError: No two of them make a pair.
    """
    found = []
    for pair in allowed_pairs(officers):
        first = bytearray(randomness(KEY_BYTES))
        second = _xor(key, share, first)
        ids = (pair[0].id, pair[1].id)
        with hpke.wiped(first, second):
            sealed = (
                hpke.seal(pair[0].public, first, _info(place, ids, 0)),
                hpke.seal(pair[1].public, second, _info(place, ids, 1)),
            )
        found.append(Halves(ids, sealed))
    return found


def half_of(pair: hpke.SealingPair, halves: Halves, place: bytes) -> bytearray:
    """An officer's half.

    Raises:
        CustodyError: The officer is not of this pair, or the halves are of another file.
    """
    for side in (0, 1):
        if halves.officers[side] == pair.id:
            return pair.open(halves.sealed[side], _info(place, halves.officers, side))
    raise CustodyError("this half is sealed to other officers", "ask one of the two that are named")


def joined(share: bytes | bytearray, first: bytes | bytearray, second: bytes | bytearray) -> bytearray:
    """A file's key, or something random where one of the three is not of this file and pair.

    Args:
        share: The file's slot share.
        first: One officer's half.
        second: The other's, of the same pair.
    """
    return _xor(share, first, second)


def new_file(
    share: bytes | bytearray,
    salt: bytes,
    named: tuple[str, EpochId, Terms],
    officers: Sequence[Officer],
    randomness: Callable[[int], bytes],
) -> Cipher:
    """The cipher of a new file of sealed originals, whose header holds the halves of a key that nothing else holds.

    Args:
        share: Its slot share.
        salt: The file's, 32 random bytes.
        named: The site's name, the epoch, the terms.
        officers: All of the site's.
        randomness: Gives so many random bytes.

    Raises:
        CustodyError: No two of them make a pair.
    """
    site, epoch, terms = named
    key = bytearray(randomness(KEY_BYTES))
    with hpke.wiped(key):
        halves = split(key, share, place_of(site, epoch, salt, terms), officers, randomness)
        return Cipher(Header(epoch, salt, pack(halves, terms)), bytes(key), randomness)


def place_of(site: str, epoch: EpochId, salt: bytes, terms: Terms) -> bytes:
    """What halves are bound to: this file and no other.

    Args:
        site: The site's name.
        epoch: Whose.
        salt: The file's.
        terms: Under which it was sealed.
    """
    _check(epoch)
    return f"passerby/half@2\n{site}\n".encode() + epoch.canonical() + salt + terms.pack()


def pack(halves: Sequence[Halves], terms: Terms) -> bytes:
    """Halves as a file's header holds them, behind the terms that they are bound to."""
    body = b"".join(b"".join((*h.officers, *h.sealed)) for h in halves)
    return _VERSION + _COUNT.pack(len(halves)) + terms.pack() + body


def unpack(raw: bytes) -> tuple[list[Halves], Terms]:
    """What `pack` made.

    Raises:
        CustodyError: It is something else.
    """
    count = raw[1] if len(raw) > 1 else 0
    if raw[:1] != _VERSION or not 0 < count <= MOST_PAIRS or len(raw) != _FRONT + count * _PAIR:
        raise CustodyError("this file holds no halves", "it is not one of sealed originals, or was changed")
    found = []
    for at in range(_FRONT, len(raw), _PAIR):
        ids, sealed = raw[at : at + 2 * hpke.ID], raw[at + 2 * hpke.ID : at + _PAIR]
        found.append(Halves((ids[: hpke.ID], ids[hpke.ID :]), (sealed[:_HALF], sealed[_HALF:])))
    return found, Terms(*_TERMS.unpack(raw[2:_FRONT]))


def _info(place: bytes, officers: tuple[bytes, bytes], side: int) -> bytes:
    return place + b"".join(officers) + bytes([side])


def _xor(*parts: bytes | bytearray) -> bytearray:
    if any(len(part) != KEY_BYTES for part in parts):
        raise CustodyError("a key or half has not the right length", "take it again from where it was stored")
    found = bytearray(KEY_BYTES)
    for part in parts:
        for at, value in enumerate(part):
            found[at] ^= value
    return found


def _check(epoch: EpochId) -> None:
    if epoch.kind != Kind.SEALED.value:
        raise CustodyError("this is no epoch of sealed originals", "ask for one of kind sealed")
