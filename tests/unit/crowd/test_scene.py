"""``scene.json``: what is read is right, and each fault has its name."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passerby.base.errors import SceneError
from passerby.crowd.calibration import calibrate
from passerby.crowd.levels import Profile
from passerby.crowd.scene import check_size
from passerby.crowd.scene_file import of, parse

SIZE = (640, 480)
GOOD: dict[str, Any] = {
    "version": 1,
    "camera": "north gate",
    "picture": [640, 480],
    "ground": {
        "image": [[100, 400], [540, 400], [420, 200], [220, 200]],
        "metres": [[0, 0], [8, 0], [8, 12], [0, 12]],
    },
    "zones": [
        {"id": "gate", "polygon": [[100, 400], [540, 400], [420, 200], [220, 200]], "profile": "queue"},
        {"id": "path", "polygon": [[200, 450], [300, 450], [300, 420]]},
    ],
    "lines": [{"id": "in", "from": [100, 400], "to": [540, 400]}],
    "forbidden": [[[0, 0], [50, 0], [50, 50]], {"polygon": [[600, 0], [640, 0], [640, 40]]}],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    content = copy.deepcopy(GOOD)
    *way, last = path.split("/")
    place: Any = content
    for step in way:
        place = place[int(step) if step.isdigit() else step]
    place[int(last) if last.isdigit() else last] = value
    return content


def fault(content: Any, size: tuple[int, int] | None = SIZE) -> str:
    with pytest.raises(SceneError) as caught:
        parse(content if isinstance(content, bytes | str) else json.dumps(content), size)
    assert len(str(caught.value).splitlines()) == 1
    return caught.value.fault


def test_a_good_scene() -> None:
    scene = parse(json.dumps(GOOD).encode(), SIZE)
    gate, path = scene.zones
    assert gate.area_m2 == pytest.approx(96)
    assert (gate.profile, path.profile) == (Profile.QUEUE, Profile.WALKWAY)
    assert scene.lines[0].width_m == pytest.approx(8)
    assert [len(a) for a in scene.forbidden] == [3, 3]
    assert scene.calibration is None


def test_without_ground_there_are_no_metres() -> None:
    content = copy.deepcopy(GOOD)
    del content["ground"]
    scene = of(content)
    assert scene.ground is None
    assert scene.zones[0].area_m2 is None
    assert scene.lines[0].width_m is None


def test_height_and_tilt_do_as_well() -> None:
    scene = of(changed("ground", {"height_m": 6, "tilt_deg": 40, "fov_deg": 70}))
    assert scene.ground is not None
    assert scene.zones[0].area_m2 == pytest.approx(scene.ground.area_m2(scene.zones[0].polygon))


@given(st.permutations(sorted(GOOD)))
def test_the_hash_knows_content_not_spelling(order: list[str]) -> None:
    one, other = of(GOOD), parse(json.dumps({k: GOOD[k] for k in order}, indent=3))
    assert one.hash() == other.hash()
    assert one.hash() != of(changed("zones/0/polygon/0/0", 101)).hash()
    assert parse(one.canonical()).hash() == one.hash()


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        ("version", 2, "version"),
        ("version", True, "version"),
        ("colour", 1, "unknown-field"),
        ("picture", [640], "picture-size"),
        ("picture", [641, 480], "picture-size"),
        ("zones/0/polygon", [[0, 0], [99, 99], [99, 0], [0, 99]], "crosses-itself"),
        ("zones/0/polygon", [[100, 400], [540, 400]], "few-corners"),
        ("zones/0/polygon", [[100, 400], [101, 400], [101, 401]], "no-area"),
        ("zones/0/polygon", [[100, 400], [540, 400], [320, 5]], "behind-horizon"),
        ("zones/0/polygon", [[100, 400], [900, 400], [320, 300]], "outside-picture"),
        ("zones/0/polygon", "round", "points"),
        ("zones/0/polygon", [[100, 400], [540, 400], [320, "5"]], "number"),
        ("zones/0/id", "path", "same-id"),
        ("zones/0/id", "", "id"),
        ("zones/0/id", "a/b", "id"),
        ("zones/0/profile", "stampede", "profile"),
        ("zones/0/profile", ["queue"], "profile"),
        ("lines/0/exit", "window", "exit"),
        ("lines/0/way", "up", "way"),
        ("lines/0/way", 1, "way"),
        ("zones", {}, "wrong-type"),
        ("zones", [GOOD["zones"][0]] * 65, "too-many"),
        ("lines/0/to", [100, 401], "no-length"),
        ("lines/0/to", [700, 400], "outside-picture"),
        ("lines/0/to", [320, 5], "behind-horizon"),
        ("forbidden/0", [[0, 0], [50, 0], [50, 500]], "outside-picture"),
        ("ground", {"image": [[0, 0]]}, "missing-field"),
        ("ground/metres", [[0, 0], [1, 1], [2, 2], [3, 3]], "collinear"),
        ("ground/image", [[0, 0], [9, 9], [30, 0]], "ground-points"),
        ("ground", {"image": [[0, 0], [9, 9], [9, 0]], "metres": [[0, 0], [9, 9], [9, 0]]}, "few-ground-points"),
        ("ground", {"height_m": -1, "tilt_deg": 40, "fov_deg": 70}, "pose"),
        ("calibration", {"weights": [1]}, "calibration"),
    ],
)
def test_each_fault_has_its_name(path: str, value: Any, name: str) -> None:
    assert fault(changed(path, value)) == name


@pytest.mark.parametrize("text", ["", "[", '{"version":1,"version":1}', '{"version":NaN}', "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_said_so(text: str | bytes) -> None:
    assert fault(text) == "not-json"


def test_other_shapes_are_refused() -> None:
    assert fault([]) == "wrong-type"
    assert fault("x" * (256 * 1024 + 1)) == "too-large"
    assert fault(GOOD, (320, 240)) == "picture-size"


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.sampled_from(["ground", "zones", "lines", "forbidden", "calibration", "picture", "zones/0", "lines/0/to",
                        "zones/0/polygon", "ground/image", "ground/metres"]), json_values)  # fmt: skip
def test_whatever_is_in_it_only_ever_a_scene_or_a_scene_error(path: str, value: Any) -> None:
    try:
        scene = of(changed(path, value), SIZE)
    except SceneError as error:
        assert error.fault
    else:
        assert all(np.isfinite(z.polygon).all() for z in scene.zones)


def test_a_calibration_travels_with_the_scene() -> None:
    made = calibrate(["a"], [[n] for n in range(1, 9)], range(1, 9))
    scene = of(GOOD)
    again = of(json.loads(json.dumps(scene.calibrated(made))))
    assert again.calibration == made
    assert again.hash() != scene.hash()


def test_a_scene_holds_for_one_size() -> None:
    check_size(SIZE, of(GOOD))
    with pytest.raises(SceneError):
        check_size((320, 240), of(GOOD))
