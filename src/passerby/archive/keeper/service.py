"""The keeper: bytes in, bytes out. It is given keys, clock, count and the site; sockets are somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from passerby.archive import hpke
from passerby.archive.keeper.count import Count
from passerby.archive.keeper.judge import Overseen, Why, judge, refuse
from passerby.archive.keeper.messages import Answer, Refusal, answer_info, parse_ask
from passerby.archive.keeper.shares import opened
from passerby.archive.keys.shares import KEY_BYTES
from passerby.base.errors import CharterError, CustodyError, KeeperRefused
from passerby.charter.document import Unsound
from passerby.ledger.verify import leaf_hash


class Keeper:
    """Answers one question after the other, or several at once.

    Args:
        pairs: Its pairs: the present one, and older ones as long as anything is kept that was sealed to them.
        site: What the site's root says now; raises CharterError where it says nothing that counts.
        count: Its own count.
    """

    def __init__(self, pairs: Iterable[hpke.SealingPair], site: Callable[[], Overseen], count: Count) -> None:
        self.hold(pairs)
        self._site, self._count = site, count

    def hold(self, pairs: Iterable[hpke.SealingPair]) -> None:
        """From the next question on it has these pairs."""
        self._pairs = {pair.id: pair for pair in pairs}

    def handle(self, raw: bytes) -> bytes:
        """A question's bytes; an answer's or a refusal's."""
        try:
            return self._answered(raw).encode()
        except KeeperRefused as refusal:
            return Refusal(refusal.reason, refusal.message[:1024]).encode()

    def _answered(self, raw: bytes) -> Answer:
        try:
            ask = parse_ask(raw)
        except Unsound as error:
            raise refuse(Why.UNREAD, str(error)) from error
        try:
            site = self._site()
        except CharterError as error:
            raise refuse(Why.SITE, str(error)) from error
        asking, epochs = judge(ask, site, self._count.now())
        shares = bytearray(KEY_BYTES * len(epochs))
        try:
            for number, (asked, epoch) in enumerate(zip(ask.epochs, epochs, strict=True)):
                share = opened(asked.sealed, site.site, epoch, self._pairs)
                with hpke.wiped(share):
                    shares[KEY_BYTES * number : KEY_BYTES * (number + 1)] = share
            # Sealed before it is counted: a key that nothing can be sealed to is no answer.
            sealed = hpke.seal(ask.key, shares, answer_info(asking.hash))
        except CustodyError as error:
            raise refuse(Why.SHARE, str(error)) from error
        finally:
            shares[:] = bytes(len(shares))
        return Answer(self._count.add(asking.act, leaf_hash(ask.entry).hex(), len(epochs)), sealed)
