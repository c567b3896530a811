"""A journalist narrows the list, opens the map, takes the data home; somebody else does it all with the keyboard."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.register.conftest import DESK, Visitor

pytestmark = pytest.mark.xdist_group("register")
READY = ".map-box[data-ready]"


def test_list_map_and_data(visitor: Visitor, picture: Callable[[Page, str], None]) -> None:
    with visitor.page(DESK) as page:
        page.goto(visitor.address)
        expect(page.locator(".found")).to_have_text("15 cameras")
        picture(page, "register-list")
        page.get_by_label("Area").select_option("harbour")
        expect(page.locator(".found")).to_have_text("4 cameras")
        page.get_by_role("link", name="Running", exact=False).click()
        expect(page.locator(".found")).to_have_text("3 cameras")
        assert page.url.endswith("/?area=harbour&phase=active")
        with page.expect_download() as got:
            page.get_by_role("link", name="This list as CSV").click()
        rows = list(csv.DictReader(io.StringIO(got.value.path().read_text("utf-8"))))
        assert sorted(row["name"] for row in rows) == sorted(page.locator(".row h2").all_inner_texts())
        page.get_by_label("Place, name or number").fill("no such place")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("heading", name="No camera fits")).to_be_visible()
        page.get_by_role("link", name="Show all again").last.click()
        page.get_by_role("link", name="Map", exact=True).click()
        expect(page.locator(READY)).to_be_visible()
        expect(page.get_by_text("15 cameras in this part of the map")).to_be_visible()
        page.locator(".map").scroll_into_view_if_needed()
        picture(page, "register-map")
        page.go_back()
        expect(page.locator(".found")).to_have_text("15 cameras")


def test_marks_lead_closer_and_cones_show_what_is_seen(visitor: Visitor) -> None:
    with visitor.page(DESK, "zh-Hant", "dark", reduced_motion="reduce") as page:
        page.goto(f"{visitor.address}/cameras/central-concourse")
        page.get_by_role("link", name="在地圖上查看").click()
        expect(page.locator(READY)).to_be_visible()
        expect(page.locator(".marks a")).to_have_text(["中央車站大堂東樓梯"])
        cone = page.evaluate(
            """() => {
              const c = document.querySelector('.map-box canvas');
              const b = document.createElement('canvas');
              b.width = c.width; b.height = c.height;
              const g = b.getContext('2d');
              g.drawImage(c, 0, 0);
              return g.getImageData(c.width / 2, c.height / 2, 1, 1).data[3];
            }"""
        )
        assert cone in (0, 255)
        page.locator(".map-box canvas").click()
        expect(page.locator(".marks a")).to_have_text(["中央車站大堂東樓梯"])


def test_with_the_keyboard_alone(visitor: Visitor) -> None:
    with visitor.page(DESK) as page:
        page.goto(visitor.address)
        expect(page.locator(".found")).to_be_visible()

        def focused() -> str:
            return str(page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel || ''"))

        page.keyboard.press("Tab")
        assert focused() == "Skip to the content"
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        page.keyboard.type("quay")
        page.keyboard.press("Enter")
        expect(page.locator(".found")).to_have_text("1 camera")
        for _ in range(30):
            if focused() == "Long Quay":
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Long Quay")
        assert page.evaluate("document.activeElement.id") == "content", "a step to another page moves the focus"
        page.goto(f"{visitor.address}/map")
        expect(page.locator(READY)).to_be_visible()
        canvas = page.locator(".map-box canvas")
        canvas.focus()
        expect(page.get_by_text("15 cameras in this part of the map")).to_be_visible()
        for _ in range(6):
            page.keyboard.press("+")
            page.wait_for_timeout(400)
        expect(page.get_by_text("15 cameras in this part of the map")).not_to_be_visible()
