"""What a single field of a signed document may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from passerby.base.ids import SAFE
from passerby.charter.document import Shape
from passerby.ledger.schema import MOST

_HASH = re.compile("[0-9a-f]{64}")
_SITE = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}(?:/[a-z0-9-]{1,63})?")
LONGEST_NAME = 120
MOST_ENTRIES = 4096


def exactly(value: str) -> Shape:
    """This word."""
    return lambda given: isinstance(given, str) and given == value


def whole(least: int = 0, most: int = MOST) -> Shape:
    """A whole number in these bounds; true and false are none."""
    return lambda given: type(given) is int and least <= given <= most


def flag(given: object) -> bool:
    """True or false."""
    return type(given) is bool


def digest(given: object) -> bool:
    """A SHA-256 in hexadecimal."""
    return isinstance(given, str) and _HASH.fullmatch(given) is not None


def digest_or_none(given: object) -> bool:
    """A SHA-256, or the empty text where there is none."""
    return given == "" or digest(given)


def safe_id(given: object) -> bool:
    """An id that is safe as a file name."""
    return isinstance(given, str) and SAFE.fullmatch(given) is not None


def site_name(given: object) -> bool:
    """A site's name, such as `example.org` or `example.org/harbour`."""
    return isinstance(given, str) and _SITE.fullmatch(given) is not None


def plain_name(given: object) -> bool:
    """A name for people: one line that prints, without spaces at its ends."""
    return isinstance(given, str) and 0 < len(given) <= LONGEST_NAME and given.isprintable() and given == given.strip()


def word_of(known: Iterable[str]) -> Shape:
    """One of these words."""
    words = frozenset(known)
    return lambda given: isinstance(given, str) and given in words


def words_of(known: Iterable[str], least: int = 0) -> Shape:
    """A sorted list without repetition, of these words."""
    return listed(word_of(known), least)


def listed(each: Shape, least: int = 0) -> Shape:
    """A sorted list of texts without repetition, each of a shape."""

    def fits(given: object) -> bool:
        if not isinstance(given, list) or not least <= len(given) <= MOST_ENTRIES:
            return False
        return all(isinstance(item, str) and each(item) for item in given) and given == sorted(set(given))

    return fits


def mapped(name: Shape, value: Shape) -> Shape:
    """An object whose names and values have these shapes."""

    def fits(given: object) -> bool:
        if not isinstance(given, Mapping) or len(given) > MOST_ENTRIES:
            return False
        return all(name(key) and value(item) for key, item in given.items())

    return fits
