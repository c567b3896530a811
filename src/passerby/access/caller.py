"""Who asks: somebody signed in, or a program with a key. Nobody signed in is ``None``."""

from __future__ import annotations

from dataclasses import dataclass

from passerby.access.rights import Right
from passerby.access.roles import Grant, Place


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what they may.

    Args:
        pseudonym: As the ledger and the office's staff have it: never a name.
        grants: Roles, and where each holds.
        session_id: Of whom signed in: names the session in lists, opens nothing.
        key_id: Of a program: names its key.
        only: What a key is limited to; None where grants alone decide.
        proven_s: When whom signed in last proved who they are; seconds since 1970. A key never does.
        local: By the link that this machine's terminal printed: no account.
    """

    pseudonym: str
    grants: tuple[Grant, ...]
    session_id: str | None = None
    key_id: str | None = None
    only: frozenset[Right] | None = None
    proven_s: float = 0.0
    local: bool = False

    @property
    def rights(self) -> frozenset[Right]:
        """What they may do somewhere."""
        held = frozenset(right for grant in self.grants for right in grant.role.rights)
        return held if self.only is None else held & self.only

    def has(self, right: Right) -> bool:
        """Whether they may do this anywhere at all."""
        return right in self.rights

    def may(self, right: Right, place: Place) -> bool:
        """Whether they may do this there."""
        if self.only is not None and right not in self.only:
            return False
        return any(right in grant.role.rights and grant.covers(place) for grant in self.grants)

    def everywhere(self, right: Right) -> bool:
        """Whether they may do this all over."""
        if self.only is not None and right not in self.only:
            return False
        return any(right in grant.role.rights and grant.everywhere for grant in self.grants)
