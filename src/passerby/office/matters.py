"""Cases, requests, complaints and incidents, with what people wrote in them. A change is done whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, Row, func, insert, select, update

from passerby.base.errors import CharterError
from passerby.charter.matter.kinds import is_over
from passerby.charter.matter.record import Change, Kind, Matter
from passerby.ledger.schema import Act
from passerby.store.database import Store, rewrite
from passerby.store.outbox import tell
from passerby.store.schema import matter_events, matters

Randomness = Callable[[int], bytes]
SALT_BYTES, ID_BYTES = 32, 32
SHORTEST_ID, LONGEST_WORDS = 8, 256 << 10
BEGUN, FORGOTTEN = "begun", "forgotten"


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened to a matter; `words` and `salt` are None where nobody wrote anything, or once it is forgotten."""

    at: int
    event: str
    by: str
    note: str
    words: bytes | None
    salt: bytes | None


def commitment(salt: bytes, words: bytes) -> str:
    """The salted hash of words, in hexadecimal: all that the ledger ever gets of them."""
    return sha256(salt + words).hexdigest()


def begin(
    store: Store,
    change: Change,
    by: str,
    words: bytes,
    salt: bytes,
    randomness: Randomness,
    also: Callable[[Connection], object] = lambda _: None,
) -> None:
    """Keep a new matter.

    Args:
        store: Open for writing.
        change: The matter and its acts.
        by: Pseudonym of who does it.
        words: What was said.
        salt: Of the hash of the words.
        randomness: Gives so many random bytes.
        also: What else is kept with it, or nothing is.

    Raises:
        StoreError: The database takes no writing.
    """
    matter = change.matter
    with store.writing() as connection:
        connection.execute(insert(matters).values(id=matter.id, **_columns(matter)))
        _happened(connection, matter.id, Entry(matter.begun, BEGUN, by, change.note, words, salt))
        tell(connection, _by(change.acts, by, matter.begun), randomness)
        also(connection)


def go_on(
    store: Store, matter_id: str, step: Callable[[Matter], Change], entry: Entry, randomness: Randomness
) -> Matter:
    """Change a matter as it stands at this moment: two who do it at once do it one after the other.

    Args:
        store: Open for writing.
        matter_id: Which.
        step: What becomes of it; may raise, and then nothing changes.
        entry: What happened.
        randomness: Gives so many random bytes.

    Raises:
        CharterError: There is no such matter, or the step refuses.
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        change = step(_found(connection, matter_id))
        connection.execute(update(matters).where(matters.c.id == matter_id).values(**_columns(change.matter)))
        # Only what the rules say: a note outlives the words, so that nobody's own words may get into it.
        noted = Entry(entry.at, entry.event, entry.by, change.note, entry.words, entry.salt)
        _happened(connection, matter_id, noted)
        tell(connection, _by(change.acts, entry.by, entry.at), randomness)
    return change.matter


def matter(store: Store, matter_id: str) -> Matter:
    """A matter by its id.

    Raises:
        CharterError: There is none.
        StoreError: The database can't be read.
    """
    with store.reading() as connection:
        return _found(connection, matter_id)


def whole_id(store: Store, kind: Kind, start: str) -> str:
    """The id of a matter that begins so, from its first 8 signs on.

    Raises:
        CharterError: None of this kind does, or several.
        StoreError: The database can't be read.
    """
    plain = SHORTEST_ID <= len(start) <= 2 * ID_BYTES and set(start) <= set("0123456789abcdef")
    if not plain:
        raise CharterError(f"{start[:40]!r} is no id", f"give its first {SHORTEST_ID} signs or more, of 0-9 and a-f")
    with store.reading() as connection:
        query = select(matters.c.id).where(matters.c.kind == kind.value, matters.c.id.startswith(start)).limit(2)
        found = connection.execute(query).scalars().all()
    if len(found) != 1:
        how = "several begin so" if found else "there is none"
        raise CharterError(f"{start} names no {kind.value}: {how}", "the command `list` shows them all")
    return str(found[0])


def all_matters(store: Store, kind: Kind, *, open_only: bool = False) -> list[Matter]:
    """Every matter of a kind, what is due first at the top.

    Raises:
        StoreError: The database can't be read.
    """
    table = matters.c
    query = select(matters).where(table.kind == kind.value)
    query = query.where(table.over_s == 0) if open_only else query
    with store.reading() as connection:
        rows = connection.execute(query.order_by(table.over_s, table.due_s, table.begun_s, table.id))
        return [_matter(row) for row in rows]


def events(store: Store, matter_id: str) -> list[Entry]:
    """What happened to a matter, in order.

    Raises:
        StoreError: The database can't be read.
    """
    table = matter_events.c
    with store.reading() as connection:
        rows = connection.execute(select(matter_events).where(table.matter_id == matter_id).order_by(table.id))
        return [Entry(row.at_s, row.event, row.by, row.note, row.words, row.salt) for row in rows]


def note(store: Store, subject: str, entry: Entry, acts: Sequence[Act], randomness: Randomness) -> None:
    """Keep what happened to something that is no matter of its own, such as a look that was reviewed.

    Args:
        store: Open for writing.
        subject: 64 hexadecimal digits: the leaf hash of an act.
        entry: What happened.
        acts: What the ledger gets of it.
        randomness: Gives so many random bytes.

    Raises:
        StoreError: The database takes no writing.
    """
    with store.writing() as connection:
        _happened(connection, subject, entry)
        tell(connection, _by(acts, entry.by, entry.at), randomness)


def forget_notes(store: Store, subject: str) -> int:
    """Erase what was written about something that is no matter of its own. How many texts.

    Raises:
        StoreError: The database takes no writing.
    """
    table = matter_events.c
    with store.writing() as connection:
        mine = table.matter_id == subject
        found = connection.execute(
            update(matter_events).where(mine, table.words.is_not(None)).values(words=None, salt=None)
        )
    fold(store)
    return int(found.rowcount)


def forget(store: Store, matter_id: str, by: str, at: int) -> int:
    """Erase what people wrote in a matter that is over, and the salts: then no hash tells anything. How many texts.

    Raises:
        CharterError: There is none, or it is not over.
        StoreError: The database takes no writing.
    """
    table = matter_events.c
    with store.writing() as connection:
        held = _found(connection, matter_id)
        if not is_over(held):
            raise CharterError(f"this {held.kind.value} is not over: its words are still needed", "end it first")
        mine = table.matter_id == matter_id
        count = connection.execute(select(func.count()).where(mine, table.words.is_not(None))).scalar_one()
        connection.execute(update(matter_events).where(mine).values(words=None, salt=None))
        if count:
            _happened(connection, matter_id, Entry(at, FORGOTTEN, by, f"{count} texts", None, None))
    fold(store)
    return int(count)


def fold(store: Store) -> None:
    """Leave nothing erased in the files: fold SQLite's log back, have PostgreSQL write its tables anew."""
    if store.postgres:
        rewrite(store, "matter_events", "staff")
        return
    with store.reading() as connection:
        connection.rollback()
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _found(connection: Connection, matter_id: str) -> Matter:
    row = connection.execute(select(matters).where(matters.c.id == matter_id)).one_or_none()
    if row is None:
        raise CharterError(f"nothing is known as {matter_id[:SHORTEST_ID]}", "the command `list` shows what there is")
    return _matter(row)


def _happened(connection: Connection, matter_id: str, entry: Entry) -> None:
    row = {"at_s": entry.at, "event": entry.event, "by": entry.by, "note": entry.note}
    words = {"words": entry.words or None, "salt": entry.salt if entry.words else None}
    connection.execute(insert(matter_events).values(matter_id=matter_id, **row, **words))


def _by(acts: Sequence[Act], actor: str, at: int) -> list[Act]:
    return [{**act, "actor": actor, "time": at} for act in acts]


def _columns(held: Matter) -> dict[str, object]:
    return {
        "kind": held.kind.value, "state": held.state, "by": held.by, "begun_s": held.begun, "due_s": held.due,
        "purpose": held.purpose, "reason": held.reason, "until_s": held.until, "cameras": json.dumps(held.cameras),
        "since_s": held.since, "upto_s": held.upto, "extended": held.extended, "over_s": held.over,
    }  # fmt: skip


def _matter(row: Row[tuple[object, ...]]) -> Matter:
    return Matter(
        id=row.id, kind=Kind(row.kind), state=row.state, by=row.by, begun=row.begun_s, due=row.due_s,
        purpose=row.purpose, reason=row.reason, until=row.until_s, cameras=tuple(json.loads(row.cameras)),
        since=row.since_s, upto=row.upto_s, extended=row.extended, over=row.over_s,
    )  # fmt: skip
