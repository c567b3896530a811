"""Roles, what each may do, where, and which never belong to one person.

Separation of duties: every role has a side, and nobody holds roles of two. Who runs cameras does not oversee them; who
gives out accounts does neither, and so sees no footage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from passerby.access.rights import Right
from passerby.base.errors import AccessError
from passerby.base.ids import SAFE

EVERYWHERE = "*"


class Side(Enum):
    """What a role is for."""

    RUNS = "runs the cameras"
    OVERSEES = "oversees them"
    ADMINISTERS = "gives out accounts"


class Role(Enum):
    """What somebody is here."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    ADMIN = "admin"

    @property
    def side(self) -> Side:
        """The one side that it belongs to."""
        return SIDES[self]

    @property
    def rights(self) -> frozenset[Right]:
        """What it may do."""
        return RIGHTS[self]


SIDES: dict[Role, Side] = {
    Role.OPERATOR: Side.RUNS,
    Role.SUPERVISOR: Side.RUNS,
    Role.REVIEWER: Side.OVERSEES,
    Role.AUDITOR: Side.OVERSEES,
    Role.ADMIN: Side.ADMINISTERS,
}
_OPERATOR = frozenset({Right.SEE_NUMBERS, Right.LOOK, Right.ACKNOWLEDGE, Right.READ_HEALTH})
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OPERATOR: _OPERATOR,
    Role.SUPERVISOR: _OPERATOR
    | {Right.EXPORT, Right.EDIT_SCENE, Right.EDIT_REGISTER, Right.FILE_PAPERS, Right.WORK_DESK, Right.READ_ACTS}
    | {Right.MANAGE_KEYS},
    Role.REVIEWER: frozenset(
        {Right.SEE_NUMBERS, Right.DECIDE, Right.BRAKE, Right.DRAW_REVIEW, Right.READ_ACTS, Right.READ_HEALTH}
        | {Right.MANAGE_KEYS}
    ),
    Role.AUDITOR: frozenset({Right.READ_ACTS, Right.READ_HEALTH}),
    Role.ADMIN: frozenset({Right.MANAGE_ACCOUNTS, Right.MANAGE_KEYS, Right.READ_HEALTH}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose camera, and where: what a grant's scope is held against.

    Args:
        organisation: Its owner's id in the register; empty where the register does not know the camera.
        area: Its area's id; empty likewise.
    """

    organisation: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and where it holds.

    Args:
        role: Which.
        organisation: An id of the register, or ``*`` for all.
        area: An id of the register, or ``*`` for all.
    """

    role: Role
    organisation: str = EVERYWHERE
    area: str = EVERYWHERE

    def __post_init__(self) -> None:
        """Refuse scopes that can't be.

        Raises:
            AccessError: One is neither an id nor ``*``.
        """
        for word in (self.organisation, self.area):
            if word != EVERYWHERE and not SAFE.fullmatch(word):
                raise AccessError(f"{word[:40]!r} is no organisation or area", "use an id of the register, or *")

    def covers(self, place: Place) -> bool:
        """Whether it holds there. A camera that the register does not know is covered by ``*`` alone."""
        return self.organisation in (EVERYWHERE, place.organisation) and self.area in (EVERYWHERE, place.area)

    @property
    def everywhere(self) -> bool:
        """Whether it holds all over."""
        return self.organisation == self.area == EVERYWHERE


def separate(roles: Iterable[Role]) -> None:
    """The rule of separation over all that one person holds.

    Raises:
        AccessError: Roles of two sides.
    """
    held = sorted(set(roles), key=list(Role).index)
    sides = {role.side for role in held}
    if len(sides) > 1:
        names = " and ".join(role.value for role in held)
        raise AccessError(
            f"nobody may be {names} at once",
            "who runs cameras, who oversees them and who gives out accounts are different people: use another account",
            "two-sides",
        )
