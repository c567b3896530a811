"""Sealing to people: opened by one key for one thing, and by nothing else."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.archive import hpke
from passerby.base.errors import CustodyError

ONE, OTHER = (hpke.SealingPair.of(sha256(name).digest()) for name in (b"one", b"other"))


@given(st.binary(max_size=300), st.binary(max_size=100))
def test_there_and_back(plain: bytes, info: bytes) -> None:
    sealed = hpke.seal(ONE.public, plain, info)
    assert len(sealed) == len(plain) + hpke.OVERHEAD
    assert ONE.open(sealed, info) == plain
    with pytest.raises(CustodyError):
        OTHER.open(sealed, info)
    with pytest.raises(CustodyError):
        ONE.open(sealed, info + b"x")


def test_the_same_secret_makes_the_same_pair() -> None:
    again = hpke.SealingPair.of(bytearray(sha256(b"one").digest()))
    assert again.public == ONE.public and again.id == ONE.id == sha256(ONE.public).digest()[:8]
    assert again.open(hpke.seal(ONE.public, b"x", b""), b"") == b"x"
    assert len(ONE.public) == hpke.PUBLIC


def test_known_pair() -> None:
    """The derivation never changes: what was sealed years ago still opens."""
    assert sha256(hpke.SealingPair.of(bytes(32)).public).hexdigest() == KNOWN


KNOWN = "61e542fe1b2b49e5f955529cb591ad130db87841b9bd5f0c32c1ed1a811297df"


def test_a_fresh_pair_is_of_the_randomness_given() -> None:
    assert hpke.SealingPair.fresh(lambda n: sha256(b"one").digest()[:n]).public == ONE.public


@pytest.mark.parametrize("public", [b"", b"x", ONE.public[:-1], ONE.public + b"x", b"\xff" * hpke.PUBLIC])
def test_no_key(public: bytes) -> None:
    with pytest.raises(CustodyError, match="no key to seal to"):
        hpke.seal(public, b"x", b"")


@given(at=st.integers(0, hpke.OVERHEAD), bit=st.integers(0, 7))
def test_every_bit_matters(at: int, bit: int) -> None:
    sealed = bytearray(hpke.seal(ONE.public, b"x", b"i"))
    sealed[at] ^= 1 << bit
    with pytest.raises(CustodyError):
        ONE.open(bytes(sealed), b"i")


@pytest.mark.parametrize("length", [0, 1, 1119, 1120, hpke.OVERHEAD - 1])
def test_cut(length: int) -> None:
    with pytest.raises(CustodyError):
        ONE.open(hpke.seal(ONE.public, b"x", b"i")[:length], b"i")


def test_wiped() -> None:
    secret = bytearray(b"secret")
    with pytest.raises(KeyError), hpke.wiped(secret):
        raise KeyError
    assert secret == bytes(6)
    assert "secret" not in repr(ONE) and "_private" not in repr(ONE)
