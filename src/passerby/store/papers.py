"""Papers as they were filed, every version; what was decided; what people said. Their meaning is in `office`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from passerby.store.schema import comments, paper_shingles, papers

CHUNK = 500


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A version of a paper.

    Args:
        id: Counted up; 0 for a new one.
        kind: ``assessment``, ``plan``, ``supplier`` or ``placed``.
        subject: What it is about.
        version: Counted from 1 for each subject.
        hash: SHA-256 of its file.
        at_us: When it was filed.
        answer: ``accepted``, ``refused`` or empty.
        until_us: Until when the answer holds.
        facts: What was found when it was filed, as JSON.
        body: The file.
        decision: The signed note; empty where nothing was decided.
    """

    id: int
    kind: str
    subject: str
    version: int
    hash: str
    at_us: int
    answer: str
    until_us: int
    facts: str
    body: bytes
    decision: bytes


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said.

    Args:
        id: Counted up.
        subject: About what: a paper's kind and subject.
        at_us: When it was taken in.
        source: Whose kind: a resident, a group, an authority.
        commitment: Hash of salt and text; in the ledger.
        salt: Empty once it is forgotten.
        text: Empty once it is forgotten.
        answer: What the office answered.
    """

    id: int
    subject: str
    at_us: int
    source: str
    commitment: str
    salt: bytes
    text: str
    answer: str


def put_paper(connection: Connection, row: PaperRow, shingles: Iterable[int] = ()) -> int:
    """Add a version; its number counts on from the subject's last.

    Args:
        connection: Of the transaction.
        row: Its version is not looked at.
        shingles: Numbers by which papers that share text are found.
    """
    here = (papers.c.kind == row.kind, papers.c.subject == row.subject)
    last = connection.execute(select(func.max(papers.c.version)).where(*here)).scalar() or 0
    names = [name for name in PaperRow.__slots__ if name not in ("id", "version")]
    values = {name: getattr(row, name) for name in names} | {"version": last + 1}
    key = connection.execute(insert(papers).values(**values)).inserted_primary_key
    assert key is not None
    if rows := [{"value": value, "paper_id": key[0]} for value in sorted(shingles)]:
        connection.execute(insert(paper_shingles), rows)
    return int(last) + 1


def decide(connection: Connection, paper_id: int, answer: str, until_us: int, note: bytes) -> None:
    """Keep what was decided on a version."""
    values = {"answer": answer, "until_us": until_us, "decision": note}
    connection.execute(update(papers).where(papers.c.id == paper_id).values(**values))


def by_hash(connection: Connection, kind: str, hashed: str) -> PaperRow | None:
    """The newest version with this hash."""
    asked = select(papers).where(papers.c.kind == kind, papers.c.hash == hashed).order_by(papers.c.id.desc()).limit(1)
    row = connection.execute(asked).one_or_none()
    return PaperRow(**row._mapping) if row else None


def versions(connection: Connection, kind: str, subject: str) -> list[PaperRow]:
    """Every version of a paper, the oldest first."""
    asked = select(papers).where(papers.c.kind == kind, papers.c.subject == subject).order_by(papers.c.version)
    return [PaperRow(**row._mapping) for row in connection.execute(asked)]


def newest(connection: Connection, kind: str, subjects: Collection[str] | None = None) -> list[PaperRow]:
    """The newest version of each paper of a kind, or of these subjects, by subject."""
    last = select(func.max(papers.c.id)).where(papers.c.kind == kind).group_by(papers.c.subject)
    if subjects is not None:
        last = last.where(papers.c.subject.in_(sorted(subjects)))
    asked = select(papers).where(papers.c.id.in_(last)).order_by(papers.c.subject)
    return [PaperRow(**row._mapping) for row in connection.execute(asked)]


def sharing(connection: Connection, shingles: Collection[int], but: str, most: int) -> list[PaperRow]:
    """Assessments that share text, those that share most first.

    Args:
        connection: Where.
        shingles: Of the paper that is compared.
        but: Leave out this subject.
        most: At most so many.
    """
    shared: dict[int, int] = {}
    wanted = sorted(shingles)
    for first in range(0, len(wanted), CHUNK):
        some = paper_shingles.c.value.in_(wanted[first : first + CHUNK])
        asked = select(paper_shingles.c.paper_id, func.count()).where(some).group_by(paper_shingles.c.paper_id)
        for paper_id, count in connection.execute(asked):
            shared[paper_id] = shared.get(paper_id, 0) + count
    ids = sorted(shared, key=lambda paper_id: (-shared[paper_id], paper_id))[: 4 * most]
    rows = connection.execute(select(papers).where(papers.c.id.in_(ids), papers.c.subject != but))
    found = sorted((PaperRow(**row._mapping) for row in rows), key=lambda row: ids.index(row.id))
    return found[:most]


def put_comment(connection: Connection, row: Comment) -> None:
    """Add what somebody said."""
    names = [name for name in Comment.__slots__ if name != "id"]
    connection.execute(insert(comments).values({name: getattr(row, name) for name in names}))


def comments_on(connection: Connection, subject: str) -> list[Comment]:
    """What was said about something, the oldest first."""
    asked = select(comments).where(comments.c.subject == subject).order_by(comments.c.id)
    return [Comment(**row._mapping) for row in connection.execute(asked)]


def answer_comment(connection: Connection, commitment: str, answer: str) -> bool:
    """Answer what somebody said; whether there is such a comment."""
    here = comments.c.commitment == commitment
    return bool(connection.execute(update(comments).where(here).values(answer=answer)).rowcount)


def forget_comment(connection: Connection, commitment: str) -> bool:
    """Forget text and salt: what is left proves nothing about either. Whether there is such a comment."""
    here = comments.c.commitment == commitment
    return bool(connection.execute(update(comments).where(here).values(text="", salt=b"")).rowcount)
