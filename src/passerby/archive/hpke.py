"""Sealing to people: HPKE (RFC 9180) with ML-KEM-768 and X25519 together, HKDF-SHA256, AES-256-GCM.

A pair is made from the 32 secret bytes of a signing key by HKDF, so that a keeper or an officer has one secret to
guard. Keys in tokens don't give their secret away: they sign, but nothing can be sealed to them.

What it can't do: Python and OpenSSL copy secrets where they like, so no secret here is surely gone from memory when it
is no longer used. `wiped` overwrites the one copy that is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from passerby.base.errors import CustodyError

SECRET, PUBLIC, OVERHEAD = 32, 1184 + 32, 1120 + 16
ID = 8
_MLKEM, _SEED = 1184, 64
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO = b"passerby/sealing-pair@1"


def key_id(public: bytes) -> bytes:
    """The 8 bytes that label a public key: a label, not a proof."""
    return sha256(public).digest()[:ID]


def seal(public: bytes, plain: bytes | bytearray, info: bytes) -> bytes:
    """Seal to a public key; only under the same `info` it opens again.

    Args:
        public: ML-KEM-768's encapsulation key, then X25519's public key.
        plain: What to seal.
        info: What it is and belongs to.

    Returns:
        The sealed bytes, `OVERHEAD` longer.

    Raises:
        CustodyError: That is no public key.
    """
    if len(public) != PUBLIC:
        raise CustodyError("this is no key to seal to", "take it again from whoever published it")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM])
        x25519 = X25519PublicKey.from_public_bytes(public[_MLKEM:])
        return bytes(_SUITE.encrypt(plain, MLKEM768X25519PublicKey(mlkem, x25519), info))
    except ValueError as error:
        raise CustodyError("this is no key to seal to", "take it again from whoever published it") from error


@dataclass(frozen=True, slots=True)
class SealingPair:
    """A pair to which is sealed; the secret half is never printed.

    Args:
        public: The public half.
    """

    public: bytes
    _private: MLKEM768X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def of(cls, secret: bytes | bytearray) -> SealingPair:
        """The pair of a signing key's 32 secret bytes."""
        raw = bytearray(HKDF(hashes.SHA256(), _SEED + 32, None, _INFO).derive(secret))
        with wiped(raw):
            mlkem = MLKEM768PrivateKey.from_seed_bytes(bytes(raw[:_SEED]))
            x25519 = X25519PrivateKey.from_private_bytes(bytes(raw[_SEED:]))
        public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        return cls(public, MLKEM768X25519PrivateKey(mlkem, x25519))

    @classmethod
    def fresh(cls, randomness: Callable[[int], bytes]) -> SealingPair:
        """A pair for one session, which is written nowhere."""
        return cls.of(randomness(SECRET))

    @property
    def id(self) -> bytes:
        """The public half's label."""
        return key_id(self.public)

    def open(self, sealed: bytes, info: bytes) -> bytearray:
        """What was sealed to this pair under this `info`.

        Raises:
            CustodyError: It was sealed to another, or for something else, or was changed.
        """
        try:
            return bytearray(_SUITE.decrypt(sealed, self._private, info))
        except (InvalidTag, ValueError) as error:
            raise CustodyError("this was not sealed to this key for this", "ask with what was stored for it") from error


@contextmanager
def wiped(*secrets: bytearray) -> Iterator[None]:
    """Overwrite these with zeros at the end."""
    try:
        yield
    finally:
        for secret in secrets:
            secret[:] = bytes(len(secret))
