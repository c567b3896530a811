"""Reads the facts of papers: each field by its reader, each table exactly with its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from passerby.charter.register import words
from passerby.charter.register.words import Flaw, Flawed

Read = Callable[[object, str], Any]


def text(most: int = 2000, *, empty: bool = True) -> Read:
    """Some lines of text."""
    return lambda value, where: words.prose(value, where, most, empty=empty)


def digest(value: object, where: str) -> str:
    """A SHA-256 in hexadecimal.

    Raises:
        Flawed: It is none.
    """
    found = words.line(value, where, empty=False)
    if len(found) != 64 or set(found) - set("0123456789abcdef"):
        raise Flawed(Flaw.SYNTAX, where, found[:20], "write 64 hexadecimal digits")
    return found


def one_of(*known: str) -> Read:
    """One of these words."""
    return lambda value, where: words.word(value, where, known)


def table(readers: Mapping[str, Read], optional: Mapping[str, Any] | None = None) -> Read:
    """A table with exactly these columns, but for those that may be left out."""
    return lambda value, where: read_fields(value, readers, optional or {}, where)


def tables(readers: Mapping[str, Read], optional: Mapping[str, Any] | None = None) -> Read:
    """A list of such tables."""
    each = table(readers, optional)
    return lambda value, where: tuple(
        each(item, f"{where} {number}") for number, item in enumerate(words.items(value, where), 1)
    )


def read_fields(given: object, readers: Mapping[str, Read], optional: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The fields of a paper or a table.

    Args:
        given: As TOML gave them.
        readers: How each is read.
        optional: What those are that may be left out.
        where: For messages.

    Raises:
        Flawed: One is missing, unknown or can't be what it is.
    """
    if not isinstance(given, Mapping):
        raise Flawed(Flaw.SYNTAX, where, "", f"write a table with {', '.join(readers)}")
    for name in given:
        if name not in readers:
            raise Flawed(Flaw.SURPLUS, f"{where} {str(name)[:40]}", "", f"it may have {', '.join(readers)}")
    for name in readers:
        if name not in given and name not in optional:
            raise Flawed(Flaw.MISSING, f"{where} {name}", "", "write it")
    return dict(optional) | {name: readers[name](value, f"{where} {name}") for name, value in given.items()}
