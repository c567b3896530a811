"""A supplier's record: who they are, what they deliver, what is known of it, whether to deal with them.

Sources: ATRS 2.1 (supplier, procedure, access to data); Amsterdam's and the EU's model clauses for buying algorithms;
the UN Guiding Principles on Business and Human Rights. Lists of sanctions are an input: none comes with the software.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from passerby.charter.papers import fields
from passerby.charter.papers.front import count_words, read_written, tokens
from passerby.charter.register import words
from passerby.charter.register.words import Flaw, Flawed

FORMAT = "passerby/supplier@1"
HEADINGS = ("What they deliver", "What they may see", "What it was trained on", "Human rights", "Why this supplier")
LEAST_WORDS = 15
LARGEST_LIST = 64 << 20


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier's record.

    Args:
        id: Safe.
        name: Of the supplier.
        owner: Who owns it, to the last owner.
        origin: Country of its seat.
        number: In its register of companies.
        role: What it is to the site.
        procedure: How it was chosen: tender, direct award, own development.
        data_access: Which data it may see; "none" where none.
        licence: Of what it delivers.
        valid_until: The last day of this record.
        models: Name and SHA-256 of each model.
        errors: Condition, measure and value of each measured error.
        flags: What speaks against dealing with it, and the answer.
        sections: Heading to text.
        hash: SHA-256 of the file.
    """

    id: str
    name: str
    owner: str
    origin: str
    number: str
    role: str
    procedure: str
    data_access: str
    licence: str
    valid_until: date
    models: tuple[Mapping[str, str], ...]
    errors: tuple[Mapping[str, str], ...]
    flags: tuple[Mapping[str, str], ...]
    sections: Mapping[str, str]
    hash: str

    @property
    def model_hashes(self) -> frozenset[str]:
        """SHA-256 of each model."""
        return frozenset(model["sha256"] for model in self.models)


_LINE: fields.Read = lambda value, where: words.line(value, where, empty=False)  # noqa: E731
_READERS: dict[str, fields.Read] = {
    "format": fields.one_of(FORMAT),
    "id": words.identity,
    **dict.fromkeys(
        ("name", "owner", "origin", "number", "role", "procedure", "data_access", "licence"), _LINE
    ),
    "valid_until": words.day,
    "models": fields.tables({"name": _LINE, "sha256": fields.digest}),
    "errors": fields.tables({"condition": _LINE, "measure": _LINE, "value": _LINE}),
    "flags": fields.tables({"what": fields.text(empty=False), "answer": fields.text(empty=False)}),
}  # fmt: skip


def parse_supplier(content: bytes, where: str = "supplier") -> Supplier:
    """A record's file.

    Raises:
        Flawed: It is none.
    """
    written = read_written(content, where, HEADINGS)
    optional: dict[str, Any] = {"models": (), "errors": (), "flags": ()}
    found = fields.read_fields(written.front, _READERS, optional, where)
    del found["format"]
    return Supplier(**found, sections=dict(written.sections), hash=written.hash)


def lacks(record: Supplier, hits: list[str]) -> list[str]:
    """What a record lacks before anybody may decide on it.

    Args:
        record: The record.
        hits: Names of it that are on a list of sanctions.
    """
    said = {heading: count_words(record.sections.get(heading, "")) for heading in HEADINGS}
    short = {heading: count for heading, count in said.items() if count < LEAST_WORDS}
    found = [f"{heading}: {count} of at least {LEAST_WORDS} words" for heading, count in short.items()]
    if record.models and not record.errors:
        found.append("errors: a model needs its measured error, by condition")
    answered = " ".join(flag["what"] for flag in record.flags)
    found += [f"flags: {name} is on a list of sanctions: name it and answer" for name in hits if name not in answered]
    return found


def sanctioned(record: Supplier, content: bytes, where: str) -> list[str]:
    """Which of a record's names are on a list of sanctions.

    Every cell of the file is taken for a name. Compared word by word, without case, accents and order: a hit is a
    reason to look, not a finding; a name in another script is not found.

    Args:
        record: The record.
        content: The list: CSV or one name a line, UTF-8.
        where: Its name, for messages.

    Raises:
        Flawed: The list can't be read, or is empty.
    """
    text = words.decode(content, where, LARGEST_LIST)
    try:
        listed = {_key(cell) for row in csv.reader(io.StringIO(text, newline="")) for cell in row} - {frozenset()}
    except csv.Error as error:
        raise Flawed(Flaw.SYNTAX, where, str(error), "give CSV, or one name a line") from error
    if not listed:
        raise Flawed(Flaw.EMPTY, where, "", "give a list with names in it")
    return [name for name in (record.name, record.owner) if _key(name) in listed]


def _key(name: str) -> frozenset[str]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return frozenset(tokens(plain))


EXAMPLE = """\
+++
format = "passerby/supplier@1"
id = "passerby"
name = "The Passerby project"
owner = "Its contributors; no company"
origin = "none"
number = "none"
role = "Software that counts and redacts, run by our own staff"
procedure = "Open-source software, no purchase; chosen after a trial"
data_access = "none"
licence = "AGPL-3.0-or-later"
valid_until = 2027-12-31

[[models]]
name = "nanodet"
sha256 = "SHA-256 as `passerby permit plan` prints it"

[[errors]]
condition = "Daylight, fewer than 40 people"
measure = "mean absolute error of the count"
value = "as measured at this place: fill in"
+++

## What they deliver

## What they may see

## What it was trained on

## Human rights

## Why this supplier
"""
