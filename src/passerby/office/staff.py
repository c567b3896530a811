"""The staff, by pseudonym; who stands behind one can be forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import Connection, Row, insert, select, update

from passerby.base.errors import CharterError
from passerby.charter.matter.staff import Person
from passerby.ledger.schema import Act
from passerby.office.matters import Randomness, fold
from passerby.store.database import Store
from passerby.store.outbox import tell
from passerby.store.schema import staff

Step = Callable[[Person], tuple[Person, Act]]


def person(store: Store, pseudonym: str) -> Person | None:
    """Somebody of the staff, if known.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        return _found(connection, pseudonym)


def everybody(store: Store) -> list[tuple[Person, str]]:
    """The staff, each with who it is: the empty text where that is not known or forgotten.

    Raises:
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        rows = connection.execute(select(staff).order_by(staff.c.pseudonym))
        return [(_person(row), (row.words or b"").decode("utf-8", "replace")) for row in rows]


def change(
    store: Store, pseudonym: str, step: Step, by: str, at: int, randomness: Randomness, *,
    words: tuple[bytes, bytes] | None = None,
) -> Person:  # fmt: skip
    """Change what is known of somebody, and account for it, in one transaction.

    Args:
        store: Open for writing.
        pseudonym: Who; made where it is new.
        step: What becomes of them, and the act; may raise, and then nothing changes.
        by: Pseudonym of who does it.
        at: When, in seconds since 1970.
        randomness: Gives so many random bytes.
        words: Who it is, and the salt of the record's hash, where they are given.

    Raises:
        CharterError: The step refuses.
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        known = _found(connection, pseudonym)
        after, act = step(known or Person(pseudonym))
        row = {"trained_s": after.trained, "trained_until_s": after.trained_until, "roles": json.dumps(after.roles)}
        if words is not None:
            row |= {"words": words[0], "salt": words[1]}
        if known is None:
            connection.execute(insert(staff).values(pseudonym=pseudonym, **row))
        else:
            connection.execute(update(staff).where(staff.c.pseudonym == pseudonym).values(**row))
        tell(connection, [{**act, "actor": by, "time": at}], randomness)
    return after


def forget(store: Store, pseudonym: str, now: int) -> None:
    """Erase who stands behind a pseudonym that has no role any more.

    Raises:
        CharterError: They are not known, or have a role.
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        held = _found(connection, pseudonym)
        if held is None:
            raise CharterError("nobody here has this pseudonym", "`passerby staff list` shows who there is")
        if any(now < until for _, until in held.roles):
            raise CharterError("they still have a role", "`passerby staff unauthorise` first")
        connection.execute(update(staff).where(staff.c.pseudonym == pseudonym).values(words=None, salt=None))
    fold(store)


def _found(connection: Connection, pseudonym: str) -> Person | None:
    row = connection.execute(select(staff).where(staff.c.pseudonym == pseudonym)).one_or_none()
    return None if row is None else _person(row)


def _person(row: Row[tuple[object, ...]]) -> Person:
    roles = tuple((str(role), int(until)) for role, until in json.loads(row.roles))
    return Person(row.pseudonym, row.trained_s, row.trained_until_s, roles)
