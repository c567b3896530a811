"""How heavy and how quick the register's pages are, in Debian's Chromium against the real server.

    python -m bench.web [--cameras 60000] [--folder DIR] [--chromium PATH]

Weight is what the first load transfers, compressed as the server sends it. *Interactive* is when the list is there and
the main thread has been free for half a second, with the processor four times slower (Chromium's own throttle). The map
draws on the processor (SwiftShader), as on a machine without a graphics card; *script* is all JavaScript of the page's
main thread between two frames while somebody drags the map, from the browser's own trace.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.machine import processor
from bench.register import SITE, table
from playwright.sync_api import Browser, Page, Response, sync_playwright

from passerby.archive.folder import Layout
from passerby.charter.register.table import read_table
from passerby.office.book import new_book
from passerby.store.migrate import open_store

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SLOWER, ROUNDS, QUIET_MS = 4, 5, 500
DRAGS, STEPS = 6, 30
SCRIPT = {
    "FunctionCall", "EvaluateScript", "EventDispatch", "FireAnimationFrame", "FireIdleCallback", "TimerFire",
    "RunMicrotasks", "v8.compile", "v8.parseOnBackground", "MinorGC", "MajorGC",
}  # fmt: skip
# Long tasks, as the page's own observer sees them.
OBSERVE = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.longTasks.push([task.startTime, task.duration]);
}).observe({ type: "longtask", buffered: true });
"""


@contextmanager
def served(data: Path, office: Path) -> Iterator[str]:
    """``passerby serve`` over a register; its address."""
    words = ["serve", str(data), "--office", str(office), "--port", "0", "--no-link"]
    process = subprocess.Popen([sys.executable, "-m", "passerby.cli", *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield line[line.index("http") :].split()[0].rstrip("/")
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def page_of(browser: Browser, size: dict[str, int]) -> Iterator[Page]:
    """A page of a browser that has never been here."""
    context = browser.new_context(viewport=size, locale="en-GB")  # type: ignore[arg-type]
    context.add_init_script(OBSERVE)
    page = context.new_page()
    page.set_default_timeout(120_000)
    yield page
    context.close()


def weight(browser: Browser, address: str) -> int:
    """What a first load transfers, in bytes, without what the interface answers."""
    with page_of(browser, PHONE) as page:
        got: list[Response] = []

        def keep(answer: Response) -> None:
            got.append(answer)

        page.on("response", keep)
        page.goto(address, wait_until="networkidle")
        return sum(int(r.headers.get("content-length", 0)) for r in got if "/api/" not in r.url)


def interactive_ms(browser: Browser, address: str) -> tuple[float, float]:
    """Until the list is there, and until the page is free for good."""
    with page_of(browser, PHONE) as page:
        session = page.context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(address, wait_until="commit")
        page.locator(".found").wait_for()
        shown = float(page.evaluate("performance.now()"))
        while True:
            now, tasks = page.evaluate("[performance.now(), window.longTasks]")
            last = max((begun + took for begun, took in tasks), default=0.0)
            if now - max(last, shown) > QUIET_MS:
                return shown, max(last, shown)
            page.wait_for_timeout(100)


def map_ms(browser: Browser, address: str) -> float:
    """From nothing to a map with its marks, in milliseconds."""
    with page_of(browser, DESK) as page:
        page.goto(f"{address}/map", wait_until="commit")
        page.locator(".map-box[data-ready]").wait_for()
        return float(page.evaluate("performance.now()"))


def script_ms(browser: Browser, address: str) -> list[float]:
    """JavaScript between two frames while the map is dragged, in milliseconds, each frame's."""
    with page_of(browser, DESK) as page:
        page.goto(f"{address}/map", wait_until="commit")
        page.locator(".map-box[data-ready]").wait_for()
        page.locator(".map-box").scroll_into_view_if_needed()
        box = page.locator(".map-box").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        browser.start_tracing(page=page, categories=["devtools.timeline", "disabled-by-default-devtools.timeline"])
        for drag in range(DRAGS):
            way = 1 if drag % 2 else -1
            page.mouse.move(x, y)
            page.mouse.down()
            for step in range(STEPS):
                page.mouse.move(x + way * 8 * step, y + way * 3 * step)
                page.wait_for_timeout(16)
            page.mouse.up()
            page.wait_for_timeout(300)
        return frames(json.loads(browser.stop_tracing())["traceEvents"])


def frames(events: list[dict[str, Any]]) -> list[float]:
    """From a trace: the script of each frame, on the thread that draws most of them.

    Times are the thread's own (`tdur`), which stand still while another program has the processor. Pieces within
    pieces count once.
    """
    of_thread: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for event in events:
        if event.get("ph") == "X" and event["name"] in SCRIPT and "tdur" in event:
            of_thread.setdefault((event["pid"], event["tid"]), []).append(event)
    drawn = max(of_thread.values(), key=lambda found: sum(e["name"] == "FireAnimationFrame" for e in found))
    begins = sorted(e["ts"] for e in drawn if e["name"] == "FireAnimationFrame")
    spent = [0.0] * len(begins)
    over, frame = 0.0, 0
    for event in sorted(drawn, key=lambda e: (e["ts"], -e["dur"])):
        if event["ts"] + event["dur"] <= over:
            continue
        over = event["ts"] + event["dur"]
        while frame + 1 < len(begins) and begins[frame + 1] <= event["ts"]:
            frame += 1
        spent[frame] += event["tdur"] / 1000
    return spent


def quantile(values: list[float], share: float) -> float:
    """A quantile, by the nearest rank."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(address: str, chromium: str) -> dict[str, object]:
    """All figures."""
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=FLAGS)
        shown, free = zip(*(interactive_ms(browser, address) for _ in range(ROUNDS)), strict=True)
        maps = [map_ms(browser, address) for _ in range(ROUNDS)]
        script = script_ms(browser, address)
        found = {
            "first_load_bytes": weight(browser, address),
            "list_shown_ms": round(quantile(list(shown), 0.5)),
            "interactive_ms": round(quantile(list(free), 0.5)),
            "map_ready_ms": round(quantile(maps, 0.5)),
            "frames": len(script),
            "script_ms_a_frame_p50": round(quantile(script, 0.5), 2),
            "script_ms_a_frame_p95": round(quantile(script, 0.95), 2),
        }
        browser.close()
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=60_000)
    parser.add_argument("--folder", type=Path, help="keep the register here, and use the one that is")
    parser.add_argument("--chromium", default=shutil.which("chromium") or "/usr/bin/chromium")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        data, office = folder / "data", folder / "office"
        if not office.exists():
            with new_book(office, time.time, SITE, "https://register.example.org", "") as book:
                book.read_sheet(read_table(table(asked.cameras), "list.csv"), dry=False)
        data.mkdir(exist_ok=True)
        open_store(Layout(data).database, time.time).close()
        with served(data, office) as address:
            found = measure(address, asked.chromium)
    sys.stdout.write(json.dumps({"machine": processor(), "cameras": asked.cameras, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
