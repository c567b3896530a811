"""A city, its privacy office and two witnesses, with real keys, a real ledger and real proofs; all from fixed seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from passerby.charter.facts import Asked, Evidence, Time
from passerby.charter.keys import Role, SiteKey
from passerby.charter.permit import camera_source
from passerby.charter.proofs import Logged, Site, open_site
from passerby.charter.root import DAY, Limits, SiteRoot
from passerby.charter.site_permit import SitePermit
from passerby.ledger import merkle
from passerby.ledger.checkpoint import body, format_proof
from passerby.ledger.note import Signer, format_vkey, sign_note
from passerby.ledger.policy import Witness, compose
from passerby.ledger.schema import FIRST, format_act
from passerby.ledger.verify import COSIGN_ED25519, ED25519, leaf_hash

T0 = 1_790_000_000
HOUR = 3600
NOW = T0 + 40 * DAY
KINDS = {"log": ED25519, "w1": COSIGN_ED25519, "w2": COSIGN_ED25519, "w3": COSIGN_ED25519}
WHO = {
    "op1": ("city", Role.OPERATOR),
    "op2": ("city", Role.OPERATOR),
    "rev1": ("privacy", Role.REVIEWER),
    "rev2": ("privacy", Role.REVIEWER),
    "keep": ("privacy", Role.KEEPER),
    "officer": ("city", Role.OFFICER),
    "log": ("city", Role.LOG),
    "w1": ("paper", Role.WITNESS),
    "w2": ("privacy", Role.WITNESS),
}
NAMES = {"city": "City of Example", "privacy": "Privacy Office", "paper": "The Example Paper"}
BUILD, OTHER_BUILD = "b1" * 32, "b2" * 32
MODELS = {"nanodet": "aa" * 32, "plate": "bb" * 32}
SCENE = "5c" * 32
SOURCE = camera_source("gate-1", "rtsp://10.0.0.5/main").hex()
ACTOR = "p-" + "0" * 32


def signer(name: str) -> Signer:
    return Signer(f"{name}.example.org", KINDS.get(name, ED25519), sha256(name.encode()).digest())


def site_key(name: str, institution: str = "", role: Role | None = None, **values: Any) -> SiteKey:
    where, what = WHO.get(name, ("", Role.OPERATOR))
    key = SiteKey(signer(name).key, institution or where, role or what, T0, T0 + 3 * 365 * DAY)
    return replace(key, **values)


def sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()


LIMITS = Limits(
    retention_s=3 * DAY, permit_s=365 * DAY, heartbeat_s=DAY, waiting_s=5 * DAY, seat_new_s=30 * DAY,
    seat_renewal_s=90 * DAY, review_s=180 * DAY, review_grace_s=30 * DAY, emergency=True,
)  # fmt: skip
POLICY = compose(
    [signer("log").key],
    [Witness("w1", signer("w1").key), Witness("w2", signer("w2").key)],
    {"both": (2, ("w1", "w2"))},
    "both",
).decode()


def first_root(**values: Any) -> SiteRoot:
    root = SiteRoot(
        site="example.org",
        demo=False,
        serial=0,
        previous="",
        at=T0,
        institutions=NAMES,
        keys={k.id: k for k in map(site_key, WHO)},
        policy=POLICY,
        limits=LIMITS,
        analyses=("crowd", "live", "record", "seal", "traffic"),
        purposes=("crowd-safety", "flow-statistics"),
        schema=sha(repr(sorted(FIRST))),
        builds=(BUILD,),
    )
    return replace(root, **values)


ROOT = first_root()
FOUNDERS = ("op1", "op2", "rev1", "rev2", "keep", "officer")


def signed(text: str, *names: str) -> bytes:
    return sign_note(text, [signer(name) for name in names], 0)


def permit(**values: Any) -> SitePermit:
    found = SitePermit(
        site=ROOT.site, root=ROOT.hash, camera="gate-1", source=SOURCE, analyses=("crowd", "live", "record"),
        purpose="crowd-safety", retention_s=2 * DAY, period_s=5, longest_stay_s=6 * HOUR, scene=SCENE, models=MODELS,
        build="", issued=T0 + 10 * DAY, begins=T0 + 20 * DAY, ends=T0 + 200 * DAY, review_by=T0 + 190 * DAY,
    )  # fmt: skip
    return replace(found, **values)


ASKED = Asked("gate-1", SOURCE, frozenset({"crowd", "live", "record"}), SCENE, MODELS, BUILD)


@dataclass
class Ledger:
    """A log in memory; each entry is cosigned when it is added."""

    entries: list[bytes] = field(default_factory=list)
    witnesses: Sequence[str] = ("w1", "w2")
    log: str = "log"

    def checkpoint(self, when: int, witnesses: Sequence[str] | None = None, size: int | None = None) -> bytes:
        held = self.entries[: len(self.entries) if size is None else size]
        text = body(signer(self.log).name, len(held), merkle.root_of_entries(held))
        who = [self.log, *(self.witnesses if witnesses is None else witnesses)]
        return sign_note(text, [signer(name) for name in who], when)

    def add(self, act: Mapping[str, object], when: int, witnesses: Sequence[str] | None = None) -> Logged:
        index = len(self.entries)
        entry = format_act({"v": 1, "actor": ACTOR, "seq": index, "time": when, "logged": when, **act})
        self.entries.append(entry)
        hashes = merkle.inclusion(index, index + 1, merkle.of_leaves([leaf_hash(e) for e in self.entries]))
        return Logged(entry, format_proof(index, hashes, self.checkpoint(when, witnesses)))


@dataclass
class World:
    """A permit in force and everything around it; each part can be made otherwise."""

    roots: list[SiteRoot] = field(default_factory=lambda: [ROOT])
    notes: list[bytes] = field(default_factory=lambda: [signed(ROOT.text(), *FOUNDERS)])
    permit: SitePermit = field(default_factory=permit)
    signers: tuple[str, ...] = ("op1", "rev1")
    asked: Asked = ASKED
    now: float = NOW
    time: Time | None = None
    beat: int | None = None
    beat_by: tuple[str, ...] = ("w1", "w2")
    shown: int = T0 + 9 * DAY
    public: int = T0 + 11 * DAY
    note: bytes | None = None
    earlier: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    def then(self, root: SiteRoot, *names: str) -> World:
        """The same, after a change of the root."""
        return replace(self, roots=[*self.roots, root], notes=[*self.notes, signed(root.text(), *names)])

    def parts(self) -> tuple[Asked, bytes, Site, Evidence, Time]:
        """What `judge` takes."""
        ledger = Ledger()
        logged = [ledger.add({"act": "site-root", "content": self.roots[0].hash}, T0)]
        logged += [ledger.add({"act": "site-root", "content": r.hash}, r.at, self.beat_by) for r in self.roots[1:]]
        held, named = self.permit, {"camera": self.permit.act_camera()}
        register = ledger.add({"act": "register", "content": held.capture, **named}, self.shown)
        act = {"act": "permit", "purpose": held.purpose, **named}
        earlier = ledger.add({**act, "permit": held.renews}, self.earlier) if self.earlier is not None else None
        public = ledger.add({**act, "permit": held.hash}, self.public)
        beat = int(self.now) - HOUR if self.beat is None else self.beat
        evidence = Evidence(ledger.checkpoint(beat, self.beat_by), public, register, earlier)
        time = self.time or Time(self.now, 1000.0, self.now - 500, 500.0)
        note = signed(held.text(), *self.signers) if self.note is None else self.note
        site = open_site(self.notes, self.roots[0].hash, logged)
        return self.asked, note, site, replace(evidence, **self.evidence), time


def vkey(name: str) -> str:
    return format_vkey(signer(name).key)
