"""A camera as the register knows it, the organisation that owns it, and what of it is *captured*.

Whatever changes what is captured (where it looks, what runs, what for, how long anything is kept, what it must never
see) makes the camera's assessment and sign wrong: `Entry.capture` is the hash of exactly that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import rfc8785

from passerby.charter.register import words
from passerby.charter.register.words import Flaw, Flawed
from passerby.charter.root import ANALYSES, PURPOSES, YEAR

LONGEST_WHY, OUTLINE = 4000, 1000
TRANSLATED = frozenset({"name", "place", "view", "office", "why", "ground"})
OWNER_TRANSLATED = frozenset({"name", "address", "complaints"})
# What may leave an entry's hands for a sign or a page in another language.
Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Something in the picture that must never be seen.

    Args:
        id: The zone's id in the scene.
        why: What is there: windows of homes, a place of worship.
        outline: Its corners, as the scene has them: thousandths of the picture's width and height. Empty before that.
    """

    id: str
    why: str
    outline: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """An owner of cameras; a city has many.

    Args:
        id: Safe.
        name: For people.
        address: Where letters reach it.
        contact: How people reach whoever answers for the cameras.
        officer: How people reach its privacy officer; empty where it has none.
        complaints: Where a complaint goes that the owner did not settle: the authority.
        texts: Name, address and complaints in other languages.
    """

    id: str
    name: str
    address: str = ""
    contact: str = ""
    officer: str = ""
    complaints: str = ""
    texts: Texts = field(default_factory=dict)

    def said(self, name: str, language: str) -> str:
        """A field in a language, or as it is where it was not translated."""
        return self.texts.get(language, {}).get(name, "") or str(getattr(self, name))


@dataclass(frozen=True, slots=True)
class Entry:
    """A camera in the register. Places are millionths of a degree, times are days of the site's own calendar.

    Args:
        id: The camera's id, as in permits and settings.
        name: For people.
        owner: The id of the organisation that owns it.
        area: The id of the part of the city; roles are scoped by owner and area.
        place: Where it stands, in words.
        view: What it looks at, in words.
        latitude_e6: North positive; None where no map may show it.
        longitude_e6: East positive.
        office: Which office is responsible.
        contact: How people reach it.
        purposes: What for, of the closed list.
        analyses: What runs, of the closed list.
        why: Why it is needed.
        ground: The legal ground.
        retention_s: How long anything is kept; 0 where nothing is.
        forbidden: What it must never see.
        languages: Of its sign; the first is the entry's own.
        begins: First day, or None while nobody knows.
        ends: The day after which it must be registered anew.
        reference: Its number in the owner's own books.
        texts: Its words in other languages.
        bearing: Which way it looks: degrees from north, clockwise; None where nobody said.
        angle: How wide, in degrees from edge to edge.
        range_m: How far somebody can be told from the ground, in metres.
    """

    id: str
    name: str
    owner: str
    area: str
    place: str = ""
    view: str = ""
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    office: str = ""
    contact: str = ""
    purposes: tuple[str, ...] = ()
    analyses: tuple[str, ...] = ("crowd",)
    why: str = ""
    ground: str = ""
    retention_s: int = 0
    forbidden: tuple[Forbidden, ...] = ()
    languages: tuple[str, ...] = ("en",)
    begins: date | None = None
    ends: date | None = None
    reference: str = ""
    texts: Texts = field(default_factory=dict)
    bearing: int | None = None
    angle: int | None = None
    range_m: int | None = None

    def text(self) -> str:
        """Canonical JSON (RFC 8785): what is stored, exported and hashed."""
        return rfc8785.dumps(plain(self)).decode()

    @property
    def hash(self) -> str:
        """SHA-256 of the text: what acts name."""
        return sha256(self.text().encode()).hexdigest()

    @property
    def capture(self) -> str:
        """SHA-256 of what is captured."""
        found = plain(self)
        return sha256(rfc8785.dumps({name: found[name] for name in CAPTURED if name in found})).hexdigest()

    @property
    def keeps(self) -> bool:
        """Whether pictures are kept."""
        return self.retention_s > 0

    def said(self, name: str, language: str) -> str:
        """A field in a language, or in the entry's own where it was not translated."""
        return self.texts.get(language, {}).get(name, "") or str(getattr(self, name))


CAPTURED = (
    "id", "place", "view", "latitude_e6", "longitude_e6", "purposes", "analyses", "retention_s", "forbidden",
    "bearing", "angle", "range_m",
)  # fmt: skip
# Where nobody said, an entry has not even the name: so it keeps the hash that it had before there were such fields.
CONE = ("bearing", "angle", "range_m")
REQUIRED = (
    "name", "place", "view", "office", "contact", "purposes", "analyses", "why", "ground", "languages", "begins",
    "ends",
)  # fmt: skip
OWNER_REQUIRED = ("name", "contact", "complaints")


def plain(value: Any) -> Any:
    """A record as JSON can hold it: canonical, whole numbers, days as text, nothing for what is not known."""
    if isinstance(value, Forbidden) and not value.outline:
        # Written so since before there were outlines: no hash changes by their being possible.
        return {"id": value.id, "why": value.why}
    if isinstance(value, Entry | Organisation | Forbidden):
        found = {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        return {name: item for name, item in found.items() if item is not None or name not in CONE}
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def missing(entry: Entry, owner: Organisation) -> list[str]:
    """Which required fields are empty: while there is one, the entry is not publishable."""
    found = [name for name in REQUIRED if not getattr(entry, name)]
    found += ["latitude, longitude"] if entry.latitude_e6 is None or entry.longitude_e6 is None else []
    return found + [f"owner's {name}" for name in OWNER_REQUIRED if not getattr(owner, name)]


def _texts(value: object, where: str, known: frozenset[str]) -> Texts:
    if not isinstance(value, Mapping) or len(value) > words.MOST_ITEMS:
        raise Flawed(Flaw.SYNTAX, where, "", "write a table for each language")
    found: dict[str, Mapping[str, str]] = {}
    for tag, said in sorted(value.items()):
        if not isinstance(said, Mapping):
            raise Flawed(Flaw.SYNTAX, f"{where}.{tag}", "", "write a table of fields")
        entries = {words.word(name, f"{where}.{tag}", known): words.line(text, f"{where}.{tag}.{name}", LONGEST_WHY)
                   for name, text in said.items()}  # fmt: skip
        found[words.language(tag, where)] = MappingProxyType(dict(sorted(entries.items())))
    return MappingProxyType(found)


def _forbidden(value: object, where: str) -> tuple[Forbidden, ...]:
    found = []
    for item in words.items(value, where):
        if not isinstance(item, Mapping) or item.keys() - {"outline"} != {"id", "why"}:
            raise Flawed(Flaw.SYNTAX, where, "", "each needs id and why, and may have an outline")
        name, why = words.identity(item["id"], where), words.line(item["why"], where, empty=False)
        found.append(Forbidden(name, why, _outline(item.get("outline", ()), f"{where} {name}")))
    words.distinct([zone.id for zone in found], where)
    return tuple(sorted(found, key=lambda zone: zone.id))


def _outline(value: object, where: str) -> tuple[tuple[int, int], ...]:
    found = list[tuple[int, int]]()
    for corner in words.items(value, where):
        if not isinstance(corner, list | tuple) or len(corner) != 2:
            raise Flawed(Flaw.SYNTAX, f"{where} outline", "", "a corner is two numbers")
        x, y = (words.whole(number, f"{where} outline", 0, OUTLINE) for number in corner)
        found.append((x, y))
    if 0 < len(found) < 3:
        raise Flawed(Flaw.SENSE, f"{where} outline", "", "it has three corners or more")
    return tuple(found)


def _listed(known: tuple[str, ...]) -> Callable[[object, str], tuple[str, ...]]:
    return lambda value, where: words.distinct(
        [words.word(item, where, known) for item in words.items(value, where)], where
    )


def _languages(value: object, where: str) -> tuple[str, ...]:
    found = [words.language(item, where) for item in words.items(value, where)]
    words.distinct(found, where)
    return tuple(found)


def _text(most: int = words.LINE, *, empty: bool = True) -> Callable[[object, str], str]:
    return lambda value, where: words.line(value, where, most, empty=empty)


def _or_none(read: Callable[[object, str], Any]) -> Callable[[object, str], Any]:
    return lambda value, where: None if value in (None, "") else read(value, where)


# How each field is read from what people or programs wrote.
READ: Mapping[str, Callable[[object, str], Any]] = MappingProxyType(
    {
        "id": words.identity,
        "name": _text(empty=False),
        "owner": words.identity,
        "area": words.identity,
        "place": _text(),
        "view": _text(500),
        "latitude_e6": _or_none(lambda v, w: words.whole(v, w, -90_000_000, 90_000_000)),
        "longitude_e6": _or_none(lambda v, w: words.whole(v, w, -180_000_000, 180_000_000)),
        "office": _text(),
        "contact": _text(),
        "purposes": _listed(PURPOSES),
        "analyses": _listed(ANALYSES),
        "why": _text(LONGEST_WHY),
        "ground": _text(500),
        "retention_s": lambda v, w: words.whole(v, w, 0, YEAR),
        "forbidden": _forbidden,
        "languages": _languages,
        "begins": _or_none(words.day),
        "ends": _or_none(words.day),
        "reference": _text(),
        "texts": lambda v, w: _texts(v, w, TRANSLATED),
        "bearing": _or_none(lambda v, w: words.whole(v, w, 0, 359)),
        "angle": _or_none(lambda v, w: words.whole(v, w, 1, 360)),
        "range_m": _or_none(lambda v, w: words.whole(v, w, 1, 2000)),
    }
)
_OWNER: Mapping[str, Callable[[object, str], Any]] = MappingProxyType(
    {
        "id": words.identity,
        "name": _text(empty=False),
        **dict.fromkeys(("address", "contact", "officer", "complaints"), _text(500)),
        "texts": lambda v, w: _texts(v, w, OWNER_TRANSLATED),
    }
)


def parse_entry(given: Mapping[str, Any], where: str = "camera") -> Entry:
    """A camera from named values.

    Raises:
        Flawed: A field is missing, unknown or can't be what it is.
    """
    entry = Entry(**_read(given, READ, where, ("id", "name", "owner", "area")))
    sensible(entry, where)
    return entry


def parse_organisation(given: Mapping[str, Any], where: str = "owner") -> Organisation:
    """An organisation from named values.

    Raises:
        Flawed: As for `parse_entry`.
    """
    return Organisation(**_read(given, _OWNER, where, ("id", "name")))


def stored_entry(text: str) -> Entry:
    """An entry from its own text."""
    return parse_entry(json.loads(text))


def sensible(entry: Entry, where: str = "camera") -> None:
    """The fields of an entry fit together.

    Raises:
        Flawed: They don't.
    """
    records = not {"record", "seal"}.isdisjoint(entry.analyses)
    if entry.keeps != records:
        raise Flawed(Flaw.SENSE, f"{where} retention", "", "something is kept exactly where record or seal runs")
    if (entry.latitude_e6 is None) != (entry.longitude_e6 is None):
        raise Flawed(Flaw.SENSE, f"{where} latitude, longitude", "", "give both or neither")
    if (entry.bearing is None) != (entry.angle is None) or (entry.range_m is not None and entry.angle is None):
        raise Flawed(Flaw.SENSE, f"{where} bearing, angle", "", "give both, and a range only with them")
    if entry.begins and entry.ends and not entry.begins <= entry.ends:
        raise Flawed(Flaw.SENSE, f"{where} ends", "", "it ends before it begins")


def changed(entry: Entry, given: Mapping[str, Any]) -> Entry:
    """An entry with other values of some fields; its id stays.

    Raises:
        Flawed: As for `parse_entry`.
    """
    if given.get("id", entry.id) != entry.id:
        raise Flawed(Flaw.SENSE, "id", "", "a camera's id never changes: register a new one")
    found = replace(entry, **_read(given, READ, entry.id, ()))
    sensible(found, entry.id)
    return found


def _read(
    given: Mapping[str, Any], readers: Mapping[str, Callable[[object, str], Any]], where: str, needed: tuple[str, ...]
) -> dict[str, Any]:
    for name in given:
        if name not in readers:
            raise Flawed(Flaw.SURPLUS, f"{where} {str(name)[:40]}", "", f"it may have {', '.join(readers)}")
    for name in needed:
        if name not in given:
            raise Flawed(Flaw.MISSING, f"{where} {name}", "", "every camera has it")
    return {name: readers[name](value, f"{where} {name}") for name, value in given.items()}
