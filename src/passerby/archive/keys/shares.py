"""The other half of an epoch's key: a share that a second institution may hold (RFC 5869 derives the key of both).

Whoever writes gets a share for each file and keeps only its sealed form, in the file's header. Whoever reads asks for
it. Where no keeper is, share and sealed form are empty, and the slot's key alone opens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from passerby.archive.keys.names import EpochId
from passerby.base.errors import ShareRefused

KEY_BYTES, SALT_BYTES = 32, 32
# What two bytes of a file's header can tell: the halves of 27 pairs of officers (63 540 bytes), or a keeper's share.
MOST_SEALED = 65535


@dataclass(frozen=True, slots=True)
class Share:
    """A share of one file's key.

    Args:
        share: Secret; empty where there is no keeper, else 32 bytes. Never stored by whoever records.
        sealed: The same, readable by the keeper alone; at most `MOST_SEALED` bytes. In the file's header, in clear.
    """

    share: bytes = field(repr=False)
    sealed: bytes


class ShareSource(Protocol):
    """Where whoever records gets shares."""

    def new(self, epoch: EpochId) -> Share:
        """A fresh share, bound to the epoch. Called once for each file: it must not wait for another machine.

        Raises:
            ArchiveError: There is none. Then nothing of this epoch is kept.
        """
        ...


class ShareOpener(Protocol):
    """Where whoever reads gets a share back."""

    def open(self, epoch: EpochId, sealed: bytes) -> bytes:
        """The share that was sealed so.

        Raises:
            ShareRefused: Not for whoever asks, or not now: no proof, no pixels.
        """
        ...


class NoShares:
    """No keeper: share and sealed form are empty. Both a source and an opener; opens nothing that a keeper sealed."""

    def new(self, epoch: EpochId) -> Share:
        """As `ShareSource`."""
        del epoch
        return Share(b"", b"")

    def open(self, epoch: EpochId, sealed: bytes) -> bytes:
        """As `ShareOpener`."""
        if sealed:
            raise ShareRefused(
                f"{epoch.camera}'s video opens only with the keeper's share", "ask with a case: docs/archive.md"
            )
        return b""


def epoch_key(slot_key: bytes, share: bytes, salt: bytes, epoch: EpochId) -> bytes:
    """The key of one file: HKDF-SHA256(slot key ‖ share, salt, info = the epoch's canonical name).

    Args:
        slot_key: 32 bytes, out of the epoch's slot.
        share: The keeper's; empty where there is none.
        salt: 32 random bytes of the file, in its header.
        epoch: Whose.
    """
    return HKDF(SHA256(), KEY_BYTES, salt, epoch.canonical()).derive(slot_key + share)
