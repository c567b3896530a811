"""The scribe: logs that somebody looks, before anybody looks. It has the ledger and sees no share.

Whoever shows video can't write, and asks the scribe over a local socket (`wire`). The scribe answers once the act is in
the ledger and the witnesses have cosigned it; with that, the keeper is asked by whoever wants to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from passerby.archive.keeper.messages import LONGEST, REFUSAL, Refusal
from passerby.archive.keeper.wire import Handle
from passerby.base.errors import KeeperAway, KeeperRefused
from passerby.charter.asking import SESSION_S, Asking, parse_asking
from passerby.charter.document import Unsound, read, write
from passerby.charter.proofs import Logged
from passerby.charter.shapes import exactly, word_of
from passerby.ledger.errors import LedgerError
from passerby.ledger.schema import FIRST, is_pseudonym

ASK, ANSWER = "passerby/scribe-ask@2", "passerby/scribe-answer@1"
GIVES = ("export", "unseal")
RECIPIENTS, BASES = FIRST["lists"]["recipient"], FIRST["lists"]["basis"]


def _text(longest: int) -> Callable[[object], bool]:
    return lambda given: isinstance(given, str) and len(given) <= longest


_ASK = {
    "format": exactly(ASK), "actor": is_pseudonym, "asking": _text(4096),
    "recipient": word_of((*RECIPIENTS, "")), "basis": word_of((*BASES, "")),
}  # fmt: skip
_ANSWER = {"format": exactly(ANSWER), "entry": _text(8192), "proof": _text(LONGEST)}
_REFUSAL = {"format": exactly(REFUSAL), "reason": _text(32), "why": _text(1024)}


@dataclass(frozen=True, slots=True)
class Given:
    """To what sort of recipient something is given out, and on which basis: what the act `share` says.

    Args:
        recipient: Of the ledger's closed list; empty where nothing is given out.
        basis: Likewise.
    """

    recipient: str = ""
    basis: str = ""


NOBODY = Given()
# Why an act may not be logged under the case that it names; empty where it may. Asking, and now in seconds since 1970.
Cases = Callable[[Asking, int], str]


class Book(Protocol):
    """The ledger, as a scribe has it."""

    def log(self, act: Mapping[str, object], key: bytes) -> Logged:
        """Append an act; returns once enough witnesses have cosigned it.

        Raises:
            LedgerError: It may not enter, or not be written, or too few cosigned.
        """


class Scribe:
    """Answers whoever wants to look.

    Args:
        site: The site's name.
        book: The ledger.
        clock: Seconds since 1970.
        cases: Says why a case does not cover what is asked.
    """

    def __init__(
        self, site: str, book: Book, clock: Callable[[], float], cases: Cases = lambda _asking, _now: ""
    ) -> None:
        self._site, self._book, self._clock, self._cases = site, book, clock, cases

    def handle(self, raw: bytes) -> bytes:
        """A question's bytes; an answer's or a refusal's."""
        try:
            found = read(raw.decode("utf-8", "replace"), _ASK)
            asking = parse_asking(found["asking"])
        except Unsound as error:
            return Refusal("unread", str(error)[:1024]).encode()
        if asking.site != self._site:
            return Refusal("site", "it is about another site").encode()
        if not self._clock() < asking.until <= self._clock() + SESSION_S:
            return Refusal("session", "a session ends within 15 minutes of its beginning").encode()
        given = Given(found["recipient"], found["basis"])
        if (asking.act in GIVES) != (bool(given.recipient) and bool(given.basis)):
            return Refusal("share", "who gives something out says to whom, and on which basis").encode()
        if why := self._cases(asking, int(self._clock())):
            return Refusal("case", why[:1024]).encode()
        try:
            logged = self._logged(asking, found["actor"], given)
        except LedgerError as error:
            return Refusal("ledger", str(error)[:1024]).encode()
        return write({"format": ANSWER, "entry": logged.entry.decode(), "proof": logged.proof.decode()}).encode()

    def _logged(self, asking: Asking, actor: str, given: Given) -> Logged:
        """To whom it is given is logged first: what is proven to whoever asked is then the last step before it."""
        act = asking.entry()
        if given.recipient:
            share = {name: act[name] for name in ("camera", "purpose", "case", "content")}
            share |= {"act": "share", "actor": actor, "recipient": given.recipient, "basis": given.basis}
            self._book.log(share, sha256(f"share\n{asking.hash}".encode()).digest())
        return self._book.log(act | {"actor": actor}, bytes.fromhex(asking.hash))


def have_logged(asking: Asking, actor: str, ask: Handle, given: Given = NOBODY) -> Logged:
    """Have it logged that somebody looks.

    Args:
        asking: What is to be seen.
        actor: Whoever looks, by pseudonym.
        ask: Sends a question to the scribe.
        given: Of what is given out: to whom.

    Raises:
        KeeperRefused: It is not in the ledger, or too few witnesses saw it: then nobody may look.
        KeeperAway: The scribe gives no answer.
    """
    question = {"format": ASK, "actor": actor, "asking": asking.text()}
    raw = ask(write(question | {"recipient": given.recipient, "basis": given.basis}).encode())
    text = raw.decode("utf-8", "replace")
    try:
        if f'"format":"{REFUSAL}"' in text:
            said = read(text, _REFUSAL)
            raise KeeperRefused(f"it can't be logged, so nobody may look: {said['why']}", "", said["reason"])
        found = read(text, _ANSWER)
    except Unsound as error:
        raise KeeperAway(f"the scribe's answer can't be read ({error})", "see whether it is of this version") from error
    return Logged(found["entry"].encode(), found["proof"].encode())
