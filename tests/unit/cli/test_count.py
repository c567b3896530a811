"""The JSON of ``count``: the form that others build on."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from passerby.base.errors import PasserbyError
from passerby.cli.count import as_json, is_picture
from passerby.crowd import scene_file
from passerby.outlet.messages import Counts, LineCounts, LineVehicles, ZoneCounts, ZoneCrowd
from passerby.station.files import Result

SCENE = scene_file.of(
    {
        "version": 1,
        "ground": {"image": [[0, 0], [100, 0], [100, 100], [0, 100]], "metres": [[0, 0], [4, 0], [4, 4], [0, 4]]},
        "zones": [
            {"id": "hall", "polygon": [[0, 0], [100, 0], [100, 100], [0, 100]]},
            {"id": "stand", "polygon": [[0, 0], [50, 0], [50, 50], [0, 50]], "profile": "standing-event"},
        ],
        "lines": [{"id": "door", "from": [0, 50], "to": [100, 50]}],
    }
)


def result() -> Result:
    made = Result({"frames": 50, "fps": 25.0, "seconds": 2.0}, scene=SCENE)
    made.counts = [Counts(n, float(n), 8.0, 6.0, 10.0, 1.0) for n in range(2)]
    made.zones = [
        ZoneCounts(1.0, 0, 8.0, 6.0, 10.0, 1.0, 0.8, 1.2),
        ZoneCounts(2.0, 0, 16.0, 12.0, 20.0, -1.0, -1.0, -1.0),
        ZoneCounts(2.0, 1, 2.0, 1.0, 3.0, -1.0, -1.0, -1.0),
    ]
    made.crowds = [
        ZoneCrowd(1.0, 0, bytes([255, 0, 0, 0, 0, 0, 0, 0]), 0.01, 1.5, 3.0, 4.0),
        ZoneCrowd(2.0, 0, bytes([0, 0, 128, 0, 128, 0, 0, 0]), 0.03, 1.25, 5.0, 8.0),
        ZoneCrowd(2.0, 1, bytes(8), -1.0, -1.0, -1.0, -1.0),
    ]
    made.lines = [LineCounts(1.0, 0, 1, 0), LineCounts(2.0, 0, 3, 2)]
    made.vehicles = [
        LineVehicles(1.0, 0, bytes([0, 1, 0, 0, 0, 1]), bytes(6), 102),
        LineVehicles(2.0, 0, bytes([0, 2, 0, 0, 0, 0]), bytes([2, 3, 0, 0, 0, 0]), 51),
    ]
    return made


def test_all_that_was_said() -> None:
    said = as_json(result())
    assert said["series"][0] == {"t": 0.0, "people": 8.0, "low": 6.0, "high": 10.0, "vehicles": 1.0}
    assert said["lines"] == [
        {
            "id": "door",
            "in": 3,
            "out": 2,
            # Five in two seconds over 4 m: 37.5 a minute and metre, Fruin's C.
            "flow_per_s": 2.5,
            "specific_flow_per_m_s": 0.625,
            "level_of_service": "C",
            "vehicles_in": 4,
            "vehicles_out": 5,
            "vehicles": {
                "bicycle": {"in": 0, "out": 2},
                "car": {"in": 3, "out": 3},
                "truck": {"in": 1, "out": 0},
            },
            "vehicle_flow_per_s": 4.5,
            "occupied": 0.3,
        }
    ]
    hall, stand = said["zones"]
    assert (hall["people"], hall["density_per_m2"], hall["speed_m_s"]) == (12.0, 0.75, 1.0)
    # 0.75 and 1 per m² on a walkway.
    assert (hall["level_of_service"], hall["worst_level_of_service"]) == ("D", "D")
    assert hall["level_of_service_between"] == ["C", "D"]
    assert hall["ways"] == {"0": 0.5, "45": 0, "90": 0.25, "135": 0, "180": 0.25, "225": 0, "270": 0, "315": 0}
    assert (hall["most_pressure_per_s2"], hall["densest_cell_per_m2"]) == (0.03, 1.5)
    assert (hall["queue"], hall["queue_m"]) == (4.0, 6.0)
    # 0.5 per m² at a standing event.
    assert (stand["profile"], stand["level_of_service"], stand["speed_m_s"]) == ("standing-event", "B", None)
    assert set(stand["ways"].values()) == {0.0} and stand["most_pressure_per_s2"] is None
    assert stand["queue"] is None and stand["densest_cell_per_m2"] is None


def test_nothing_said_is_nothing_known() -> None:
    said = as_json(Result({"frames": 0, "fps": None, "seconds": 0.0}, scene=SCENE))
    (door,) = said["lines"]
    assert {door[key] for key in ("in", "out", "vehicles_in", "vehicles_out", "occupied")} == {0}
    assert door["flow_per_s"] is door["specific_flow_per_m_s"] is door["level_of_service"] is None
    assert {said["zones"][0][key] for key in ("people", "density_per_m2", "speed_m_s", "level_of_service")} == {None}


def test_a_picture_is_known_by_how_it_begins(tmp_path: Path) -> None:
    jpeg, other = tmp_path / "a.mp4", tmp_path / "b.jpg"
    jpeg.write_bytes(cv2.imencode(".jpg", np.zeros((16, 16, 3), np.uint8))[1].tobytes())
    other.write_bytes(b"\0\0\0\x20ftypisom")
    assert is_picture(jpeg) and not is_picture(other)
    with pytest.raises(PasserbyError):
        is_picture(tmp_path / "c.jpg")
