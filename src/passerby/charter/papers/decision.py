"""What two institutions decided on a paper: a signed note with the paper's hash. Accepted needs both; refused, one.

The same form for assessments, plans and suppliers' records, so that whoever checks one can check all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from passerby.charter.document import Fault, Unsound, read, text_of, write
from passerby.charter.facts import signatures
from passerby.charter.root import SiteRoot
from passerby.charter.shapes import digest, exactly, site_name, whole, word_of
from passerby.charter.standing import Signatures

FORMAT = "passerby/decision@1"


class Kind(Enum):
    """What can be decided on."""

    ASSESSMENT = "assessment"
    PLAN = "plan"
    SUPPLIER = "supplier"


class Answer(Enum):
    """What was decided."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, its signatures not yet looked at. Times are seconds since 1970.

    Args:
        site: The site's name.
        kind: What it is on.
        content: The paper's SHA-256.
        answer: What was decided.
        at: When.
        until: When it is over, and the paper with it.
    """

    site: str
    kind: Kind
    content: str
    answer: Answer
    at: int
    until: int

    def text(self) -> str:
        """As it is signed."""
        found = {name: getattr(self, name) for name in ("site", "content", "at", "until")}
        return write(found | {"format": FORMAT, "kind": self.kind.value, "answer": self.answer.value})

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return sha256(self.text().encode()).hexdigest()


_SHAPES = {
    "format": exactly(FORMAT),
    "site": site_name,
    "kind": word_of(kind.value for kind in Kind),
    "content": digest,
    "answer": word_of(answer.value for answer in Answer),
    "at": whole(),
    "until": whole(),
}


def parse_decision(note: bytes) -> Decision:
    """A decision's note, strictly; the signatures are not yet looked at.

    Raises:
        Unsound: It is none.
    """
    found = read(text_of(note), _SHAPES)
    del found["format"]
    decision = Decision(**found | {"kind": Kind(found["kind"]), "answer": Answer(found["answer"])})
    if not decision.at < decision.until:
        raise Unsound(Fault.SENSE, "it is over before it begins")
    return decision


def judge_decision(note: bytes, root: SiteRoot, kind: Kind, content: str) -> Decision:
    """A decision that counts: on this paper, of this site, signed by whom it needs.

    Raises:
        Unsound: It is none.
    """
    decision = parse_decision(note)
    if (decision.site, decision.kind, decision.content) != (root.site, kind, content):
        raise Unsound(Fault.SENSE, "it is on another paper, or of another site")
    signed = signatures(note, root, decision.at)
    enough = {Signatures.BOTH} | (set() if decision.answer is Answer.ACCEPTED else {Signatures.REVIEWER_ONLY})
    if signed not in enough:
        raise Unsound(Fault.SENSE, f"signed by {signed.value}: to accept needs operator and reviewer")
    return decision
