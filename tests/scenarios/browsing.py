"""A real browser on the review page: Debian's Chromium, watched for whatever the page must never do.

After each use the watch is asked: no error in the console, no breach of the page's policy, no request to anywhere else,
nothing kept in the browser, and nothing in its address but the page's own.
"""

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.scenarios.test_reviews import as_person
from tests.scenarios.world import World

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_TABS = 400
_ANSWERED = "Failed to load resource: the server responded with a status of {status}"
_KEPT = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, await indexedDB.databases(), await caches.keys(),
])"""
_NOTHING_KEPT = [{}, {}, "", [], []]
expect.set_options(timeout=60_000)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser. Its own sandbox is off, since tests run as root; it meets this machine's pages only."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()


def listen_on_loopback(world: World) -> str:
    """Let the service of a world listen on a free port from its next start on; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    world.set("api", tcp=f"127.0.0.1:{port}")
    return f"http://127.0.0.1:{port}"


def faults_of_access(page: Page) -> list[str]:
    """Let axe judge what is on the screen; `evaluate` is the browser's owner, whom no policy of a page stops.

    A box on a page is as large as what it covers, and the same mark stands in the text below: both are exceptions
    of WCAG 2.5.8 (essential, equivalent), which axe can not know.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", list(_RULES))
    return [
        f"{each['id']}: {node['html']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
        if not (each["id"] == "target-size" and 'class="box"' in node["html"])
    ]


@dataclass
class Officer:
    """A privacy officer at the page, and what was seen of the browser's doings."""

    page: Page
    address: str
    token: str = field(repr=False)
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    refusals: set[int] = field(default_factory=set)

    def log_in(self, *, language: str = "nl") -> None:
        self.page.goto(f"{self.address}/review?language={language}")
        self.page.locator("#token").fill(self.token)
        self.page.locator("#login-form button").click()
        expect(self.page.locator("#list")).to_be_visible()

    def open_package(self, package: str) -> None:
        self.page.locator("#holds .card", has_text=package).get_by_role("button").click()
        expect(self.page.locator("#hold")).to_be_visible()

    def open_document(self, number: int) -> None:
        self.page.locator(f"#hold-documents [data-document='{number}']").click()
        expect(self.page.locator("#document")).to_be_visible()

    def tab_to(self, selector: str, *, back: bool = False) -> None:
        """Press Tab until the focus is there, as somebody without a mouse does."""
        for _ in range(_TABS):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"the keyboard does not reach {selector}")

    def status(self, text: str) -> None:
        """Expect that a screen reader was told this."""
        expect(self.page.locator("#status")).to_contain_text(text)

    def faults_of_access(self) -> list[str]:
        """Let axe judge what is on the screen."""
        return faults_of_access(self.page)

    def require_good_conduct(self) -> None:
        allowed = tuple(_ANSWERED.format(status=status) for status in self.refusals)
        assert [] == [text for text in self.said if not (allowed and text.startswith(allowed))]
        assert [] == [url for url in self.asked if not url.startswith((f"{self.address}/", f"blob:{self.address}/"))]
        assert [] == [url for url in self.asked if self.token in url]
        assert self.page.url.split("?")[0] == f"{self.address}/review"
        assert _NOTHING_KEPT == json.loads(self.page.evaluate(_KEPT))
        assert self.token not in json.dumps(self.page.evaluate("[history.state, location.href, document.title]"))
        assert [] == self.page.context.cookies()


Arriving = Callable[..., Officer]


@contextmanager
def officers(browser: Browser, world: World, address: str) -> Iterator[Arriving]:
    """Give officers at pages of their own; each one's conduct is looked at in the end."""
    came: list[tuple[BrowserContext, Officer]] = []

    def arrive(*, person: str = "privacy-1", **context: Any) -> Officer:
        token = as_person(world, person)["Authorization"].removeprefix("Bearer ")
        made = browser.new_context(**{"locale": "nl-NL", "viewport": {"width": 1280, "height": 900}, **context})
        page = made.new_page()
        officer = Officer(page, address, token)
        page.on("console", lambda message: _note(officer, message))
        page.on("pageerror", lambda error: officer.said.append(str(error)))
        page.on("request", lambda request: _ask(officer, request))
        came.append((made, officer))
        return officer

    try:
        yield arrive
        for _, officer in came:
            officer.require_good_conduct()
    finally:
        for made, _ in came:
            made.close()


def _note(officer: Officer, message: ConsoleMessage) -> None:
    if message.type in ("error", "warning"):
        officer.said.append(message.text)


def _ask(officer: Officer, request: Request) -> None:
    officer.asked.append(request.url)
