"""The darkroom's door and sealed originals: for whom, under which terms, and only while the gate lets them out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.charter.test_gate import sealing
from tests.unit.charter.world import DAY, NOW, permit, signed
from tests.unit.darkroom.test_door import Room, case_of

from passerby.archive.hpke import key_id
from passerby.archive.seal import allowed_pairs
from passerby.charter.site_permit import revocation
from passerby.charter.standing import Reason
from passerby.darkroom.papers import Case
from passerby.outlet.messages import Revoke, SealedPacket

PERMIT = permit(analyses=("crowd", "seal"), seal_s=DAY, unseal_s=600, scene="")
PACKET = SealedPacket(bytes(32), 0, 1, b"x")


def case(*officers: str, seal_s: int = DAY) -> Case:
    world = replace(sealing(*officers), permit=PERMIT)
    return replace(case_of(world, ("crowd", "seal")), seal_s=seal_s)


def test_for_the_officers_that_vouched_under_the_permits_terms() -> None:
    room = Room()
    shown = case("officer", "officer2", "officer3")
    room.show(shown)
    assert room.door.seal is None, "nothing before an item has begun"
    room.door.begin(shown.source)
    assert room.open == {"crowd", "seal"}
    found = room.door.seal
    assert found is not None
    assert (found.site, found.camera) == ("example.org", "gate-1")
    assert (found.terms.permit.hex(), found.terms.unseal_s) == (PERMIT.hash, 600)
    assert len({key_id(one.public) for one in found.officers}) == 3
    # Of the three two are the city's: they are no pair.
    assert len(allowed_pairs(found.officers)) == 2
    assert room.door.let_out(PACKET) == PACKET


def test_a_revocation_ends_it_at_once() -> None:
    room = Room()
    room.begin(case("officer", "officer2"))
    assert room.door.seal is not None
    room.door.take(Revoke(bytes.fromhex(PERMIT.hash), signed(revocation(PERMIT.hash, NOW), "rev1")))
    assert room.door.seal is None and room.door.let_out(PACKET) is None


@pytest.mark.parametrize(
    ("officers", "seal_s", "why"),
    [
        ((), DAY, Reason.NO_OFFICERS), (("officer",), DAY, Reason.NO_OFFICERS),
        (("officer", "officer3"), DAY, Reason.NO_OFFICERS), (("officer", "officer2"), DAY + 1, Reason.KEPT_LONGER),
        (("officer", "officer2"), 0, Reason.KEPT_LONGER),
    ],
)  # fmt: skip
def test_without_a_pair_or_for_longer_nothing_is_sealed(officers: tuple[str, ...], seal_s: int, why: Reason) -> None:
    room = Room()
    room.begin(case(*officers, seal_s=seal_s))
    assert room.door.seal is None and room.door.let_out(PACKET) is None
    assert why in room.why
    # Whoever may not seal may still count.
    assert ("crowd" in room.open) == (why is Reason.NO_OFFICERS)
