"""Asking a keeper: the shares of some epochs, for an act that is in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from passerby.archive import hpke
from passerby.archive.keeper.messages import (
    MOST_SHARES,
    Answer,
    Ask,
    Epoch,
    Refusal,
    answer_info,
    parse_answer,
)
from passerby.archive.keeper.wire import Handle
from passerby.archive.keys.names import EpochId
from passerby.archive.keys.shares import KEY_BYTES
from passerby.base.errors import CustodyError, KeeperAway, KeeperRefused
from passerby.charter.asking import Asking
from passerby.charter.document import Unsound
from passerby.charter.proofs import Logged

_ADVICE = "no share without its act in the ledger: docs/custody.md has the rules"


@dataclass(frozen=True, slots=True)
class Session:
    """The right to look, once the ledger shows it.

    Args:
        asking: What was asked to be seen.
        logged: The act and the proof that it is in the ledger.
        pair: To which the keeper seals its answers; lives no longer than the session.
    """

    asking: Asking
    logged: Logged
    pair: hpke.SealingPair = field(repr=False)


def shares_of(session: Session, files: Sequence[tuple[EpochId, bytes]], ask: Handle) -> list[bytes]:
    """The shares of these files.

    Args:
        session: What entitles to them.
        files: Each file's epoch, and its sealed share.
        ask: Sends a question to the keeper.

    Raises:
        KeeperRefused: The keeper says no: by which rule.
        KeeperAway: It gives no answer, or none that can be read.
    """
    found: list[bytes] = []
    for first in range(0, len(files), MOST_SHARES):
        found += _some(session, files[first : first + MOST_SHARES], ask)
    return found


def _some(session: Session, files: Sequence[tuple[EpochId, bytes]], ask: Handle) -> list[bytes]:
    epochs = tuple(Epoch(epoch.period_us, epoch.length_us, sealed) for epoch, sealed in files)
    logged = session.logged
    question = Ask(session.asking.text(), logged.entry, logged.proof, session.pair.public, epochs)
    try:
        answer = parse_answer(ask(question.encode()))
    except Unsound as error:
        raise KeeperAway(f"the keeper's answer can't be read ({error})", "see whether it is of this version") from error
    if isinstance(answer, Refusal):
        raise KeeperRefused(f"the keeper says no: {answer.why}", _ADVICE, answer.reason)
    assert isinstance(answer, Answer)
    try:
        shares = session.pair.open(answer.sealed, answer_info(session.asking.hash))
    except CustodyError as error:
        raise KeeperAway(f"the keeper's answer can't be opened ({error})", "ask again") from error
    with hpke.wiped(shares):
        if len(shares) != KEY_BYTES * len(files):
            raise KeeperAway("the keeper gave another number of shares than was asked for", "ask again")
        return [bytes(shares[at : at + KEY_BYTES]) for at in range(0, len(shares), KEY_BYTES)]
