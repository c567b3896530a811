"""A rollout plan: in which phases, where, when, how many cameras, for what. A camera outside of one gets no permit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise
from typing import Any

from passerby.charter.papers import fields
from passerby.charter.papers.front import read_written
from passerby.charter.register import words
from passerby.charter.register.entry import Entry
from passerby.charter.register.words import Flaw, Flawed
from passerby.charter.root import ANALYSES, PURPOSES

FORMAT = "passerby/plan@1"
HEADINGS = ("Why", "What happens in each phase", "Who was asked", "What is done with what they said")
MOST_CAMERAS = 1_000_000


@dataclass(frozen=True, slots=True)
class Stage:
    """A phase of a plan. Days are of the plan's own calendar, both within it.

    Args:
        id: Safe.
        begins: First day.
        ends: Last day.
        purposes: What for.
        analyses: What may run.
        cameras: Area to how many cameras at most.
    """

    id: str
    begins: date
    ends: date
    purposes: frozenset[str]
    analyses: frozenset[str]
    cameras: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan.

    Args:
        id: Safe.
        title: For people.
        owner: Whose cameras.
        zone: Hours that its days are east of UTC.
        stages: In order, without overlap.
        sections: Heading to text.
        hash: SHA-256 of the file.
    """

    id: str
    title: str
    owner: str
    zone: int
    stages: tuple[Stage, ...]
    sections: Mapping[str, str]
    hash: str

    def day_of(self, seconds: int) -> date:
        """The plan's day of a time (seconds since 1970)."""
        return (datetime.fromtimestamp(seconds, UTC) + timedelta(hours=self.zone)).date()

    def first_second(self, day: date) -> int:
        """When one of the plan's days begins."""
        return int(datetime.combine(day, time(), UTC).timestamp()) - self.zone * 3600

    def stages_from(self, begins_s: int, ends_s: int) -> list[Stage]:
        """The phases from one time up to another, if there is no day between without one; else none."""
        if not begins_s < ends_s:
            return []
        day, last = self.day_of(begins_s), self.day_of(ends_s - 1)
        found: list[Stage] = []
        for stage in self.stages:
            if stage.begins <= day <= stage.ends:
                found.append(stage)
                if last <= stage.ends:
                    return found
                day = stage.ends + timedelta(days=1)
        return []

    def totals(self) -> dict[str, int]:
        """Area to how many cameras at most, in the phase that allows most."""
        found: dict[str, int] = {}
        for stage in self.stages:
            for area, most in stage.cameras.items():
                found[area] = max(found.get(area, 0), most)
        return dict(sorted(found.items()))


class Cover(Enum):
    """Whether a plan covers a camera."""

    COVERED = "covered"
    OTHER_OWNER = "the plan is for another owner"
    NO_STAGE = "its permit would have days in no phase of the plan"
    OTHER_AREA = "the phase has no camera in this area"
    FULL = "the phase's cameras in this area are all there"
    OTHER_PURPOSE = "the phase is not for this purpose"
    OTHER_ANALYSIS = "the phase does not allow this analysis"


def cover(plan: Plan, entry: Entry, begins_s: int, ends_s: int, others: int) -> Cover:
    """Does a plan cover a camera from one time to another? Total: every input has an answer.

    Args:
        plan: Accepted by both institutions; this says nothing about that.
        entry: The camera.
        begins_s: When its permit would begin.
        ends_s: When it would end.
        others: How many other cameras of the owner in this area are noticed, active or suspended.
    """
    if entry.owner != plan.owner:
        return Cover.OTHER_OWNER
    stages = plan.stages_from(begins_s, ends_s)
    if not stages:
        return Cover.NO_STAGE
    for stage in stages:
        for holds, otherwise in (
            (entry.area in stage.cameras, Cover.OTHER_AREA),
            (bool(entry.purposes) and stage.purposes.issuperset(entry.purposes), Cover.OTHER_PURPOSE),
            (bool(entry.analyses) and stage.analyses.issuperset(entry.analyses), Cover.OTHER_ANALYSIS),
            (others < stage.cameras.get(entry.area, 0), Cover.FULL),
        ):
            if not holds:
                return otherwise
    return Cover.COVERED


def _cameras(value: object, where: str) -> Mapping[str, int]:
    if not isinstance(value, Mapping) or not value:
        raise Flawed(Flaw.SYNTAX, where, "", "write a table: area = how many")
    return {words.identity(area, where): words.whole(most, f"{where} {area}", 1, MOST_CAMERAS)
            for area, most in sorted(value.items())}  # fmt: skip


def _words(known: tuple[str, ...]) -> fields.Read:
    return lambda value, where: frozenset(words.word(item, where, known) for item in words.items(value, where))


_STAGE: dict[str, fields.Read] = {
    "id": words.identity,
    "from": words.day,
    "until": words.day,
    "purposes": _words(PURPOSES),
    "analyses": _words(ANALYSES),
    "cameras": _cameras,
}
_READERS: dict[str, fields.Read] = {
    "format": fields.one_of(FORMAT),
    "id": words.identity,
    "title": lambda v, w: words.line(v, w, empty=False),
    "owner": words.identity,
    "zone": lambda v, w: words.whole(v, w, -12, 14),
    "phases": fields.tables(_STAGE),
}


def parse_plan(content: bytes, where: str = "plan") -> Plan:
    """A plan's file.

    Raises:
        Flawed: It is none, or its phases overlap or end before they begin.
    """
    written = read_written(content, where, HEADINGS)
    found: dict[str, Any] = fields.read_fields(written.front, _READERS, {"zone": 0}, where)
    stages = tuple(Stage(begins=s.pop("from"), ends=s.pop("until"), **s) for s in found.pop("phases"))
    del found["format"]
    if not stages:
        raise Flawed(Flaw.EMPTY, f"{where} phases", "", "a plan has one or more")
    words.distinct([stage.id for stage in stages], f"{where} phases")
    for stage in stages:
        if stage.ends < stage.begins:
            raise Flawed(Flaw.SENSE, f"{where} phase {stage.id}", "", "it ends before it begins")
    for before, after in pairwise(stages):
        if after.begins <= before.ends:
            raise Flawed(Flaw.SENSE, f"{where} phase {after.id}", "", "write phases in order, without overlap")
    return Plan(**found, stages=stages, sections=dict(written.sections), hash=written.hash)


def lacks(plan: Plan) -> list[str]:
    """What a plan lacks before anybody may decide on it."""
    return [f"{heading}: this section is missing" for heading in HEADINGS if not plan.sections.get(heading)]


EXAMPLE = """\
+++
format = "passerby/plan@1"
id = "harbour-2027"
title = "Counting crowds at the piers, 2027"
owner = "harbour"
zone = 8                       # its days are of UTC+8

[[phases]]
id = "trial"
from = 2027-01-04
until = 2027-03-31
purposes = ["crowd-safety"]
analyses = ["crowd"]
cameras = {central = 2}        # at most so many in each area

[[phases]]
id = "piers"
from = 2027-04-01
until = 2027-12-31
purposes = ["crowd-safety"]
analyses = ["crowd"]
cameras = {central = 8, west = 4}
+++

# Counting crowds at the piers, 2027

## Why

## What happens in each phase

## Who was asked

## What is done with what they said
"""
