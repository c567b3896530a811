"""What people write, checked before anything is done with it: each flaw has a name and says where it is.

Nothing is mended silently but spaces (of every width, and at the ends) and the composed form of letters (NFC): what a
person reads must be what is stored, so signs that can't be seen or that turn the reading direction are refused, and
whole alphabets are not.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable
from datetime import date
from enum import Enum
from itertools import pairwise

from passerby.base.errors import CharterError
from passerby.base.ids import SAFE

LINE, PROSE = 200, 20_000
MOST_ITEMS = 64
# Joiners without which Persian, Urdu and the scripts of India can't be written.
_JOINERS = "\u200c\u200d"
# Spaces of every width, and none of the line or paragraph separators.
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Flaw(Enum):
    """What can be wrong with something that people wrote."""

    NOT_UTF8 = "it is not UTF-8 text"
    TOO_LARGE = "it is larger than any such file"
    TOO_LONG = "it is too long"
    EMPTY = "it is empty"
    HIDDEN = "it has a sign that can't be seen"
    LINES = "it has more than one line"
    NOT_TEXT = "it is not text"
    NO_NUMBER = "it is no number"
    RANGE = "it is outside of what can be"
    NO_ID = "it can't be an id"
    NO_DAY = "it is no day"
    NO_LANGUAGE = "it is no language"
    UNKNOWN = "it is not on the list"
    TWICE = "it is there twice"
    MISSING = "it is missing"
    SURPLUS = "nobody knows what it is"
    SYNTAX = "it is not written as it should be"
    SENSE = "it contradicts something else"


class Flawed(CharterError):
    """Something that people wrote can't be used.

    Args:
        flaw: What is wrong.
        where: The field, column or file.
        detail: What exactly.
        advice: What to do.
    """

    def __init__(self, flaw: Flaw, where: str, detail: str = "", advice: str = "") -> None:
        super().__init__(f"{where}: {flaw.value}{f' ({detail})' if detail else ''}", advice)
        self.flaw, self.where, self.detail = flaw, where, detail


def decode(content: bytes, where: str, most: int) -> str:
    """A file's text.

    Raises:
        Flawed: It is too large, or no UTF-8.
    """
    if len(content) > most:
        raise Flawed(Flaw.TOO_LARGE, where, f"{len(content)} bytes", f"at most {most} are read: split it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Flawed(Flaw.NOT_UTF8, where, f"at byte {error.start}", "save it as UTF-8, then try again") from error


def line(value: object, where: str, most: int = LINE, *, empty: bool = True) -> str:
    """One line of text.

    Raises:
        Flawed: It is none.
    """
    text = prose(value, where, most, empty=empty)
    if "\n" in text:
        raise Flawed(Flaw.LINES, where, "", "write it on one line")
    return text


def prose(value: object, where: str, most: int = PROSE, *, empty: bool = True) -> str:
    """Text of some lines.

    Raises:
        Flawed: It is none.
    """
    if not isinstance(value, str):
        raise Flawed(Flaw.NOT_TEXT, where, type(value).__name__, "put it in quotation marks")
    if len(value) > 2 * most + 100:
        raise Flawed(Flaw.TOO_LONG, where, f"{len(value)} signs", f"at most {most}")
    text = value.strip()
    if not (text.isascii() and text.isprintable()):
        text = _SPACES.sub(" ", unicodedata.normalize("NFC", value.replace("\r\n", "\n"))).strip()
    if len(text) > most:
        raise Flawed(Flaw.TOO_LONG, where, f"{len(text)} signs", f"at most {most}")
    for sign in () if text.isprintable() else text:
        if not (sign.isprintable() or sign == "\n" or sign in _JOINERS):
            raise Flawed(Flaw.HIDDEN, where, f"U+{ord(sign):04X}", "take it out")
    if not text and not empty:
        raise Flawed(Flaw.EMPTY, where, "", "write something")
    return text


def identity(value: object, where: str) -> str:
    """An id that is safe as a file name.

    Raises:
        Flawed: It is none.
    """
    text = line(value, where, empty=False)
    if not SAFE.fullmatch(text):
        raise Flawed(Flaw.NO_ID, where, text[:40], "use a–z, 0–9 and - inside, at most 63 signs")
    return text


def id_from(text: str) -> str:
    """The id that is nearest to a name or number in another register; empty where there is none."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:63].rstrip("-")


def word(value: object, where: str, known: Collection[str]) -> str:
    """One of these words.

    Raises:
        Flawed: It is another.
    """
    text = line(value, where, empty=False)
    if text not in known:
        raise Flawed(Flaw.UNKNOWN, where, text[:40], f"it may be {', '.join(sorted(known))}")
    return text


def items(value: object, where: str) -> list[object]:
    """A list, bounded.

    Raises:
        Flawed: It is none.
    """
    if not isinstance(value, list | tuple):
        raise Flawed(Flaw.SYNTAX, where, "", "write a list")
    if len(value) > MOST_ITEMS:
        raise Flawed(Flaw.TOO_LONG, where, f"{len(value)} items", f"at most {MOST_ITEMS}")
    return list(value)


def distinct(found: Iterable[str], where: str) -> tuple[str, ...]:
    """In order, none twice.

    Raises:
        Flawed: One is there twice.
    """
    listed = sorted(found)
    for one, other in pairwise(listed):
        if one == other:
            raise Flawed(Flaw.TWICE, where, one[:40], "name it once")
    return tuple(listed)


def language(value: object, where: str) -> str:
    """A language tag such as `en`, `zh-Hant` or `pt-BR` (BCP 47, without the rare parts).

    Raises:
        Flawed: It is none.
    """
    text = line(value, where, empty=False)
    if not _LANGUAGE.fullmatch(text):
        raise Flawed(Flaw.NO_LANGUAGE, where, text[:40], "such as en, zh-Hant or pt-BR")
    return text


def whole(value: object, where: str, least: int, most: int) -> int:
    """A whole number in bounds; true and false are none.

    Raises:
        Flawed: It is none.
    """
    if type(value) is not int:
        raise Flawed(Flaw.NO_NUMBER, where, str(value)[:40], "write a whole number")
    if not least <= value <= most:
        raise Flawed(Flaw.RANGE, where, str(value)[:40], f"from {least} to {most}")
    return value


def degrees_e6(value: object, where: str, most: int) -> int:
    """Degrees as millionths, from a number or its text.

    Raises:
        Flawed: It is no number, or beyond the poles or the date line.
    """
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Flawed(Flaw.NO_NUMBER, where, str(value)[:40], "write degrees, such as 22.28")
    if abs(number) > most:
        raise Flawed(Flaw.RANGE, where, str(value)[:40], f"from -{most} to {most} degrees")
    return round(number * 1e6)


def day(value: object, where: str) -> date:
    """A day, from TOML's own or from text such as 2028-02-29.

    Raises:
        Flawed: It is none.
    """
    if type(value) is date:
        return value
    text = line(value, where, empty=False)
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else _no_day(text, where)
    except ValueError as error:
        raise Flawed(Flaw.NO_DAY, where, text[:40], "such as 2028-02-29") from error


def _no_day(text: str, where: str) -> date:
    raise Flawed(Flaw.NO_DAY, where, text[:40], "such as 2028-02-29")
