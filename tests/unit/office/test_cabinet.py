"""Papers on file: filed whole or not, decided by those who may, found when copied, forgotten when asked."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.unit.charter.papers.samples import DOCS, content, entry, owner, plan_text, record_text
from tests.unit.charter.world import FOUNDERS, LIMITS, ROOT, T0, first_root, signed
from tests.unit.office.faults import no_rows_in

from passerby.archive.folder import Layout
from passerby.base.errors import CharterError, StoreError
from passerby.charter.changes import changed
from passerby.charter.papers.decision import Answer, Decision, Kind
from passerby.charter.papers.placed import placed_text
from passerby.charter.ready import Terms
from passerby.charter.register.exports import NO_RECORDS
from passerby.charter.register.phase import Phase, Step
from passerby.charter.root import DAY, DEMANDS
from passerby.ledger.schema import FIRST, Schema
from passerby.office.book import new_book, open_book
from passerby.office.cabinet import Cabinet, Lacking
from passerby.office.records import records_of
from passerby.store import papers as rows
from passerby.store.acts import ActQueue

NOW = 1_799_280_000  # 2027-01-07
DEMANDING = first_root(demands=DEMANDS, at=T0, limits=replace(LIMITS, review_s=180 * DAY))
MODELS = {"nanodet": "aa" * 32}


class Desk:
    """A register with the three example cameras."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOW
        self.book = new_book(folder, lambda: self.now, ROOT.site, "https://r.example", "")
        self.cabinet = Cabinet(self.book)
        self.book.put_organisation(owner())
        for area in ("centre", "riverside"):
            self.book.put_area(area, area.title())
        for name in ("square", "concourse", "gate"):
            self.book.add(entry(name))

    def decide(self, kind: Kind, paper: bytes, *who: str, answer: Answer = Answer.ACCEPTED, days: int = 365) -> None:
        decision = Decision(ROOT.site, kind, sha256(paper).hexdigest(), answer, NOW - 5, NOW + days * DAY)
        self.cabinet.decide(signed(decision.text(), *(who or ("op1", "rev1"))), kind, paper)

    def acts(self) -> list[dict[str, Any]]:
        return [dict(act) for act in ActQueue(Layout(self.folder).acts).waiting()]

    def sign(self) -> bytes:
        held = self.book.camera("old-market").entry
        return placed_text(held.id, held.capture, "ab" * 32, date(2027, 1, 5), [("Fountain", 15)], []).encode()


@pytest.fixture
def desk(tmp_path: Path, place: Callable[[Path], Path]) -> Iterator[Desk]:
    (tmp_path / "register").mkdir()
    place(Layout(tmp_path / "register").database)
    desk = Desk(tmp_path / "register")
    yield desk
    desk.book.store.close()


@pytest.fixture
def strict(desk: Desk) -> Desk:
    desk.book.name_root(signed(DEMANDING.text(), *FOUNDERS))
    return desk


TERMS = Terms(("crowd",), "crowd-safety", 0, NOW + 6 * DAY, NOW + 100 * DAY, MODELS)


def test_from_proposed_to_a_permit_and_no_step_sooner(strict: Desk) -> None:
    cabinet, book = strict.cabinet, strict.book
    paper, plan, record = content("square"), plan_text(), record_text()

    def ready() -> int:
        return len(cabinet.readiness("old-market", TERMS, book.demands).obstacles)

    def stuck(step: Step) -> None:
        with pytest.raises(CharterError):
            book.step("old-market", step)

    assert ready() == 5
    stuck(Step.ASSESS)
    cabinet.file_assessment(paper, "square.md")
    stuck(Step.ASSESS)
    strict.decide(Kind.ASSESSMENT, paper)
    assert book.step("old-market", Step.ASSESS).phase is Phase.ASSESSED
    assert ready() == 4
    stuck(Step.NOTICE)
    cabinet.file_placed(strict.sign(), "placed.toml")
    book.step("old-market", Step.NOTICE)
    stuck(Step.ACTIVATE)
    cabinet.file_plan(plan, "plan.md")
    strict.decide(Kind.PLAN, plan)
    assert ready() == 1
    assert cabinet.file_supplier(record, "acme.md", b"Somebody Else\n", "list") == (1, [])
    strict.decide(Kind.SUPPLIER, record)
    found = cabinet.readiness("old-market", TERMS, book.demands)
    assert found.obstacles == ()
    assert found.papers["assessment-crowd"] == sha256(paper).hexdigest()
    assert book.step("old-market", Step.ACTIVATE).phase is Phase.ACTIVE
    book.step("old-market", Step.SUSPEND)
    book.step("old-market", Step.RESUME)
    book.change("old-market", {"view": "The other way"})
    assert ready() >= 3, "what is captured changed: assessment, sign and phase are of something else"
    told = strict.acts()
    assert [act["act"] for act in told if act["act"] != "phase"] == ["assess", "notice", "plan", "supplier"]
    for act in told:
        Schema(FIRST).check({"v": 1, "seq": 0, "logged": NOW, **act})


def test_an_expired_record_blocks_a_new_permit(strict: Desk) -> None:
    record = record_text(valid_until="2027-01-10")
    strict.cabinet.file_supplier(record, "acme.md", b"x\n", "list")
    strict.decide(Kind.SUPPLIER, record)
    demands = frozenset({"supplier"})
    assert "plan" not in str(strict.cabinet.readiness("old-market", TERMS, demands).obstacles)
    assert "expired" not in str(strict.cabinet.readiness("old-market", TERMS, demands).obstacles)
    strict.now = NOW + 10 * DAY
    assert "has expired (2027-01-10)" in str(strict.cabinet.readiness("old-market", TERMS, demands).obstacles)


def test_without_a_root_all_is_demanded(desk: Desk) -> None:
    assert desk.book.demands == frozenset(DEMANDS)
    with pytest.raises(CharterError, match="no site root"):
        desk.decide(Kind.PLAN, plan_text())


def test_a_root_is_taken_only_if_it_follows(desk: Desk) -> None:
    with pytest.raises(CharterError):
        desk.book.name_root(signed(ROOT.text(), "op1"))
    desk.book.name_root(signed(ROOT.text(), *FOUNDERS))
    assert desk.book.demands == frozenset() and desk.book.root == ROOT.hash
    after = changed(ROOT, T0 + DAY, demands=("notice",))
    with pytest.raises(CharterError):
        desk.book.name_root(signed(after.text(), "officer"))
    desk.book.name_root(signed(after.text(), "rev1"))
    assert desk.book.demands == {"notice"} and desk.book.root == ROOT.hash
    with open_book(desk.folder, lambda: NOW) as again:
        assert again.demands == {"notice"}


def test_exports_take_what_was_accepted_of_each_cameras_papers(strict: Desk) -> None:
    """In the order of the cameras; of a camera without papers, only what the suppliers are."""
    held = [strict.book.camera(name).entry for name in ("stadium-gate-b", "old-market", "central-concourse")]
    papers, record = {name: content(name) for name in ("square", "gate")}, record_text()
    for paper in papers.values():
        strict.cabinet.file_assessment(paper, "x")
    strict.cabinet.file_supplier(record, "x", b"name\nSomebody Else\n", "list")
    assert all(
        found == replace(NO_RECORDS, page=strict.book.page_of(e.id))
        for e, found in zip(held, records_of(strict.book, held), strict=True)
    )
    strict.decide(Kind.ASSESSMENT, papers["square"])
    strict.decide(Kind.SUPPLIER, record)
    gate, square, concourse = records_of(strict.book, held)
    assert square.assessments == {"crowd": sha256(papers["square"]).hexdigest()} and square.risks and square.measures
    assert (gate.assessments, gate.risks, concourse.risks) == ({}, "", "")
    assert gate.supplier == square.supplier == concourse.supplier != ""
    assert list(records_of(strict.book, [])) == []


def test_papers_with_gaps_are_not_filed(desk: Desk) -> None:
    before = len(desk.acts())
    half = content("square").split(b"## Who was asked")[0]
    with pytest.raises(Lacking) as refused:
        desk.cabinet.file_assessment(half, "half.md")
    assert len(refused.value.gaps) == 4 and "and 3 more" in str(refused.value)
    with pytest.raises(Lacking, match="nobody knows the area mars"):
        desk.cabinet.file_plan(plan_text().replace(b"{centre = 1}", b"{mars = 1}"), "plan.md")
    with pytest.raises(Lacking, match="nobody knows the owner"):
        desk.cabinet.file_plan(plan_text(owner='"x"'), "plan.md")
    with pytest.raises(Lacking, match="sanctions"):
        desk.cabinet.file_supplier(record_text(), "acme.md", b"ACME Holding\n", "list")
    with pytest.raises(CharterError, match="something else"):
        desk.cabinet.file_placed(desk.sign().replace(entry("square").capture.encode(), b"00" * 32), "placed.toml")
    assert len(desk.acts()) == before
    assert all(desk.cabinet.rows(kind) == [] for kind in ("assessment", "plan", "supplier", "placed"))


def test_versions(strict: Desk) -> None:
    paper = content("square")
    assert strict.cabinet.file_assessment(paper, "x")[0] == 1
    assert strict.cabinet.file_assessment(paper, "x")[0] == 1, "the same file is the same version"
    strict.decide(Kind.ASSESSMENT, paper)
    again = paper.replace(b"paid by the events office.", b"paid by the events office, from its own budget.")
    assert strict.cabinet.file_assessment(again, "x")[0] == 2
    found = strict.cabinet.rows("assessment", "old-market/crowd")
    assert [(row.version, row.answer, row.body) for row in found] == [(1, "accepted", paper), (2, "", again)]
    with pytest.raises(CharterError, match="not accepted"):
        strict.book.step("old-market", Step.ASSESS)
    strict.decide(Kind.ASSESSMENT, again, "rev1", answer=Answer.REFUSED)
    with pytest.raises(CharterError, match="not accepted"):
        strict.book.step("old-market", Step.ASSESS)


def test_decisions_that_do_not_count(strict: Desk) -> None:
    paper = content("square")
    with pytest.raises(CharterError, match="not on file"):
        strict.decide(Kind.ASSESSMENT, paper)
    strict.cabinet.file_assessment(paper, "x")
    for who in (("op1",), ("rev1",), ("op1", "op2")):
        with pytest.raises(CharterError, match="needs operator and reviewer"):
            strict.decide(Kind.ASSESSMENT, paper, *who)
    with pytest.raises(CharterError, match="another paper"):
        strict.cabinet.decide(signed(Decision(
            ROOT.site, Kind.PLAN, sha256(paper).hexdigest(), Answer.ACCEPTED, NOW, NOW + 5
        ).text(), "op1", "rev1"), Kind.ASSESSMENT, paper)  # fmt: skip
    (row,) = strict.cabinet.rows("assessment")
    assert row.answer == ""


def test_a_copied_assessment_is_marked(desk: Desk) -> None:
    facts = tomllib.loads((DOCS / "square.camera.toml").read_text()) | {"id": "new-market", "name": "New Market"}
    desk.book.add(entry("square", **facts))
    held = desk.book.camera("new-market").entry
    desk.cabinet.file_assessment(content("square"), "square.md")
    desk.cabinet.file_assessment(content("gate"), "gate.md")
    text = content("square").decode().replace('"old-market"', '"new-market"')
    text = text.replace(entry("square").capture, held.capture)
    version, copied = desk.cabinet.file_assessment(text.replace("Old Market", "New Market").encode(), "copy.md")
    assert version == 1 and len(copied) > 15
    assert {copy.other for copy in copied} == {"old-market/crowd"}
    (row,) = desk.cabinet.rows("assessment", "new-market/crowd")
    assert row.facts.count("is in old-market/crowd") == len(copied)
    assert desk.cabinet.examine_assessment(content("gate"), "gate.md")[2] == []


def test_what_people_say_can_be_proven_and_forgotten(desk: Desk) -> None:
    said = "The café owner at number 7 says: too many cameras already."
    commitment = desk.cabinet.comment("plan/market", "business", said)
    act = desk.acts()[-1]
    assert act["act"] == "comment" and act["content"] == commitment
    assert "number 7" not in str(act)
    (row,) = desk.cabinet.comments("plan/market")
    assert sha256(row.salt + row.text.encode()).hexdigest() == commitment and len(row.salt) == 32
    assert desk.cabinet.comment("plan/market", "business", said) != commitment, "nobody can guess it from the text"
    desk.cabinet.answer(commitment, "It counts, it shows nobody.")
    desk.cabinet.forget(commitment)
    row = desk.cabinet.comments("plan/market")[0]
    assert (row.text, row.salt, row.commitment, row.answer) == ("", b"", commitment, "It counts, it shows nobody.")
    for nothing in (desk.cabinet.forget, lambda c: desk.cabinet.answer(c, "x")):
        with pytest.raises(CharterError):
            nothing("00" * 32)


def test_forgotten_text_is_in_no_file(tmp_path: Path) -> None:
    """Of SQLite's, which writes zeros over it; what PostgreSQL leaves behind goes when it vacuums."""
    desk, said = Desk(tmp_path / "register"), "zebra-crossing-quinoa"
    commitment = desk.cabinet.comment("plan/market", "resident", said)
    desk.cabinet.forget(commitment)
    desk.book.store.close()
    with open_book(desk.folder, lambda: NOW):
        pass
    held = b"".join(path.read_bytes() for path in desk.folder.iterdir() if path.suffix == ".db")
    assert said.encode() not in held


@pytest.mark.parametrize("table", ["papers", "paper_shingles", "outbox"])
def test_a_fault_in_the_middle_files_nothing(desk: Desk, table: str) -> None:
    with no_rows_in(desk.book.store, table):
        with pytest.raises(StoreError):
            desk.cabinet.file_assessment(content("square"), "x")
        assert desk.cabinet.rows("assessment") == []
        with desk.book.store.reading() as connection:
            assert rows.sharing(connection, range(10), "", 5) == []
    assert desk.cabinet.file_assessment(content("square"), "x")[0] == 1
