"""The site root: who may sign what, whose word counts, and what may never be exceeded.

One canonical document, signed by the operator and by the reviewer, who are of different institutions. Its hash names
the site: it is in every permit. A change makes a new root that names the one before it (`changes`); the chain from the
first root on, whose hash is known beforehand, is what a darkroom trusts (`chain`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256

from passerby.charter.document import Fault, Fields, Unsound, read, write
from passerby.charter.keys import Role, SiteKey, State, parse_key
from passerby.charter.shapes import (
    digest,
    digest_or_none,
    exactly,
    flag,
    listed,
    mapped,
    plain_name,
    safe_id,
    site_name,
    whole,
    words_of,
)  # fmt: skip
from passerby.ledger.schema import FIRST
from passerby.ledger.verify import Key, Policy, Unreadable, parse_policy

FORMAT = "passerby/site-root@1"
ANALYSES = ("crowd", "live", "record", "seal", "traffic")
# Papers that a root may demand of each permit (`ready`).
DEMANDS = ("assessment", "notice", "plan", "supplier")
PURPOSES = tuple(FIRST["lists"]["purpose"])
# The longest stretch of recorded time that one act covers.
SPAN_S = {"look": 6 * 3600, "export": 6 * 3600, "unseal": 15 * 60}
DAY = 24 * 3600
YEAR = 366 * DAY
FADE_S = 72 * 3600  # how long counts and alerts outlive recording and live view
JUSTIFY_S = 7 * DAY
LONGEST_POLICY = 64 << 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What no permit may exceed; seconds.

    Args:
        retention_s: Longest that anything is kept.
        permit_s: Longest that a permit lasts.
        heartbeat_s: How old the witnesses' word may be.
        waiting_s: How long a camera is public before it starts.
        seat_new_s: How long after the reviewer's seat became empty new permits still count.
        seat_renewal_s: The same for renewals.
        review_s: How long after its start a permit is reviewed.
        review_grace_s: How long a review may be late.
        emergency: Whether the operator alone may start a camera, to be justified within seven days.
    """

    retention_s: int
    permit_s: int
    heartbeat_s: int
    waiting_s: int
    seat_new_s: int
    seat_renewal_s: int
    review_s: int
    review_grace_s: int
    emergency: bool


# What even a root may not exceed.
_MOST = {
    "retention_s": YEAR,
    "permit_s": YEAR,
    "heartbeat_s": 168 * 3600,
    "waiting_s": YEAR,
    "seat_new_s": 90 * DAY,
    "seat_renewal_s": 180 * DAY,
    "review_s": YEAR,
    "review_grace_s": 90 * DAY,
}
_LEAST = {"permit_s": 1, "heartbeat_s": 3600, "review_s": 1}
LIMIT_SHAPES = {n: whole(_LEAST.get(n, 0), most) for n, most in _MOST.items()} | {"emergency": flag}
_SHAPES = {
    "format": exactly(FORMAT),
    "site": site_name,
    "demo": flag,
    "serial": whole(),
    "previous": digest_or_none,
    "at": whole(),
    "institutions": mapped(safe_id, plain_name),
    "keys": mapped(digest, lambda given: isinstance(given, dict)),
    "policy": lambda given: isinstance(given, str) and len(given) <= LONGEST_POLICY,
    "limits": lambda given: isinstance(given, dict) and given.keys() == LIMIT_SHAPES.keys()
    and all(fits(given[name]) for name, fits in LIMIT_SHAPES.items()),
    "analyses": words_of(ANALYSES, 1),
    "purposes": words_of(PURPOSES, 1),
    "demands": words_of(DEMANDS),
    "schema": digest,
    "builds": listed(digest),
    "revoked": mapped(digest, whole()),
    "oldest": whole(),
    "seat_empty_since": whole(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SiteRoot:
    """A site root, parsed and sensible, its signatures not yet looked at.

    Args:
        site: The site's name.
        demo: Whether it was made to show how it works; stands wherever the site is named.
        serial: 0 for the first, then one more for each change.
        previous: Hash of the root before it; empty for the first.
        at: When it was made.
        institutions: Id to name.
        keys: Id to key, all there ever were.
        policy: The witness policy (tlog-policy), with its quorum.
        limits: What no permit may exceed.
        analyses: What may be permitted here, of the closed list.
        purposes: What for.
        schema: SHA-256 of the ledger's schema.
        builds: Hashes of approved builds.
        demands: Which papers each permit must name.
        revoked: Hash of a permit to when it was revoked.
        oldest: Permits that name a root with a lower serial are over.
        seat_empty_since: Since when the reviewer's seat is declared empty; 0 if it is not.
    """

    site: str
    demo: bool
    serial: int
    previous: str
    at: int
    institutions: Mapping[str, str]
    keys: Mapping[str, SiteKey]
    policy: str
    limits: Limits
    analyses: tuple[str, ...]
    purposes: tuple[str, ...]
    schema: str
    builds: tuple[str, ...] = ()
    demands: tuple[str, ...] = ()
    revoked: Mapping[str, int] = field(default_factory=dict)
    oldest: int = 0
    seat_empty_since: int = 0

    def text(self) -> str:
        """As it is signed."""
        found: Fields = {f.name: getattr(self, f.name) for f in fields(self)}
        found |= {"format": FORMAT, "keys": {name: key.fields() for name, key in self.keys.items()}}
        found |= {"limits": {f.name: getattr(self.limits, f.name) for f in fields(self.limits)}}
        return write(found | {"institutions": dict(self.institutions), "revoked": dict(self.revoked)})

    @property
    def hash(self) -> str:
        """SHA-256 of the text."""
        return sha256(self.text().encode()).hexdigest()

    def held(self, role: Role, when: int | None = None) -> list[SiteKey]:
        """The keys of a role: all active ones or, at a time, those whose signatures of that time count."""
        of_role = [key for key in self.keys.values() if key.role is role]
        return [k for k in of_role if (k.state is State.ACTIVE if when is None else k.usable(when))]

    def seat_empty(self, when: int) -> int | None:
        """Since when the reviewer's seat is empty, as of this time; None if somebody holds it."""
        if self.seat_empty_since and self.seat_empty_since <= when:
            return self.seat_empty_since
        if self.held(Role.REVIEWER, when):
            return None
        gone = [k.ends if k.state is State.ACTIVE else min(k.ends, k.since) for k in self._ever(Role.REVIEWER)]
        return max((end for end in gone if end <= when), default=self.at)

    def _ever(self, role: Role) -> list[SiteKey]:
        return [key for key in self.keys.values() if key.role is role]

    def witnesses(self) -> Policy:
        """The witness policy."""
        return parse_policy(self.policy.encode())


def parse_root(text: str) -> SiteRoot:
    """A root's text, strictly.

    Raises:
        Unsound: It is none, or its parts contradict each other.
    """
    found = read(text, _SHAPES)
    keys = {name: parse_key(name, entry) for name, entry in found["keys"].items()}
    found |= {"keys": keys, "limits": Limits(**found["limits"])}
    found |= {name: tuple(found[name]) for name in ("analyses", "purposes", "builds", "demands")}
    del found["format"]
    root = SiteRoot(**found)
    sensible(root)
    return root


def sensible(root: SiteRoot) -> None:
    """The parts of a root fit together.

    Raises:
        Unsound: They don't.
    """
    _need((root.serial == 0) == (root.previous == ""), "only the first root has no root before it")
    _need(root.oldest <= root.serial, "it refuses permits under itself")
    _need(root.demo == root.site.startswith("demo."), "a demo's name begins with demo., and no other's does")
    _need({k.institution for k in root.keys.values()} <= root.institutions.keys(), "a key has no institution")
    operators, reviewers, keepers = (
        {k.institution for k in root.keys.values() if k.role is role}
        for role in (Role.OPERATOR, Role.REVIEWER, Role.KEEPER)
    )
    _need(operators.isdisjoint(reviewers), "one institution would operate and review")
    _need(operators.isdisjoint(keepers), "one institution would operate and keep the second half of the keys")
    _need(len(set(root.institutions.values())) == len(root.institutions), "two institutions have one name")
    _policy(root)
    if root.serial == 0:
        _first(root)


def _first(root: SiteRoot) -> None:
    least = 1 if root.demo else 2
    _need(bool(root.held(Role.LOG)), "it has no ledger: it needs a log's key")
    for role in (Role.OPERATOR, Role.REVIEWER):
        why = f"the first root needs {least} {role.value}'s keys, one of them in a safe: a lost last key ends the site"
        _need(len(root.held(role)) >= least, why)
    _need(all(key.state is State.ACTIVE for key in root.keys.values()), "a first root has no old keys")
    _need(root.seat_empty_since == 0 and not root.revoked, "a first root revokes nothing, and its reviewer is there")


def _policy(root: SiteRoot) -> None:
    """Each witness and each log that the policy names is a key of that role here."""
    try:
        policy = root.witnesses()
    except Unreadable as error:
        raise Unsound(Fault.SENSE, f"the witness policy: {error}") from error
    _need(policy.quorum != b"none", "its quorum is none: then nobody would see a second history")
    _known(root, policy.logs, Role.LOG)
    _known(root, policy.witnesses.values(), Role.WITNESS)
    operators = {k.institution for k in root.keys.values() if k.role is Role.OPERATOR}
    own = [k.key for k in root.keys.values() if k.role is Role.WITNESS and k.institution in operators]
    _need(not policy.satisfied(own), "the operator's own witnesses would be enough: the quorum needs another's")


def _known(root: SiteRoot, keys: Iterable[Key], role: Role) -> None:
    known = {k.key for k in root.keys.values() if k.role is role}
    for key in keys:
        _need(key in known, f"the policy names {key.name}, which is no {role.value}'s key here")


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unsound(Fault.SENSE, otherwise)
