"""The keys of a site: whose they are, what they may sign, from when until when, and what became of them.

A key's entry is never taken out of a root again; only its state changes, and only towards less trust:

    active ──▶ retired ──▶ lost ──▶ compromised

*Retired* and *lost* keys signed rightly what was public before they were; a *compromised* key never signed anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from hashlib import sha256

from passerby.charter.document import Fault, Fields, Shape, Unsound, check
from passerby.charter.shapes import safe_id, whole, word_of
from passerby.ledger.note import format_vkey
from passerby.ledger.verify import COSIGN_ED25519, COSIGN_MLDSA44, ED25519, Key, Unreadable, parse_vkey


class Role(Enum):
    """What a key is for."""

    OPERATOR = "operator"
    REVIEWER = "reviewer"
    OFFICER = "officer"
    KEEPER = "keeper"
    WITNESS = "witness"
    LOG = "log"


class State(Enum):
    """What became of a key, from most to least trust."""

    ACTIVE = "active"
    RETIRED = "retired"
    LOST = "lost"
    COMPROMISED = "compromised"


KINDS = {
    Role.OPERATOR: (ED25519,),
    Role.REVIEWER: (ED25519,),
    Role.OFFICER: (ED25519,),
    Role.KEEPER: (ED25519,),
    Role.WITNESS: (COSIGN_ED25519, COSIGN_MLDSA44),
    Role.LOG: (ED25519, COSIGN_MLDSA44),
}
ORDER = list(State)
LONGEST_VKEY = 4096
_SHAPES: dict[str, Shape] = {
    "vkey": lambda given: isinstance(given, str) and len(given) < LONGEST_VKEY,
    "institution": safe_id,
    "role": word_of(role.value for role in Role),
    "from": whole(),
    "until": whole(),
    "state": word_of(state.value for state in State),
    "since": whole(),
}


@dataclass(frozen=True, slots=True)
class SiteKey:
    """A key as a root lists it. Times are seconds since 1970.

    Args:
        key: The verifier key.
        institution: The id of whose it is.
        role: The one thing it is for.
        begins: From when on its signatures count.
        ends: From when on they don't.
        state: What became of it.
        since: When that was; 0 for an active key.
    """

    key: Key
    institution: str
    role: Role
    begins: int
    ends: int
    state: State = State.ACTIVE
    since: int = 0

    @property
    def id(self) -> str:
        """SHA-256 of the public key: the same under whatever name."""
        return key_id(self.key)

    def usable(self, when: int) -> bool:
        """Whether what it signed at this time counts."""
        if self.state is State.ACTIVE:
            return self.begins <= when < self.ends
        if self.state in (State.RETIRED, State.LOST):
            return self.begins <= when < min(self.ends, self.since)
        return False

    def fields(self) -> Fields:
        """As a root lists it."""
        return {
            "vkey": format_vkey(self.key),
            "institution": self.institution,
            "role": self.role.value,
            "from": self.begins,
            "until": self.ends,
            "state": self.state.value,
            "since": self.since,
        }


def key_id(key: Key) -> str:
    """A key's id: SHA-256 of the public key, in hexadecimal."""
    return sha256(key.public).hexdigest()


def parse_key(name: str, fields: object) -> SiteKey:
    """A root's entry for the key of this id.

    Raises:
        Unsound: It is none.
    """
    check(fields, _SHAPES)
    assert isinstance(fields, dict)
    try:
        key = parse_vkey(fields["vkey"])
    except Unreadable as error:
        raise Unsound(Fault.VALUES, str(error)) from error
    found = SiteKey(
        key, fields["institution"], Role(fields["role"]), fields["from"], fields["until"], State(fields["state"]),
        fields["since"],
    )  # fmt: skip
    _sensible(name, found)
    return found


def _sensible(name: str, found: SiteKey) -> None:
    if name != found.id:
        raise Unsound(Fault.SENSE, f"the key {found.key.name} is listed under another key's id")
    if found.key.kind not in KINDS[found.role]:
        raise Unsound(Fault.SENSE, f"the key {found.key.name} is of a type that no {found.role.value} has")
    if not found.begins < found.ends:
        raise Unsound(Fault.SENSE, f"the key {found.key.name} ends before it begins")
    if (found.state is State.ACTIVE) != (found.since == 0):
        raise Unsound(Fault.SENSE, f"the key {found.key.name} does not say since when it is {found.state.value}")
