"""A signing key under a passphrase: argon2id (RFC 9106) makes the key with which AES-256-GCM (SP 800-38D) seals it.

The verifier key and the parameters are bound in as associated data: none of them can be exchanged.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from passerby.base.errors import CharterError
from passerby.ledger.note import Signer, format_vkey
from passerby.ledger.verify import ED25519, LedgerError, parse_vkey, strict_base64

FORMAT = "passerby/sealed-key@1"
LONGEST = 16 << 10
_KEY, _SALT, _NONCE = 32, 16, 12
_FIELDS = {"format", "vkey", "passes", "lanes", "memory_kib", "salt", "nonce", "sealed"}
# What a file may ask this machine to do before the passphrase is known to be right.
_MOST = {"passes": 16, "lanes": 16, "memory_kib": 1 << 20}
_LEAST = {"passes": 1, "lanes": 1, "memory_kib": 8 * 16}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of the passphrase costs. The default is RFC 9106's second choice: 64 MiB, three passes."""

    passes: int = 3
    lanes: int = 4
    memory_kib: int = 64 << 10


def seal(signer: Signer, passphrase: str, randomness: Callable[[int], bytes], cost: Cost | None = None) -> bytes:
    """A key file's content.

    Raises:
        CharterError: The passphrase is empty, or the key is of a type that signs no documents.
    """
    if not passphrase:
        raise CharterError("the passphrase is empty", "choose one of several words")
    if signer.kind != ED25519:
        raise CharterError("this key is of a type that signs no documents", "use an Ed25519 key")
    found = cost or Cost()
    salt, nonce = randomness(_SALT), randomness(_NONCE)
    fields: dict[str, Any] = {
        "format": FORMAT, "vkey": format_vkey(signer.key), "passes": found.passes, "lanes": found.lanes,
        "memory_kib": found.memory_kib, "salt": _text(salt), "nonce": _text(nonce),
    }  # fmt: skip
    sealed = AESGCM(_derived(passphrase, fields, salt)).encrypt(nonce, signer.seed, rfc8785.dumps(fields))
    return rfc8785.dumps(fields | {"sealed": _text(sealed)}) + b"\n"


def vkey_of(content: bytes) -> str:
    """The verifier key that a key file claims to be of.

    Raises:
        CharterError: It is no key file.
    """
    return str(_fields(content)["vkey"])


def unseal(content: bytes, passphrase: str) -> Signer:
    """The key in a key file.

    Raises:
        CharterError: It is no key file, or the passphrase is another.
    """
    fields = _fields(content)
    try:
        key = parse_vkey(fields["vkey"])
        salt = strict_base64(fields["salt"], "the salt", _SALT)
        nonce = strict_base64(fields["nonce"], "the nonce", _NONCE)
        sealed = strict_base64(fields.pop("sealed"), "the sealed key", _KEY + 16)
        seed = AESGCM(_derived(passphrase, fields, salt)).decrypt(nonce, sealed, rfc8785.dumps(fields))
    except LedgerError as error:
        raise CharterError(f"this is not a key file ({error})", "restore it from where you keep a copy") from error
    except InvalidTag as error:
        raise CharterError("the passphrase is another, or the file was changed", "try again, or take a copy") from error
    signer = Signer(key.name, key.kind, seed)
    if signer.key != key:
        raise CharterError("the file holds another key than it says", "restore it from where you keep a copy")
    return signer


def _fields(content: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(content) if len(content) <= LONGEST else None
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or fields.keys() != _FIELDS or fields["format"] != FORMAT or not _sane(fields):
        raise CharterError("this is not a key file", "name a file that `passerby key new` made")
    return fields


def _sane(fields: dict[str, Any]) -> bool:
    numbers = all(type(fields[n]) is int and _LEAST[n] <= fields[n] <= most for n, most in _MOST.items())
    return numbers and all(isinstance(fields[n], str) for n in ("vkey", "salt", "nonce", "sealed"))


def _derived(passphrase: str, fields: dict[str, Any], salt: bytes) -> bytes:
    kdf = Argon2id(
        salt=salt, length=_KEY, iterations=fields["passes"], lanes=fields["lanes"], memory_cost=fields["memory_kib"]
    )
    return kdf.derive(passphrase.encode())


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
