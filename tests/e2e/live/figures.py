"""Figures of a long run, kept as they come: a run that is cut off leaves what it had measured until then."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

FILE = os.environ.get("PASSERBY_SOAK_OUT")


def note(what: str, **figures: object) -> None:
    """One line of JSON to the file that PASSERBY_SOAK_OUT names; nothing where it names none."""
    if FILE is None:
        return
    path = Path(FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"what": what, "at": datetime.now(UTC).isoformat(timespec="seconds")} | figures)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
