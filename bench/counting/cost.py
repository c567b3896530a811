"""What counting costs beside hiding: CPU seconds of all locked processes, on one clip, in turn.

Run alone with ``python -m bench.counting.cost``; data by ``PASSERBY_DATA``. Ratios hold on a busy machine, too.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from passerby.crowd import scene_file
from passerby.darkroom.launch import Wanted
from passerby.station.files import count_video, redact_video

ROUNDS = 3
CLIP = Path("video-fixed-camera") / "person-bicycle-car-detection.mp4"
SCENE = {
    "version": 1,
    "ground": {"height_m": 6.0, "tilt_deg": 25.0, "fov_deg": 60.0},
    "picture": [768, 432],
    "zones": [{"id": "all", "polygon": [[4, 150], [764, 150], [764, 428], [4, 428]]}],
    "lines": [{"id": "across", "from": [4, 250], "to": [764, 250]}],
}


def cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds of the processes that some work starts, and that have ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cost(data: Path) -> dict[str, float]:
    """Hiding alone, hiding and counting, counting alone: as a camera's darkroom does each, medians of three."""
    drawn = scene_file.canonical(json.dumps(SCENE).encode())
    with tempfile.TemporaryDirectory() as made:
        target = Path(made) / "out.mp4"
        hiding, both, counting = (
            Wanted(frozenset({"redact"}), live=True),
            Wanted(frozenset({"redact", "count"}), live=True, scene=drawn),
            Wanted(frozenset({"count"}), scene=drawn),
        )
        works: dict[str, Callable[[], object]] = {
            "hiding_cpu_s": lambda: redact_video(data / CLIP, target, hiding),
            "hiding_and_counting_cpu_s": lambda: redact_video(data / CLIP, target, both),
            "counting_alone_cpu_s": lambda: count_video(data / CLIP, counting),
        }
        rounds = [{name: cpu_s(work) for name, work in works.items()} for _ in range(ROUNDS)]
    found = {name: round(statistics.median(r[name] for r in rounds), 2) for name in works}
    return {
        **found,
        "counting_adds_share": round(found["hiding_and_counting_cpu_s"] / found["hiding_cpu_s"] - 1, 3),
        "hiding_and_counting_over_counting": round(
            found["hiding_and_counting_cpu_s"] / found["counting_alone_cpu_s"], 2
        ),
    }


if __name__ == "__main__":
    print(json.dumps(cost(Path(os.environ.get("PASSERBY_DATA", "../shared/data"))), indent=1))
