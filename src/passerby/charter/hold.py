"""A legal hold: for a stated reason and until a stated day, what one camera recorded in a stated time is not destroyed.

A hold widens: it counts only signed by a reviewer of the site and once its act is in the ledger. It names no person,
says no free text, and ends by itself; nothing in it can make retention longer for what is recorded later than it says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from passerby.charter.document import Fault, Unsound, read, text_of, write
from passerby.charter.keys import Role
from passerby.charter.proofs import Logged, look_up
from passerby.charter.root import SiteRoot
from passerby.charter.shapes import digest, exactly, safe_id, site_name, whole, word_of
from passerby.charter.site_permit import act_camera
from passerby.ledger.verify import LedgerError, verify_note

FORMAT = "passerby/hold@1"
# Words of the ledger's first schema.
REASONS = ("access-request", "complaint", "incident-review", "legal-order")
LONGEST_S, LONGEST_SCOPE_S = 366 * 86_400, 31 * 86_400
_PSEUDONYM = re.compile("p-[0-9a-f]{32}")
_SHAPES = {
    "format": exactly(FORMAT),
    "site": site_name,
    "camera": safe_id,
    "owner": lambda given: isinstance(given, str) and bool(_PSEUDONYM.fullmatch(given)),
    "case": digest,
    "reason": word_of(REASONS),
    "from": whole(),
    "to": whole(),
    "begins": whole(),
    "ends": whole(),
}


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold. Times are seconds since 1970.

    Args:
        site: The site's name.
        camera: The camera's id.
        owner: Who answers for it: a pseudonym.
        case: Hash of the case that it is for.
        reason: A word of `REASONS`.
        scope_from: What was recorded from then on …
        scope_to: … until then stays.
        begins: When it was signed.
        ends: When it is over.
    """

    site: str
    camera: str
    owner: str
    case: str
    reason: str
    scope_from: int
    scope_to: int
    begins: int
    ends: int

    @property
    def text(self) -> str:
        """What is signed."""
        return write(
            {
                "format": FORMAT,
                "site": self.site,
                "camera": self.camera,
                "owner": self.owner,
                "case": self.case,
                "reason": self.reason,
                "from": self.scope_from,
                "to": self.scope_to,
                "begins": self.begins,
                "ends": self.ends,
            }
        )

    @property
    def hash(self) -> str:
        """Of its text."""
        return sha256(self.text.encode()).hexdigest()

    def act(self) -> dict[str, object]:
        """What has to be in the ledger before it counts: act and its fields."""
        named = {"camera": act_camera(self.site, self.camera), "purpose": self.reason, "case": self.case}
        return {"act": "hold", "actor": self.owner, **named, "until": self.ends}

    def holds(self, camera: str, from_s: int, to_s: int, now_s: int) -> bool:
        """Whether what a camera recorded between these times may not be destroyed now."""
        touches = self.scope_from < to_s and from_s < self.scope_to
        return camera == self.camera and touches and now_s < self.ends


def parse_hold(note: bytes) -> Hold:
    """A hold's note, strictly; signatures are not yet looked at.

    Raises:
        Unsound: It is none.
    """
    f = read(text_of(note), _SHAPES)
    names = ("site", "camera", "owner", "case", "reason", "from", "to", "begins", "ends")
    return checked(Hold(*(f[name] for name in names)))


def checked(hold: Hold) -> Hold:
    """The hold itself, if its times fit together.

    Raises:
        Unsound: They don't.
    """
    if not hold.begins < hold.ends <= hold.begins + LONGEST_S:
        raise Unsound(Fault.SENSE, "it ends after it begins, within a year")
    if not hold.scope_from < hold.scope_to <= hold.scope_from + LONGEST_SCOPE_S:
        raise Unsound(Fault.SENSE, "what it holds ends after it begins, within 31 days")
    return hold


def judge_hold(note: bytes, logged: Logged | None, roots: Sequence[SiteRoot]) -> Hold | str:
    """The hold, if it counts; else in a sentence why not. Pure.

    Args:
        note: As it was signed.
        logged: Its act in the ledger, and the proof.
        roots: The site's, from the first to the one in force.
    """
    try:
        hold = parse_hold(note)
        keys = {k.key: k for k in roots[-1].keys.values() if k.role is Role.REVIEWER}
        signed = [keys[key] for key in verify_note(note, keys)[1]]
    except Unsound as error:
        return error.message
    except LedgerError as error:
        return f"its signature counts for nothing ({error})"
    if hold.site != roots[-1].site:
        return "it is another site's"
    if not any(key.usable(hold.begins) for key in signed):
        return "no reviewer of this site signed it"
    if look_up(roots, logged, hold.act()) is None:
        return "its act is not proven to be in the ledger"
    return hold
