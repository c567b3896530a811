"""The sign-in face in Chromium against the real server: each way in is a story, on a desk's and a phone's screen."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import time
from base64 import b32decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.conftest import ROOT

from passerby.access import accounts, codes, links
from passerby.access.roles import Grant, Role
from passerby.access.room import open_room
from passerby.store.cameras import Camera, put_cameras
from passerby.store.migrate import open_store

CHROMIUM = shutil.which("chromium")
SHOTS = ROOT / "out" / "signin"
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
PASSWORD = "a quiet harbour at dawn"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Station:
    """A data folder with one camera, and ``passerby serve`` over it."""

    data: Path
    process: subprocess.Popen[str]
    link: str
    errors: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Under this machine's name: passkeys need one."""
        return self.link.partition("/enter")[0].replace("127.0.0.1", "localhost")

    def invited(self, name: str, role: Role) -> str:
        """The link of somebody's first sign-in."""
        with open_room(self.data) as room:
            made = accounts.add(room, name, [Grant(role)], "terminal")
            return f"{self.base}/enter#{links.invite(room, made.pseudonym)}"

    def long_ago(self) -> None:
        """Everybody's last proof was long ago."""
        with sqlite3.connect(self.data / "access" / "access.db") as database:
            database.execute("UPDATE access_sessions SET proven_s = 0")
        database.close()
        time.sleep(1.1)  # the server remembers for a second


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    data = tmp_path / "data"
    data.mkdir()
    now = round(time.time() * 1_000_000)
    with open_store(data / "passerby.db", time.time) as store:
        put_cameras(store, [Camera("gate", "Gate", "counts-only", 0, "running", "", now, "none", now)])
    process = subprocess.Popen(
        [sys.executable, "-m", "passerby.cli", "serve", str(data), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    link = process.stdout.readline().removeprefix("passerby: ").strip()
    assert "/enter#" in link, process.communicate()
    found = Station(data, process, link)
    yield found
    process.terminate()
    _, said = process.communicate(timeout=20)
    assert said == ""
    assert found.errors == []


@pytest.fixture
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "install chromium"
    with sync_playwright() as tool:
        opened = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


def page_of(browser: Browser, station: Station, size: dict[str, int] = DESK, **what: str) -> Page:
    """A browser of somebody's own, with a passkey device in it."""
    context = browser.new_context(viewport=size, locale=what.get("locale", "en"), color_scheme=what.get("scheme"))  # type: ignore[arg-type]
    page = context.new_page()
    page.on("pageerror", lambda error: station.errors.append(str(error)))
    page.on(
        "console",
        # A wrong password is told by 401, which the browser writes down by itself.
        lambda m: station.errors.append(m.text) if m.type == "error" and "status of 4" not in m.text else None,
    )
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": options | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    return page


def shot(page: Page, name: str) -> None:
    """A picture for people to look at, and no barrier on it."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(150)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES)
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == [], name
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{name} is wider than its screen"


def code_of(page: Page) -> str:
    """What an authenticator shows that has scanned the page's key."""
    secret = b32decode(page.locator(".scan code.secret").inner_text().replace(" ", ""))
    return codes.code_at(secret, time.time())


def with_password(page: Page, name: str) -> str:
    """Set up password and authenticator on the page that an invitation opened; one of the paper codes."""
    page.get_by_role("button", name="Use this").click()
    page.get_by_label("New password").fill("password1234")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("alert")).to_contain_text("too short, or one that is tried first")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save the password").click()
    page.get_by_role("button", name="Set up an authenticator").click()
    page.get_by_label("The code that it shows now").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("not the code that it shows now")
    page.get_by_role("button", name="Set up an authenticator").click()
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    shot(page, f"{name}-authenticator")
    page.get_by_label("The code that it shows now").fill(code_of(page))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your paper codes")).to_be_visible()
    shot(page, f"{name}-paper")
    paper = page.locator(".codes code").all_inner_texts()
    assert len(paper) == 10
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
    return paper[0]


def test_the_terminals_link_opens_the_control_room(browser: Browser, station: Station) -> None:
    page = page_of(browser, station)
    page.goto(station.link)
    expect(page.get_by_role("heading", name="Nobody has an account here yet")).to_be_visible()
    shot(page, "first-desk")
    page.get_by_role("button", name="Look around now").click()
    page.wait_for_url("**/control")
    expect(page.get_by_text("Gate").first).to_be_visible()
    assert "#" not in page.url
    other = page_of(browser, station, PHONE)
    other.goto(f"{station.base}/control")
    other.wait_for_url("**/sign-in?to=/control")
    shot(other, "sign-in-phone")
    other.goto(station.link)
    other.get_by_role("button", name="Look around now").click()
    expect(other.get_by_role("heading", name="This link is not good")).to_be_visible()
    shot(other, "used-link-phone")


def test_accounts_from_the_first_to_the_last(browser: Browser, station: Station) -> None:
    kim = page_of(browser, station)
    kim.goto(station.link)
    kim.get_by_role("link", name="Set up accounts").click()
    kim.get_by_label("Name of the first account").fill("kim")
    kim.get_by_role("button", name="Make the account").click()
    expect(kim.get_by_role("heading", name="Welcome, kim")).to_be_visible()
    shot(kim, "welcome-desk")
    kim.get_by_role("button", name="Add a passkey").click()
    expect(kim.get_by_role("heading", name="You are signed in")).to_be_visible()
    kim.get_by_role("link", name="Give out accounts").click()

    kim.get_by_label("Name (required)").or_(kim.get_by_role("textbox", name="Name", exact=True)).fill("ann")
    kim.get_by_role("button", name="Make the account").click()
    expect(kim.get_by_role("heading", name="A link for ann")).to_be_visible()
    invitation = kim.locator(".once code").inner_text()
    shot(kim, "people-desk")

    ann = page_of(browser, station, PHONE)
    ann.goto(invitation)
    expect(ann.get_by_role("heading", name="Welcome, ann")).to_be_visible()
    shot(ann, "invited-phone")
    with_password(ann, "invited-phone")
    ann.get_by_role("link", name="Control room").last.click()
    ann.wait_for_url("**/control")
    expect(ann.get_by_text("Gate").first).to_be_visible()

    # Two sides never go together, and the page says so.
    kim.get_by_role("button", name="Change: ann").click()
    dialog = kim.get_by_role("dialog")
    dialog.get_by_label("Role").select_option("reviewer")
    dialog.get_by_role("button", name="Give a role").click()
    expect(dialog.get_by_role("alert")).to_contain_text("These roles don't go together")
    shot(kim, "two-sides-desk")
    # After five minutes what matters is asked again.
    station.long_ago()
    dialog.get_by_label("Role").select_option("supervisor")
    dialog.get_by_role("button", name="Give a role").click()
    kim.get_by_role("heading", name="Confirm that it is you").wait_for()
    shot(kim, "confirm-desk")
    kim.get_by_role("button", name="Confirm with a passkey").click()
    expect(dialog.get_by_text("supervisor", exact=False).first).to_be_visible()
    expect(dialog.get_by_role("button", name="Take: supervisor")).to_be_visible()

    # Ended, ann is out at once.
    dialog.get_by_role("button", name="End the account").click()
    dialog.locator(".problem").get_by_role("button", name="End the account").click()
    expect(kim.get_by_role("button", name="Change: ann")).to_have_count(0)
    ann.goto(f"{station.base}/control")
    ann.wait_for_url("**/sign-in?to=/control")


def test_signing_in_with_password_paper_and_passkey(browser: Browser, station: Station) -> None:
    page = page_of(browser, station)
    page.goto(station.invited("ann", Role.SUPERVISOR))
    paper = with_password(page, "invited-desk")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    shot(page, "sign-in-desk")
    page.goto(f"{station.base}/sign-in?to=/account")
    for word, code in (("a wrong harbour at dawn", paper), (PASSWORD, paper)):
        page.get_by_label("Name").fill("ann")
        page.get_by_label("Password").fill(word)
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Sign in", exact=True).click()
        if word != PASSWORD:
            expect(page.get_by_role("alert")).to_contain_text("Name, password or code is wrong")
            shot(page, "wrong-desk")
    page.wait_for_url("**/account")
    expect(page.get_by_text("9 paper codes are left")).to_be_visible()
    page.get_by_label("Name of the device").fill("Ann's laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("rowheader", name="Ann's laptop")).to_be_visible()
    shot(page, "account-desk")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    shot(page, "account-phone")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]

    page.get_by_role("tab", name="Machine keys").click()
    expect(page.get_by_role("heading", name="No machine keys")).to_be_visible()
    page.get_by_label("What it is for").fill("board at the gate")
    page.get_by_label("Live numbers").check()
    page.get_by_role("button", name="Make a key").click()
    key = page.locator(".once code").inner_text()
    assert re.fullmatch(r"pk_[\w-]{43}", key)
    shown = page.request.get(f"{station.base}/api/v1/cameras", headers={"authorization": f"Bearer {key}", "cookie": ""})
    assert shown.json()["cameras"][0]["id"] == "gate"
    shot(page, "keys-desk")
    page.get_by_role("button", name="End: board at the gate").click()
    expect(page.get_by_role("heading", name="No machine keys")).to_be_visible()

    page.get_by_role("tab", name="What happened").click()
    expect(page.get_by_text("paper code used")).to_be_visible()
    shot(page, "events-desk")
    page.get_by_role("tab", name="Where you are signed in").click()
    expect(page.get_by_text("this one")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/control")


def test_in_chinese_and_in_the_dark(browser: Browser, station: Station) -> None:
    page = page_of(browser, station, PHONE, locale="zh-HK", scheme="dark")
    page.goto(f"{station.base}/sign-in")
    expect(page.get_by_role("heading", name="登入", exact=True)).to_be_visible()
    shot(page, "sign-in-zh-dark")
    page.goto(station.invited("mei", Role.ADMIN))
    page.get_by_role("button", name="加入通行密鑰").click()
    page.get_by_role("link", name="發出帳戶").click()
    expect(page.get_by_role("heading", name="新帳戶")).to_be_visible()
    shot(page, "people-zh-dark")


def test_with_the_keyboard_alone(browser: Browser, station: Station) -> None:
    page = page_of(browser, station)
    page.goto(station.link)
    expect(page.get_by_role("heading", name="Nobody has an account here yet")).to_be_visible()
    look = page.get_by_role("button", name="Look around now")
    for _ in range(12):
        page.keyboard.press("Tab")
        if look.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/control")
