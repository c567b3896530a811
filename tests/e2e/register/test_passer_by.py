"""A passer-by scans a sign, reads what the camera does, has the phone check its permit, complains, follows it up."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from tests.e2e.register.conftest import PHONE, Visitor
from tests.e2e.register.lindmark import CONCOURSE, SQUARE, Lindmark

from passerby.office.book import open_book

Keep = Callable[[Page, str], None]
pytestmark = pytest.mark.xdist_group("register")


def scanned(town: Lindmark, address: str, camera: str) -> str:
    """Where the square code of the camera's sign leads, here to the test's own server."""
    with open_book(town.office, town.clock) as book:
        page = book.page_of(camera)
        root = urlsafe_b64encode(bytes.fromhex(book.root)).decode().rstrip("=")
    return f"{address}/{page.split('/', 3)[3]}#{root}"


def test_from_the_sign_to_the_receipt(town: Lindmark, visitor: Visitor, picture: Keep) -> None:
    with visitor.page(PHONE, has_touch=True, is_mobile=True) as page:
        page.goto(scanned(town, visitor.address, CONCOURSE))
        expect(page.get_by_role("heading", level=1)).to_have_text("Central Station, concourse, east stairs")
        expect(page.get_by_text("keeps pictures, in which everybody is hidden, for 48 hours")).to_be_visible()
        picture(page, "register-phone")
        on = page.locator(".analysis-on h3").all_inner_texts()
        off = page.locator(".analysis:not(.analysis-on) h3").all_inner_texts()
        assert on == ["Counts people", "Recording, everybody hidden"]
        assert set(off) == {"Live picture, everybody hidden", "Sealed originals", "Counts vehicles"}
        assert "read number plates" in page.locator(".never").inner_text()
        assert "51 looks, 2 exports, 0 unsealings" in page.locator("#numbers").inner_text()
        assert "were destroyed in time" in page.locator("#word").inner_text()
        # The permit, against the fingerprint that the sign's own code brought along.
        page.get_by_role("button", name="Check in this browser").tap()
        verdict = page.locator(".verdict")
        expect(verdict.get_by_role("heading", level=4)).to_have_text("Checked: it holds")
        assert "the sign's code brought along" in verdict.inner_text()
        assert town.site.root.hash in verdict.inner_text()
        assert "Demo privacy office (independent reviewer" in verdict.inner_text()
        assert "no page can see that" in verdict.inner_text(), "it says what it did not check"
        expect(verdict).to_be_focused()
        verdict.scroll_into_view_if_needed()
        picture(page, "register-check")
        complain_and_follow(town, visitor, page)


def complain_and_follow(town: Lindmark, visitor: Visitor, page: Page) -> None:
    page.get_by_role("link", name="Complain about this camera").tap()
    expect(page.get_by_label("Camera (if you like)")).to_have_value(CONCOURSE)
    page.get_by_role("button", name="Send the complaint").tap()
    expect(page.get_by_role("alert")).to_contain_text("Write what it is about.")
    page.get_by_label("What is wrong?").fill("It hangs over the door of the prayer room.")
    page.get_by_role("button", name="Send the complaint").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your receipt")
    number, secret = (page.locator(f"[data-receipt={name}]").inner_text() for name in ("number", "secret"))
    assert "must answer in writing by" in page.locator(".next").inner_text()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as a file").tap()
    assert number in saved.value.path().read_text()
    page.get_by_role("link", name="Follow it").tap()
    page.get_by_label("Number").fill(number)
    page.get_by_label("Secret").fill("0" * 64)
    page.get_by_role("button", name="Show where it stands").tap()
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    visitor.expects(404)
    page.get_by_label("Secret").fill(secret)
    page.get_by_role("button", name="Show where it stands").tap()
    standing = page.locator(".standing")
    expect(standing).to_contain_text("Received")
    expect(standing).to_contain_text("The answer is due in 30 days")
    expect(standing).to_contain_text("on its way to the ledger")
    town.deliver()


def tampered(field: str, change: Callable[[str], str]) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        found: dict[str, Any] = route.fetch().json()
        found[field] = change(found[field])
        route.fulfill(json=found)

    return answer


def test_a_server_that_lies_is_caught_by_the_browser(town: Lindmark, visitor: Visitor) -> None:
    lies = {
        "permit": lambda note: note.replace('"retention_s":172800', '"retention_s":0'),
        "entry": lambda entry: entry.replace('"act":"permit"', '"act":"revoke"'),
        "proof": lambda proof: proof.replace("index ", "index 1", 1),
    }
    with visitor.page(PHONE) as page:
        for field, change in lies.items():
            page.route("**/proof", tampered(field, change))
            page.goto(f"{visitor.address}/receipt")
            page.goto(scanned(town, visitor.address, CONCOURSE))
            page.get_by_role("button", name="Check in this browser").click()
            expect(page.locator(".verdict h4")).to_have_text("It does not hold")
            page.unroute("**/proof")
        page.goto(f"{visitor.address}/receipt")
        other = scanned(town, visitor.address, CONCOURSE).rsplit("#", 1)[0] + "#" + "A" * 43
        page.goto(other)
        page.get_by_role("button", name="Check in this browser").click()
        expect(page.locator(".verdict h4")).to_have_text("It does not hold")


def test_a_camera_that_may_not_run_says_so(town: Lindmark, visitor: Visitor) -> None:
    with visitor.page(PHONE, "zh-Hant", "dark") as page:
        page.goto(scanned(town, visitor.address, SQUARE))
        expect(page.get_by_role("heading", level=1)).to_have_text("舊市集北面")
        expect(page.locator("#permit")).to_contain_text("沒有許可")
        expect(page.locator(".camera-sum")).to_contain_text("目前並未運作")
        page.goto(f"{visitor.address}/cameras/nobody")
        expect(page.get_by_role("heading", name="沒有此頁")).to_be_visible()
        visitor.expects(404)


def test_a_request_for_own_data_asks_for_the_time(town: Lindmark, visitor: Visitor) -> None:
    with visitor.page(PHONE) as page:
        page.goto(f"{visitor.address}/ask?camera={CONCOURSE}")
        page.get_by_label("What do you ask for?").fill("A copy of what is kept of me.")
        page.get_by_role("button", name="Send the request").click()
        expect(page.get_by_role("alert")).to_contain_text("Say when you were there")
        page.get_by_label("When were you there?").fill("today, about noon")
        page.get_by_role("button", name="Send the request").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your receipt")
        assert "Request for own data" in page.locator(".receipt").inner_text()
