"""The ledger as a scribe on its machine has it: one log, its key, and witnesses to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from passerby.archive.keeper.judge import Overseen
from passerby.charter.proofs import Logged
from passerby.ledger.policy import to_ask
from passerby.ledger.verify import Reader, Trust, verify_proof
from passerby.ledger.witness_client import Post, ask_all
from passerby.store.ledger.disk import Disk
from passerby.store.ledger.home import Home
from passerby.store.ledger.proven import Cosign, log_acts


class LocalBook:
    """A ledger on this machine: `scribe.Book`.

    Args:
        home: Where it lives.
        disk: The operations on files.
        clock: Seconds since 1970.
        site: Whose log and whose cosignatures count, now.
        cosign: Asks the witnesses.
    """

    def __init__(
        self, home: Home, disk: Disk, clock: Callable[[], float], site: Callable[[], Overseen], cosign: Cosign
    ) -> None:
        self._home, self._disk, self._clock = home, disk, clock
        self._site, self._cosign = site, cosign

    def log(self, act: Mapping[str, object], key: bytes) -> Logged:
        """As `scribe.Book`."""
        site = self._site()
        ((proven,), _) = log_acts(self._home, self._disk, self._now, [(act, key)], self._cosign)
        verify_proof(proven.proof, proven.entry, Trust(site.logs, site.policy, self._now()))
        return Logged(proven.entry, proven.proof)

    def _now(self) -> int:
        return int(self._clock())


def by_policy(site: Callable[[], Overseen], post: Post) -> Cosign:
    """Asks every witness that the policy has an address of; too few answers show when the proof is checked."""

    def cosign(note: bytes, read: Reader) -> list[str]:
        return ask_all(note, read, to_ask(site().policy, ()), post).lines

    return cosign
