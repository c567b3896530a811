"""Signs notes: Ed25519 (0x01), and timestamped cosignatures Ed25519 (0x04) and ML-DSA-44 (0x06).

Sources: C2SP signed-note 1.0, tlog-cosignature 1.1. Signing keys are kept as Go's sumdb/note writes them:
`PRIVATE+KEY+name+id+base64(type, seed)`. Both algorithms' seeds are 32 bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from passerby.ledger.errors import Misuse
from passerby.ledger.verify import COSIGN_ED25519, COSIGN_MLDSA44, ED25519, Key, parse_note, strict_base64

SEED = 32
_PREFIX = "PRIVATE+KEY+"
Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key: name, signature type, seed. Never printed."""

    name: str
    kind: int
    seed: bytes = field(repr=False)

    @property
    def key(self) -> Key:
        """The verifier key."""
        return Key(self.name, self.kind, self._private().public_key().public_bytes_raw())

    def sign(self, text: str, when: int) -> str:
        """The signature line of a note. `when` is not used by plain Ed25519.

        Args:
            text: The note's text. ML-DSA-44 signs it as the checkpoint that it is.
            when: Seconds since 1970.
        """
        if self.kind == ED25519:
            return self._line(self._private().sign(text.encode()))
        stamp = when.to_bytes(8, "big")
        if self.kind == COSIGN_ED25519:
            message = b"cosignature/v1\ntime %d\n" % when + text.encode()
            return self._line(stamp + self._private().sign(message))
        origin, size, root = text.split("\n")[:3]
        return self.sign_subtree(origin, 0, int(size), strict_base64(root, "the root", 32), when)

    def sign_subtree(self, origin: str, start: int, end: int, root: bytes, when: int = 0) -> str:
        """The ML-DSA-44 signature line over the subtree `[start, end)` of a log, with its root.

        Raises:
            Misuse: This key is of another kind, or a name is too long to be signed.
        """
        if self.kind != COSIGN_MLDSA44:
            raise Misuse(f"{self.name} has no ML-DSA-44 key, and only such keys sign subtrees")
        fields = [b"subtree/v1\n\x00", _short(self.name), when.to_bytes(8, "big"), _short(origin)]
        fields += [start.to_bytes(8, "big"), end.to_bytes(8, "big"), root]
        return self._line(fields[2] + self._private().sign(b"".join(fields)))

    def secret(self) -> str:
        """The signing key as one line, for a file of mode 0600."""
        material = base64.b64encode(bytes([self.kind]) + self.seed).decode()
        return f"{_PREFIX}{self.name}+{self.key.id.hex()}+{material}"

    def _private(self) -> Ed25519PrivateKey | MLDSA44PrivateKey:
        if self.kind == COSIGN_MLDSA44:
            return MLDSA44PrivateKey.from_seed_bytes(self.seed)
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def _line(self, signature: bytes) -> str:
        return signature_line(self.name, self.key.id, signature)


def _short(text: str) -> bytes:
    raw = text.encode()
    if not 1 <= len(raw) <= 255:
        raise Misuse(f"{text[:40]} has {len(raw)} bytes; ML-DSA-44 cosignatures take names of 1 to 255 bytes")
    return bytes([len(raw)]) + raw


def new_signer(name: str, kind: int, randomness: Randomness) -> Signer:
    """A new signing key from 32 random bytes.

    Raises:
        Misuse: The name can't be a key's name.
    """
    if not name or "+" in name or any(c.isspace() or c < " " for c in name):
        raise Misuse("a key's name is not empty and has no spaces and no plus")
    return Signer(name, kind, randomness(SEED))


def parse_secret(line: str) -> Signer:
    """Read what `Signer.secret` wrote.

    Raises:
        Misuse: It is not a signing key.
    """
    head, _, rest = line.partition(_PREFIX)
    parts = rest.split("+", 2)
    material = strict_base64(parts[-1], "the signing key")
    kinds = (ED25519, COSIGN_ED25519, COSIGN_MLDSA44)
    if head or len(parts) != 3 or len(material) != 1 + SEED or material[0] not in kinds:
        raise Misuse("this is not a signing key: restore the file that `ledger init` made")
    signer = Signer(parts[0], material[0], material[1:])
    if signer.key.id.hex() != parts[1]:
        raise Misuse("the signing key's id is not its own: restore the file that `ledger init` made")
    return signer


def format_vkey(key: Key) -> str:
    """A verifier key as text."""
    return f"{key.name}+{key.id.hex()}+{base64.b64encode(bytes([key.kind]) + key.public).decode()}"


def sign_note(text: str, signers: Sequence[Signer], when: int) -> bytes:
    """A signed note."""
    return (text + "\n" + "".join(signer.sign(text, when) for signer in signers)).encode()


def add_signatures(note: bytes, lines: Iterable[str]) -> bytes:
    """The note with these signature lines, each in place of an earlier one by the same key."""
    text, have = parse_note(note)
    signatures = {(name, key_id): signature for name, key_id, signature in have}
    for line in lines:
        ((name, key_id, signature),) = parse_note(b"x\n\n" + line.encode())[1]
        signatures[name, key_id] = signature
    return (text + "\n" + "".join(signature_line(*key, value) for key, value in signatures.items())).encode()


def signature_line(name: str, key_id: bytes, signature: bytes) -> str:
    """A signature line of a note, from its parts."""
    return f"\N{EM DASH} {name} {base64.b64encode(key_id + signature).decode()}\n"
