"""Every allowed pair opens, in time; nobody else does, ever: every subset of what there is to know is tried."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import chain, combinations, product

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from passerby.archive import hpke, seal
from passerby.archive.keys.cipher import parse_header
from passerby.archive.keys.names import US, EpochId
from passerby.archive.keys.shares import MOST_SEALED
from passerby.archive.seal import Halves, Officer
from passerby.base.errors import CustodyError

EPOCH = EpochId("gate-1", 3600 * US, kind="sealed")
SALT, SLOT_KEY, KEY = (sha256(name).digest() for name in (b"salt", b"slot", b"key"))
TERMS = seal.Terms(sha256(b"permit").digest(), 900)
PLACE = seal.place_of("example.org", EPOCH, SALT, TERMS)
SHARE = bytes(seal.slot_share(SLOT_KEY, SALT, EPOCH))
# Who works where: two of the city, two of the office, one of the court.
WHO = {"ann": "city", "bob": "city", "eve": "office", "fay": "office", "guy": "court"}
PAIRS = {name: hpke.SealingPair.of(sha256(name.encode()).digest()) for name in WHO}
OFFICERS = {name: Officer(PAIRS[name].public, where) for name, where in WHO.items()}
NAMES = {officer.id: name for name, officer in OFFICERS.items()}
CIPHERTEXT = AESGCM(KEY).encrypt(bytes(12), b"an original", b"")


def draws() -> Iterator[bytes]:
    for number in range(10_000):
        yield sha256(b"draw%d" % number).digest()


def halves(place: bytes = PLACE, share: bytes = SHARE) -> list[Halves]:
    given_ = draws()
    return seal.split(KEY, share, place, list(OFFICERS.values()), lambda count: next(given_)[:count])


ALL = halves()


def opens(key: bytes | bytearray) -> bool:
    try:
        return AESGCM(bytes(key)).decrypt(bytes(12), CIPHERTEXT, b"") == b"an original"
    except InvalidTag:
        return False


def known_to(names: set[str]) -> dict[tuple[str, str], list[bytearray]]:
    """Every half that these can open, by the pair it is of."""
    found: dict[tuple[str, str], list[bytearray]] = {}
    for one in ALL:
        of = (NAMES[one.officers[0]], NAMES[one.officers[1]])
        for name in names & set(of):
            found.setdefault(of, []).append(seal.half_of(PAIRS[name], one, PLACE))
    return found


def everything_tried(names: set[str], *, slot: bool) -> bool:
    """Whether these officers, with or without the slot share, get at the key by joining any parts they have."""
    parts = [half for held in known_to(names).values() for half in held]
    parts += [bytearray(SHARE)] if slot else []
    tried = chain.from_iterable(combinations(parts, count) for count in range(5))
    return any(opens(_sum(some)) for some in tried)


def _sum(parts: tuple[bytearray, ...]) -> bytes:
    total = 0
    for part in parts:
        total ^= int.from_bytes(part)
    return total.to_bytes(32)


SUBSETS = [set(s) for count in range(len(WHO) + 1) for s in combinations(sorted(WHO), count)]


def test_allowed_pairs_are_all_of_two_institutions() -> None:
    found = {frozenset({NAMES[a], NAMES[b]}) for a, b in (one.officers for one in ALL)}
    assert found == {frozenset(p) for p in combinations(WHO, 2) if len({WHO[n] for n in p}) == 2}
    assert len(found) == len(ALL) == 8


@pytest.mark.parametrize("who", [s for s in SUBSETS if len(s) <= 2], ids=lambda s: "+".join(sorted(s)) or "nobody")
def test_who_opens(who: set[str]) -> None:
    """With the slot: exactly two of two institutions. Without it, after retention: nobody."""
    institutions = {WHO[name] for name in who}
    assert everything_tried(who, slot=True) == (len(institutions) == 2)
    assert not everything_tried(who, slot=False)


def test_all_officers_together_after_retention() -> None:
    """All halves of all pairs: any sum of them is the key ⊕ slot share, or random; never the key."""
    for pair in known_to(set(WHO)).values():
        assert len(pair) == 2 and not opens(_sum((pair[0], pair[1])))
        assert _sum((pair[0], pair[1])) == _sum((bytearray(KEY), bytearray(SHARE)))
    held = [half for pair in known_to(set(WHO)).values() for half in pair]
    assert not any(opens(_sum(some)) for count in (1, 2, 3) for some in combinations(held, count))


def test_one_institution_alone() -> None:
    for institution in set(WHO.values()):
        assert not everything_tried({n for n, where in WHO.items() if where == institution}, slot=True)


def test_the_server_alone() -> None:
    assert not opens(SHARE) and not opens(SLOT_KEY)
    for one in ALL:
        for sealed in one.sealed:
            assert KEY not in sealed and SHARE not in sealed


def test_halves_of_two_pairs_never_join() -> None:
    """Even where two officers of two institutions hold them: a pair's halves fit each other only."""
    known = [(pair, half) for pair, held in known_to(set(WHO)).items() for half in held]
    for (pair, one), (other, two) in product(known, known):
        assert opens(seal.joined(SHARE, one, two)) == (pair == other and one != two)


def test_a_wrong_officer_is_told() -> None:
    for one in ALL:
        for name, pair in PAIRS.items():
            if pair.id not in one.officers:
                with pytest.raises(CustodyError, match="other officers"):
                    seal.half_of(pair, one, PLACE)
            else:
                assert len(seal.half_of(pair, one, PLACE)) == 32, name


def test_halves_of_another_file_hour_camera_or_site() -> None:
    for place in (
        seal.place_of("example.net", EPOCH, SALT, TERMS),
        seal.place_of("example.org", EPOCH, SALT, seal.Terms(bytes(32), 900)),
        seal.place_of("example.org", EPOCH, SALT, seal.Terms(TERMS.permit, 901)),
        seal.place_of("example.org", EPOCH, bytes(32), TERMS),
        seal.place_of("example.org", EpochId("gate-2", EPOCH.period_us, kind="sealed"), SALT, TERMS),
        seal.place_of("example.org", EpochId("gate-1", 7200 * US, kind="sealed"), SALT, TERMS),
    ):
        for one in ALL:
            with pytest.raises(CustodyError):
                seal.half_of(PAIRS[NAMES[one.officers[0]]], one, place)


def test_a_half_says_which_side_it_is() -> None:
    """Exchanged or moved to another pair, a half does not open: nobody is told that the wrong one was right."""
    for one, other in combinations(ALL, 2):
        for moved in (
            Halves(one.officers, (one.sealed[1], one.sealed[0])),
            Halves(one.officers, other.sealed),
            Halves((one.officers[1], one.officers[0]), (one.sealed[1], one.sealed[0])),
        ):
            for name in (NAMES[one.officers[0]], NAMES[one.officers[1]]):
                with pytest.raises(CustodyError):
                    seal.half_of(PAIRS[name], moved, PLACE)


def test_two_files_of_one_hour_have_two_slot_shares() -> None:
    """A key that was opened in time tells nothing of the hour's other file, whose slot is destroyed."""
    other_salt = sha256(b"other").digest()
    other = bytes(seal.slot_share(SLOT_KEY, other_salt, EPOCH))
    assert other != SHARE
    # What somebody keeps: the first file's key and halves, hence its slot share, and the second's halves.
    kept = [bytearray(KEY), bytearray(SHARE)]
    place, second = seal.place_of("example.org", EPOCH, other_salt, TERMS), sha256(b"second key").digest()
    given_ = draws()
    made = seal.split(second, other, place, list(OFFICERS.values()), lambda count: next(given_)[:count])
    kept += [seal.half_of(PAIRS[NAMES[made[0].officers[side]]], made[0], place) for side in (0, 1)]
    assert not any(_sum(some) == second for count in range(1, 5) for some in combinations(kept, count))


def test_slot_shares_are_of_epoch_salt_and_key() -> None:
    same = seal.slot_share(SLOT_KEY, SALT, EPOCH)
    others = [
        seal.slot_share(bytes(32), SALT, EPOCH),
        seal.slot_share(SLOT_KEY, bytes(32), EPOCH),
        seal.slot_share(SLOT_KEY, SALT, EpochId("gate-2", EPOCH.period_us, kind="sealed")),
    ]
    assert same == SHARE and same not in others
    with pytest.raises(CustodyError, match="no epoch of sealed"):
        seal.slot_share(SLOT_KEY, SALT, EpochId("gate-1", 0))
    with pytest.raises(CustodyError, match="no epoch of sealed"):
        seal.place_of("example.org", EpochId("gate-1", 0), SALT, TERMS)


@pytest.mark.parametrize("names", [(), ("ann",), ("ann", "bob")])
def test_nobody_unseals_alone(names: tuple[str, ...]) -> None:
    with pytest.raises(CustodyError, match="nobody unseals alone"):
        seal.allowed_pairs([OFFICERS[name] for name in names])


def test_too_many_or_named_twice() -> None:
    with pytest.raises(CustodyError, match="named twice"):
        seal.allowed_pairs([OFFICERS["ann"], OFFICERS["eve"], Officer(PAIRS["ann"].public, "office")])
    many = [Officer(sha256(b"%d" % n).digest(), "city" if n % 2 else "office") for n in range(12)]
    with pytest.raises(CustodyError, match="36 pairs"):
        seal.allowed_pairs(many)


def test_packed_and_back() -> None:
    packed = seal.pack(ALL, TERMS)
    assert seal.unpack(packed) == (ALL, TERMS)
    for raw in (b"", b"\x02", b"\x02\x00", b"\x01" + packed[1:], packed[:-1], packed + b"x", packed[:34]):
        with pytest.raises(CustodyError, match="holds no halves"):
            seal.unpack(raw)


@given(st.binary(max_size=100))
def test_what_is_no_halves(raw: bytes) -> None:
    with pytest.raises(CustodyError):
        seal.unpack(raw)


@given(st.binary(max_size=40), st.binary(min_size=32, max_size=32))
def test_lengths(short: bytes, fine: bytes) -> None:
    if len(short) != 32:
        with pytest.raises(CustodyError, match="right length"):
            seal.joined(fine, short, fine)
    assert seal.joined(fine, fine, KEY) == KEY


def test_as_many_pairs_as_are_allowed_fit_into_a_file() -> None:
    """Three institutions of three officers each: 27 pairs, and a header that can be read back."""
    staff = [Officer(hpke.SealingPair.of(sha256(b"%d" % n).digest()).public, f"{n % 3}") for n in range(9)]
    cipher = seal.new_file(SHARE, SALT, ("example.org", EPOCH, TERMS), staff, lambda n: bytes(n))
    raw = cipher.header.pack()
    header = parse_header(raw + b"what follows")
    assert header is not None and header.pack() == raw
    halves_, terms = seal.unpack(header.sealed)
    assert (len(halves_), terms) == (seal.MOST_PAIRS, TERMS)
    assert len(header.sealed) == 63_540 <= MOST_SEALED
