"""Writes web/openapi.json: what the server says of its interface. The page's types are made from it."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from passerby.access.room import open_room
from passerby.archive.folder import Layout
from passerby.server.app import create_app
from passerby.store.migrate import open_store

TARGET = Path(__file__).resolve().parents[1] / "web" / "openapi.json"


def description() -> str:
    """The description as JSON, without the product's version, so that a release changes nothing in it."""
    with tempfile.TemporaryDirectory() as folder:
        open_store(Layout(Path(folder)).database, time.time).close()
        with open_room(Path(folder)) as room:
            found = create_app(Path(folder), room).openapi()
    found["info"]["version"] = "1"
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(description())
    sys.stdout.write(f"{TARGET}\n")
