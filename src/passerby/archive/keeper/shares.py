"""Shares: the half of each epoch's key that only the keeper can open.

The station draws a share when an epoch begins, seals it to the keeper's public key, and forgets it once the epoch's key
is made. The sealed share lies in the epoch's own file. So writing never waits for the keeper, and the keeper remembers
nothing of epochs: what a share is of is bound into its seal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import rfc8785

from passerby.archive import hpke
from passerby.base.errors import CustodyError

SHARE = 32
_VERSION = b"\x01"
_HEAD = len(_VERSION) + hpke.ID
SEALED = _HEAD + hpke.OVERHEAD + SHARE
_INFO = "passerby/share@1"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a share is of.

    Args:
        site: The site's name.
        camera: The camera's id.
        kind: `redacted`, `sealed` or `plate`.
        begins_us: When the epoch's period begins; microseconds since 1970.
        ends_us: When it ends.
    """

    site: str
    camera: str
    kind: str
    begins_us: int
    ends_us: int

    def info(self) -> bytes:
        """What the seal is bound to."""
        fields = {"site": self.site, "camera": self.camera, "kind": self.kind}
        return rfc8785.dumps(fields | {"for": _INFO, "from": str(self.begins_us), "to": str(self.ends_us)})


class ShareSource(Protocol):
    """Where a new epoch's share comes from."""

    def new(self, scope: Scope) -> tuple[bytearray, bytes]:
        """A share, for whoever makes the key to wipe, and what to store of it."""


class NoKeeper:
    """The weaker form: no second institution. Keys are made of the slot's key alone."""

    def new(self, scope: Scope) -> tuple[bytearray, bytes]:  # noqa: ARG002
        """Nothing, twice."""
        return bytearray(), b""


class SealedShares:
    """Shares for a keeper.

    Args:
        public: The keeper's public key.
        randomness: Gives so many random bytes.
    """

    def __init__(self, public: bytes, randomness: Callable[[int], bytes]) -> None:
        self._public, self._randomness = public, randomness

    def new(self, scope: Scope) -> tuple[bytearray, bytes]:
        """A random share, and the same sealed to the keeper for exactly this epoch."""
        share = bytearray(self._randomness(SHARE))
        return share, _VERSION + hpke.key_id(self._public) + hpke.seal(self._public, share, scope.info())


def opened(sealed: bytes, scope: Scope, pairs: dict[bytes, hpke.SealingPair]) -> bytearray:
    """The share in a sealed share; only the keeper can.

    Args:
        sealed: As it was stored.
        scope: What it is said to be of.
        pairs: The keeper's pairs by their ids: it keeps old ones as long as anything is kept that was sealed to them.

    Raises:
        CustodyError: It is of something else, or sealed to a key that isn't held.
    """
    if len(sealed) != SEALED or sealed[:1] != _VERSION:
        raise CustodyError("this is no sealed share", "send it as it was stored")
    pair = pairs.get(sealed[1:_HEAD])
    if pair is None:
        raise CustodyError("this was sealed to a key that this keeper doesn't hold", "ask the keeper that it is for")
    return pair.open(sealed[_HEAD:], scope.info())
