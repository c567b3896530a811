"""The register for others: as a table, as JSON, and in the fields that algorithm registers and records ask for.

Sources: the Algorithmic Transparency Standard of Eurocities and the Dutch algorithm register; the United Kingdom's
Algorithmic Transparency Recording Standard; the seven questions of DTPR (Helpful Places). A field that nobody filled
in is exported as empty and named in `empty`, never filled with a phrase.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from passerby.charter.register.entry import CONE, Entry, Organisation, missing, plain
from passerby.charter.register.phase import Phase
from passerby.charter.register.table import COLUMNS, FORMULA

SUMMARY = 150
STATUS = {
    Phase.PROPOSED: "in development", Phase.ASSESSED: "in development", Phase.NOTICED: "in development",
    Phase.ACTIVE: "in use", Phase.SUSPENDED: "out of use", Phase.REMOVED: "out of use",
}  # fmt: skip
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
NO_NEED = "Nobody is identified: no analysis for that exists in the software."


@dataclass(frozen=True, slots=True)
class Records:
    """What other papers say about a camera; empty where there is none.

    Args:
        assessments: Analysis to the address or hash of its assessment.
        risks: From the assessments, in words.
        measures: The same.
        proportionality: The same.
        alternatives: The same.
        oversight: How people decide, in words.
        supplier: Who made it.
        supplier_number: Its registration number.
        supplier_role: What it does.
        procedure: How it was procured.
        data_access: What it may see.
        model: Names and hashes of the models.
        performance: Measured error, in words.
        training: What the models were trained on, in words.
        rights: The human-rights assessment, in words.
        page: The address of the camera's page.
    """

    assessments: Mapping[str, str]
    risks: str = ""
    measures: str = ""
    proportionality: str = ""
    alternatives: str = ""
    oversight: str = ""
    supplier: str = ""
    supplier_number: str = ""
    supplier_role: str = ""
    procedure: str = ""
    data_access: str = ""
    model: str = ""
    performance: str = ""
    training: str = ""
    rights: str = ""
    page: str = ""


NO_RECORDS = Records({})


def public(entry: Entry, owner: Organisation, phase: Phase, records: Records = NO_RECORDS) -> dict[str, Any]:
    """A camera for the public, whole: its own fields, and those of the other standards."""
    return {
        "camera": plain(entry),
        "owner": plain(owner),
        "phase": phase.value,
        "hash": entry.hash,
        "capture": entry.capture,
        "missing": missing(entry, owner),
        "assessments": dict(records.assessments),
        "algorithm_register": algorithm_register(entry, owner, phase, records),
        "atrs": atrs(entry, owner, phase, records),
        "dtpr": dtpr(entry, owner),
    }


def algorithm_register(entry: Entry, owner: Organisation, phase: Phase, records: Records) -> dict[str, Any]:
    """In the fields of the Dutch and Eurocities algorithm registers."""
    return _with_empty(
        {
            "name": entry.name,
            "organization": owner.name,
            "department": entry.office,
            "area": entry.area,
            "domain": "public space",
            "short_description": _summary(entry),
            "website": records.page,
            "risk_category": "high" if entry.keeps else "limited",
            "status": STATUS[phase],
            "begin_date": _day(entry.begins),
            "end_date": _day(entry.ends),
            "contact": entry.contact,
            "goal": ", ".join(entry.purposes),
            "impact": records.risks,
            "proportionality": records.proportionality,
            "decision_making_process": records.oversight,
            "competent_authority": owner.name,
            "lawful_basis": entry.ground,
            "dpia": "; ".join(f"{name}: {where}" for name, where in sorted(records.assessments.items())),
            "human_rights_assessment": records.rights,
            "objection_procedure": owner.complaints,
            "data": _data(entry),
            "technical_design": records.model,
            "human_intervention": records.oversight,
            "risks": records.risks,
            "risk_management": records.measures,
            "provider": records.supplier,
        }
    )


def atrs(entry: Entry, owner: Organisation, phase: Phase, records: Records) -> dict[str, Any]:
    """In the fields of the United Kingdom's Algorithmic Transparency Recording Standard, tiers 1 and 2."""
    return {
        "tier_1": _with_empty(
            {"name": entry.name, "description": _summary(entry), "url": records.page, "contact": entry.contact}
        ),
        "tier_2": _with_empty(
            {
                "organisation": owner.name,
                "team": entry.office,
                "senior_responsible_owner": entry.office,
                "supplier": records.supplier,
                "supplier_number": records.supplier_number,
                "supplier_role": records.supplier_role,
                "procurement_procedure": records.procedure,
                "data_access_terms": records.data_access,
                "detailed_description": entry.view,
                "scope": ", ".join(entry.purposes),
                "benefit": entry.why,
                "alternatives_considered": records.alternatives,
                "phase": phase.value,
                "how_it_enters_decisions": records.oversight,
                "human_role": records.oversight,
                "technical_specification": records.model,
                "model_performance": records.performance,
                "datasets": records.training,
                "data_processed": _data(entry),
                "impact_assessments": "; ".join(f"{n}: {where}" for n, where in sorted(records.assessments.items())),
                "risks": records.risks,
                "mitigations": records.measures,
            }
        ),
    }


def dtpr(entry: Entry, owner: Organisation) -> dict[str, Any]:
    """The seven questions of DTPR."""
    return {
        "purpose": list(entry.purposes),
        "accountable": owner.name,
        "technology": "camera with on-device counting",
        "data": _data(entry),
        "identifiable": entry.keeps,
        "processing": list(entry.analyses),
        "storage": f"{entry.retention_s // 3600} hours" if entry.keeps else "nothing is kept but numbers",
        "access": entry.contact,
    }


def table(entries: Iterable[tuple[Entry, Organisation, Phase]]) -> str:
    """The register as CSV (RFC 4180, UTF-8), which `read_table` reads back. No cell is a formula to a spreadsheet."""
    return b"".join(table_lines(entries)).decode()


def table_lines(entries: Iterable[tuple[Entry, Organisation, Phase]]) -> Iterator[bytes]:
    """The same, line by line, in UTF-8."""
    yield _line([*COLUMNS, "phase", "owner_name", "missing"])
    for entry, owner, phase in entries:
        cells = [_cell(entry, name) for name in COLUMNS]
        yield _line([guarded(c) for c in [*cells, phase.value, owner.name, "; ".join(missing(entry, owner))]])


def _line(cells: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs: what could be a formula, or already begins so, gets an apostrophe."""
    if _NUMBER.fullmatch(cell) or not cell.startswith((*FORMULA, "'")):
        return cell
    return f"'{cell}"


def _cell(entry: Entry, name: str) -> str:
    if name in ("latitude", "longitude"):
        number = getattr(entry, f"{name}_e6")
        return "" if number is None else f"{number / 1e6:.6f}"
    if name == "retention_h":
        return str(entry.retention_s // 3600)
    if name == "forbidden":
        return "; ".join(f"{zone.id}: {zone.why}" for zone in entry.forbidden)
    value = getattr(entry, name)
    if value is None and name in CONE:
        return ""
    if isinstance(value, tuple):
        return ";".join(value)
    return _day(value) if value is None or isinstance(value, date) else str(value)


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _summary(entry: Entry) -> str:
    """At most 150 signs, as the registers ask, cut at a word."""
    text = " ".join(part for part in (entry.name, entry.why) if part)
    return text if len(text) <= SUMMARY else text[: SUMMARY - 1].rsplit(" ", 1)[0] + "…"


def _data(entry: Entry) -> str:
    hours = entry.retention_s // 3600
    kept = f"Redacted pictures: kept {hours} hours." if "record" in entry.analyses else "No redacted picture is kept."
    if "seal" in entry.analyses:
        kept += f" Originals: kept encrypted, {hours} hours at most; two institutions together can open a part of them."
    elif not entry.keeps:
        kept = "No picture is kept."
    return f"Numbers of people and vehicles. {kept} {NO_NEED}"


def _with_empty(found: dict[str, Any]) -> dict[str, Any]:
    return found | {"empty": sorted(name for name, value in found.items() if not value)}
