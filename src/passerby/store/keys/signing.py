"""One small interface for whatever signs. A TPM or a remote vault would be another class with these two members."""

from __future__ import annotations

from typing import Protocol

from passerby.ledger.note import add_signatures
from passerby.ledger.verify import Key


class Signing(Protocol):
    """Something that holds a signing key. `ledger.note.Signer` is one, too."""

    @property
    def key(self) -> Key:
        """The verifier key."""

    def sign(self, text: str, when: int) -> str:
        """The signature line of a note with this text."""


def signed_with(text: str, note: bytes | None, signing: Signing) -> bytes:
    """A note with one more signature, or with its first.

    Args:
        text: The text that was looked at.
        note: The note with the signatures so far; None if there is none yet.
        signing: Who signs.
    """
    line = signing.sign(text, 0)
    return (text + "\n" + line).encode() if note is None else add_signatures(note, [line])
