"""The record that a sign is in its place: which sign, where, since when, and the hash of a picture of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from passerby.charter.papers import fields
from passerby.charter.papers.front import LARGEST, read_toml
from passerby.charter.register import words
from passerby.charter.register.words import Flaw, Flawed

FORMAT = "passerby/placed@1"


@dataclass(frozen=True, slots=True)
class Placed:
    """A placed sign.

    Args:
        camera: The camera's id.
        capture: Hash of what the sign says is captured.
        sign: SHA-256 of the sign's file.
        on: When it was put up.
        places: Where: in words, and how far before the picture begins, in metres.
        pictures: SHA-256 of pictures of it in its place.
        hash: SHA-256 of the file.
    """

    camera: str
    capture: str
    sign: str
    on: date
    places: tuple[Mapping[str, object], ...]
    pictures: tuple[str, ...]
    hash: str


_READERS: dict[str, fields.Read] = {
    "format": fields.one_of(FORMAT),
    "camera": words.identity,
    "capture": fields.digest,
    "sign": fields.digest,
    "on": words.day,
    "places": fields.tables(
        {"where": lambda v, w: words.line(v, w, empty=False), "metres_before": lambda v, w: words.whole(v, w, 0, 1000)}
    ),
    "pictures": lambda v, w: tuple(fields.digest(item, w) for item in words.items(v, w)),
}


def parse_placed(content: bytes, where: str = "placed sign") -> Placed:
    """A record's file (TOML).

    Raises:
        Flawed: It is none, or names no place.
    """
    front = read_toml(words.decode(content, where, LARGEST), where)
    found = fields.read_fields(front, _READERS, {"pictures": ()}, where)
    del found["format"]
    if not found["places"]:
        raise Flawed(Flaw.EMPTY, f"{where} places", "", "say where the sign is")
    return Placed(**found, hash=sha256(content).hexdigest())


def placed_text(
    camera: str, capture: str, sign: str, on: date, places: list[tuple[str, int]], pictures: list[str]
) -> str:
    """A record's file."""
    lines = [f"format = {json.dumps(FORMAT)}", f"camera = {json.dumps(camera)}", f"capture = {json.dumps(capture)}"]
    lines += [f"sign = {json.dumps(sign)}", f"on = {on.isoformat()}", f"pictures = {json.dumps(pictures)}"]
    for place, metres in places:
        lines += ["", "[[places]]", f"where = {json.dumps(place, ensure_ascii=False)}", f"metres_before = {metres}"]
    return "\n".join([*lines, ""])
