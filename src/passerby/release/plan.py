"""A release plan: what is published, with how much noise, under which budget, and when. Two institutions sign it.

Canonical JSON in a signed note, as a permit is (`charter.site_permit`). All of it is fixed before any day is looked at:
lines, bins, calendar, clamp, threshold, the shape of the draws. So none of it can say anything about who passed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import Any

from passerby.charter.document import Fault, Fields, Unsound, read, text_of, write
from passerby.charter.root import PURPOSES
from passerby.charter.shapes import digest, exactly, listed, mapped, plain_name, safe_id, site_name, whole, word_of
from passerby.release.calendar import BIN_MINUTES, is_day, is_zone
from passerby.release.noise import Mechanism
from passerby.release.tree import Level, Shape

FORMAT = "passerby/release-plan@1"
LONGEST = 256 << 10
# What no plan may exceed for one camera's day, whoever signs it: thousandths of ε (or of ρ) for one passage.
MOST_A_DAY = 3000
DEEPEST_TREE = 12
LANGUAGES = ("en", "zh-Hant")
WAYS = ("in", "out")
# A line as scenes name it: 1–40 letters, digits, blanks and . _ -
LINE = re.compile(r"[A-Za-z0-9._-](?:[A-Za-z0-9 ._-]{0,38}[A-Za-z0-9._-])?")
LICENCES = ("CC-BY-4.0", "CC0-1.0", "ODbL-1.0", "OGL-UK-3.0", "PDDL-1.0")


def _is_line(given: object) -> bool:
    return isinstance(given, str) and LINE.fullmatch(given) is not None


def _is_area(given: object) -> bool:
    return (
        isinstance(given, dict)
        and given.keys() == {"closed", "lines"}
        and type(given["closed"]) is bool
        and mapped(lambda name: isinstance(name, str), word_of(WAYS))(given["lines"])
        and len(given["lines"]) > 0
    )


def _is_levels(given: object) -> bool:
    return (
        isinstance(given, list)
        and 2 <= len(given) <= DEEPEST_TREE
        and all(isinstance(level, list) and len(level) == 2 for level in given)
        and all(type(number) is int and 0 <= number <= MOST_A_DAY for level in given for number in level)
    )


_NAMES = mapped(word_of(LANGUAGES), plain_name)
_SHAPES = {
    "format": exactly(FORMAT),
    "site": site_name,
    "root": digest,
    "purpose": word_of(PURPOSES),
    "publisher": plain_name,
    "contact": plain_name,
    "licence": word_of(LICENCES),
    "zone": is_zone,
    "bin_minutes": lambda given: given == BIN_MINUTES and type(given) is int,
    "mechanism": word_of(m.value for m in Mechanism),
    "levels": _is_levels,
    "cap": whole(1, MOST_A_DAY),
    "clamp": whole(1, 1_000_000),
    "threshold": whole(0, 100_000),
    "cameras": mapped(safe_id, listed(_is_line, 1)),
    "areas": mapped(safe_id, _is_area),
    "names": mapped(lambda name: isinstance(name, str), _NAMES),
    "issued": whole(),
    "first_day": is_day,
    "last_day": is_day,
    "due_h": whole(0, 31 * 24),
}


@dataclass(frozen=True, slots=True)
class Area:
    """Lines around a place.

    Args:
        closed: Whether nobody gets in or out but over these lines: then presence is computed from the flows.
        lines: ``camera/line`` to the way in over it: ``in`` or ``out``.
    """

    closed: bool
    lines: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan, parsed and sensible, its signatures not yet looked at.

    Args:
        site: The site's name.
        root: Hash of the site root it was signed under.
        purpose: What for, of the root's list.
        publisher: Who publishes.
        contact: How to reach them: an address for people.
        licence: SPDX's name of the data's licence.
        zone: Time zone of the days.
        shape: What is drawn of a day of one line and direction.
        cap: The most that may ever be spent on one camera's day, in thousandths for one passage, with the draws that
            a crash took.
        clamp: The most passages of one bin and direction that count.
        threshold: Numbers below it are not shown.
        cameras: Camera to its lines.
        areas: Area by id.
        names: Names for people: of ``camera``, ``camera/line`` or an area, in each language.
        issued: When it was drawn up, seconds since 1970.
        first_day: The first day that is published.
        last_day: The last.
        due_h: How many hours after its end a day is published.
    """

    site: str
    root: str
    purpose: str
    publisher: str
    contact: str
    licence: str
    zone: str
    shape: Shape
    cap: int
    clamp: int
    threshold: int
    cameras: Mapping[str, tuple[str, ...]]
    areas: Mapping[str, Area]
    names: Mapping[str, Mapping[str, str]]
    issued: int
    first_day: str
    last_day: str
    due_h: int

    def text(self) -> str:
        """As it is signed."""
        found: Fields = {name: getattr(self, name) for name in _SHAPES if hasattr(self, name)}
        found |= {
            "format": FORMAT,
            "bin_minutes": BIN_MINUTES,
            "mechanism": self.shape.mechanism.value,
            "levels": [[level.width, level.cost] for level in self.shape.levels],
            "cameras": {camera: list(lines) for camera, lines in self.cameras.items()},
            "areas": {name: {"closed": a.closed, "lines": dict(a.lines)} for name, a in self.areas.items()},
            "names": {name: dict(words) for name, words in self.names.items()},
        }
        return write(found)

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return sha256(self.text().encode()).hexdigest()

    def name(self, what: str, language: str = "en") -> str:
        """What people call a camera, a line (``camera/line``) or an area; its id where nobody said."""
        words = self.names.get(what, {})
        return words.get(language) or words.get("en") or what


def parse_plan(note: bytes) -> Plan:
    """A plan's note, strictly; the signatures are not yet looked at.

    Raises:
        Unsound: It is none, or its parts contradict each other.
    """
    return plan_of(read(text_of(note, LONGEST), _SHAPES))


def plan_of(found: Mapping[str, Any]) -> Plan:
    """The plan of checked fields.

    Raises:
        Unsound: They contradict each other.
    """
    levels = tuple(Level(width, cost) for width, cost in found["levels"])
    rest = {n: found[n] for n in _SHAPES if n not in ("format", "bin_minutes", "mechanism", "levels")}
    rest |= {
        "cameras": {camera: tuple(lines) for camera, lines in found["cameras"].items()},
        "areas": {name: Area(a["closed"], a["lines"]) for name, a in found["areas"].items()},
    }
    plan = Plan(shape=Shape(Mechanism(found["mechanism"]), levels), **rest)
    sensible(plan)
    return plan


def sensible(plan: Plan) -> None:
    """The parts of a plan fit together.

    Raises:
        Unsound: They don't.
    """
    widths = [level.width for level in plan.shape.levels]
    _need(widths[0] == 0 and widths[-1] == 1, "its first level is the whole day (0), its last single bins (1)")
    falling = all(a % b == 0 and a > b for a, b in pairwise(widths[1:]))
    _need(falling, "each level's width is a multiple of the next one's")
    _need(0 not in widths[1:], "only the first level is the whole day")
    _need(plan.shape.levels[-1].cost > 0, "the bins have no budget: they are drawn in any case")
    _need(plan.shape.cost <= plan.cap, "a day costs more than the camera's cap")
    _need(plan.first_day <= plan.last_day, "it ends before it begins")
    _need(bool(plan.cameras), "it publishes nothing")
    known = {f"{camera}/{line}" for camera, lines in plan.cameras.items() for line in lines}
    for name, area in plan.areas.items():
        _need(area.lines.keys() <= known, f"area {name} has a line that is not published")
    _need(plan.areas.keys().isdisjoint(plan.cameras), "an area has a camera's name")
    _need(plan.names.keys() <= known | plan.cameras.keys() | plan.areas.keys(), "it names what it does not have")


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unsound(Fault.SENSE, otherwise)
