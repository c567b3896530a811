"""Assessments: the laws' items all answered, the examples whole, each gap by name, copies flagged."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.charter.papers.samples import NAMES, SITE_LIMITS, content, entry, example, owner

from passerby.charter.papers.assessment.form import form
from passerby.charter.papers.assessment.gaps import Lack, gaps, needs_authority
from passerby.charter.papers.assessment.paper import Level, Risk, parse_assessment
from passerby.charter.papers.assessment.schema import LAWS, SECTIONS, unanswered
from passerby.charter.papers.assessment.similar import copies, sample, shingles
from passerby.charter.register.entry import missing
from passerby.charter.register.words import Flaw, Flawed


def test_every_item_of_every_law_has_a_section() -> None:
    assert unanswered() == []
    known = {f"{law} {item}" for law, items in LAWS.items() for item in items}
    assert {answer for section in SECTIONS for answer in section.answers} == known
    assert [len(LAWS[law]) for law in ("GDPR", "AI Act", "Seattle", "PDPO", "PCPD", "UK")] == [8, 6, 14, 6, 7, 12]


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_are_whole(name: str) -> None:
    assert gaps(example(name), entry(name), SITE_LIMITS) == []
    assert missing(entry(name), owner()) == []
    others = [(other, example(other).sections) for other in NAMES if other != name]
    assert copies(example(name).sections, others) == []


def lacks(name: str = "square", values: dict[str, Any] | None = None, **more: Any) -> list[Lack]:
    return [gap.lack for gap in gaps(replace(example(name), **more), entry(name, **(values or {})), SITE_LIMITS)]


def without(heading: str, text: str | None = None) -> dict[str, str]:
    found = {name: said for name, said in example("square").sections.items() if name != heading}
    return found if text is None else found | {heading: text}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda s: s.heading)
def test_each_section_is_needed(section: Any) -> None:
    assert lacks(sections=without(section.heading)) == [Lack.SECTION]
    assert lacks(sections=without(section.heading, "too short")) == [Lack.SHORT]
    assert lacks(sections=without(section.heading, section.ask * 20)) == [Lack.FORM]


def test_text_copied_within_a_paper_is_none() -> None:
    same = example("square").sections["What is done"]
    assert lacks(sections=without("How it is used", same)) == [Lack.FORM]


@pytest.mark.parametrize(
    ("more", "lack"),
    [
        ({"alternatives": ()}, Lack.TABLE),
        ({"affected": ()}, Lack.TABLE),
        ({"consulted": ()}, Lack.TABLE),
        ({"risks": ()}, Lack.TABLE),
        ({"officer": {}}, Lack.OFFICER),
        ({"camera": "another"}, Lack.CAMERA),
        ({"capture": "00" * 32}, Lack.CAPTURE),
        ({"purposes": ("audit",)}, Lack.PURPOSES),
        ({"review_by": date(2027, 12, 1)}, Lack.REVIEW),
        ({"retention_h": 1}, Lack.RETENTION),
    ],
)
def test_each_gap(more: dict[str, Any], lack: Lack) -> None:
    assert lacks(**more) == [lack]


def test_an_owner_without_a_privacy_officer_needs_no_advice() -> None:
    paper = replace(example("square"), officer={})
    assert gaps(paper, entry("square"), SITE_LIMITS, officer=False) == []


def test_a_change_of_what_is_captured_needs_a_new_version() -> None:
    assert lacks(values={"view": "The other way"}) == [Lack.CAPTURE]
    assert lacks(values={"analyses": ["traffic"]}) == [Lack.ANALYSIS, Lack.CAPTURE]
    assert lacks(values={"name": "Another name"}) == []


def kept(hours: int, argument: str = "", most_h: int = 720) -> list[Lack]:
    limits = replace(SITE_LIMITS, retention_s=most_h * 3600)
    held = entry("concourse", retention_s=hours * 3600)
    paper = replace(example("concourse"), retention_h=hours, retention_argument=argument, capture=held.capture)
    return [gap.lack for gap in gaps(paper, held, limits)]


WHY = " ".join(f"reason{n}" for n in range(40))


def test_more_than_72_hours_need_an_argument_and_the_maximum_takes_none() -> None:
    assert kept(72) == []
    assert kept(73) == [Lack.ARGUMENT]
    assert kept(73, "because") == [Lack.ARGUMENT]
    assert kept(73, WHY) == []
    assert kept(720, WHY) == []
    assert kept(721, WHY) == [Lack.MAXIMUM]
    assert kept(48, most_h=47) == [Lack.MAXIMUM]


@pytest.mark.parametrize("likelihood", Level)
@pytest.mark.parametrize("severity", Level)
def test_a_high_risk_that_remains_needs_the_authority(likelihood: Level, severity: Level) -> None:
    """Every combination: high are those of at least 6 of 9."""
    high = (likelihood, severity) in {
        (Level.HIGH, Level.HIGH), (Level.HIGH, Level.MEDIUM), (Level.MEDIUM, Level.HIGH),
    }  # fmt: skip
    risk = Risk("a", "b", Level.HIGH, Level.HIGH, "c", likelihood, severity)
    paper = replace(example("square"), risks=(risk,))
    assert needs_authority(paper) == high
    assert lacks(risks=(risk,)) == ([Lack.AUTHORITY] if high else [])
    answered = {"name": "Authority", "on": date(2027, 1, 1), "outcome": "Go on, but not at night."}
    assert lacks(risks=(risk,), authority=answered) == []


def test_the_empty_form_has_gaps_only() -> None:
    held = entry("square")
    text = form(held, "crowd", held.office, date(2026, 12, 1), SITE_LIMITS)
    paper = parse_assessment(text.encode())
    found = gaps(paper, held, SITE_LIMITS)
    assert [gap.where for gap in found if gap.lack is Lack.FORM] == [section.heading for section in SECTIONS]
    assert {gap.lack for gap in found} == {Lack.FORM, Lack.TABLE, Lack.OFFICER}
    filled = re.sub(r"(?m)^# (\[|[a-z_]+ = )", r"\1", text)
    assert len(parse_assessment(filled.replace('""', '"x"').encode()).risks) == 1, "the commented tables are right"


@pytest.mark.parametrize(
    ("old", "new", "flaw"),
    [
        ('analysis = "crowd"', 'analysis = "faces"', Flaw.UNKNOWN),
        ('likelihood = "medium"', 'likelihood = "certain"', Flaw.UNKNOWN),
        ("retention_h = 0", "retention_h = -1", Flaw.RANGE),
        ("retention_h = 0", "retention_h = true", Flaw.NO_NUMBER),
        ("written = 2026-12-01", "written = 2026-12-01T10:00:00Z", Flaw.NOT_TEXT),
        ("written = 2026-12-01", "written = 2028-12-01", Flaw.SENSE),
        ("capture = ", "captured = ", Flaw.SURPLUS),
        ('author = "Events office"\n', "", Flaw.MISSING),
        ('capture = "', 'capture = "x', Flaw.SYNTAX),
    ],
)
def test_facts_that_are_none(old: str, new: str, flaw: Flaw) -> None:
    with pytest.raises(Flawed) as refused:
        parse_assessment(content("square").decode().replace(old, new, 1).encode())
    assert refused.value.flaw is flaw


def test_a_copy_is_flagged_even_where_names_were_changed() -> None:
    theirs = example("square").sections
    mine = {h: t.replace("Old Market", "New Market").replace("fountain", "well") for h, t in theirs.items()}
    found = copies(mine, [("old-market/crowd", theirs), ("x", example("gate").sections)])
    assert {copy.heading for copy in found} >= {"What is done", "Why it is needed", "What could go wrong"}
    assert all(copy.other == "old-market/crowd" and copy.heading == copy.other_heading for copy in found)
    assert len(sample(mine) & sample(theirs)) > 10
    assert len(sample(example("gate").sections) & sample(theirs)) <= 3


def test_a_section_moved_under_another_heading_is_found() -> None:
    theirs = example("square").sections
    (found,) = copies({"Why it is needed": theirs["What is done"]}, [("x", theirs)])
    assert found.other_heading == "What is done" and found.share == 1


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "場", "所"]), max_size=30), st.integers(0, 5))
def test_a_text_is_a_copy_of_itself_and_of_nothing(said: list[str], more: int) -> None:
    text = " ".join(said)
    assert len(shingles(text)) <= max(1, len(said))
    found = copies({"x": text}, [("y", {"z": text})])
    assert bool(found) == (len(said) >= 20)
    assert copies({"x": text}, []) == []


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 400))
def test_review_is_counted_in_days_over_leap_days(written: date, days: int) -> None:
    paper = replace(example("square"), written=written, review_by=written + timedelta(days=days))
    found = [gap.lack for gap in gaps(paper, entry("square"), SITE_LIMITS)]
    assert found == ([] if days <= 180 else [Lack.REVIEW])


def test_what_keeps_says_what_may_outlive_a_destroyed_key_on_its_machine() -> None:
    held, paper = entry("concourse"), example("concourse")
    assert gaps(paper, held, SITE_LIMITS) == []
    for name in ("ssd", "snapshots", "swap"):
        for said in ("", "see above"):
            found = gaps(replace(paper, remains={**paper.remains, name: said}), held, SITE_LIMITS)
            assert [(gap.lack, gap.where) for gap in found] == [(Lack.REMAINS, f"remains {name}")]
    assert len(gaps(replace(paper, remains={}), held, SITE_LIMITS)) == 3
    text = form(held, "record", held.office, date(2026, 12, 1), SITE_LIMITS)
    empty = gaps(parse_assessment(text.encode()), held, SITE_LIMITS)
    assert len([gap for gap in empty if gap.lack is Lack.REMAINS]) == 3
    assert "copy-on-write" in text and "hibernation" in text
    counted = form(entry("square"), "crowd", held.office, date(2026, 12, 1), SITE_LIMITS)
    assert "[remains]" not in counted, "where nothing is kept, nothing may remain"
