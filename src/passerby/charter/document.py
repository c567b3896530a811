"""Reads signed documents strictly: canonical JSON (RFC 8785) as the text of a C2SP signed note, and nothing else.

What is oversized, deep, has a name twice, an unknown or missing field, a fraction, or is written in any but the one
canonical way, is refused, each with its own fault. Two readers can't read such a document differently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, NoReturn

import rfc8785

from passerby.base.errors import CharterError
from passerby.ledger.verify import LedgerError, parse_note

LONGEST = 256 << 10
DEEPEST = 6
Fields = dict[str, Any]
Shape = Callable[[object], bool]


class Fault(Enum):
    """Why a document is none."""

    TOO_LONG = "it is longer than any such document may be"
    NO_NOTE = "it is not a signed note"
    NO_JSON = "its text is not JSON"
    TOO_DEEP = "it is nested deeper than any such document"
    TWICE = "it has a name twice"
    NOT_CANONICAL = "it is not written in canonical form"
    OTHER_FORMAT = "it is a document of another format"
    FIELDS = "it has a field too many or too few"
    VALUES = "a field has a value that it can't have"
    SENSE = "its fields contradict each other"


class Unsound(CharterError):
    """A document that is none.

    Args:
        fault: Why.
        detail: Where, in words.
    """

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault.value}{f' ({detail})' if detail else ''}", "take it again from whoever signed it")
        self.fault = fault
        self.detail = detail


def text_of(note: bytes, longest: int = LONGEST) -> str:
    """A signed note's text, not yet believed.

    Raises:
        Unsound: It is too long, or no signed note.
    """
    if len(note) > longest:
        raise Unsound(Fault.TOO_LONG)
    try:
        return parse_note(note)[0]
    except LedgerError as error:
        raise Unsound(Fault.NO_NOTE, str(error)) from error


def read(text: str, shapes: Mapping[str, Shape]) -> Fields:
    """A note's text as a document with exactly these fields, `format` being one of them.

    Raises:
        Unsound: It is anything else.
    """
    if len(text) > LONGEST:
        raise Unsound(Fault.TOO_LONG)
    found = parse_json(text)
    if not isinstance(found, dict):
        raise Unsound(Fault.NO_JSON)
    if _depth(found) > DEEPEST:
        raise Unsound(Fault.TOO_DEEP)
    if _written(found) != text:
        raise Unsound(Fault.NOT_CANONICAL)
    if not shapes["format"](found.get("format")):
        raise Unsound(Fault.OTHER_FORMAT)
    check(found, shapes)
    return found


def write(fields: Mapping[str, Any]) -> str:
    """The text of a note: canonical JSON and a newline.

    Raises:
        Unsound: It can't be written so.
    """
    text = _written(fields)
    if text is None:
        raise Unsound(Fault.VALUES)
    return text


def check(fields: object, shapes: Mapping[str, Shape]) -> None:
    """Exactly these fields, each of its shape.

    Raises:
        Unsound: They are not.
    """
    if not isinstance(fields, dict) or fields.keys() != shapes.keys():
        raise Unsound(Fault.FIELDS, _difference(fields, shapes))
    for name, fits in shapes.items():
        if not fits(fields[name]):
            raise Unsound(Fault.VALUES, name)


def _difference(fields: object, shapes: Mapping[str, Shape]) -> str:
    if not isinstance(fields, dict):
        return "no object"
    return ", ".join(sorted(f"no {n}" for n in shapes.keys() - fields.keys()) + sorted(fields.keys() - shapes.keys()))


def parse_json(text: str) -> object:
    """Any JSON without a name twice or a fraction, however it is written.

    Raises:
        Unsound: It is none, or nested too deep.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_float=_no_number, parse_constant=_no_number)
    except RecursionError as error:
        raise Unsound(Fault.TOO_DEEP) from error
    except ValueError as error:
        raise Unsound(Fault.NO_JSON) from error


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unsound(Fault.TWICE)
    return found


def _no_number(text: str) -> NoReturn:
    raise Unsound(Fault.VALUES, f"{text[:20]} is no whole number")


def _depth(value: object) -> int:
    """How deep a parsed value is nested, without recursion."""
    level: list[object] = [value]
    depth = 0
    while level := [item for holder in level for item in _inside(holder)]:
        depth += 1
    return depth


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return [*value.values(), None]
    return [*value, None] if isinstance(value, list) else ()


def _written(fields: object) -> str | None:
    try:
        return rfc8785.dumps(fields).decode() + "\n"  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, UnicodeError):
        return None
