"""Roles and their rights: separation over every set of roles, scopes over every place."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.access.caller import Caller
from passerby.access.rights import FOOTAGE, FOR_KEYS, MEANING, Right
from passerby.access.roles import EVERYWHERE, RIGHTS, Grant, Place, Role, Side, separate
from passerby.base.errors import AccessError

SETS = list(chain.from_iterable(combinations(Role, n) for n in range(len(Role) + 1)))
IDS = st.sampled_from(["north", "south", "harbour"])
SCOPES = st.one_of(st.just(EVERYWHERE), IDS)
GRANTS = st.builds(Grant, st.sampled_from(Role), SCOPES, SCOPES)
RUNNING = {Role.OPERATOR, Role.SUPERVISOR}
OVERSEEING = {Role.REVIEWER, Role.AUDITOR}


@pytest.mark.parametrize("roles", SETS, ids=lambda roles: "+".join(r.value for r in roles) or "none")
def test_nobody_holds_two_sides(roles: tuple[Role, ...]) -> None:
    held = set(roles)
    allowed = any(held <= side for side in (RUNNING, OVERSEEING, {Role.ADMIN}))
    try:
        separate(roles)
    except AccessError as error:
        assert not allowed
        assert all(role.value in error.message for role in held)
    else:
        assert allowed


@pytest.mark.parametrize("roles", SETS, ids=lambda roles: "+".join(r.value for r in roles) or "none")
def test_what_the_rule_lets_through_keeps_powers_apart(roles: tuple[Role, ...]) -> None:
    rights = {right for role in roles for right in role.rights}
    try:
        separate(roles)
    except AccessError:
        return
    decides = rights & {Right.DECIDE, Right.DRAW_REVIEW}
    asks = rights & {Right.FILE_PAPERS, Right.WORK_DESK, Right.EXPORT, Right.LOOK}
    gives = rights & {Right.MANAGE_ACCOUNTS}
    assert sum(map(bool, (decides, asks, gives))) <= 1


def test_every_right_is_somebodys_and_explained() -> None:
    assert set().union(*RIGHTS.values()) == set(Right) == set(MEANING)
    assert set(RIGHTS) == set(Role) and {role.side for role in Role} == set(Side)
    for role in OVERSEEING | {Role.ADMIN}:
        assert not role.rights & FOOTAGE, role
    assert not FOR_KEYS & {Right.MANAGE_ACCOUNTS, Right.MANAGE_KEYS, Right.DECIDE, Right.BRAKE, Right.EXPORT}


@given(st.lists(GRANTS, max_size=4), st.sampled_from(Right), IDS, IDS, st.sets(st.sampled_from(Right)))
def test_a_right_holds_where_a_grant_says(
    grants: list[Grant], right: Right, organisation: str, area: str, only: set[Right]
) -> None:
    expected = any(
        right in RIGHTS[g.role] and g.organisation in ("*", organisation) and g.area in ("*", area) for g in grants
    )
    caller = Caller("p-0", tuple(grants))
    assert caller.may(right, Place(organisation, area)) == expected
    assert caller.has(right) or not expected
    assert not caller.everywhere(right) or expected
    limited = Caller("p-0", tuple(grants), key_id="k", only=frozenset(only))
    assert limited.may(right, Place(organisation, area)) == (expected and right in only)
    assert limited.rights <= only


@given(GRANTS)
def test_a_camera_that_nobody_registered_is_only_for_those_with_all(grant: Grant) -> None:
    assert grant.covers(Place()) == grant.everywhere


@pytest.mark.parametrize("word", ["", "**", "a/b", "A", "-a", "a" * 64, "a\n", "%", "..", "*a"])
def test_a_scope_is_an_id_or_a_star(word: str) -> None:
    with pytest.raises(AccessError):
        Grant(Role.OPERATOR, word)
    with pytest.raises(AccessError):
        Grant(Role.OPERATOR, "*", word)
