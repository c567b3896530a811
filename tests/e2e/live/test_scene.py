"""A camera with a scene: zones and lines are counted where the permit names the scene, and nowhere else."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.live.camera import soon
from tests.e2e.live.running import running
from tests.e2e.live.site import PATIENCE_S, ends_well, free_port, station, write
from tests.e2e.signed import asking

from passerby.base.errors import PasserbyError
from passerby.charter.ruling import denied_of
from passerby.charter.standing import Reason
from passerby.outlet.messages import ANALYSES, LineCounts, Ruling, ZoneCounts
from passerby.station.camera import State
from passerby.station.showcase.clip import sample_clip

# The sample's pavement, seen from above and to the side: some 768 x 576 pixels, figures of about 80.
SCENE: dict[str, Any] = {
    "version": 1,
    "camera": "one",
    "ground": {
        "image": [[100, 560], [668, 560], [700, 100], [68, 100]],
        "metres": [[0, 0], [12, 0], [12, 14], [0, 14]],
    },
    "zones": [{"id": "square", "polygon": [[60, 90], [710, 90], [710, 560], [60, 560]], "profile": "walkway"}],
    "lines": [{"id": "across", "from": [60, 300], "to": [710, 300]}],
}


def drawn(folder: Path, **changes: Any) -> str:
    (folder / "scene.json").write_text(json.dumps(SCENE | changes), "utf-8")
    return 'scene = "scene.json"\ncount_every_s = 1'


def places(settings: Path, port: int) -> dict[str, list[dict[str, Any]]]:
    try:
        with urllib.request.urlopen(
            asking(settings.parent / "data", port, "/api/v1/cameras/one/places"), timeout=2
        ) as answer:
            return dict(json.load(answer))
    except (OSError, PasserbyError):
        return {"zones": [], "lines": []}


@pytest.mark.parametrize("mode", ["counts-only", "live"])
def test_zones_and_lines_reach_the_interface(tmp_path: Path, mode: str) -> None:
    port, clip = free_port(), sample_clip(tmp_path)
    settings = write(tmp_path, clip, f'mode = "{mode}"\n{drawn(tmp_path)}', port=port)
    with station(settings) as process:
        soon("people in the zone", lambda: any(z["people"] > 1 for z in places(settings, port)["zones"]), PATIENCE_S)
        soon(
            "somebody over the line",
            lambda: any(v["into"] + v["out_of"] for v in places(settings, port)["lines"]),
            PATIENCE_S,
        )
        soon("who moves", lambda: any(sum(z["ways"]) for z in places(settings, port)["zones"]), PATIENCE_S)
        found = places(settings, port)
        ends_well(process)
    assert {z["zone"] for z in found["zones"]} == {"square"}
    assert {v["line"] for v in found["lines"]} == {"across"}
    minute = max(found["zones"], key=lambda z: z["people"])
    assert minute["low"] <= minute["people"] <= minute["high"] and minute["people_max"] >= minute["people"]
    # About 12 x 14 m.
    assert 100 < minute["people"] / minute["density_per_m2"] < 200
    assert 0.2 < minute["speed_m_per_s"] < 3
    assert minute["level_of_service"] == "A" and minute["worst_level_of_service"] in "ABC"
    assert sum(minute["ways"]) == pytest.approx(1) and minute["densest_cell_per_m2"] >= minute["density_per_m2"]
    # The permit is for people: of vehicles nothing leaves.
    assert all(v["level_of_service"] and v["occupied"] is None for v in found["lines"]) and not found["vehicles"]


def test_a_permit_for_another_scene_opens_nothing(tmp_path: Path, clip: Path) -> None:
    with running(tmp_path, f'source = "{clip}"\n{drawn(tmp_path, ground=None, zones=[], lines=[])}') as run:
        settings = run.station.cameras[0].settings
        run.site.permit([settings], scene="")
        soon("denied", lambda: run.seen.state() is State.DENIED, PATIENCE_S)
        assert "OTHER_SCENE" in run.seen.why()
        rulings = [m for m in run.seen.of(Ruling) if isinstance(m, Ruling) and not m.lawful]
        assert not rulings or Reason.OTHER_SCENE in {
            answer.reason for answer in denied_of(rulings[-1].reasons, ANALYSES).values()
        }
        run.site.permit([settings])
        soon("counts", lambda: run.seen.counts() or None, PATIENCE_S)


@pytest.mark.parametrize("mode", ["counts-only", "live"])
def test_a_scene_of_another_picture_counts_nothing_and_says_so(tmp_path: Path, clip: Path, mode: str) -> None:
    scene = drawn(tmp_path, picture=[768, 576])
    with running(tmp_path, f'source = "{clip}"\nmode = "{mode}"\n{scene}') as run:
        soon("down", lambda: run.seen.state() is State.DOWN, PATIENCE_S)
        assert run.seen.why() == "its scene was drawn on a picture of another size: draw it again"
        assert not run.seen.counts() and not run.seen.of(ZoneCounts) and not run.seen.of(LineCounts)
        assert not run.seen.packets()
