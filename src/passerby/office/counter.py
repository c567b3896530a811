"""The office's counter: what somebody sends from outside is taken in, told, and answered with a receipt.

Nobody has to say who they are. The receipt's secret is the salt of the hash that the ledger gets, so that its holder
can find the complaint there; the office keeps a hash of it by which the holder is known again, even once the words and
the salt are forgotten: from 256 random bits no hash leads back.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from passerby.charter.matter import complaint, request
from passerby.charter.matter.record import Change, Kind, Matter
from passerby.office import matters
from passerby.office.desk import Desk
from passerby.store.outbox import hand_over
from passerby.store.schema import receipts

MARK = "passerby/receipt@1"
# What the office writes to whoever began a matter; other words in it are its own.
LETTERS = frozenset(
    {
        *(event.value for event in complaint.Event),
        *(event.value for event in request.Event),
    }
) - {"withdraw", "reply", "look-into", "reopen"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is handed out once the act is on its way to the ledger.

    Args:
        matter: As it stands.
        secret: 32 random bytes: the salt of `content`.
        content: SHA-256 of the secret and then of the words (hex): what the act says.
    """

    matter: Matter
    secret: bytes
    content: str


def take(desk: Desk, kind: Kind, words: str, by: str, randomness: Callable[[int], bytes]) -> Receipt:
    """Take a complaint or a request in. Returns once its acts are durably on their way to the ledger.

    Args:
        desk: The office's.
        kind: `COMPLAINT` or `REQUEST`.
        words: What was said.
        by: Pseudonym of the counter.
        randomness: Gives so many random bytes.

    Raises:
        StoreError: It can't be kept; then nothing is.
    """
    matter_id, salt = randomness(matters.ID_BYTES).hex(), randomness(matters.SALT_BYTES)
    said = words.encode()
    content = matters.commitment(salt, said)
    change = _begun(desk, kind, matter_id, by, content)
    row = {"matter_id": matter_id, "mark": mark_of(salt)}

    def keep(connection: Connection) -> None:
        connection.execute(insert(receipts).values(**row))

    matters.begin(desk.store, change, by, said, salt, randomness, keep)
    hand_over(desk.store, desk.acts)
    return Receipt(change.matter, salt, content)


def show(desk: Desk, matter_id: str, secret: bytes) -> tuple[Matter, Sequence[matters.Entry]] | None:
    """A matter and what happened to it, for the holder of its receipt; None for everybody else.

    Raises:
        StoreError: The database can't be read.
    """
    with desk.store.reading() as connection:
        mark = connection.execute(select(receipts.c.mark).where(receipts.c.matter_id == matter_id)).scalar()
    if not hmac.compare_digest(mark or "", mark_of(secret)):
        return None
    return matters.matter(desk.store, matter_id), matters.events(desk.store, matter_id)


def mark_of(secret: bytes) -> str:
    """By what the office knows a receipt's holder again."""
    return sha256(MARK.encode() + secret).hexdigest()


def _begun(desk: Desk, kind: Kind, matter_id: str, by: str, content: str) -> Change:
    office, now = desk.office, desk.clock()
    if kind is Kind.COMPLAINT:
        return complaint.begin(matter_id, by, now, office.complaint, office.calendar, content)
    return request.begin(matter_id, by, now, office.law, office.calendar, content)
