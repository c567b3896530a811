"""The dataset's page in Chromium, as `passerby serve` gives it: under the server's own policy, in both languages."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.unit.cli.test_release import City, run, template
from tests.unit.server.test_server import start_server

CHROMIUM = shutil.which("chromium")
city_template = template


@pytest.mark.xdist_group("page")
def test_the_page_as_people_see_it(city_template: City, tmp_path: Path) -> None:
    assert CHROMIUM, "install chromium"
    run(*city_template.build)
    process, address = start_server(city_template.layout.root)
    said: list[str] = []
    asked: list[str] = []
    try:
        with sync_playwright() as tool:
            browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1000, "height": 900})
            page.set_default_timeout(20_000)
            page.on("console", lambda m: said.append(f"{m.type}: {m.text}"))
            page.on("pageerror", lambda e: said.append(str(e)))
            page.on("request", lambda r: asked.append(r.url))
            page.goto(f"{address}open")
            assert page.locator("h1").inner_text() == "People passing: demo.passerby"
            assert page.locator(".demo").is_visible()
            # The style sheet came through the policy: bars have the page's colours, not black.
            assert page.locator("svg rect.in").first.evaluate("e => getComputedStyle(e).fill") == "rgb(31, 111, 139)"
            table = page.locator("details").first
            assert not table.locator("table").is_visible()
            table.locator("summary").click()
            assert table.locator("tbody tr").count() == 24
            assert "not observed" in table.inner_text()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.set_viewport_size({"width": 390, "height": 800})
            assert page.evaluate(
                "document.documentElement.scrollWidth <= innerWidth"
            )  # wide parts scroll by themselves
            for name in ("CSV", "JSON", "Parquet", "NGSI-LD"):
                link = page.get_by_role("link", name=name, exact=True).first.get_attribute("href")
                assert page.request.get(f"{address}open/{link}").status == 200
            page.locator("a.language").click()
            page.wait_for_url("**/index.zh-Hant.html")
            assert page.locator("html").get_attribute("lang") == "zh-Hant"
            assert "行人流量" in page.locator("h1").inner_text()
            browser.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert said == []
    assert all(url.startswith(address) for url in asked)
