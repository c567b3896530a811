"""A permit's own bounds, each at its edge and one beyond."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.charter.world import DAY, T0, permit, sha, signed

from passerby.charter.document import Fault, Unsound
from passerby.charter.root import YEAR
from passerby.charter.site_permit import (
    SitePermit,
    act_camera,
    justification,
    parse_site_permit,
    revocation,
    sensible,
)
from passerby.ledger.schema import MOST

WEEK = 7 * 24 * 3600
COUNTS: dict[str, Any] = {"analyses": ("crowd",), "retention_s": 0}
SEAL: dict[str, Any] = {"analyses": ("crowd", "seal"), "retention_s": DAY, "seal_s": 60, "unseal_s": 60}


def read(held: SitePermit) -> SitePermit:
    return parse_site_permit(signed(held.text(), "op1"))


def fault(held: SitePermit) -> Fault:
    with pytest.raises(Unsound) as found:
        read(held)
    return found.value.fault


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("period_s", 1, 60), ("longest_stay_s", 1, WEEK), ("retention_s", 1, YEAR)],
)
def test_numbers_at_their_edges(name: str, least: int, most: int) -> None:
    for value in (least, most):
        assert getattr(read(permit(**{name: value})), name) == value
    for value in (least - 1, most + 1):
        with pytest.raises(Unsound):
            read(permit(**{name: value}))


def test_retention_is_zero_exactly_where_nothing_is_kept() -> None:
    assert read(permit(**COUNTS)).retention_s == 0
    assert fault(permit(**COUNTS | {"retention_s": 1})) is Fault.SENSE
    assert fault(permit(**COUNTS | {"retention_s": -1})) is Fault.VALUES
    assert fault(permit(retention_s=0)) is Fault.SENSE
    assert fault(permit(**SEAL | {"retention_s": 0})) is Fault.SENSE
    assert read(permit(**SEAL)).analyses == ("crowd", "seal")


def test_what_a_permit_to_seal_says_and_no_other_does() -> None:
    assert read(permit(**SEAL)) == permit(**SEAL)
    assert "seal_s" not in permit().text()
    for name in ("seal_s", "unseal_s"):
        assert fault(permit(**SEAL | {name: 0})) is Fault.VALUES
        assert permit(**SEAL).capture != permit(**SEAL | {name: SEAL[name] + 1}).capture
    assert fault(permit(**SEAL | {"unseal_s": 901})) is Fault.VALUES
    assert fault(permit(**SEAL | {"seal_s": SEAL["retention_s"] + 1})) is Fault.SENSE
    for text in (
        permit().text().replace('"site":', '"seal_s":60,"site":', 1),
        permit(**SEAL).text().replace('"seal_s":60,', "", 1),
        permit().text().replace('"site":', '"seal_s":60,"site":', 1).replace("}\n", ',"unseal_s":900}\n'),
    ):
        with pytest.raises(Unsound):
            parse_site_permit(signed(text, "op1", "rev1"))


def test_times_at_their_edges() -> None:
    at_once: dict[str, Any] = {"issued": 0, "begins": 0, "ends": 1, "review_by": 0}
    assert read(permit(**at_once)).begins == 0
    last: dict[str, Any] = {"issued": MOST - 1, "begins": MOST - 1, "ends": MOST, "review_by": MOST}
    assert read(permit(**last)).ends == MOST
    for name in ("issued", "begins", "ends", "review_by"):
        assert fault(permit(**at_once | {name: -1})) is Fault.VALUES
        with pytest.raises(Unsound):
            sensible(permit(**at_once | {"issued": 1}))
    assert fault(permit(issued=T0 + 21 * DAY)) is Fault.SENSE
    assert fault(permit(ends=T0 + 20 * DAY)) is Fault.SENSE
    assert fault(permit(review_by=T0 + 20 * DAY - 1)) is Fault.SENSE
    assert read(permit(review_by=T0 + 20 * DAY)).review_by == T0 + 20 * DAY


def test_at_least_one_analysis_of_the_list_in_order() -> None:
    assert fault(permit(**COUNTS | {"analyses": ()})) is Fault.VALUES
    assert fault(permit(**COUNTS | {"analyses": ("faces",)})) is Fault.VALUES
    assert fault(permit(**COUNTS | {"analyses": ("traffic", "crowd")})) is Fault.VALUES
    assert read(permit(**COUNTS | {"analyses": ("crowd", "traffic")})).analyses == ("crowd", "traffic")


def test_an_emergency_renews_nothing_and_seals_nothing() -> None:
    assert read(permit(emergency=True)).emergency
    assert fault(permit(emergency=True, renews=sha("x"))) is Fault.SENSE
    assert fault(permit(emergency=True, **SEAL)) is Fault.SENSE
    assert read(permit(renews=sha("x"))).renews == sha("x")


def test_a_permit_may_be_so_long_and_no_longer() -> None:
    """64 KiB with its signatures."""
    room = 64 << 10
    models = {f"m{n}": sha(str(n)) for n in range(800)}
    note = signed(permit(models=models).text(), "op1")
    assert len(note) < room
    filler = note.rstrip(b"\n").rsplit(b"\n", 1)[1] + b"\n"
    whole = note + filler * ((room - len(note)) // len(filler))
    assert room - 200 < len(whole) <= room
    assert len(parse_site_permit(whole).models) == 800
    with pytest.raises(Unsound) as found:
        parse_site_permit(whole + filler)
    assert found.value.fault is Fault.TOO_LONG


def test_hashes_are_of_what_they_say() -> None:
    held = permit()
    assert held.hash == sha(held.text())
    assert permit(models={}).hash != held.hash and permit(models={}).capture == held.capture
    assert held.act_camera() == act_camera("example.org", "gate-1")
    assert held.act_camera() == "cam-" + sha("example.org\ngate-1")[:32]
    assert len(held.act_camera()) == 36


def test_what_is_signed_and_waited_for_is_the_same_in_every_version() -> None:
    held = permit()
    assert held.text().startswith('{"analyses":["crowd","live","record"],"build":"",')
    assert '"format":"passerby/permit@1"' in held.text()
    assert justification("a", "b", 1) == '{"at":1,"content":"b","format":"passerby/justification@1","permit":"a"}\n'
    assert revocation("a", 1) == '{"at":1,"format":"passerby/revocation@1","permit":"a"}\n'
    captured = (
        f'{{"analyses":["crowd","live","record"],"camera":"{held.camera}","longest_stay_s":{held.longest_stay_s}'
        f',"period_s":{held.period_s},"purpose":"{held.purpose}","retention_s":{held.retention_s}'
        f',"scene":"{held.scene}","site":"{held.site}","source":"{held.source}"}}'
    )
    assert held.capture == sha(captured)
