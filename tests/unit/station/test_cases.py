"""Whether a case covers what is asked: as the office has it, and only once the ledger has it, too."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from tests.unit.archive.keeper.kit import asking

from passerby.charter.asking import Asking
from passerby.charter.matter.case import Event, Scope, begin, go_on
from passerby.charter.matter.record import Told
from passerby.ledger.verify import Reader
from passerby.office import matters
from passerby.station.cases import KnownCases
from passerby.station.showcase.site import DemoSite, demo_home
from passerby.store.ledger.disk import LocalDisk
from passerby.store.ledger.seek import case_in
from passerby.store.migrate import open_store

PERSON, STANDING = "p-" + "5" * 32, "5" * 64
NOW = int(time.time())


class Office:
    """An office with a database and a ledger."""

    def __init__(self, folder: Path) -> None:
        self.database, self.demo = folder / "passerby.db", DemoSite(folder / "site", lambda: NOW - 30)
        open_store(self.database, time.time).close()

    @property
    def read(self) -> Reader:
        return demo_home(self.demo.folder).objects(LocalDisk()).get

    def open(self, name: str, *, logged: bool = True) -> str:
        scope = Scope(("gate-1",), NOW - 7200, NOW + 3600, NOW + 86400)
        change = begin(name, PERSON, NOW - 60, ("incident-review", "fall"), scope, emergency=False, allowed=False)
        with open_store(self.database, time.time) as store:
            matters.begin(store, change, PERSON, b"why", os.urandom(32), os.urandom)
        if logged:
            self.demo.log([({"act": "case", "case": name, "purpose": "incident-review"}, None)])
        return name

    def close(self, name: str) -> None:
        entry = matters.Entry(NOW, "close", PERSON, "", None, None)
        with open_store(self.database, time.time) as store:
            matters.go_on(store, name, lambda m: go_on(m, Event.CLOSE, Told(NOW), PERSON), entry, os.urandom)

    def known(self) -> KnownCases:
        return KnownCases.opened(self.database, STANDING, self.read)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


def asked(case: str, **values: Any) -> Asking:
    given: dict[str, Any] = {"begins": NOW - 600, "ends": NOW - 300, "until": NOW + 900, "purpose": "incident-review"}
    return asking(case=case, **given | values)


def test_an_open_case_covers_what_it_names(office: Office) -> None:
    name = office.open("a" * 64)
    known = office.known()
    assert known.known
    found = case_in(office.read, name)
    assert found is not None and name.encode() in found.entry
    assert known.why_not(asked(name, until=NOW + 905), NOW + 5) == ""


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"camera": "gate-2"}, "camera"), ({"purpose": "crowd-safety"}, "purpose"),
        ({"begins": NOW - 7300}, "hours"), ({"until": NOW + 5}, "15 minutes"),
    ],
)  # fmt: skip
def test_and_nothing_else(office: Office, values: dict[str, Any], why: str) -> None:
    name = office.open(os.urandom(32).hex())
    assert why in office.known().why_not(asked(name, **{"until": NOW + 905} | values), NOW + 5)


def test_unknown_closed_and_not_logged(office: Office) -> None:
    assert "no such case" in office.known().why_not(asked("e" * 64), NOW + 5)
    assert "not in the ledger" in office.known().why_not(asked(office.open("b" * 64, logged=False)), NOW + 5)
    name = office.open("c" * 64)
    office.close(name)
    assert "closed" in office.known().why_not(asked(name), NOW + 5)


def test_the_standing_case_covers_the_pages_and_never_an_unsealing(office: Office) -> None:
    known = office.known()
    assert known.why_not(asked(STANDING), NOW) == ""
    assert known.why_not(asked(STANDING, act="export", detail="d" * 64), NOW) == ""
    assert "no such case" in known.why_not(asked(STANDING, act="unseal", kind="sealed", detail="d" * 64), NOW)


def test_before_there_is_a_database(tmp_path: Path) -> None:
    waited: list[float] = []

    def clock() -> float:
        return sum(waited)

    known = KnownCases.opened(tmp_path / "none.db", STANDING, lambda _: None, clock, waited.append)
    assert not known.known and sum(waited) >= 10
    assert known.why_not(asked(STANDING), NOW) == ""
    assert "no such case" in known.why_not(asked("a" * 64), NOW)
