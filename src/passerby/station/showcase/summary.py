"""What a demo leaves behind: one paragraph of numbers."""

from __future__ import annotations

import time
from pathlib import Path

from passerby.store.cameras import list_cameras
from passerby.store.counts import minutes
from passerby.store.database import read_store
from passerby.store.events import latest_health, list_absences

US = 1_000_000
LONGEST_US = 24 * 3600 * US


def summary(database: Path) -> str:
    """How many people there were on average and at most, how much was hidden, and what went wrong.

    Args:
        database: The station's, after it has ended.

    Raises:
        StoreError: It can't be read.
    """
    now_us = round(time.time() * US)
    lines = []
    with read_store(database) as store:
        for camera in list_cameras(store):
            counted = minutes(store, camera.id, now_us - LONGEST_US, now_us + US)
            if not counted:
                lines.append(f"{camera.name}: never ran")
                continue
            samples = sum(minute.samples for minute in counted)
            people = sum(minute.people * minute.samples for minute in counted) / max(1, samples)
            most = max((minute.people_max for minute in counted), default=0.0)
            health = latest_health(store, camera.id)
            shown = "no picture left its darkroom"
            if health is not None and camera.mode != "counts-only":
                shown = f"{health.hidden:.0%} of the picture hidden at the end, {health.dropped} pictures left out"
            away = list_absences(store, camera.id, now_us - LONGEST_US, now_us + US)
            lines.append(
                f"{camera.name}: {samples} counts, {people:.1f} people on average, {most:.0f} at most; {shown}; "
                f"{f'away {len(away)} times' if away else 'never away'}"
            )
    return "\n".join(lines)
