"""How far the page is behind the camera: the demo in a real browser.

The demo's camera speaks RTSP, its station records and serves as any other, and Chromium plays. The playlist says when
each picture came to intake, and the page how long ago that is for the one it shows: what is added by the camera itself,
by the network and by the screen is not in it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from statistics import median

from playwright.sync_api import Error, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LEARN_S, SETTLE_S = 120.0, 10.0
ADDRESS = re.compile(r"open (http://127\.0\.0\.1:\d+/enter\S+)")


def behind(seconds: float) -> dict[str, object]:
    """Seconds behind the camera over so many seconds, and how long the page took to its first picture."""
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as out:
        lasts = LEARN_S + SETTLE_S + seconds
        demo = subprocess.Popen(
            [sys.executable, "-m", "passerby.cli", "demo", "--out", out, "--for", str(round(lasts))],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_page(viewport={"width": 1280, "height": 900})
                _open(page, _address(demo))
                while _behind(page) is None and time.monotonic() - began_s < LEARN_S:
                    time.sleep(0.1)
                first_s = time.monotonic() - began_s
                time.sleep(SETTLE_S)
                seen: list[float] = []
                end_s = time.monotonic() + seconds
                while time.monotonic() < end_s:
                    if (now := _behind(page)) is not None:
                        seen.append(now)
                    time.sleep(0.5)
                browser.close()
        finally:
            demo.terminate()
            demo.communicate()
    if not seen:
        return {"page": "showed no video", "samples": 0}
    return {
        "page_behind_s": round(median(seen), 2),
        "page_behind_most_s": round(max(seen), 2),
        "samples": len(seen),
        "first_picture_on_page_s": round(first_s, 1),
    }


def _address(demo: subprocess.Popen[str]) -> str:
    assert demo.stdout is not None
    for line in demo.stdout:
        if found := ADDRESS.search(line):
            return found[1]
    raise RuntimeError("the demo printed no address")


def _open(page: Page, address: str) -> None:
    for _ in range(300):
        try:
            page.goto(address)
        except Error:
            time.sleep(0.1)
            continue
        return
    raise RuntimeError("nothing answers at the demo's address")


def _behind(page: Page) -> float | None:
    text = page.evaluate("() => document.querySelector('video')?.dataset.behind ?? null")
    return None if text is None else float(text)
