"""A paper as a person edits it: facts in TOML between two lines of `+++`, then text in Markdown under known headings.

Its hash is that of the file itself, so that `sha256sum` shows whether it is the one that was decided on. What could run
when somebody looks at it (HTML, links to anything but pages and letters) is refused, not cleaned.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from passerby.charter.register import words
from passerby.charter.register.words import Flaw, Flawed

LARGEST = 512 << 10
FENCE = "+++"
_HEADING = re.compile(r"^##\s+(.+?)\s*#*$")
_HTML = re.compile(r"<\s*[A-Za-z/!?]|&#")
_LINK = re.compile(r"\]\(\s*<?\s*([^)\s>]+)|^\s*\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|#|\.{0,2}/?[\w./-]+$)")


@dataclass(frozen=True, slots=True)
class Written:
    """A paper as it was written.

    Args:
        front: Its facts.
        sections: Heading to text, in the file's order.
        hash: SHA-256 of the file.
    """

    front: Mapping[str, Any]
    sections: Mapping[str, str]
    hash: str


def read_written(content: bytes, where: str, headings: Iterable[str]) -> Written:
    """A paper's file.

    Args:
        content: The file.
        where: Its name, for messages.
        headings: Those it may have.

    Raises:
        Flawed: It is none; says where.
    """
    text = words.decode(content, where, LARGEST).replace("\r\n", "\n")
    lines = text.split("\n")
    if lines[0].strip() != FENCE or FENCE not in [line.strip() for line in lines[1:]]:
        raise Flawed(Flaw.SYNTAX, where, "", f"begin with its facts (TOML) between two lines of {FENCE}")
    end = next(number for number, line in enumerate(lines) if number and line.strip() == FENCE)
    front = read_toml("\n".join(lines[1:end]), where)
    return Written(front, _sections(lines[end + 1 :], where, frozenset(headings)), sha256(content).hexdigest())


def read_toml(text: str, where: str) -> dict[str, Any]:
    """Facts in TOML.

    Raises:
        Flawed: They are none.
    """
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Flawed(Flaw.SYNTAX, where, str(error)[:120], "mend it: this part is TOML") from error


def _sections(lines: Iterable[str], where: str, known: frozenset[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    current = ""
    for line in lines:
        if (heading := _HEADING.match(line)) is None:
            found.setdefault(current, []).append(line)
            continue
        current = heading.group(1)
        if current not in known:
            raise Flawed(Flaw.SURPLUS, f"{where}: the heading {current[:60]!r}", "", "use the headings of the example")
        if current in found:
            raise Flawed(Flaw.TWICE, f"{where}: the heading {current!r}", "", "write it once")
        found[current] = []
    found.pop("", None)  # a title, and what else precedes the first heading
    return {name: _prose("\n".join(text), f"{where}: {name}") for name, text in found.items()}


def _prose(text: str, where: str) -> str:
    found = words.prose(text, where)
    if match := _HTML.search(found):
        raise Flawed(Flaw.SENSE, where, found[match.start() : match.start() + 12], "write no HTML: Markdown is enough")
    for link in _LINK.finditer(found):
        target = link.group(1) or link.group(2)
        if not _SAFE_LINK.match(target):
            raise Flawed(Flaw.SENSE, where, target[:40], "link to http, https or mailto only")
    return found


def count_words(text: str) -> int:
    """How many words: of languages that write without spaces, each sign counts half a word."""
    signs = len(_IDEOGRAM.findall(text))
    return len(re.findall(r"\w+", _IDEOGRAM.sub(" ", text))) + signs // 2


_IDEOGRAM = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def tokens(text: str) -> list[str]:
    """A text's words in small letters; each ideogram is one."""
    return re.findall(r"\w+", _IDEOGRAM.sub(lambda sign: f" {sign.group()} ", text.lower()))
