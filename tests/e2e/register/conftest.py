"""The town behind a real server, and a browser that tells everything it complains about."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.conftest import ROOT
from tests.e2e.register.lindmark import Lindmark
from tests.unit.server.public.city import asked, caught_up

CHROMIUM = shutil.which("chromium")
# WebGL on the processor, as on a machine without a graphics card.
FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# Pictures for the docs are taken when asked for (`make pictures`): each run's would differ by its hashes.
IMAGES = ROOT / ("docs/images" if os.environ.get("PASSERBY_PICTURES") else "out")


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Lindmark:
    return Lindmark(tmp_path_factory.mktemp("lindmark"))


@pytest.fixture(scope="session")
def address(town: Lindmark) -> Iterator[str]:
    with asked(town) as client:
        caught_up(client)
        yield str(client.base_url).rstrip("/")


# Of one module: while it is open, no other test of this process may run an event loop of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "install chromium"
    # Two busy cores draw maps without a graphics card: what takes long is no fault here.
    expect.set_options(timeout=30_000)
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody with a browser. What goes wrong on the page, or leads elsewhere, is kept.

    Args:
        browser: Theirs.
        address: Of the server, without a stroke at its end.
    """

    browser: Browser
    address: str
    said: list[str] = field(default_factory=list)

    def expects(self, status: int) -> None:
        """The server has just refused something, as it should: a browser's console tells of that by itself."""
        assert len(self.said) == 1 and f"status of {status}" in self.said[0], self.said
        self.said.clear()

    @contextmanager
    def page(self, size: dict[str, int], language: str = "en", theme: str = "light", **more: Any) -> Iterator[Page]:
        """A page; when it closes, nothing was complained of and nobody else was asked."""
        context = self.browser.new_context(viewport=size, locale="en-GB", accept_downloads=True, **more)  # type: ignore[arg-type]
        kept = (
            f"localStorage.setItem('passerby.language', '{language}');localStorage.setItem('passerby.theme', '{theme}')"
        )
        context.add_init_script(kept)
        page = context.new_page()
        page.set_default_timeout(30_000)
        hosts: set[str] = set()
        page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: self.said.append(str(e)))
        page.on("request", lambda r: hosts.add(urlsplit(r.url).netloc))
        yield page
        context.close()
        assert self.said == []
        assert hosts - {""} == {urlsplit(self.address).netloc}


@pytest.fixture
def visitor(browser: Browser, address: str) -> Visitor:
    return Visitor(browser, address)


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Keeps a picture of what is in view, for the docs."""

    def keep(page: Page, name: str) -> None:
        IMAGES.mkdir(exist_ok=True)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=IMAGES / f"{name}.png")

    return keep
