"""A sealed packet leaves only once the gate in its darkroom has opened `seal`: before that it ends the darkroom."""

from __future__ import annotations

import time

import pytest

from passerby.base.errors import OutletError
from passerby.darkroom.launch import Wanted
from passerby.outlet.messages import Ruling, SealedPacket, bits
from passerby.outlet.meter import Meter
from passerby.station.live_crew import CAMERA_ALLOWANCES, SEALED, LiveCrew

PACKET = SealedPacket(bytes(32), 0, 1, b"header")


def crew(*analyses: str) -> LiveCrew:
    """A crew's meter, without its processes."""
    found = LiveCrew.__new__(LiveCrew)
    found.wanted = Wanted(frozenset(analyses))
    found.meter = Meter(CAMERA_ALLOWANCES, time.monotonic)
    return found


def ruling(*opens: str) -> Ruling:
    return Ruling(
        bits({"crowd", *opens}), bits({"crowd", *opens}), bits({"crowd", *opens}), bytes(5), 0, bytes(32), bytes(32)
    )


def test_without_a_permit_it_is_a_breach() -> None:
    for analyses in (("count",), ("count", "redact"), ("count", "seal")):
        made = crew(*analyses)
        made._admit(ruling())
        with pytest.raises(OutletError, match="SealedPacket may not leave"):
            made._admit(PACKET)


def test_a_ruling_opens_it_only_where_it_was_asked_for() -> None:
    made = crew("count")
    made._admit(ruling("seal"))
    with pytest.raises(OutletError, match="SealedPacket may not leave"):
        made._admit(PACKET)


def test_with_a_permit_it_leaves_metered() -> None:
    made = crew("count", "seal")
    made._admit(ruling("seal"))
    made._admit(PACKET)
    assert made.meter.reading()["SealedPacket"]["messages"] == 1
    with pytest.raises(OutletError, match="faster than its allowance"):
        for _ in range(int(SEALED.messages_per_s * SEALED.burst_s) + 1):
            made._admit(PACKET)


def test_what_is_allowed_is_never_widened() -> None:
    made = crew("count", "seal")
    for _ in range(50):
        made.meter.allow(SealedPacket, SEALED)
    with pytest.raises(OutletError, match="faster"):
        for _ in range(1000):
            made.meter.allow(SealedPacket, SEALED)
            made._admit(PACKET)
