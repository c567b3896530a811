"""A permit of two institutions: the dated right to run some analyses on one camera for one purpose.

Canonical JSON in a signed note with the operator's and the reviewer's signature, bound to all that matters: the camera
and its address, what may run, what for, how long anything is kept, the scene, the models, the build or the root's list
of builds, the root, the dates. `capture` is the hash of what is captured: the public waits for *that*, and a renewal
with the same hash does not begin the waiting again, while any change of it does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256

import rfc8785

from passerby.charter.document import Fault, Fields, Unsound, read, text_of, write
from passerby.charter.root import ANALYSES, PURPOSES, SPAN_S, YEAR
from passerby.charter.shapes import (
    digest,
    digest_or_none,
    exactly,
    flag,
    mapped,
    plain_name,
    safe_id,
    site_name,
    whole,
    word_of,
    words_of,
)  # fmt: skip

FORMAT = "passerby/permit@1"
JUSTIFICATION = "passerby/justification@1"
REVOCATION = "passerby/revocation@1"
LONGEST = 64 << 10
KEEPING = frozenset({"record", "seal"})
LONGEST_PERIOD_S = 60
LONGEST_STAY_S = 7 * 24 * 3600
_SHAPES = {
    "format": exactly(FORMAT),
    "site": site_name,
    "root": digest,
    "camera": safe_id,
    "source": digest,
    "analyses": words_of(ANALYSES, 1),
    "purpose": word_of(PURPOSES),
    "retention_s": whole(0, YEAR),
    "period_s": whole(1, LONGEST_PERIOD_S),
    "longest_stay_s": whole(1, LONGEST_STAY_S),
    "scene": digest_or_none,
    "models": mapped(plain_name, digest),
    "papers": mapped(safe_id, digest),
    "build": digest_or_none,
    "issued": whole(),
    "from": whole(),
    "until": whole(),
    "review_by": whole(),
    "renews": digest_or_none,
    "emergency": flag,
}
# A permit that seals originals says two things more; without it, a permit has the same bytes as ever.
_SEALING = {"seal_s": whole(1, YEAR), "unseal_s": whole(1, SPAN_S["unseal"])}
_NAMES = {"begins": "from", "ends": "until"}


@dataclass(frozen=True, slots=True)
class SitePermit:
    """A permit, parsed and sensible, its signatures not yet looked at. Times are seconds since 1970.

    Args:
        site: The site's name.
        root: Hash of the site root it was signed under.
        camera: The camera's id.
        source: Hash of the camera's name and address (hex; `permit.camera_source`).
        analyses: What may run, of the closed list.
        purpose: What for.
        retention_s: The longest that anything is kept, recorded or sealed; 0 where nothing is.
        period_s: How often counts leave.
        longest_stay_s: How long somebody may sit still there without becoming background.
        scene: SHA-256 of `scene.json`; empty where there is none.
        models: Name to SHA-256 of each model.
        build: Hash of the build; empty for any of the root's list.
        issued: When it was drawn up.
        begins: From when on it counts.
        ends: From when on it doesn't.
        review_by: When it must have been reviewed.
        renews: Hash of the permit of the same capture that it continues; empty for a new one.
        emergency: Whether the operator alone starts it, to be justified within seven days.
        papers: Name to SHA-256 of the papers it rests on: `assessment-crowd`, `notice`, `plan`, `supplier-ID`.
        seal_s: How long sealed originals are kept, no longer than `retention_s`; 0 where nothing is sealed.
        unseal_s: The longest stretch of time that one unsealing may open; 0 where nothing is sealed.
    """

    site: str
    root: str
    camera: str
    source: str
    analyses: tuple[str, ...]
    purpose: str
    retention_s: int
    period_s: int
    longest_stay_s: int
    scene: str
    models: Mapping[str, str]
    build: str
    issued: int
    begins: int
    ends: int
    review_by: int
    renews: str = ""
    emergency: bool = False
    papers: Mapping[str, str] = field(default_factory=dict)
    seal_s: int = 0
    unseal_s: int = 0

    @property
    def seals(self) -> bool:
        """Whether originals may be sealed."""
        return "seal" in self.analyses

    def text(self) -> str:
        """As it is signed."""
        found: Fields = {_NAMES.get(f.name, f.name): getattr(self, f.name) for f in fields(self)}
        found |= {"models": dict(self.models), "papers": dict(self.papers)}
        found = found if self.seals else {name: held for name, held in found.items() if name not in _SEALING}
        return write(found | {"format": FORMAT, "analyses": list(self.analyses)})

    @property
    def hash(self) -> str:
        """SHA-256 of the text: what acts, revocations and renewals name."""
        return sha256(self.text().encode()).hexdigest()

    @property
    def capture(self) -> str:
        """SHA-256 of what is captured: any change of it begins the waiting period again."""
        names = ["site", "camera", "source", "purpose", "retention_s", "period_s", "longest_stay_s", "scene"]
        names += _SEALING if self.seals else ()
        found: Fields = {name: getattr(self, name) for name in names}
        return sha256(rfc8785.dumps(found | {"analyses": list(self.analyses)})).hexdigest()

    def lacks(self, demands: Collection[str]) -> list[str]:
        """Of the papers that a root demands, those that it doesn't name."""
        wanted = [f"assessment-{analysis}" for analysis in self.analyses] if "assessment" in demands else []
        wanted += [name for name in ("notice", "plan") if name in demands]
        lacking = [name for name in wanted if name not in self.papers]
        supplied = any(name.startswith("supplier-") for name in self.papers)
        return lacking + (["supplier"] if "supplier" in demands and not supplied else [])

    def act_camera(self) -> str:
        """The camera as the ledger's acts name it."""
        return act_camera(self.site, self.camera)


def act_camera(site: str, camera: str) -> str:
    """A camera's name in the ledger's acts: without its own name, and the same for everybody who knows that."""
    return "cam-" + sha256(f"{site}\n{camera}".encode()).hexdigest()[:32]


def parse_site_permit(note: bytes) -> SitePermit:
    """A permit's note, strictly; the signatures are not yet looked at.

    Raises:
        Unsound: It is none, or its fields contradict each other.
    """
    text = text_of(note, LONGEST)
    found = read(text, _SHAPES | (_SEALING if any(f'"{name}":' in text for name in _SEALING) else {}))
    del found["format"]
    for name, written in _NAMES.items():
        found[name] = found.pop(written)
    permit = SitePermit(**found | {"analyses": tuple(found["analyses"])})
    sensible(permit)
    return permit


def sensible(permit: SitePermit) -> None:
    """The parts of a permit fit together.

    Raises:
        Unsound: They don't.
    """
    _need(permit.issued <= permit.begins < permit.ends, "it must be issued before it begins, and begin before it ends")
    _need(permit.begins <= permit.review_by, "its review would be before its beginning")
    keeps = not KEEPING.isdisjoint(permit.analyses)
    _need(keeps == (permit.retention_s > 0), "it keeps something exactly where it allows record or seal")
    _need(not (permit.emergency and permit.renews), "an emergency is never a renewal")
    seals = (permit.seals, permit.seal_s > 0, permit.unseal_s > 0)
    _need(seals in ((True,) * 3, (False,) * 3), "it says how long originals are kept exactly where it allows seal")
    _need(permit.seal_s <= permit.retention_s, "sealed originals would be kept longer than anything")
    _need(not (permit.emergency and "seal" in permit.analyses), "an emergency never seals originals")


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unsound(Fault.SENSE, otherwise)


_WORD_SHAPES = {
    JUSTIFICATION: {"format": exactly(JUSTIFICATION), "permit": digest, "content": digest, "at": whole()},
    REVOCATION: {"format": exactly(REVOCATION), "permit": digest, "at": whole()},
}


def justification(permit: str, content: str, at: int) -> str:
    """The text that justifies an emergency permit; both sides sign it.

    Args:
        permit: The permit's hash.
        content: Hash of the written reasons.
        at: Seconds since 1970.
    """
    return write({"format": JUSTIFICATION, "permit": permit, "content": content, "at": at})


def revocation(permit: str, at: int) -> str:
    """The text that ends a permit at once; one side signs it."""
    return write({"format": REVOCATION, "permit": permit, "at": at})


def parse_word(note: bytes, form: str) -> tuple[str, int]:
    """The permit that a justification or a revocation names, and when it was signed.

    Raises:
        Unsound: It is none.
    """
    found = read(text_of(note, LONGEST), _WORD_SHAPES[form])
    return found["permit"], found["at"]
