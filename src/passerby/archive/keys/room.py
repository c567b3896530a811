"""Where whoever records gets the cipher of a new file: the epoch's key is born, the share is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable

from passerby.archive.keys.cipher import Cipher, Header
from passerby.archive.keys.key_file import KeyFile
from passerby.archive.keys.names import EpochId
from passerby.archive.keys.shares import SALT_BYTES, NoShares, ShareSource, epoch_key
from passerby.archive.keys.slots import Label


class KeyRoom:
    """Ciphers for new files.

    Args:
        keys: The key file.
        now_us: The archive's clock (`passerby.archive.clock`).
        shares: Where shares come from.
        randomness: Gives so many random bytes.
    """

    def __init__(
        self,
        keys: KeyFile,
        now_us: Callable[[], int],
        shares: ShareSource | None = None,
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.keys, self._now_us = keys, now_us
        self._shares, self._randomness = shares or NoShares(), randomness

    def new_file(self, epoch: EpochId, keep_us: int, at_us: int) -> Cipher:
        """The cipher of a new file.

        Args:
            epoch: Whose.
            keep_us: How long after its period's end the key may live.
            at_us: Where in recorded time this is. Recorded time may run beside the archive's clock.

        Raises:
            ArchiveError: There is no key, or no share: then nothing is recorded.
        """
        now_us = self._now_us()
        label = Label(epoch, now_us, now_us + epoch.end_us - at_us + keep_us, keep_us)
        key = self.keys.born(label)
        share = self._shares.new(epoch)
        header = Header(epoch, self._randomness(SALT_BYTES), share.sealed)
        return Cipher(header, epoch_key(key, share.share, header.salt, epoch), self._randomness)
