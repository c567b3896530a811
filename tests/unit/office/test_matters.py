"""Matters in a real database: whole or not at all, one after the other, forgotten for good, each act told once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, select
from tests.unit.charter.matter import kit
from tests.unit.charter.matter.kit import CALENDAR, CLERK, DAY, NOW, WATCHER

from passerby.base.errors import CharterError, StoreError
from passerby.charter.matter import case, request, staff
from passerby.charter.matter.laws import LAWS
from passerby.charter.matter.record import Change, Kind, Matter, Told
from passerby.ledger.schema import Act, parse_act
from passerby.office import matters
from passerby.office import staff as people
from passerby.office.matters import Entry
from passerby.store.database import Store
from passerby.store.migrate import open_store
from passerby.store.schema import outbox

WORDS = "I was at the north gate on Monday, in a yellow coat. 我在北門.".encode()


@pytest.fixture
def store(tmp_path: Path, place: Callable[[Path], Path]) -> Iterator[Store]:
    with open_store(place(tmp_path / "passerby.db"), lambda: NOW) as found:
        yield found


def waiting(store: Store) -> list[Act]:
    with store.reading() as connection:
        return [parse_act(row.act.encode()) for row in connection.execute(select(outbox).order_by(outbox.c.id))]


def new(store: Store, number: int = 1, words: bytes = WORDS) -> str:
    matter_id, salt = f"{number:064x}", os.urandom(32)
    content = matters.commitment(salt, words)
    change = request.begin(matter_id, CLERK, NOW, LAWS["gdpr"], CALENDAR, content)
    matters.begin(store, change, CLERK, words, salt, os.urandom)
    return matter_id


def happened(what: request.Event, words: bytes | None = None) -> Entry:
    return Entry(NOW + 1, what.value, CLERK, "", words, os.urandom(32) if words else None)


def withdraw(held: Matter) -> Change:
    return request.go_on(held, request.Event.WITHDRAW, Told(NOW + 1), LAWS["gdpr"], CALENDAR, 0)


def test_kept_as_it_is_and_found_by_the_start_of_its_id(store: Store) -> None:
    first = new(store, 0xABCDEF0123 << 216)
    second = new(store, 0xABCDEF0124 << 216)
    opened = case.begin("cd" * 32, WATCHER, NOW, ("audit", "spot-check"), kit.SCOPE, emergency=False, allowed=False)
    matters.begin(store, opened, WATCHER, b"", b"", os.urandom)
    assert matters.matter(store, "cd" * 32) == opened.matter
    assert [m.id for m in matters.all_matters(store, Kind.REQUEST)] == [first, second]
    assert matters.whole_id(store, Kind.REQUEST, first[:12]) == first
    for start, words in (
        (first[:8], "several begin so"),
        ("0" * 8, "there is none"),
        ("cd" * 32, "there is none"),  # of another kind
        ("abc", "no id"),
        ("%" * 8, "no id"),
        ("x' OR 1=1", "no id"),
    ):
        with pytest.raises(CharterError, match=words):
            matters.whole_id(store, Kind.REQUEST, start)
    with pytest.raises(CharterError, match="nothing is known"):
        matters.matter(store, "ee" * 32)


def test_a_refused_step_leaves_nothing_half(store: Store) -> None:
    matter_id = new(store)
    before = (matters.matter(store, matter_id), matters.events(store, matter_id), waiting(store))
    with pytest.raises(CharterError):
        matters.go_on(
            store, matter_id,
            lambda held: request.go_on(held, request.Event.REPLY, Told(NOW + 1), LAWS["gdpr"], CALENDAR, 0),
            happened(request.Event.REPLY, b"secret"), os.urandom,
        )  # fmt: skip
    assert (matters.matter(store, matter_id), matters.events(store, matter_id), waiting(store)) == before


@pytest.mark.parametrize("fail_at", range(1, 4))
def test_a_fault_at_each_statement_leaves_nothing_half(store: Store, fail_at: int) -> None:
    """The crash matrix: matter, event and acts are three statements; whichever fails, none of them is there."""
    matter_id, count = "ab" * 32, 0

    def break_off(*_: object) -> None:
        nonlocal count
        count += 1
        if count == fail_at:
            raise StoreError("the disk is gone")

    change = request.begin(matter_id, CLERK, NOW, LAWS["gdpr"], CALENDAR, kit.CONTENT)
    event.listen(store.engine, "before_cursor_execute", break_off)
    with pytest.raises(StoreError):
        matters.begin(store, change, CLERK, WORDS, b"s" * 32, os.urandom)
    event.remove(store.engine, "before_cursor_execute", break_off)
    assert count == fail_at
    assert matters.all_matters(store, Kind.REQUEST) == [] and waiting(store) == []
    assert matters.events(store, matter_id) == []
    matters.begin(store, change, CLERK, WORDS, b"s" * 32, os.urandom)
    assert len(waiting(store)) == 3


def test_two_at_once_end_it_once(store: Store) -> None:
    matter_id, outcomes = new(store), list[str]()

    def end() -> None:
        try:
            matters.go_on(store, matter_id, withdraw, happened(request.Event.WITHDRAW), os.urandom)
            outcomes.append("done")
        except CharterError:
            outcomes.append("refused")

    threads = [threading.Thread(target=end) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", *["refused"] * 5]
    assert sum(act["act"] == "done" for act in waiting(store)) == 1


def files(store: Store) -> bytes:
    """What lies on the disk: SQLite's files, or those of PostgreSQL's tables (its log is another matter)."""
    if not store.postgres:
        return b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    with store.engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        asked = "SELECT current_setting('data_directory') || '/' || pg_relation_filepath(c.oid) FROM pg_class c"
        paths = connection.exec_driver_sql(f"{asked} WHERE relkind IN ('r', 't') AND pg_relation_filepath(c.oid) <> ''")
        return b"".join(Path(path).read_bytes() for path in paths.scalars())


def test_forgotten_words_are_in_no_file_any_more(store: Store) -> None:
    matter_id = new(store)
    other = new(store, 2, b"this one stays")
    assert WORDS in files(store), "the scan sees nothing"
    with pytest.raises(CharterError, match="not over"):
        matters.forget(store, matter_id, CLERK, NOW)
    matters.go_on(store, matter_id, withdraw, happened(request.Event.WITHDRAW, b"never mind, says Ann"), os.urandom)
    salts = [entry.salt for entry in matters.events(store, matter_id)]
    assert matters.forget(store, matter_id, CLERK, NOW + 2) == 2
    raw = files(store)
    for secret in (WORDS, b"never mind, says Ann", *salts):
        assert secret is not None and secret not in raw
    assert b"this one stays" in raw
    assert all(e.words is None and e.salt is None for e in matters.events(store, matter_id))
    assert matters.events(store, other)[0].words == b"this one stays"
    assert matters.forget(store, matter_id, CLERK, NOW + 3) == 0
    assert matters.matter(store, matter_id).state == "withdrawn", "what happened stays known"


def test_acts_hold_no_words_and_their_hash_needs_the_salt(store: Store) -> None:
    matter_id = new(store)
    acts = waiting(store)
    assert [act["act"] for act in acts] == ["case", "request", "due"]
    assert {act["actor"] for act in acts} == {CLERK}
    first = matters.events(store, matter_id)[0]
    assert first.salt is not None
    assert acts[1]["content"] == matters.commitment(first.salt, WORDS) != matters.commitment(b"", WORDS)


def test_staff_is_changed_with_its_act_and_forgotten(store: Store) -> None:
    def train(held: staff.Person) -> tuple[staff.Person, Act]:
        return staff.train(held, NOW, NOW, 365 * DAY, kit.CONTENT)

    people.change(store, WATCHER, train, CLERK, NOW, os.urandom, words=(b"Ann Example", b"s" * 32))
    people.change(store, WATCHER, lambda p: staff.authorise(p, "viewer", NOW + 9, NOW), CLERK, NOW, os.urandom)
    with pytest.raises(CharterError):
        people.change(store, CLERK, lambda p: staff.authorise(p, "viewer", NOW + 9, NOW), CLERK, NOW, os.urandom)
    assert people.person(store, CLERK) is None
    ((person, record),) = people.everybody(store)
    assert (person.roles, record) == ((("viewer", NOW + 9),), "Ann Example")
    assert [act["act"] for act in waiting(store)] == ["train", "authorise"]
    with pytest.raises(CharterError, match="still have a role"):
        people.forget(store, WATCHER, NOW)
    with pytest.raises(CharterError, match="nobody here"):
        people.forget(store, CLERK, NOW)
    people.forget(store, WATCHER, NOW + 9)
    assert b"Ann Example" not in files(store)
    assert people.everybody(store) == [(replace(person), "")]
