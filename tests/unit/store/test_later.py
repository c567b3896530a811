"""Numbers wait for a database that takes nothing, in order, and what is lost is said."""

from __future__ import annotations

import threading
from collections.abc import Callable

from passerby.base.errors import StoreError
from passerby.store.later import Later


class Database:
    """Takes numbers while it is well."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.well = threading.Event()
        self.tried = threading.Event()

    def put(self, number: int) -> Callable[[], None]:
        def work() -> None:
            self.tried.set()
            if not self.well.is_set():
                raise StoreError("full", "free some space")
            self.taken.append(number)

        return work


def test_nothing_is_lost_and_the_order_stays() -> None:
    database, said = Database(), list[str]()
    later = Later(said.append, retry_s=0.01)
    for number in range(50):
        later(database.put(number))
    assert database.tried.wait(10)
    assert database.taken == []
    database.well.set()
    later.close()
    assert database.taken == list(range(50))
    assert said == [
        "numbers wait until the database takes them: full: free some space",
        "numbers are being kept again; left out meanwhile: 0",
    ]


def test_what_is_over_the_limit_is_counted() -> None:
    database, said = Database(), list[str]()
    later = Later(said.append, most=5, retry_s=0.01)
    later(database.put(0))
    assert database.tried.wait(10)
    for number in range(1, 9):
        later(database.put(number))
    database.well.set()
    while len(database.taken) < 6:
        database.tried.wait(0.01)
    later.close()
    assert database.taken == [0, 1, 2, 3, 4, 5]
    assert said[-1] == "numbers are being kept again; left out meanwhile: 3"


def test_an_end_does_not_wait_for_ever() -> None:
    database, said = Database(), list[str]()
    later = Later(said.append, retry_s=3600)
    for number in range(4):
        later(database.put(number))
    assert database.tried.wait(10)
    later.close()
    assert database.taken == []
    assert said[-1] == "numbers were not kept: 4"
