"""The pick-up page in a real Chromium: what a recipient sees, and what the browser refuses."""

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, BrowserContext, Download, Page, Route, expect, sync_playwright

from tests.integration.pickup.running import CODE, Parcel, RunningPickup, sealed

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_KEPT = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, document.cookie, await indexedDB.databases(), await caches.keys(),
])"""
MIB = 1024 * 1024
expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPickup]:
    with RunningPickup(tmp_path_factory.mktemp("postbus") / "pickup") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; its own sandbox is off, since tests run as root, and it meets this machine's pages only."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-dev-shm-usage"])
        yield browser
        browser.close()


class Recipient:
    """Somebody with a browser, and what was seen of its doings; certificates of the test's authority are taken."""

    def __init__(self, browser: Browser, service: RunningPickup) -> None:
        self.service = service
        self.context: BrowserContext = browser.new_context(ignore_https_errors=True, locale="nl-NL")
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda each: self.said.append(each.text) if each.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, parcel: Parcel, *, language: str = "nl") -> None:
        self.page.goto(self.service.link(parcel, language=language))

    def type(self, code: str = CODE) -> None:
        self.page.fill("#code", code)
        self.page.keyboard.press("Enter")

    def fetch(self, code: str = CODE) -> bytes:
        with self.page.expect_download(timeout=120_000) as waiting:
            self.type(code)
        return content_of(waiting.value)

    def problem(self, text: str) -> None:
        expect(self.page.locator("#problem")).to_contain_text(text)

    def continues(self) -> bytes:
        with self.page.expect_download(timeout=120_000) as waiting:
            self.page.click("#continue")
        return content_of(waiting.value)

    def faults_of_access(self) -> list[str]:
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", _RULES)
        return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]

    def require_good_conduct(self) -> None:
        allowed = "Failed to load resource"
        assert [] == [each for each in self.said if not each.startswith(allowed)]
        assert [] == [each for each in self.asked if not each.startswith((self.service.public, "blob:"))]
        assert [] == [each for each in self.asked if "#" not in each and "AAECAw" in each]
        assert [{}, {}, "", [], []] == json.loads(self.page.evaluate(_KEPT))
        assert [] == self.context.cookies()


@pytest.fixture
def recipient(browser: Browser, service: RunningPickup) -> Iterator[Recipient]:
    somebody = Recipient(browser, service)
    yield somebody
    somebody.require_good_conduct()
    somebody.context.close()


def content_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def test_link_and_code_give_the_package_byte_for_byte_and_the_gateway_learns_of_it(
    recipient: Recipient, service: RunningPickup
) -> None:
    parcel = sealed(hashlib.shake_256(b"groot").digest(9 * MIB))
    service.put(parcel)
    recipient.open(parcel)

    found = recipient.fetch("abcde - 23456 ")

    assert hashlib.sha256(parcel.plaintext).digest() == hashlib.sha256(found).digest()
    expect(recipient.page.locator("#done-title")).to_be_focused()
    expect(recipient.page.locator("#done-left")).to_contain_text("1")
    assert 1 == len(service.report(parcel)["receipts"])  # type: ignore[arg-type] # it is a list in JSON.


def test_the_mailed_link_alone_opens_nothing(recipient: Recipient, service: RunningPickup) -> None:
    parcel = sealed()
    service.put(parcel)
    recipient.open(parcel)
    recipient.page.wait_for_load_state("networkidle")

    assert [] == [each for each in recipient.asked if "/parcels/" in each]
    assert service.report(parcel)["opened"] is False


def test_a_wrong_code_is_told_with_the_tries_left_and_the_fifth_locks(
    recipient: Recipient, service: RunningPickup
) -> None:
    parcel = sealed()
    service.put(parcel)
    recipient.open(parcel)
    for left in ("4", "3", "2"):
        recipient.type("ABCDE23457")
        recipient.problem(f"nog {left} keer")
    recipient.type("ABCDE23457")
    recipient.problem("nog één keer")
    recipient.type("ABCDE23457")

    recipient.problem("vergrendeld")
    expect(recipient.page.locator("#form")).to_be_hidden()
    assert "locked" == service.report(parcel)["ended"]


def test_a_code_that_can_be_none_costs_no_try(recipient: Recipient, service: RunningPickup) -> None:
    parcel = sealed()
    service.put(parcel)
    recipient.open(parcel)
    for code in ("ABC", "ABCDE2345O"):
        recipient.type(code)
        recipient.problem("10 letters en cijfers")

    assert 0 == service.report(parcel)["wrong"]


def test_a_link_that_was_cut_off_costs_no_try_and_is_told(recipient: Recipient, service: RunningPickup) -> None:
    parcel = sealed()
    service.put(parcel)
    recipient.page.goto(service.link(parcel)[:-3])

    recipient.problem("niet compleet")
    expect(recipient.page.locator("#form")).to_be_hidden()
    assert 0 == service.report(parcel)["wrong"]


def test_the_link_of_another_package_opens_nothing(recipient: Recipient, service: RunningPickup) -> None:
    recipient.page.goto(f"{service.public}/nl/{'f' * 40}#{sealed().pickup.fragment()}")
    recipient.type()

    recipient.problem("geen pakket")


def test_an_expired_link_is_told(recipient: Recipient, service: RunningPickup) -> None:
    parcel = sealed(lasting=dt.timedelta(seconds=-1))
    service.put(parcel)
    recipient.open(parcel)
    recipient.type()

    recipient.problem("voorbij")


def test_a_package_that_was_taken_back_is_told(recipient: Recipient, service: RunningPickup) -> None:
    parcel = sealed()
    service.put(parcel)
    service.recall(parcel)
    recipient.open(parcel)
    recipient.type()

    recipient.problem("teruggenomen")


def change_content(recipient: Recipient, change: Callable[[bytes, str], bytes]) -> None:
    """Stand between browser and service; `change` gets the bytes that are fetched and the range asked for."""

    def handle(route: Route) -> None:
        answer = route.fetch()
        body = change(answer.body(), route.request.headers.get("range", ""))
        headers = {**answer.headers, "content-length": str(len(body))}
        route.fulfill(status=answer.status, headers=headers, body=body)

    recipient.page.route("**/content", handle)


def test_a_flipped_bit_is_refused_saves_nothing_and_burns_nothing(recipient: Recipient, service: RunningPickup) -> None:
    parcel = sealed(b"z" * MIB)
    service.put(parcel)
    recipient.open(parcel)

    def flip(body: bytes, asked: str) -> bytes:
        return body if asked.startswith("bytes=0-") else bytes([body[0] ^ 1]) + body[1:]

    change_content(recipient, flip)
    recipient.type()
    recipient.problem("beschadigd")
    assert [] == service.report(parcel)["receipts"]
    recipient.page.unroute("**/content")

    assert parcel.plaintext == recipient.continues()


def test_what_was_cut_off_between_two_records_is_refused(recipient: Recipient, service: RunningPickup) -> None:
    whole = sealed(b"z" * MIB)
    size = 21 + 2 * 256 * 1024
    cut = whole.ciphertext[:size]
    parcel = replace(
        whole,
        ciphertext=cut,
        description=replace(whole.description, size=size, sha256=hashlib.sha256(cut).hexdigest()),
    )
    assert 201 == service.put(parcel)
    recipient.open(parcel)
    recipient.type()

    recipient.problem("het einde ontbreekt")
    assert [] == service.report(parcel)["receipts"]


def test_another_package_in_its_place_is_refused_since_its_key_is_another(
    recipient: Recipient, service: RunningPickup
) -> None:
    parcel, other = sealed(b"een"), sealed(b"twee")
    service.put(parcel)
    recipient.open(parcel)

    def swap(_body: bytes, asked: str) -> bytes:
        first, last = (int(each) for each in asked.removeprefix("bytes=").split("-"))
        return other.ciphertext[first : last + 1]

    change_content(recipient, swap)
    recipient.type()

    recipient.problem("beschadigd")
    assert [] == service.report(parcel)["receipts"]


def test_a_download_that_broke_off_goes_on_where_it_was(recipient: Recipient, service: RunningPickup) -> None:
    parcel = sealed(hashlib.shake_256(b"breuk").digest(11 * MIB))
    service.put(parcel)
    recipient.open(parcel)
    ranges: list[str] = []

    def break_off(route: Route) -> None:
        ranges.append(route.request.headers["range"])
        if ranges[-1].startswith(("bytes=0-", "bytes=21-")):
            route.continue_()
        else:
            route.abort("connectionreset")

    recipient.page.route("**/content", break_off)
    recipient.type()
    recipient.problem("verbinding")
    broken_at = ranges[-1]
    ranges.clear()
    recipient.page.unroute("**/content")
    recipient.page.on(
        "request", lambda request: ranges.append(request.headers["range"]) if "range" in request.headers else None
    )

    assert parcel.plaintext == recipient.continues()
    assert broken_at == ranges[0]


def test_a_short_break_is_bridged_without_asking_anybody(recipient: Recipient, service: RunningPickup) -> None:
    parcel = sealed(b"kort")
    service.put(parcel)
    recipient.open(parcel)
    seen: list[str] = []

    def once(route: Route) -> None:
        seen.append(route.request.url)
        if len(seen) == 1:
            route.abort("connectionreset")
        else:
            route.continue_()

    recipient.page.route("**/content", once)

    assert parcel.plaintext == recipient.fetch()


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_fault_of_access_in_any_of_its_states(
    recipient: Recipient, service: RunningPickup, language: str, scheme: str
) -> None:
    parcel = sealed(downloads=9)
    service.put(parcel)
    recipient.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of the two.
    recipient.open(parcel, language=language)
    asked = recipient.faults_of_access()
    recipient.type("ABCDE23457")
    expect(recipient.page.locator("#problem")).to_be_visible()
    wrong = recipient.faults_of_access()
    recipient.fetch()
    expect(recipient.page.locator("#done")).to_be_visible()

    assert ([], [], []) == (asked, wrong, recipient.faults_of_access())
    assert language == recipient.page.locator("html").get_attribute("lang")


def test_the_other_language_keeps_the_package(recipient: Recipient, service: RunningPickup) -> None:
    parcel = sealed()
    service.put(parcel)
    recipient.open(parcel)
    recipient.page.click("#other")

    expect(recipient.page.locator("h1")).to_contain_text("Fetch your package")
    assert parcel.plaintext == recipient.fetch()


def test_the_page_is_worked_by_keyboard_alone_and_fits_a_narrow_screen(
    recipient: Recipient, service: RunningPickup
) -> None:
    parcel = sealed()
    service.put(parcel)
    recipient.page.set_viewport_size({"width": 320, "height": 640})
    recipient.open(parcel)
    for _ in range(9):
        if recipient.page.evaluate("document.activeElement.id") == "code":
            break
        recipient.page.keyboard.press("Tab")
    recipient.page.keyboard.type(CODE)
    with recipient.page.expect_download() as waiting:
        recipient.page.keyboard.press("Enter")

    assert parcel.plaintext == content_of(waiting.value)
    assert recipient.page.evaluate("document.documentElement.scrollWidth <= 320")
