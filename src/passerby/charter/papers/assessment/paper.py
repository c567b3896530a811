"""An assessment, parsed: one camera, one analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from passerby.charter.papers import fields
from passerby.charter.papers.assessment.schema import FORMAT, HEADINGS, REMAINS
from passerby.charter.papers.front import read_written
from passerby.charter.register import words
from passerby.charter.register.words import Flaw, Flawed
from passerby.charter.root import ANALYSES, PURPOSES


class Level(Enum):
    """How likely or how bad, from 1 to 3."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def weight(self) -> int:
        """1, 2 or 3."""
        return list(Level).index(self) + 1


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that could happen to people.

    Args:
        what: What.
        who: To whom.
        likelihood: Before measures.
        severity: Before measures.
        measures: What is done about it.
        left_likelihood: After them.
        left_severity: After them.
    """

    what: str
    who: str
    likelihood: Level
    severity: Level
    measures: str
    left_likelihood: Level
    left_severity: Level

    @property
    def stays_high(self) -> bool:
        """Whether a high risk remains: at least likely and grave, or grave and not unlikely."""
        return self.left_likelihood.weight * self.left_severity.weight >= 6


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment.

    Args:
        camera: The camera's id.
        analysis: The one analysis.
        purposes: What for.
        capture: Hash of what was captured when it was written; the register's must be the same.
        author: The office that wrote it.
        written: When.
        review_by: When it must have been looked at again.
        retention_h: How long anything is kept; 0 where nothing is.
        retention_argument: Why longer than 72 hours; empty where it isn't.
        alternatives: What else was considered, and why it was not enough.
        affected: Groups, and how.
        consulted: Who was asked: who, on, how, said, answer.
        risks: What could go wrong.
        officer: The privacy officer's advice and its day; empty where there is none.
        authority: The prior consultation: authority, on, outcome; empty where there was none.
        remains: What may outlive a destroyed key on the machine that keeps, by the names of `REMAINS`.
        sections: Heading to text.
        hash: SHA-256 of the file.
    """

    camera: str
    analysis: str
    purposes: tuple[str, ...]
    capture: str
    author: str
    written: date
    review_by: date
    retention_h: int
    retention_argument: str
    alternatives: tuple[Mapping[str, str], ...]
    affected: tuple[Mapping[str, str], ...]
    consulted: tuple[Mapping[str, Any], ...]
    risks: tuple[Risk, ...]
    officer: Mapping[str, Any]
    authority: Mapping[str, Any]
    remains: Mapping[str, str]
    sections: Mapping[str, str]
    hash: str

    @property
    def subject(self) -> str:
        """What it is about: the camera and the analysis."""
        return f"{self.camera}/{self.analysis}"


def _risk(value: object, where: str) -> Risk:
    level = fields.one_of(*(level.value for level in Level))
    names = ("likelihood", "severity", "left_likelihood", "left_severity")
    readers = {name: fields.text(empty=False) for name in ("what", "who", "measures")} | dict.fromkeys(names, level)
    found = fields.read_fields(value, readers, {}, where)
    return Risk(**found | {name: Level(found[name]) for name in names})


_READERS: dict[str, fields.Read] = {
    "format": fields.one_of(FORMAT),
    "camera": words.identity,
    "analysis": fields.one_of(*ANALYSES),
    "purposes": lambda v, w: words.distinct([words.word(p, w, PURPOSES) for p in words.items(v, w)], w),
    "capture": fields.digest,
    "author": fields.text(200, empty=False),
    "written": words.day,
    "review_by": words.day,
    "retention_h": lambda v, w: words.whole(v, w, 0, 366 * 24),
    "retention_argument": fields.text(4000),
    "alternatives": fields.tables({"what": fields.text(empty=False), "why_not": fields.text(empty=False)}),
    "affected": fields.tables({"group": fields.text(empty=False), "how": fields.text(empty=False)}),
    "consulted": fields.tables(
        {"who": fields.text(empty=False), "on": words.day, "how": fields.text(), "said": fields.text(empty=False),
         "answer": fields.text(empty=False)}
    ),
    "risks": lambda v, w: tuple(_risk(item, f"{w} {n}") for n, item in enumerate(words.items(v, w), 1)),
    "officer": fields.table({"advice": fields.text(empty=False), "on": words.day}),
    "authority": fields.table({"name": fields.text(empty=False), "on": words.day, "outcome": fields.text(empty=False)}),
    "remains": fields.table(dict.fromkeys(REMAINS, fields.text()), dict.fromkeys(REMAINS, "")),
}  # fmt: skip
_OPTIONAL: dict[str, Any] = {
    "retention_argument": "", "alternatives": (), "affected": (), "consulted": (), "risks": (), "officer": {},
    "authority": {}, "remains": {},
}  # fmt: skip


def parse_assessment(content: bytes, where: str = "assessment") -> Assessment:
    """An assessment's file. What it leaves open is a gap (`gaps`), not an error.

    Raises:
        Flawed: It is none, or a field can't be what it is.
    """
    written = read_written(content, where, HEADINGS)
    found = fields.read_fields(written.front, _READERS, _OPTIONAL, where)
    del found["format"]
    paper = Assessment(**found, sections=dict(written.sections), hash=written.hash)
    if paper.review_by <= paper.written:
        raise Flawed(Flaw.SENSE, f"{where} review_by", "", "it is looked at again after it was written")
    return paper
