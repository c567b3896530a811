"""The register in its folder: what is stored, what is told, and that both happen or neither."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.charter.register.samples import OWNER, camera, owner
from tests.unit.charter.world import FOUNDERS, ROOT, signed
from tests.unit.office.faults import no_rows_in

from passerby.archive.folder import Layout
from passerby.base.errors import CharterError, PasserbyError, StoreError, UsageError
from passerby.charter.register.map import DEEPEST, quad_of, tile_range
from passerby.charter.register.phase import Phase, Step
from passerby.charter.register.table import read_table
from passerby.charter.site_permit import act_camera
from passerby.ledger.schema import FIRST, Schema
from passerby.office.book import Book, Held, act_id, new_book, open_book
from passerby.store import outbox
from passerby.store import register as rows
from passerby.store.acts import ActQueue
from passerby.store.migrate import open_store
from passerby.store.postgres import put_address
from passerby.store.register import Wanted

NOW = 1_795_000_000


@pytest.fixture
def book(tmp_path: Path, place: Callable[[Path], Path]) -> Iterator[Book]:
    (tmp_path / "register").mkdir()
    place(Layout(tmp_path / "register").database)
    with new_book(tmp_path / "register", lambda: NOW, "example.org", "https://r.example/", "") as book:
        book.name_root(signed(ROOT.text(), *FOUNDERS))  # it demands no paper: those are test_cabinet's
        book.put_organisation(owner())
        book.put_area("central", "Central")
        yield book


def told(folder: Path) -> list[dict[str, Any]]:
    return [dict(act) for act in ActQueue(Layout(folder / "register").acts).waiting()]


def test_an_entry_its_history_and_its_act(book: Book, tmp_path: Path) -> None:
    book.add(camera())
    held = book.camera("pier-3")
    assert (held.entry, held.phase, held.version, held.missing) == (camera(), Phase.PROPOSED, 1, [])
    (act,) = told(tmp_path)
    assert act["content"] == camera().hash
    assert act["camera"] == act_camera("example.org", "pier-3")
    assert act["area"] == act_id("example.org", "area", "central")
    assert act["owner"] == act_id("example.org", "org", "harbour")
    assert (act["phase"], act["time"]) == ("proposed", NOW)
    whole = {"v": 1, "seq": 0, "logged": NOW, **act}
    Schema(FIRST).check(whole)
    for word in ("pier", "Pier", "harbour", "Harbour", "Central"):
        assert word not in json.dumps(act)


def test_a_change_of_what_is_captured_begins_again(book: Book, tmp_path: Path) -> None:
    book.add(camera())
    for step in (Step.ASSESS, Step.NOTICE, Step.ACTIVATE):
        book.step("pier-3", step)
    assert book.change("pier-3", {"name": "Pier 3"}).phase is Phase.ACTIVE
    assert book.change("pier-3", {"view": "The other way"}).phase is Phase.PROPOSED
    found = rows.history(book.store, "pier-3")
    assert [v.step for v in found] == ["add", "assess", "notice", "activate", "edit", "change"]
    assert [v.version for v in found] == [1, 2, 3, 4, 5, 6]
    assert [act["phase"] for act in told(tmp_path)] == [v.phase for v in found]
    assert [act["content"] for act in told(tmp_path)] == [v.content for v in found]
    book.change("pier-3", {"view": "The other way"})
    assert len(rows.history(book.store, "pier-3")) == 6, "nothing changed: nothing is stored"


def test_refusals(book: Book, tmp_path: Path) -> None:
    book.add(camera())
    for bad in (
        lambda: book.add(camera()),
        lambda: book.add(camera(id="x", owner="nobody")),
        lambda: book.add(camera(id="x", area="nowhere")),
        lambda: book.change("pier-3", {"owner": "nobody"}),
        lambda: book.change("pier-3", {"view": "\u202e"}),
        lambda: book.change("pier-9", {}),
        lambda: book.camera("pier-9"),
        lambda: book.step("pier-3", Step.ACTIVATE),
    ):
        with pytest.raises(CharterError):
            bad()
    book.step("pier-3", Step.REMOVE)
    with pytest.raises(CharterError):
        book.change("pier-3", {"name": "x"})
    assert len(told(tmp_path)) == 2


HEAD = "id,name,owner,area,latitude,longitude\n"


def test_all_rows_or_none(book: Book, tmp_path: Path) -> None:
    bad = read_table(f"{HEAD}a,A,Harbour,Central,1,2\nb,,Harbour,Central,1,2\n".encode(), "x")
    report = book.read_sheet(bad, dry=False)
    assert (report.stored, len(report.refused), rows.count(book.store), told(tmp_path)) == (False, 1, 0, [])
    assert book.organisations().keys() == {"harbour"}
    report = book.read_sheet(bad, dry=True, partly=True)
    assert (report.stored, report.new, rows.count(book.store)) == (False, ["a"], 0)
    report = book.read_sheet(bad, dry=False, partly=True)
    assert (report.stored, report.new, rows.count(book.store)) == (True, ["a"], 1)


def test_a_second_import_changes_only_what_it_gives(book: Book) -> None:
    book.add(camera())
    book.step("pier-3", Step.ASSESS)
    sheet = read_table(b"id,name,owner,area\npier-3,Landing,harbour,Central\n", "x")
    report = book.read_sheet(sheet, dry=False)
    assert (report.new, report.changed, report.recaptured) == ([], ["pier-3"], [])
    held = book.camera("pier-3")
    assert (held.entry, held.phase) == (camera(name="Landing"), Phase.ASSESSED)
    assert book.read_sheet(sheet, dry=False).unchanged == 1
    moved = read_table(b"id,name,owner,area,latitude,longitude\npier-3,Landing,harbour,Central,22.3,114.2\n", "x")
    assert book.read_sheet(moved, dry=True).recaptured == ["pier-3"]
    assert book.camera("pier-3").phase is Phase.ASSESSED
    assert book.read_sheet(moved, dry=False).recaptured == ["pier-3"]
    assert book.camera("pier-3").phase is Phase.PROPOSED
    book.step("pier-3", Step.REMOVE)
    report = book.read_sheet(sheet, dry=False, partly=True)
    assert report.unchanged == 0 and "was removed" in report.refused[0].why


def test_a_row_that_contradicts_what_is_known_is_refused(book: Book) -> None:
    book.add(camera())
    sheet = read_table(b"id,name,owner,area,ends\npier-3,P,harbour,Central,2026-01-01\n", "x")
    report = book.read_sheet(sheet, dry=False)
    assert "ends before it begins" in report.refused[0].why and not report.stored


@pytest.mark.parametrize("table", ["register", "register_history", "outbox", "areas"])
def test_a_fault_in_the_middle_leaves_nothing(book: Book, tmp_path: Path, table: str) -> None:
    """The database refuses a write somewhere: no row, no history, no act is there, and afterwards all works."""
    book.put_area("west", "West")
    sheet = read_table(f"{HEAD}a,A,Harbour,East,1,2\nb,B,Harbour,East,1,2\n".encode(), "x")
    with no_rows_in(book.store, table):
        with pytest.raises(StoreError):
            book.read_sheet(sheet, dry=False)
        assert rows.count(book.store) == 0 and "east" not in book.areas() and told(tmp_path) == []
    assert book.read_sheet(sheet, dry=False).new == ["a", "b"]
    assert len(told(tmp_path)) == 2


def test_acts_of_a_crash_are_told_later_and_once(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(outbox, "hand_over", crash)
    with pytest.raises(KeyboardInterrupt):
        book.add(camera())
    monkeypatch.undo()
    assert told(tmp_path) == []
    queue = ActQueue(Layout(tmp_path / "register").acts)
    monkeypatch.setattr(outbox, "delete", crash)
    with pytest.raises(KeyboardInterrupt):  # after the queue took it, before the database forgot it
        outbox.hand_over(book.store, queue)
    monkeypatch.undo()
    with open_book(tmp_path / "register", lambda: NOW + 60) as again:
        again.deliver()
    keys: list[bytes] = []
    queue.deliver(lambda acts: keys.extend(key for _, key in acts))
    assert len(keys) == 2 and len(set(keys)) == 1, "the ledger knows by the key that it is one act"


def test_damage_is_never_begun_anew(tmp_path: Path) -> None:
    new_book(tmp_path / "r", lambda: NOW, "example.org", "https://r.example", "").store.close()
    Layout(tmp_path / "r").database.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="damaged"):
        open_book(tmp_path / "r", lambda: NOW)
    assert Layout(tmp_path / "r").database.read_bytes().startswith(b"no database")


def test_folders_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(CharterError):
        open_book(tmp_path / "none", lambda: NOW)
    open_store(tmp_path / "passerby.db", lambda: NOW).close()
    with pytest.raises(CharterError, match="not a register"):
        open_book(tmp_path, lambda: NOW)
    with pytest.raises(UsageError):
        new_book(tmp_path, lambda: NOW, "example.org", "https://r.example", "")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def many(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Book]:
    chance = random.Random(7)
    folder = tmp_path_factory.mktemp("many") / "register"
    if request.param == "postgres":
        folder.mkdir()
        put_address(Layout(folder).database, request.getfixturevalue("postgres").new())
    lines = ["id,name,owner,area,latitude,longitude,purposes"]
    for n in range(400):
        place = "," if n % 10 == 9 else f"{22 + chance.random():.6f},{114 + chance.random():.6f}"
        purpose = ("crowd-safety", "flow-statistics", "crowd-safety;audit")[n % 3]
        lines.append(f"cam-{n},Gate {n % 50} 50%_x,Owner {n % 4},Area {n % 7},{place},{purpose}")
    with new_book(folder, lambda: NOW, "example.org", "https://r.example", "") as book:
        book.name_root(signed(ROOT.text(), *FOUNDERS))
        assert len(book.read_sheet(read_table("\n".join(lines).encode(), "x"), dry=False).new) == 400
        for n in range(0, 400, 5):
            book.step(f"cam-{n}", Step.ASSESS)
        yield book


@pytest.fixture(scope="module")
def plain_list(many: Book) -> list[Held]:
    return list(many.cameras())


WANTED = st.builds(
    Wanted,
    owner=st.sampled_from(["", "owner-1", "owner-9"]),
    area=st.sampled_from(["", "area-2"]),
    phase=st.sampled_from(["", "proposed", "assessed"]),
    purpose=st.sampled_from(["", "audit", "crowd-safety", "crowd"]),
    text=st.sampled_from(["", "gate 7", "GATE", "50%_x", "%", "_", "cam-39", "gate nothing"]),
    owners=st.none() | st.sets(st.sampled_from(["owner-0", "owner-1"])).map(frozenset),
    areas=st.none() | st.just(frozenset({"area-1", "area-2"})),
)


def fits(held: Any, wanted: Wanted) -> bool:
    entry = held.entry
    said = f"{entry.id} {entry.name} {entry.place} {entry.reference}".lower()
    return (
        wanted.owner in ("", entry.owner)
        and wanted.area in ("", entry.area)
        and wanted.phase in ("", held.phase.value)
        and (not wanted.purpose or wanted.purpose in entry.purposes)
        and all(word in said for word in wanted.text.lower().split())
        and (wanted.owners is None or entry.owner in wanted.owners)
        and (wanted.areas is None or entry.area in wanted.areas)
    )


@given(wanted=WANTED, size=st.integers(1, 60))
@settings(max_examples=60)
def test_lists_are_what_a_plain_search_finds(many: Book, plain_list: list[Held], wanted: Wanted, size: int) -> None:
    plain = sorted((h.entry.name, h.entry.id) for h in plain_list if fits(h, wanted))
    assert rows.count(many.store, wanted) == len(plain)
    found: list[tuple[str, str]] = []
    while some := rows.page(many.store, wanted, found[-1] if found else None, size):
        found += [(row.name, row.id) for row in some]
    assert found == plain
    assert sum(rows.totals(many.store, wanted).values()) == len(plain)


@given(wanted=WANTED, zoom=st.integers(0, 14), finer=st.integers(0, 6), data=st.data())
@settings(max_examples=60)
def test_clusters_are_what_a_plain_count_finds(
    many: Book, plain_list: list[Held], wanted: Wanted, zoom: int, finer: int, data: st.DataObject
) -> None:
    places = {
        h.entry.id: quad_of(h.entry.latitude_e6, h.entry.longitude_e6)
        for h in plain_list
        if fits(h, wanted) and h.entry.latitude_e6 is not None and h.entry.longitude_e6 is not None
    }
    quad = data.draw(st.sampled_from(sorted(places.values()) or [0])) >> 2 * (DEEPEST - zoom)
    first = quad << 2 * (DEEPEST - zoom)
    past = first + tile_range(zoom, 0, 0)[1]
    bits = 2 * (DEEPEST - zoom - finer)
    plain: dict[int, int] = {}
    for place in places.values():
        if first <= place < past:
            plain[place >> bits] = plain.get(place >> bits, 0) + 1
    found = rows.clusters(many.store, (first, past), bits, wanted)
    assert {c.cell: c.cameras for c in found} == plain
    assert all(places[c.id] >> bits == c.cell for c in found)
    marks = rows.marks(many.store, [(first, past)], bits, wanted)
    assert sum(mark.cameras for mark in marks) == sum(plain.values())
    assert all(places[m.id] >> bits == m.first >> bits == m.last >> bits == m.cell for m in marks)


def test_a_hostile_sheet_leaves_the_register_as_it_was(book: Book) -> None:
    for content in (b"\xff\xfe", b"id,name\n", b"id;name\n1;2\n"):
        with pytest.raises(PasserbyError):
            book.read_sheet(read_table(content, "x"), dry=False)
    assert rows.count(book.store) == 0


def test_owners_are_replaced_whole(book: Book) -> None:
    book.put_organisation(owner(name="Harbour"))
    assert book.organisations() == {"harbour": owner(name="Harbour")}
    assert OWNER["name"] != "Harbour"
