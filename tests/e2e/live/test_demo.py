"""`passerby demo` in a real browser: the video plays, the chart moves, and it ends by itself."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.e2e.conftest import COMMAND, left_of
from tests.e2e.live.camera import soon
from tests.e2e.live.said import Said
from tests.rules.sources import ROOT

from passerby.station.showcase.clip import sample_clip

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]
SECONDS = 100
PATIENCE_S = 90.0
# Of the clip about a seventh is hidden once the scene has been learnt from it.
MOST_HIDDEN = 50
# Mean and spread of the picture's luma as the browser paints it.
PICTURE = """() => {
  const video = document.querySelector('video');
  if (!video || !video.videoWidth) return null;
  const canvas = document.createElement('canvas');
  canvas.width = 64; canvas.height = 48;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, 64, 48);
  const luma = Array.from(context.getImageData(0, 0, 64, 48).data).filter((_, i) => i % 4 === 1);
  const mean = luma.reduce((a, b) => a + b) / luma.length;
  const spread = Math.sqrt(luma.reduce((a, b) => a + (b - mean) ** 2, 0) / luma.length);
  return [video.currentTime, mean, spread];
}"""
# Cards whose chart is wider than they are.
CUT_OFF = """() => [...document.querySelectorAll('article.camera')].filter(card =>
  [...card.querySelectorAll('canvas')].some(c =>
    c.getBoundingClientRect().right > card.getBoundingClientRect().right)).map(card => card.dataset.camera)"""


ADDRESS = re.compile(r"open (http://127\.0\.0\.1:\d+/enter\S+)")


def address_in(said: Said) -> str:
    found = ADDRESS.search(said.until(lambda line: bool(ADDRESS.search(line)), "an address", PATIENCE_S))
    assert found is not None
    return found[1]


def answers(page: Page, address: str) -> bool:
    from playwright.sync_api import Error

    try:
        page.goto(address)
    except Error:
        return False
    return True


def test_the_demo_in_a_browser(tmp_path: Path) -> None:
    clip = sample_clip(ROOT / ".cache" / "demo")
    process = subprocess.Popen(
        [*COMMAND, "demo", "--source", str(clip), "--out", str(tmp_path / "out"), "--for", str(SECONDS)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    try:
        assert process.stdout is not None
        words_of = Said(process.stdout)
        address = address_in(words_of)
        began_s = time.monotonic()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            soon("the page", lambda: answers(page, address), PATIENCE_S)
            page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda error: said.append(str(error)))
            # The link lets in, and leads on by itself.
            page.wait_for_url("**/control", timeout=PATIENCE_S * 1000)
            soon("a picture", lambda: (seen := page.evaluate(PICTURE)) and seen[0] > 0 and seen[2] > 15, PATIENCE_S)
            print(f"\na scene after {time.monotonic() - began_s:.1f} s")
            before = page.evaluate(PICTURE)[0]
            page.wait_for_timeout(4000)
            after, mean, spread = page.evaluate(PICTURE)
            assert after > before + 1, "time goes on"
            assert mean > 40, "not black"
            assert spread > 15, "not one grey"
            chart = page.locator("canvas").first.screenshot()
            page.wait_for_timeout(6000)
            assert page.locator("canvas").first.screenshot() != chart, "the chart moves"
            assert page.evaluate(CUT_OFF) == [], "a chart that reaches out of its card shows nothing of now"
            behind = page.locator("video").first.get_attribute("data-behind")
            assert behind is not None and float(behind) > 0, "how old the picture is"
            print(f"the page is {behind} s behind the camera")
            (ROOT / "out").mkdir(exist_ok=True)
            page.screenshot(path=ROOT / "out" / "demo-live.png")
            browser.close()
        process.wait(SECONDS + 60)
        words = words_of.all(PATIENCE_S)
        assert process.returncode == 0, words
        assert "people on average" in words
        hidden = re.search(r"(\d+)% of the picture hidden at the end", words)
        assert hidden is not None and int(hidden[1]) < MOST_HIDDEN, words
        assert "without-reviewer: denied (denied by NO_REVIEWER" in words
        assert "without-reviewer: never ran" in words
        assert "Traceback" not in words
    finally:
        process.kill()
        process.wait()
    assert not said
    assert left_of(process.pid) == []
    assert not list((tmp_path / "out").glob("data-*")), "nothing of the demo's stays"
