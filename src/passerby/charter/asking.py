"""What somebody asks to see: one document, whose hash is in the act that must be in the ledger first.

The ledger shows that somebody looked, at which camera, why, in which case and until when; not which minutes. Those are
in this document, salted, which whoever looks keeps and shows to the keeper.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any

from passerby.charter.document import Fault, Fields, Unsound, read, write
from passerby.charter.root import PURPOSES, SPAN_S
from passerby.charter.shapes import digest, digest_or_none, exactly, safe_id, site_name, whole, word_of
from passerby.charter.site_permit import act_camera

FORMAT = "passerby/asking@1"
SESSION_S = 15 * 60
KINDS = ("plate", "redacted", "sealed")
# Of what kind the recorded time may be that an act covers.
_OF = {"look": ("redacted",), "export": ("redacted",), "unseal": ("sealed",)}
_SHAPES = {
    "format": exactly(FORMAT),
    "act": word_of(SPAN_S),
    "site": site_name,
    "camera": safe_id,
    "kind": word_of(KINDS),
    "from": whole(),
    "to": whole(),
    "until": whole(),
    "purpose": word_of(PURPOSES),
    "case": digest,
    "detail": digest_or_none,
    "key": digest,
    "salt": digest,
}
_NAMES = {"begins": "from", "ends": "to"}


@dataclass(frozen=True, slots=True)
class Asking:
    """Who wants to see what. Times are whole seconds since 1970.

    Args:
        act: `look`, `export` or `unseal`.
        site: The site's name.
        camera: The camera's id.
        kind: What of it: redacted video, or sealed originals.
        begins: Of the stretch of time that is wanted.
        ends: Its end, not included.
        until: When the session is over.
        purpose: What for.
        case: The case's commitment (hex).
        detail: Hash of what else belongs to it: an export's recipients, the region of an unsealing; or empty.
        key: SHA-256 of the public key to which the answer is to be sealed (hex).
        salt: 32 random bytes (hex), so that nobody finds the times by trying.
    """

    act: str
    site: str
    camera: str
    kind: str
    begins: int
    ends: int
    until: int
    purpose: str
    case: str
    detail: str
    key: str
    salt: str

    def text(self) -> str:
        """As it is hashed."""
        found: Fields = {_NAMES.get(f.name, f.name): getattr(self, f.name) for f in fields(self)}
        return write(found | {"format": FORMAT})

    @property
    def hash(self) -> str:
        """SHA-256 of the text: the act's `content`."""
        return sha256(self.text().encode()).hexdigest()

    def entry(self) -> dict[str, Any]:
        """The act to be logged, without its actor."""
        named: dict[str, Any] = {"act": self.act, "camera": act_camera(self.site, self.camera), "content": self.hash}
        named |= {"purpose": self.purpose, "case": self.case}
        return named | {"until": self.until} if self.act == "look" else named


def parse_asking(text: str) -> Asking:
    """Such a document, strictly.

    Raises:
        Unsound: It is none, or asks for more than one act may cover.
    """
    found = read(text, _SHAPES)
    del found["format"]
    for name, written in _NAMES.items():
        found[name] = found.pop(written)
    asking = Asking(**found)
    sensible(asking)
    return asking


def sensible(asking: Asking) -> None:
    """The parts of it fit together.

    Raises:
        Unsound: They don't.
    """
    longest = SPAN_S[asking.act]
    _need(asking.begins < asking.ends, "it begins after it ends")
    _need(asking.ends - asking.begins <= longest, f"one {asking.act} covers at most {longest} s")
    _need(asking.kind in _OF[asking.act], f"no {asking.act} is of {asking.kind} video")
    _need(asking.detail != "" or asking.act == "look", f"it does not say what belongs to this {asking.act}")


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unsound(Fault.SENSE, otherwise)
