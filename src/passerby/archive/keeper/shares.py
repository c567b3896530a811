"""Shares: the half of each file's key that only the keeper can open.

The station draws a share when a file begins, seals it to the keeper's public key, and forgets it once the file's key
is made. The sealed share lies in the file's header. So writing never waits for the keeper, and the keeper remembers
nothing of epochs: what a share is of is bound into its seal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from passerby.archive import hpke
from passerby.archive.keys.names import EpochId
from passerby.archive.keys.shares import KEY_BYTES, Share
from passerby.base.errors import CustodyError

_VERSION = b"\x01"
_HEAD = len(_VERSION) + hpke.ID
SEALED = _HEAD + hpke.OVERHEAD + KEY_BYTES


def share_info(site: str, epoch: EpochId) -> bytes:
    """What a share's seal is bound to: this epoch of this site's camera, and nothing else opens."""
    return f"passerby/share@1\n{site}\n".encode() + epoch.canonical()


class SealedShares:
    """Shares for a keeper: `archive.keys.shares.ShareSource`.

    Args:
        site: The site's name.
        public: The keeper's public key.
        randomness: Gives so many random bytes.
    """

    def __init__(self, site: str, public: bytes, randomness: Callable[[int], bytes]) -> None:
        self._site, self._public, self._randomness = site, public, randomness

    def new(self, epoch: EpochId) -> Share:
        """A random share, and the same sealed to the keeper for exactly this epoch."""
        share = self._randomness(KEY_BYTES)
        sealed = hpke.seal(self._public, share, share_info(self._site, epoch))
        return Share(share, _VERSION + hpke.key_id(self._public) + sealed)


def opened(sealed: bytes, site: str, epoch: EpochId, pairs: Mapping[bytes, hpke.SealingPair]) -> bytearray:
    """The share in a sealed share; only the keeper can.

    Args:
        sealed: As it was stored.
        site: The site's name.
        epoch: What it is said to be of.
        pairs: The keeper's pairs by their ids: it keeps old ones as long as anything is kept that was sealed to them.

    Raises:
        CustodyError: It is of something else, or sealed to a key that isn't held.
    """
    if len(sealed) != SEALED or sealed[:1] != _VERSION:
        raise CustodyError("this is no sealed share", "send it as it was stored")
    pair = pairs.get(sealed[1:_HEAD])
    if pair is None:
        raise CustodyError("this was sealed to a key that this keeper doesn't hold", "ask the keeper that it is for")
    return pair.open(sealed[_HEAD:], share_info(site, epoch))
