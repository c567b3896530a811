"""What may leave while a file is worked on: no more than was asked for."""

from __future__ import annotations

import pytest

from passerby.base.errors import OutletError
from passerby.darkroom.launch import Wanted
from passerby.outlet.messages import Counts, Features, RedactedPacket
from passerby.station.crew import Crew

FEATURES = Features(0, 1.0, 2.0, 3.0, 4.0, -1.0)


@pytest.mark.parametrize("analyses", [{"count"}, {"redact"}, {"redact", "count", "explain"}])
def test_features_leave_only_while_a_calibration_is_made(analyses: set[str]) -> None:
    with pytest.raises(OutletError, match="Features may not leave"):
        Crew(Wanted(frozenset(analyses))).meter.admit(FEATURES)


def test_a_calibration_lets_out_numbers_and_no_picture() -> None:
    meter = Crew(Wanted(frozenset({"count", "calibrate"}))).meter
    meter.admit(FEATURES)
    meter.admit(Counts(0, 0.0, 1.0, 1.0, 1.0, 0.0))
    with pytest.raises(OutletError, match="RedactedPacket may not leave"):
        meter.admit(RedactedPacket(0, 1, 0, 0, 0, b"picture"))
