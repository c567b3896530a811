"""A scene being drawn: read, checked, saved whole, and never over somebody else's work."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.crowd.test_calibration import NAMES, crowd

from passerby.base.errors import FileChanged, SceneError
from passerby.crowd import scene_file
from passerby.crowd.calibration import calibrate
from passerby.server.drawing import Drawing

SIZE = (640, 480)
SQUARE = [[100, 200], [300, 200], [300, 400], [100, 400]]
# A ground of 20 pixels a metre, seen from straight above.
ABOVE = {"image": [[0, 0], [200, 0], [200, 200], [0, 200]], "metres": [[0, 0], [10, 0], [10, 10], [0, 10]]}


def drawn(**shapes: Any) -> bytes:
    return json.dumps({"version": 1, **shapes}).encode()


@pytest.fixture
def drawing(tmp_path: Path) -> Drawing:
    return Drawing(tmp_path / "scene.json", SIZE)


def test_a_new_file_begins_empty_and_is_made_when_saved(drawing: Drawing) -> None:
    content, revision = drawing.read()
    assert content == {"version": 1} and revision == "" and not drawing.path.exists()
    saved = drawing.save(drawn(zones=[{"id": "hall", "polygon": SQUARE}]), revision)
    content, revision = drawing.read()
    assert revision == saved
    assert content == {"version": 1, "picture": [640, 480], "zones": [{"id": "hall", "polygon": SQUARE}]}


def test_what_the_page_does_not_draw_stays(drawing: Drawing) -> None:
    features, people = crowd(seed=1, frames=20)
    fitted = calibrate(NAMES, features, people).to_json()
    drawing.path.write_text(json.dumps({"version": 1, "camera": "gate", "calibration": fitted, "zones": []}))
    drawing.save(drawn(forbidden=[SQUARE], ground=None, zones=[], lines=[]), drawing.read()[1])
    content = json.loads(drawing.path.read_text())
    assert content["camera"] == "gate" and content["calibration"] == fitted
    assert content["forbidden"] == [SQUARE]
    assert not {"ground", "zones", "lines"} & set(content)


def test_shapes_that_were_taken_away_are_gone(drawing: Drawing) -> None:
    revision = drawing.save(drawn(zones=[{"id": "hall", "polygon": SQUARE}], ground=ABOVE), "")
    drawing.save(drawn(), revision)
    assert drawing.read()[0] == {"version": 1, "picture": [640, 480]}


@pytest.mark.parametrize(
    ("shapes", "fault"),
    [
        ({"zones": [{"id": "hall", "polygon": [[0, 0], [9, 9], [9, 0], [0, 9]]}]}, "crosses-itself"),
        ({"zones": [{"id": "hall", "polygon": [[0, 0], [9, 9]]}]}, "few-corners"),
        ({"lines": [{"id": "door", "from": [0, 0], "to": [900, 0]}]}, "outside-picture"),
        ({"ground": {"image": [], "metres": []}}, None),
        ({"zone": []}, "unknown-field"),
    ],
)
def test_a_broken_rule_is_named_and_nothing_is_written(
    drawing: Drawing, shapes: dict[str, Any], fault: str | None
) -> None:
    revision = drawing.save(drawn(forbidden=[SQUARE]), "")
    before = drawing.path.read_bytes()
    for attempt in (lambda: drawing.check(drawn(**shapes)), lambda: drawing.save(drawn(**shapes), revision)):
        with pytest.raises(SceneError) as caught:
            attempt()
        assert fault is None or caught.value.fault == fault
    assert drawing.path.read_bytes() == before
    assert [path.name for path in drawing.path.parent.iterdir()] == ["scene.json"]


def test_somebody_elses_change_is_never_written_over(drawing: Drawing) -> None:
    revision = drawing.save(drawn(forbidden=[SQUARE]), "")
    drawing.path.write_bytes(drawn(camera="gate"))
    with pytest.raises(FileChanged):
        drawing.save(drawn(), revision)
    assert drawing.path.read_bytes() == drawn(camera="gate")
    drawing.path.unlink()
    with pytest.raises(FileChanged):
        drawing.save(drawn(), revision)
    assert not drawing.path.exists()


def test_a_file_of_another_picture_is_refused(drawing: Drawing) -> None:
    drawing.path.write_bytes(drawn(picture=[1920, 1080]))
    with pytest.raises(SceneError) as caught:
        drawing.read()
    assert caught.value.fault == "picture-size"


def test_a_file_that_would_be_too_large_is_not_written(drawing: Drawing) -> None:
    corners = [[round(x / 7, 2), 1.0] for x in range(199)] + [[10.0, 400.0]]
    zones = [{"id": f"zone {n}", "polygon": corners} for n in range(64)]
    sent = json.dumps({"version": 1, "zones": zones}, separators=(",", ":")).encode()
    # Compact it fits; written to be read by people it would not.
    assert len(sent) <= scene_file.LARGEST_BYTES
    with pytest.raises(SceneError) as caught:
        drawing.save(sent, "")
    assert caught.value.fault == "too-large" and not drawing.path.exists()


def test_shapes_are_measured_on_the_ground(drawing: Drawing) -> None:
    said = drawing.check(
        drawn(
            ground=ABOVE,
            zones=[{"id": "hall", "polygon": SQUARE}],
            lines=[{"id": "door", "from": [0, 0], "to": [60, 80]}],
        )
    )
    assert said["zones"] == pytest.approx([100.0])
    assert said["lines"] == pytest.approx([5.0])
    assert said["misfit_m"] == pytest.approx(0.0)
    # No pose follows from a view straight down: the scale along the rows stands in, 1.7 m of 20 pixels.
    assert np.allclose([height for *_, height in said["ruler"]], 34, atol=0.1)


def test_somebody_nearer_looks_taller(drawing: Drawing) -> None:
    ruler = drawing.check(drawn(ground={"height_m": 9, "tilt_deg": 20, "fov_deg": 70}))["ruler"]
    middle = sorted((y, height) for x, y, height in ruler if x == SIZE[0] / 2)
    assert len(middle) >= 3
    assert [height for _, height in middle] == sorted(height for _, height in middle)
    assert all(y < below - height for (y, _), (below, height) in pairwise(middle)), "no bar covers another"


def test_without_a_ground_nothing_is_measured(drawing: Drawing) -> None:
    said = drawing.check(drawn(zones=[{"id": "hall", "polygon": SQUARE}]))
    assert said == {"zones": [None], "lines": [], "ruler": [], "misfit_m": None}
