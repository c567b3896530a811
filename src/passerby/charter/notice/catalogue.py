"""A language's words for signs, from a file that anybody can write: a new language needs no change of the software."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from passerby.charter.papers.front import read_toml
from passerby.charter.register import words
from passerby.charter.register.words import Flaw, Flawed
from passerby.charter.root import PURPOSES

LARGEST = 64 << 10
LONGEST = 300
# What a sign says, and which values stand in it.
WORDS: Mapping[str, frozenset[str]] = {
    "title_counts": frozenset(),
    "title_live": frozenset(),
    "title_records": frozenset(),
    "title_sealed": frozenset(),
    "fact_counts": frozenset(),
    "fact_hidden": frozenset(),
    "fact_hidden_sealed": frozenset(),
    "fact_no_picture": frozenset(),
    "fact_live": frozenset(),
    "fact_kept": frozenset({"hours"}),
    "fact_sealed": frozenset({"hours"}),
    "fact_nobody": frozenset(),
    "purpose": frozenset(),
    "responsible": frozenset(),
    "contact": frozenset(),
    "officer": frozenset(),
    "ground": frozenset(),
    "effect": frozenset(),
    "effect_counts": frozenset(),
    "effect_live": frozenset(),
    "effect_records": frozenset({"hours"}),
    "effect_sealed": frozenset({"hours"}),
    "rights": frozenset(),
    "rights_counts": frozenset(),
    "rights_records": frozenset(),
    "complaints": frozenset(),
    "more": frozenset(),
    "camera": frozenset(),
    "check": frozenset(),
}
_VALUE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A language.

    Args:
        language: Its tag: `en`, `zh-Hant`.
        name: What it calls itself.
        colon: What stands between a heading and its text.
        comma: What stands between the parts of a list.
        words: What a sign says.
        purposes: Purpose to its words.
    """

    language: str
    name: str
    colon: str
    comma: str
    words: Mapping[str, str]
    purposes: Mapping[str, str]

    def say(self, name: str, **values: object) -> str:
        """A sentence, with values in it."""
        return _VALUE.sub(lambda found: str(values[found.group(1)]), self.words[name])


def parse_catalogue(content: bytes, where: str = "catalogue") -> Catalogue:
    """A catalogue's file (TOML).

    Raises:
        Flawed: It is none, lacks a word, has one that no sign says, or a value that isn't there.
    """
    given = read_toml(words.decode(content, where, LARGEST), where)
    if given.keys() != {"language", "name", "colon", "comma", "words", "purposes"}:
        raise Flawed(Flaw.SYNTAX, where, "", "write language, name, colon, comma, [words] and [purposes]")
    found = _table(given["words"], frozenset(WORDS), f"{where} words")
    for name, text in found.items():
        for value in _VALUE.findall(text):
            if value not in WORDS[name]:
                raise Flawed(Flaw.UNKNOWN, f"{where} {name}", value[:20], f"it may be {set(WORDS[name]) or 'none'}")
    return Catalogue(
        words.language(given["language"], f"{where} language"),
        words.line(given["name"], f"{where} name", empty=False),
        _mark(given["colon"], f"{where} colon"),
        _mark(given["comma"], f"{where} comma"),
        found,
        _table(given["purposes"], frozenset(PURPOSES), f"{where} purposes"),
    )


def _mark(value: object, where: str) -> str:
    """A mark of punctuation, with the space that belongs to it."""
    if not isinstance(value, str) or not 0 < len(value) <= 3 or not value.isprintable():
        raise Flawed(Flaw.SYNTAX, where, "", "write one to three signs")
    return value


def _table(value: object, known: frozenset[str], where: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Flawed(Flaw.SYNTAX, where, "", "write a table")
    if gone := sorted(known - value.keys()):
        raise Flawed(Flaw.MISSING, where, ", ".join(gone), "a sign would have a hole there")
    if odd := sorted(str(name) for name in value.keys() - known):
        raise Flawed(Flaw.SURPLUS, where, ", ".join(odd)[:80], "no sign says it")
    return {name: words.line(value[name], f"{where}.{name}", LONGEST, empty=False) for name in sorted(known)}
