"""Chromium opens the page: the live video plays, is not black, the chart moves, and nothing is asked of the outside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import av
import pytest
from playwright.sync_api import Page, sync_playwright
from tests.conftest import ROOT
from tests.e2e.conftest import Command
from tests.e2e.live_feed import Feed, Served
from tests.e2e.signed import enter

CLIP_S = 12
CHROMIUM = shutil.which("chromium")
VIDEO = """() => {
  const v = document.querySelector('[data-camera=entrance] video');
  if (!v || v.readyState < 2) return null;
  const c = document.createElement('canvas');
  c.width = 64; c.height = 48;
  const g = c.getContext('2d', { willReadFrequently: true });
  g.drawImage(v, 0, 0, 64, 48);
  const d = g.getImageData(0, 0, 64, 48).data;
  const levels = [];
  for (let i = 0; i < d.length; i += 4) levels.push((d[i] + d[i + 1] + d[i + 2]) / 3);
  const mean = levels.reduce((a, b) => a + b) / levels.length;
  const spread = Math.sqrt(levels.reduce((a, b) => a + (b - mean) ** 2, 0) / levels.length);
  const latency = v.seekable.end(v.seekable.length - 1) - v.currentTime;
  return { time: v.currentTime, width: v.videoWidth, mean, spread, latency };
}"""
CHART = """() => {
  const p = document.querySelector('[data-camera=entrance] .plot canvas');
  const c = document.createElement('canvas');
  c.width = p.width; c.height = p.height;
  const g = c.getContext('2d', { willReadFrequently: true });
  g.drawImage(p, 0, 0);
  const d = g.getImageData(0, 0, c.width, c.height).data;
  let ink = 0, sum = 0;
  for (let i = 3; i < d.length; i += 4) if (d[i]) { ink++; sum = (sum * 31 + i) % 1000000007; }
  return { ink, sum };
}"""


def shortened(source: Path, target: Path) -> None:
    """The first seconds of a clip, packets as they are: redacting all of it would take minutes."""
    with av.open(str(source)) as given, av.open(str(target), "w") as taken:
        stream = given.streams.video[0]
        copy = taken.add_stream_from_template(stream)
        for packet in given.demux(stream):
            if packet.dts is None or packet.dts * (stream.time_base or 0) > CLIP_S:
                break
            packet.stream = copy
            taken.mux(packet)


@pytest.fixture(scope="module")
def redacted(data_dir: Path, tmp_path_factory: pytest.TempPathFactory, passerby: Command) -> Path:
    folder = tmp_path_factory.mktemp("redacted")
    source = data_dir / "video-fixed-camera" / "one-by-one-person-detection_0-60s.mp4"
    shortened(source, folder / "short.mp4")
    outcome = passerby("redact", folder / "short.mp4", folder / "redacted.mp4", cwd=folder)
    assert outcome.code == 0, outcome.err
    return folder / "redacted.mp4"


@pytest.fixture(scope="module")
def live(redacted: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Feed, Served]]:
    root = tmp_path_factory.mktemp("live")
    with Feed(root, redacted) as feed, Served(root) as served:
        yield feed, served


@pytest.fixture
def page() -> Iterator[Page]:
    assert CHROMIUM, "install chromium"
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(20_000)
        yield page
        browser.close()


def wait_until_it_plays(page: Page) -> None:
    """Asked from here: the page's policy lets nobody evaluate text inside it."""
    for _ in range(200):
        state = page.evaluate(VIDEO)
        if state and state["time"] > 0:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the video never played")


@pytest.mark.xdist_group("page")
def test_the_live_page(live: tuple[Feed, Served], page: Page) -> None:
    feed, served = live
    said: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda m: said.append(f"{m.type}: {m.text}"))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("request", lambda r: asked.add(urlsplit(r.url).netloc))
    enter(page, served.root, served.address)
    wait_until_it_plays(page)
    first = page.evaluate(VIDEO)
    chart = page.evaluate(CHART)
    page.wait_for_timeout(5000)
    second = page.evaluate(VIDEO)
    assert second["time"] - first["time"] > 3
    assert second["width"] > 100
    assert 20 < second["mean"] < 235
    assert second["spread"] > 10
    assert second["latency"] < 6
    moved = page.evaluate(CHART)
    assert moved["sum"] != chart["sum"]
    assert moved["ink"] > 1000
    feed.people = 37
    page.locator("[data-camera=entrance] .number strong", has_text="37").wait_for(timeout=4000)
    assert page.locator("[data-camera=hall] video").count() == 0
    assert "no picture leaves" in page.locator("[data-camera=hall]").inner_text()
    yard = page.locator("[data-camera=yard]").inner_text()
    assert "does not answer" in yard
    assert "Nothing is shown" in yard
    (ROOT / "out").mkdir(exist_ok=True)
    page.screenshot(path=ROOT / "out" / "page.png", full_page=True)
    assert said == []
    # Addresses without a host are the page's own: data: and blob:.
    assert asked - {""} == {urlsplit(served.address).netloc}
    assert feed.trouble == []


@pytest.mark.xdist_group("page")
def test_the_page_in_another_language_dark_and_on_a_phone(live: tuple[Feed, Served], page: Page) -> None:
    _, served = live
    said: list[str] = []
    page.on("console", lambda m: said.append(f"{m.type}: {m.text}"))
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, served.root, served.address)
    page.get_by_label("Language").select_option("zh-Hant")
    page.get_by_label("外觀").select_option("dark")
    page.locator("[data-camera=hall]", has_text="僅計數").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh-Hant"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.reload()
    page.locator("[data-camera=hall]", has_text="僅計數").wait_for()
    wait_until_it_plays(page)
    page.screenshot(path=ROOT / "out" / "page-phone.png", full_page=True)
    assert said == []


@pytest.mark.xdist_group("page")
def test_the_server_ends_at_once_with_a_page_open(live: tuple[Feed, Served], page: Page) -> None:
    """An open event stream and a waiting playlist don't hold it up, and it says nothing."""
    _, served = live
    enter(page, served.root, served.address)
    wait_until_it_plays(page)
    code, errors, took = served.stop()
    assert (code, errors) == (0, "")
    assert took < 4
