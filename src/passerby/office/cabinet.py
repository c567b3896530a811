"""Papers on file: assessments, plans, suppliers' records, placed signs. Each is judged before it is filed, and told.

A paper with gaps is not filed. Filing says nothing about whether it is right: that is what `decide` keeps, a note of
both institutions. The ledger is told each file's hash.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from passerby.base.errors import CharterError
from passerby.charter.document import Unsound
from passerby.charter.papers.assessment.gaps import gaps
from passerby.charter.papers.assessment.paper import Assessment, parse_assessment
from passerby.charter.papers.assessment.similar import Copy, copies, sample
from passerby.charter.papers.decision import Decision, Kind, judge_decision
from passerby.charter.papers.placed import parse_placed
from passerby.charter.papers.plan import lacks as plan_lacks
from passerby.charter.papers.plan import parse_plan
from passerby.charter.papers.supplier import lacks as supplier_lacks
from passerby.charter.papers.supplier import parse_supplier, sanctioned
from passerby.charter.ready import Readiness, Terms, for_permit
from passerby.charter.site_permit import act_camera
from passerby.office.book import Book, S
from passerby.office.files import PLACED, files
from passerby.store import papers as rows
from passerby.store.papers import Comment, PaperRow

COMPARED = 20
SALT_BYTES = 32


class Lacking(CharterError):
    """A paper that can't be filed as it is.

    Args:
        what: Which.
        gaps: One line each.
    """

    def __init__(self, what: str, gaps: list[str]) -> None:
        more = f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""
        super().__init__(f"{what} can't be filed: {gaps[0]}{more}", "fill in what is lacking")
        self.gaps = gaps


class Cabinet:
    """The papers of a register.

    Args:
        book: The register.
        randomness: Gives so many random bytes, for salts.
    """

    def __init__(self, book: Book, randomness: Callable[[int], bytes] = os.urandom) -> None:
        self.book, self._randomness = book, randomness

    # What is lacking, without filing anything.

    def examine_assessment(self, content: bytes, where: str) -> tuple[Assessment, list[str], list[Copy]]:
        """An assessment, what it lacks, and which of its sections are mostly another's.

        Raises:
            CharterError: It is none, or its camera is not registered.
        """
        paper = parse_assessment(content, where)
        held = self.book.camera(paper.camera)
        root = self.book.site_root
        lacking = gaps(paper, held.entry, root.limits if root else None, officer=bool(held.owner.officer))
        return paper, [str(gap) for gap in lacking], self._copied(paper)

    # Filing.

    def file_assessment(self, content: bytes, where: str) -> tuple[int, list[Copy]]:
        """File a version of an assessment: its number, and what looks copied.

        Raises:
            Lacking: It has gaps.
        """
        paper, lacking, copied = self.examine_assessment(content, where)
        if lacking:
            raise Lacking(where, lacking)
        facts = {"copies": [str(copy) for copy in copied]}
        act = {"act": "assess", "camera": act_camera(self.book.site, paper.camera), "content": paper.hash}
        kind, shingles = Kind.ASSESSMENT.value, sample(paper.sections)
        return self._file(kind, paper.subject, paper.hash, content, facts, act, shingles), copied

    def file_plan(self, content: bytes, where: str) -> int:
        """File a version of a plan.

        Raises:
            Lacking: It has gaps, or nobody knows its owner or an area of it.
        """
        plan = parse_plan(content, where)
        known = self.book.areas()
        lacking = plan_lacks(plan)
        lacking += [f"nobody knows the area {area}" for area in plan.totals() if area not in known]
        lacking += [] if plan.owner in self.book.organisations() else [f"nobody knows the owner {plan.owner}"]
        if lacking:
            raise Lacking(where, lacking)
        return self._file(Kind.PLAN.value, plan.id, plan.hash, content, {}, {"act": "plan", "content": plan.hash})

    def file_supplier(self, content: bytes, where: str, sanctions: bytes, listed: str) -> tuple[int, list[str]]:
        """File a version of a supplier's record: its number, and which names are on the list of sanctions.

        Args:
            content: The record.
            where: Its name, for messages.
            sanctions: The list.
            listed: Its name.

        Raises:
            Lacking: It has gaps.
        """
        record = parse_supplier(content, where)
        hits = sanctioned(record, sanctions, listed)
        if lacking := supplier_lacks(record, hits):
            raise Lacking(where, lacking)
        facts = {"sanctions": {"list": sha256(sanctions).hexdigest(), "hits": hits}}
        act = {"act": "supplier", "content": record.hash}
        return self._file(Kind.SUPPLIER.value, record.id, record.hash, content, facts, act), hits

    def file_placed(self, content: bytes, where: str) -> int:
        """File the record of a placed sign.

        Raises:
            CharterError: It is none, of no registered camera, or of a sign that says something else than is captured.
        """
        placed = parse_placed(content, where)
        held = self.book.camera(placed.camera)
        if placed.capture != held.entry.capture:
            raise CharterError(
                f"{where} is about a sign that says something else than is captured", "put up a new sign"
            )
        act = {"act": "notice", "camera": act_camera(self.book.site, placed.camera), "content": placed.hash}
        return self._file(PLACED, placed.camera, placed.hash, content, {}, act)

    def decide(self, note: bytes, kind: Kind, content: bytes) -> Decision:
        """Keep what both institutions decided on a paper that is filed.

        Raises:
            CharterError: The note is none, is on another paper, or the paper is not filed.
        """
        root = self.book.site_root
        if root is None:
            raise CharterError("the register knows no site root", "name it: passerby camera root FILE")
        try:
            decision = judge_decision(note, root, kind, sha256(content).hexdigest())
        except Unsound as error:
            raise CharterError(f"the decision does not count: {error.detail or error.message}", "") from error
        with self.book.store.writing() as connection:
            row = rows.by_hash(connection, kind.value, decision.content)
            if row is None:
                raise CharterError("this paper is not on file", "file it first, as it is")
            rows.decide(connection, row.id, decision.answer.value, decision.until * S, note)
        return decision

    # What people said.

    def comment(self, subject: str, source: str, text: str) -> str:
        """Take in what somebody said; its commitment, which the ledger gets and by which they find it again.

        Args:
            subject: About what: `plan/ID` or `camera/ID`.
            source: What kind of person or body, in a word; never a name.
            text: What they said.
        """
        salt = self._randomness(SALT_BYTES)
        commitment = sha256(salt + text.encode()).hexdigest()
        with self.book.store.writing() as connection:
            row = Comment(0, subject, int(self.book.clock() * S), source, commitment, salt, text, "")
            rows.put_comment(connection, row)
            self.book.tell(connection, [{"act": "comment", "content": commitment}])
        self.book.deliver()
        return commitment

    def comments(self, subject: str) -> list[Comment]:
        """What was said about something."""
        with self.book.store.reading() as connection:
            return rows.comments_on(connection, subject)

    def answer(self, commitment: str, answer: str) -> None:
        """Answer a comment.

        Raises:
            CharterError: There is none.
        """
        with self.book.store.writing() as connection:
            if not rows.answer_comment(connection, commitment, answer):
                raise CharterError("there is no such comment", "see `passerby plan comments`")

    def forget(self, commitment: str) -> None:
        """Forget what somebody said; the ledger's commitment then proves nothing.

        Raises:
            CharterError: There is none.
        """
        with self.book.store.writing() as connection:
            if not rows.forget_comment(connection, commitment):
                raise CharterError("there is no such comment", "see `passerby plan comments`")

    # What is on file.

    def rows(self, kind: str, subject: str | None = None) -> list[PaperRow]:
        """The newest version of each paper of a kind, or every version of one."""
        with self.book.store.reading() as connection:
            return rows.newest(connection, kind) if subject is None else rows.versions(connection, kind, subject)

    def readiness(self, camera: str, terms: Terms, demands: frozenset[str]) -> Readiness:
        """May a permit with these terms be drafted for a camera, and which papers would it name?

        Raises:
            CharterError: The camera is not registered.
        """
        held, now = self.book.camera(camera), int(self.book.clock())
        with self.book.store.reading() as connection:
            on_file = files(connection, held.entry)
        return for_permit(held.entry, held.owner, held.phase, on_file, terms, demands, now)

    def _copied(self, paper: Assessment) -> list[Copy]:
        with self.book.store.reading() as connection:
            near = rows.sharing(connection, sample(paper.sections), paper.subject, COMPARED)
        return copies(paper.sections, [(row.subject, parse_assessment(row.body).sections) for row in near])

    def _file(
        self, kind: str, subject: str, hashed: str, content: bytes, facts: Mapping[str, Any],
        act: Mapping[str, object], shingles: frozenset[int] = frozenset(),
    ) -> int:  # fmt: skip
        row = PaperRow(0, kind, subject, 0, hashed, int(self.book.clock() * S), "", 0, json.dumps(facts), content, b"")
        with self.book.store.writing() as connection:
            earlier = rows.versions(connection, kind, subject)
            if earlier and earlier[-1].hash == hashed:
                return earlier[-1].version
            version = rows.put_paper(connection, row, shingles)
            self.book.tell(connection, [act])
        self.book.deliver()
        return version
