"""A key's entry in a root: its bounds, each at its edge and one beyond."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.charter.world import T0, signer, site_key

from passerby.charter.document import Fault, Unsound
from passerby.charter.keys import Role, SiteKey, State, parse_key
from passerby.ledger.note import format_vkey
from passerby.ledger.verify import Key

OP = site_key("op1")


def fault(key: SiteKey, name: str = "") -> Fault:
    with pytest.raises(Unsound) as found:
        parse_key(name or key.id, key.fields())
    return found.value.fault


def of_length(length: int) -> SiteKey:
    """A key whose name makes its text so long."""
    key = signer("op1").key
    bare = len(format_vkey(Key("", key.kind, key.public)))
    return replace(OP, key=Key("x" * (length - bare), key.kind, key.public))


def test_a_verifier_key_may_be_so_long() -> None:
    assert len(format_vkey(of_length(4095).key)) == 4095
    assert parse_key(OP.id, of_length(4095).fields()) == of_length(4095)
    assert fault(of_length(4096)) is Fault.VALUES


def test_times_at_their_edges() -> None:
    shortest = replace(OP, begins=0, ends=1)
    assert parse_key(OP.id, shortest.fields()) == shortest
    for begins, ends, why in ((-1, 1, Fault.VALUES), (1, 1, Fault.SENSE), (2, 1, Fault.SENSE)):
        assert fault(replace(OP, begins=begins, ends=ends)) is why
    assert shortest.usable(0) and not shortest.usable(1)


def test_a_state_goes_with_its_time() -> None:
    assert fault(replace(OP, since=1)) is Fault.SENSE
    for state in (State.RETIRED, State.LOST, State.COMPROMISED):
        assert fault(replace(OP, state=state)) is Fault.SENSE
        ended = replace(OP, state=state, since=T0 + 1)
        assert parse_key(OP.id, ended.fields()) == ended
        assert ended.usable(T0) == (state is not State.COMPROMISED) and not ended.usable(T0 + 1)


def test_a_key_is_of_its_roles_kind_and_under_its_own_id() -> None:
    assert fault(OP, site_key("op2").id) is Fault.SENSE
    for name, role in (("op1", Role.WITNESS), ("w1", Role.OPERATOR), ("w1", Role.LOG)):
        assert fault(replace(site_key(name), role=role)) is Fault.SENSE
    assert parse_key(site_key("w1").id, site_key("w1").fields()) == site_key("w1")
