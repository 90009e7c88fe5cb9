"""A real browser against the real pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.browser import scenes
from tests.conftest import absent

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
Scheme = Literal["light", "dark"]
PICTURES = Path(os.environ.get("TRACKER_HOME", "var")) / "screenshots"

# Playwright's loop runs in this thread; the database is used by the server's, one after the other.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@dataclass
class Watch:
    """What a page complained about, and whom it asked."""

    host: str
    complaints: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def request(self, request: Request) -> None:
        if urlsplit(request.url).netloc not in (self.host, ""):
            self.complaints.append(f"asked {request.url}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        absent("browser", "no Chromium on this machine")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("browser", "playwright is not installed; `make services` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A signed-in person's window onto the product."""

    address: str
    context: BrowserContext
    page: Page
    watch: Watch

    def goto(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


class Visits(Protocol):
    """Open a window of a width, in the light or in the dark."""

    def __call__(self, *, width: int = 1280, scheme: Scheme = "light", script: bool = True) -> Visit: ...


@pytest.fixture
def visits(browser: Browser, live_server: LiveServer) -> Iterator[Visits]:
    """Windows onto the pages; all are closed before the database is, or a late request would find none."""
    opened: list[BrowserContext] = []

    def visit(*, width: int = 1280, scheme: Scheme = "light", script: bool = True) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
        )
        opened.append(context)
        watch = Watch(urlsplit(live_server.url).netloc)
        page = context.new_page()
        page.on("console", watch.console)
        page.on("pageerror", lambda error: watch.complaints.append(str(error)))
        page.on("request", watch.request)
        return Visit(live_server.url, context, page, watch)

    yield visit
    for context in opened:
        context.close()


def sign_in(visit: Visit) -> Visit:
    page = visit.goto("/sign-in/")
    page.fill("#id_username", scenes.owner().email)
    page.fill("#id_password", scenes.PASSWORD)
    page.click("main button[type=submit]")
    return visit
