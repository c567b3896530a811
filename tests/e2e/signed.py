"""How tests are let in: programs by a machine key, browsers by the link of this machine's terminal."""

from __future__ import annotations

import urllib.request
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from passerby.access import keys, links
from passerby.access.keys import Wish
from passerby.access.rights import FOR_KEYS
from passerby.access.room import open_room


@cache
def key(data: Path) -> str:
    """A machine key of the server of a data folder, for all that a program may do."""
    with open_room(data) as room:
        token, _ = keys.make(room, Wish("a test", FOR_KEYS), None)
    return token


def asking(data: Path, port: int, path: str) -> urllib.request.Request:
    """A request that shows the key."""
    return urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"authorization": f"Bearer {key(data)}"})


def enter(page: Page, data: Path, address: str) -> None:
    """Sign a browser in by the terminal's link, and open the control room."""
    with open_room(data) as room:
        token = links.local(room)
    page.goto(f"{address}enter?look#{token}")
    page.wait_for_url("**/control")
