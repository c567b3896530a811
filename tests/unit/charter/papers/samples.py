"""The example papers of the docs, and small ones."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.unit.charter.world import LIMITS, T0

from passerby.charter.papers.assessment.paper import Assessment, parse_assessment
from passerby.charter.papers.placed import Placed, parse_placed, placed_text
from passerby.charter.papers.plan import Plan, parse_plan
from passerby.charter.papers.supplier import Supplier, parse_supplier
from passerby.charter.ready import Filed
from passerby.charter.register.entry import Entry, Organisation, parse_entry, parse_organisation

DOCS = Path(__file__).resolve().parents[4] / "docs" / "assessments"
NAMES = ("square", "concourse", "gate")
SITE_LIMITS = replace(LIMITS, review_s=180 * 24 * 3600)
FOREVER = T0 + 40 * 365 * 24 * 3600


def content(name: str) -> bytes:
    return (DOCS / f"{name}.md").read_bytes()


def example(name: str) -> Assessment:
    return parse_assessment(content(name), name)


def entry(name: str, /, **values: Any) -> Entry:
    return parse_entry(tomllib.loads((DOCS / f"{name}.camera.toml").read_text()) | values)


def owner() -> Organisation:
    return parse_organisation(tomllib.loads((DOCS / "owner.toml").read_text()))


def plan_text(stages: str = "", **values: str) -> bytes:
    facts = {"id": '"market"', "title": '"Market"', "owner": '"lindmark"', "zone": "0"} | values
    head = "\n".join(f"{name} = {value}" for name, value in facts.items())
    return (
        f'+++\nformat = "passerby/plan@1"\n{head}\n{stages or STAGES}+++\n\n## Why\n\nA.\n\n'
        "## What happens in each phase\n\nB.\n\n## Who was asked\n\nC.\n\n## What is done with what they said\n\nD.\n"
    ).encode()


def stage(name: str, begins: str, ends: str, cameras: str = "{centre = 1}") -> str:
    return (
        f'[[phases]]\nid = "{name}"\nfrom = {begins}\nuntil = {ends}\npurposes = ["crowd-safety", "flow-statistics"]\n'
        f'analyses = ["crowd"]\ncameras = {cameras}\n'
    )


STAGES = stage("one", "2020-01-01", "2070-12-31")
RECORD = """\
+++
format = "passerby/supplier@1"
id = "acme"
name = "Acmé Vision Ltd."
owner = "Acme Holding"
origin = "Sweden"
number = "556000-0000"
role = "Delivers the camera"
procedure = "Open tender 2026/4"
data_access = "none"
licence = "Bought"
valid_until = 2069-12-31

[[models]]
name = "nanodet"
sha256 = "MODEL"

[[errors]]
condition = "Daylight"
measure = "mean absolute error"
value = "0.5 people"
+++
""" + "".join(
    f"\n## {heading}\n\nThis says about {heading.lower()} what a reader needs to know, in more than fifteen words.\n"
    for heading in (
        "What they deliver", "What they may see", "What it was trained on", "Human rights", "Why this supplier"
    )
)  # fmt: skip


def record_text(model: str = "aa" * 32, **values: str) -> bytes:
    text = RECORD.replace("MODEL", model)
    for name, value in values.items():
        lines = [f"{name} = {value}" if line.startswith(f"{name} =") else line for line in text.split("\n")]
        text = "\n".join(lines)
    return text.encode()


def a_plan(stages: str = "", **values: str) -> Plan:
    return parse_plan(plan_text(stages, **values))


def a_record(model: str = "aa" * 32, **values: str) -> Supplier:
    return parse_supplier(record_text(model, **values))


def a_sign(held: Entry, capture: str = "") -> Placed:
    from datetime import date

    text = placed_text(held.id, capture or held.capture, "ab" * 32, date(2027, 1, 2), [("At the fountain", 15)], [])
    return parse_placed(text.encode())


def filed(paper: Any, *, accepted: bool = True, until: int = FOREVER) -> Filed[Any]:
    return Filed(paper, paper.hash, accepted, until)
