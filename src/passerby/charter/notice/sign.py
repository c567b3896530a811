"""What a sign says: the first layer, before anybody is in the picture; the second is the camera's page.

Sources: EDPB Guidelines 3/2019, section 7.1 (purposes, who is responsible, rights, the greatest effects, the way to the
second layer, the privacy officer, what would surprise: long retention, passing on); Hong Kong's Privacy Commissioner's
guidance on CCTV (October 2025: that there is a camera, what for, whom to ask). It says what is true of the entry:
nothing is promised by a picture that the camera does not keep.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from passerby.base.errors import CharterError
from passerby.charter.notice.catalogue import Catalogue
from passerby.charter.register.entry import Entry, Organisation, missing

MOST_LANGUAGES = 4
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~/-]*)?")
LONGEST_ADDRESS = 150


class Form(Enum):
    """What it is printed on: name, width and height in millimetres."""

    A4 = ("a4", 210, 297)
    A3 = ("a3", 297, 420)
    STICKER = ("sticker", 100, 140)

    def __init__(self, label: str, width_mm: int, height_mm: int) -> None:
        self.label, self.width_mm, self.height_mm = label, width_mm, height_mm


@dataclass(frozen=True, slots=True)
class Fact:
    """A picture and its words.

    Args:
        icon: Which picture.
        text: What it says.
    """

    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """What the sign says in one language.

    Args:
        language: Its tag.
        title: In large letters.
        place: Where it is.
        facts: Pictures with words.
        lines: Heading and text of each line.
        more: What the square code leads to.
        camera: What is said before the camera's number.
        check: What is said before the root's hash.
    """

    language: str
    title: str
    place: str
    facts: tuple[Fact, ...]
    lines: tuple[tuple[str, str], ...]
    more: str
    camera: str
    check: str


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign.

    Args:
        camera: The camera's id.
        address: Of the camera's page, as people read it.
        code: What the square code holds: the address, with the first root's hash (base64url) behind a #, which browsers
            send to no server: a page can be checked against the sign.
        root: The first root's hash; empty where there is none yet.
        begins: The first day for which it holds.
        blocks: One for each language.
    """

    camera: str
    address: str
    code: str
    root: str
    begins: date
    blocks: tuple[Block, ...]


def sign(entry: Entry, owner: Organisation, catalogues: Sequence[Catalogue], address: str, root: str) -> Sign:
    """The sign of a camera.

    Args:
        entry: The camera.
        owner: Its owner.
        catalogues: One for each of the entry's languages, in its order.
        address: Of the camera's page.
        root: Hash of the site's first root; empty where there is none yet.

    Raises:
        CharterError: Something that the first layer must say is not known, or the address is none.
    """
    if gaps := missing(entry, owner):
        raise CharterError(f"no sign for {entry.id} yet: it lacks {', '.join(gaps)}", "fill it in first")
    if tuple(c.language for c in catalogues) != entry.languages:
        raise CharterError(f"{entry.id} speaks {', '.join(entry.languages)}", "give a catalogue for each of them")
    if len(catalogues) > MOST_LANGUAGES:
        raise CharterError(f"no sign holds {len(catalogues)} languages", f"choose at most {MOST_LANGUAGES}")
    if not _ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
        raise CharterError(
            "the register's address is none that a sign can lead to", "such as https://register.example.org"
        )
    blocks = tuple(_block(entry, owner, catalogue) for catalogue in catalogues)
    return Sign(entry.id, address, _code(address, root), root, entry.begins or date.min, blocks)


def _code(address: str, root: str) -> str:
    return f"{address}#{urlsafe_b64encode(bytes.fromhex(root)).decode().rstrip('=')}" if root else address


def _block(entry: Entry, owner: Organisation, words: Catalogue) -> Block:
    language = words.language
    kind = _kind(entry)
    values = {"hours": entry.retention_s // 3600}
    who, where = owner.said("name", language), owner.said("address", language)
    lines = [
        (words.say("purpose"), words.comma.join(words.purposes[purpose] for purpose in entry.purposes)),
        (words.say("responsible"), words.comma.join(part for part in (who, where) if part)),
        (words.say("contact"), f"{entry.said('office', language)}{words.comma}{entry.contact}"),
        (words.say("officer"), owner.officer),
        (words.say("ground"), entry.said("ground", language)),
        (words.say("effect"), words.say(f"effect_{kind}", **values)),
        (words.say("rights"), words.say("rights_records" if entry.keeps else "rights_counts")),
        (words.say("complaints"), owner.said("complaints", language)),
    ]
    return Block(
        language=language, title=words.say(f"title_{kind}"), place=entry.said("place", language),
        facts=tuple(_facts(kind, words, values)), lines=tuple((head, text) for head, text in lines if text),
        more=words.say("more"), camera=words.say("camera"), check=words.say("check"),
    )  # fmt: skip


def _kind(entry: Entry) -> str:
    if "seal" in entry.analyses:
        return "sealed"
    if entry.keeps:
        return "records"
    return "live" if "live" in entry.analyses else "counts"


def _facts(kind: str, words: Catalogue, values: dict[str, int]) -> list[Fact]:
    kept = {
        "counts": Fact("no-picture", words.say("fact_no_picture")),
        "live": Fact("live", words.say("fact_live")),
        "records": Fact("kept", words.say("fact_kept", **values)),
        "sealed": Fact("kept", words.say("fact_sealed", **values)),
    }
    hidden = "fact_hidden_sealed" if kind == "sealed" else "fact_hidden"
    return [
        Fact("count", words.say("fact_counts")),
        Fact("hidden", words.say(hidden)),
        Fact("nobody", words.say("fact_nobody")),
        kept[kind],
    ]
