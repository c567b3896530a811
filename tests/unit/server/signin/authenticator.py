"""A passkey device in software, after Web Authentication level 3: makes keys for a host, and signs challenges."""

from __future__ import annotations

import json
import struct
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One device with one passkey.

    Args:
        origin: Of the page that asks.
        verifies: Whether it asks its owner for a finger or a PIN.
        counts: Whether it counts how often it signed.
    """

    origin: str
    verifies: bool = True
    counts: bool = True
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    counter: int = 0

    @property
    def id(self) -> bytes:
        return sha256(self._point()).digest()

    def _point(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, host: str, flags: int) -> bytes:
        self.counter += self.counts
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256(host.encode()).digest() + bytes([flags]) + struct.pack(">I", self.counter)

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` gives."""
        point = self._point()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point[:32], -3: point[32:]})
        data = self._data(options["rp"]["id"], HAS_KEY)
        data += bytes(16) + struct.pack(">H", len(self.id)) + self.id + cose
        return self._answer(
            clientDataJSON=b64(self._client("webauthn.create", options["challenge"])),
            attestationObject=b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        )

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` gives."""
        data = self._data(options["rpId"], 0)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + sha256(client).digest(), ECDSA(SHA256()))
        return self._answer(authenticatorData=b64(data), clientDataJSON=b64(client), signature=b64(signature))

    def _answer(self, **response: str) -> dict[str, Any]:
        return {"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response}
