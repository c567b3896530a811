"""A camera that shows nothing: the alert is stored and given by the interface within seconds of the first frame."""

from __future__ import annotations

import json
import urllib.request
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.e2e.live.camera import soon
from tests.e2e.live.site import PATIENCE_S, counted, ends_well, free_port, station, write
from tests.e2e.signed import asking

from passerby.base.errors import PasserbyError
from passerby.crowd.alerts import Severity, What

PROMPT_S = 10.0


def black_clip(path: Path, frames: int = 100) -> Path:
    """A lens that is covered from the beginning."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = Fraction(1, 25)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((270, 320), 128, np.uint8), "yuv420p")
            frame.pts = index
            for plane, level in zip(frame.planes, (16, 128, 128), strict=True):
                plane.update(bytes([level]) * plane.buffer_size)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def alerts(settings: Path, port: int) -> list[dict[str, Any]]:
    try:
        with urllib.request.urlopen(
            asking(settings.parent / "data", port, "/api/v1/cameras/one/alerts"), timeout=2
        ) as answer:
            return list(json.load(answer)["alerts"])
    except (OSError, PasserbyError):
        return []


@pytest.mark.parametrize("mode", ["counts-only", "live"])
def test_a_black_picture_is_a_blind_alert(tmp_path: Path, mode: str) -> None:
    port = free_port()
    settings = write(tmp_path, black_clip(tmp_path / "black.mp4"), f'mode = "{mode}"\ncount_every_s = 1', port=port)
    with station(settings) as process:
        soon("a count", lambda: counted(settings) > 0, PATIENCE_S)
        took_s = soon("an alert", lambda: alerts(settings, port), PATIENCE_S)
        [alert] = alerts(settings, port)
        ends_well(process)
    assert (alert["what"], alert["severity"], alert["place"]) == (What.BLIND, Severity.DANGER, "")
    assert alert["camera"] == "one"
    assert alert["value"] >= 0.9
    assert "shows nothing 1 on this camera (between" in alert["reason"]
    print(f"\n{mode}: in the interface {took_s:.1f} s after the first count was stored")
    assert took_s < PROMPT_S
