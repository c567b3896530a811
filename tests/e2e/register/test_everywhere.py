"""What holds for every page: axe's rules, in each language and theme; narrow, and from right to left; a small load."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect
from tests.conftest import ROOT
from tests.e2e.register.conftest import DESK, PHONE, Visitor
from tests.e2e.register.lindmark import CONCOURSE, SQUARE

pytestmark = pytest.mark.xdist_group("register")
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = (
    "/", "/?q=nothing-fits", "/map", f"/cameras/{CONCOURSE}", f"/cameras/{SQUARE}", "/plans", "/plans/lindmark-2027",
    "/reports", "/complain", "/ask", "/receipt", "/no-such-face",
)  # fmt: skip
MOST_BYTES = 250_000


def settled(page: Page, path: str) -> None:
    expect(page.locator("main h1, main .empty h2").first).to_be_visible()
    expect(page.locator(".pending")).to_have_count(0)
    if path == "/map":
        expect(page.locator(".map-box[data-ready]")).to_be_visible()


def faults(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(f"axe.run({{runOnly: {json.dumps(RULES)}}})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.fixture(params=[("en", "light"), ("zh-Hant", "dark")], ids=lambda given: "-".join(given))
def look(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    yield request.param


def test_axe_finds_nothing_and_nothing_reaches_out(visitor: Visitor, look: tuple[str, str]) -> None:
    language, theme = look
    with visitor.page(DESK, language, theme, reduced_motion="reduce") as page:
        for path in PAGES[:-1]:
            page.set_viewport_size(DESK)  # type: ignore[arg-type]
            page.goto(visitor.address + path)
            settled(page, path)
            if path == f"/cameras/{CONCOURSE}":
                page.locator(".check button").first.click()
                expect(page.locator(".verdict")).to_be_visible()
                page.locator(".chart figcaption button").click()
            assert faults(page) == [], path
            assert page.evaluate("document.documentElement.lang") == language
            page.set_viewport_size({"width": 320, "height": 640})
            wide = "document.documentElement.scrollWidth <= innerWidth"
            assert page.evaluate(wide), f"{path} at 320 px, which is 1280 px at 400 %"
            page.evaluate("document.documentElement.dir = 'rtl'")
            assert page.evaluate(wide), f"{path} from right to left"


@pytest.mark.parametrize("path", ["/", f"/cameras/{CONCOURSE}"])
def test_a_page_is_light(visitor: Visitor, path: str) -> None:
    with visitor.page(PHONE) as page:
        got: list[Response] = []

        def keep(answer: Response) -> None:
            got.append(answer)

        page.on("response", keep)
        page.goto(visitor.address + path)
        settled(page, path)
        assets = [r for r in got if "/assets/" in r.url]
        weight = {r.url.rsplit("/", 1)[1]: int(r.headers.get("content-length", 0)) for r in assets}
        assert 50_000 < sum(weight.values()) <= MOST_BYTES, weight
        assert not any("maplibre" in name or "draw" in name for name in weight)
        packed = [r for r in assets if r.url.endswith((".js", ".css"))]
        assert packed and all(r.headers.get("content-encoding") == "gzip" for r in packed)
