"""The public keys to which shares and halves are sealed: whose they are is said by a note that their owner signs.

A keeper or an officer has one signing key, which the site root lists. The pair to seal to is made from the same secret
(`archive.hpke`), and its public half is vouched for here, so that the root need not know of it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from passerby.charter.document import Fault, Unsound, read, text_of, write
from passerby.charter.keys import Role
from passerby.charter.root import SiteRoot
from passerby.charter.shapes import exactly
from passerby.ledger.verify import LedgerError, verify_note

FORMAT = "passerby/sealing-key@1"
PUBLIC_BYTES = 1184 + 32  # ML-KEM-768, X25519
LONGEST = 8 << 10
_SHAPES = {"format": exactly(FORMAT), "public": lambda given: isinstance(given, str) and len(given) < LONGEST}


@dataclass(frozen=True, slots=True)
class Vouched:
    """A public sealing key, and whose it is.

    Args:
        public: ML-KEM-768's encapsulation key, then X25519's public key.
        name: The name of the signing key that vouches for it.
        institution: The id of whose it is.
        role: What that key is for.
    """

    public: bytes
    name: str
    institution: str
    role: Role


def sealing_text(public: bytes) -> str:
    """What a keeper or officer signs to publish its sealing key."""
    return write({"format": FORMAT, "public": base64.b64encode(public).decode()})


def vouched(note: bytes, root: SiteRoot, role: Role, now: int) -> Vouched:
    """A published sealing key of somebody whom the root gives this role now.

    Args:
        note: `sealing_text`, signed.
        root: The site root in force.
        role: Keeper or officer.
        now: Seconds since 1970.

    Raises:
        Unsound: It is none, or nobody with that role signed it.
    """
    found = read(text_of(note, LONGEST), _SHAPES)
    try:
        public = base64.b64decode(found["public"], validate=True)
    except binascii.Error as error:
        raise Unsound(Fault.VALUES, "public") from error
    if len(public) != PUBLIC_BYTES:
        raise Unsound(Fault.VALUES, "public")
    held = {k.key: k for k in root.held(role, now) if k in root.held(role)}
    try:
        _, signed, _ = verify_note(note, held)
    except LedgerError as error:
        raise Unsound(Fault.SENSE, str(error)) from error
    if len(signed) != 1:
        raise Unsound(Fault.SENSE, f"it is not signed by one {role.value}'s key of this site")
    who = held[next(iter(signed))]
    return Vouched(public, who.key.name, who.institution, role)
