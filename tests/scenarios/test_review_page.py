"""A privacy officer at the review page, in a real browser: looks, changes what is redacted, decides, and it goes so."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
import yaml
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from gateway.entrypoints.demo.opening import open_mail
from tests.scenarios.browsing import Arriving, Officer, chromium, listen_on_loopback, officers
from tests.scenarios.test_document_reviews import NUMBER as BSN
from tests.scenarios.test_document_reviews import RESIDUE
from tests.scenarios.test_redacted_documents import OTHER, SUBJECT, printed
from tests.scenarios.test_the_whole_way import mail_of
from tests.scenarios.world import MUNICIPALITY, World, manifest, new_world

SECOND = "gemeente-tweede"
NUMBER, PLACE = "111222333", "Stationsstraat 12"
GROUND = "AVG art. 9 lid 2 onder c; UAVG art. 30"
TEXT = f"""Verslag van het gesprek 😀

Betrokkene {SUBJECT} vertelt 😀 dat zij samen met haar buurman {OTHER} reisde via Brussel.
Op het briefje stond {NUMBER}, zonder meer. De sleutel ligt bij het loket.
Hij woont op {PLACE}, 7311 AB Apeldoorn.
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[World, str]]:
    """A site with a second municipality, whose API listens on loopback."""
    with new_world() as world:
        entry = world.site.root / "recipients" / f"{MUNICIPALITY}.yaml"
        second = yaml.safe_load(entry.read_text(encoding="utf-8")) | {"id": SECOND, "name": "Tweede, Openbare orde"}
        entry.with_name(f"{SECOND}.yaml").write_text(yaml.safe_dump(second), encoding="utf-8")
        address = listen_on_loopback(world)
        world.start()
        yield world, address
        world.stop()


@pytest.fixture
def arrive(browser: Browser, site: tuple[World, str]) -> Iterator[Arriving]:
    with officers(browser, *site) as arriving:
        yield arriving


def held(site: tuple[World, str], entry: str, file: str, content: bytes | str, **changes: Any) -> str:
    """Drop a package with one document that comes to wait; give its id."""
    world, _ = site
    document = {"file": file, "kind": "letter", "declaredCategories": ["ordinary"]}
    world.drop(entry, {"package.yaml": manifest(documents=[document], **changes), file: content})
    return str(world.slip(entry, "held")["id"])


def pdf(folder: Path) -> bytes:
    """Make a PDF with text and a picture, in which a face may be seen."""
    document = docx.Document()
    for line in TEXT.replace("😀", "").splitlines():
        document.add_paragraph(line)
    face, picture = Image.new("RGB", (300, 300), "lightblue"), io.BytesIO()
    ImageDraw.Draw(face).ellipse((80, 50, 220, 250), fill="peru")
    face.save(picture, "PNG")
    document.add_picture(picture, width=docx.shared.Cm(5))
    written = io.BytesIO()
    document.save(written)
    return printed(written.getvalue(), folder)


def received(site: tuple[World, str], package: str, name: str) -> bytes:
    world, _ = site
    return open_mail(mail_of(world, package), home=world.home(MUNICIPALITY)).parts[name]


def decide(page: Page, *, verdict: str = "release", reason: str = "identity-settled", ground: str = "") -> None:
    page.locator(f"[name=verdict][value={verdict}]").check()
    page.locator("#reason").select_option(reason)
    if ground:
        page.locator("#ground").fill(ground)
    page.locator("#decide-form button").click()
    page.locator("#confirm-yes").click()


def back_to_the_package(page: Page) -> None:
    page.locator("#document .back").click()
    expect(page.locator("#hold")).to_be_visible()


def state_is(page: Page, state: str) -> None:
    expect(page.locator("#done-state")).to_have_attribute("data-state", state)


def drag(page: Page, selector: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over an element, from one place to another as shares of its width and height."""
    page.locator(selector).evaluate("element => element.scrollIntoView({block: 'center', behavior: 'instant'})")
    frame = page.locator(selector).bounding_box()
    assert frame is not None
    points = [(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=8)
    page.mouse.up()


def darkness(content: bytes, *, left: float, top: float, right: float, bottom: float) -> float:
    """Give the share of dark points in a rectangle of the first page, whose sides are shares of the page's."""
    document = pypdfium2.PdfDocument(content)
    try:
        picture = document[0].render(scale=1).to_pil().convert("L")
    finally:
        document.close()
    width, height = picture.size
    part = picture.crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))
    dark: int = sum(part.histogram()[:64])
    return dark / float(part.width * part.height)


# ---- The whole way ---------------------------------------------------------------------------------------------------


def test_an_officer_lifts_a_finding_draws_a_box_and_releases_and_the_pdf_goes_so(
    site: tuple[World, str], arrive: Arriving, tmp_path: Path
) -> None:
    package = held(site, "beeld", "brief.pdf", pdf(tmp_path))
    officer = arrive()
    page = officer.page

    officer.log_in()
    officer.open_package(package)
    officer.open_document(1)
    expect(page.locator(".before.loaded")).to_be_visible()
    expect(page.locator(".after.loaded")).to_be_visible()
    page.locator(f".box[aria-label^='{PLACE}:']").first.click()
    officer.status(f"{PLACE}: blijft nu staan.")
    drag(page, ".before", (0.2, 0.7), (0.8, 0.8))
    officer.status("Er staat een vak op bladzijde 1.")
    expect(page.locator("#changes-count")).to_have_text("2 wijzigingen")
    back_to_the_package(page)
    decide(page)
    state_is(page, "done")

    content = received(site, package, "01-letter.pdf")
    (tmp_path / "out.pdf").write_bytes(content)
    command = ["pdftotext", str(tmp_path / "out.pdf"), "-"]
    text = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    assert PLACE in text
    assert SUBJECT in text
    assert OTHER.split()[1] not in text
    # Its label stands in the box in white.
    assert darkness(content, left=0.22, top=0.71, right=0.78, bottom=0.79) > 0.7
    assert darkness(content, left=0.22, top=0.83, right=0.78, bottom=0.9) < 0.05
    expect(page.locator("#done-recipients")).to_contain_text("verstuurd")


def test_a_text_goes_with_exactly_the_places_that_were_chosen_whatever_stands_before_them(
    site: tuple[World, str], arrive: Arriving
) -> None:
    package = held(site, "tekst", "verslag.txt", TEXT)
    officer = arrive()
    page = officer.page

    officer.log_in()
    officer.open_package(package)
    officer.open_document(1)
    page.locator(".mark", has_text=NUMBER).click()
    officer.status(f"{NUMBER}: blijft nu staan.")
    select(page, "reisde")
    page.locator("#add-selection").click()
    officer.status("reisde: gaat er nu uit.")
    select(page, "Apeldoorn")
    expect(page.locator(".mark", has_text="Apeldoorn")).to_have_attribute("data-state", "goes")
    expect(page.locator("#changes-count")).to_have_text("2 wijzigingen")
    page.locator("#search").fill("het  LOKET")
    page.locator("#search-form button").click()
    officer.status("Eén plek gaat eruit.")
    back_to_the_package(page)
    decide(page)
    state_is(page, "done")

    text = received(site, package, "01-letter.txt").decode()
    assert f"{SUBJECT} vertelt 😀 dat" in text
    assert NUMBER in text
    assert [] == [word for word in ("reisde", "loket", OTHER, PLACE) if word in text]
    assert "sleutel ligt bij" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", ("Openbare orde en veiligheid", "Document 1: Brief", "Vertrekstrategie", "naam van iemand anders")),
        ("en", ("Public order and safety", "Document 1: Letter", "Departure strategy", "name of somebody else")),
    ],
)
def test_a_package_calls_its_purpose_its_documents_its_fields_and_what_was_found_as_people_do(
    site: tuple[World, str], arrive: Arriving, language: str, words: tuple[str, ...]
) -> None:
    package = held(site, f"woorden-{language}", "verslag.txt", TEXT)
    officer = arrive()
    page = officer.page

    officer.log_in(language=language)
    expect(page.locator("#holds .card", has_text=package)).to_contain_text(words[0])
    officer.open_package(package)
    page.locator("#hold-fields summary").click()

    shown = page.locator("#hold").inner_text()
    assert [] == [word for word in words[:3] if word not in shown]
    assert [] == [bare for bare in ("public-order", "third-party", ": letter") if bare in shown]
    officer.open_document(1)
    expect(page.locator("#document-title")).to_have_text(words[1])
    expect(page.locator(f".mark[aria-label*=': {words[3]}.']").first).to_be_visible()


def test_a_hold_for_residue_says_in_which_place_of_which_document_a_value_stands_and_of_which_kind(
    site: tuple[World, str], arrive: Arriving
) -> None:
    package = held(site, "overblijfsel", "verslag.txt", RESIDUE)
    officer = arrive()
    page = officer.page

    officer.log_in()
    officer.open_package(package)

    expect(page.locator("#hold-facts")).to_contain_text("document 1, alinea 3 (burgerservicenummer (BSN))")
    expect(page.locator("#hold-why")).to_contain_text("U kunt dit pakket niet vrijgeven")
    # Only in its own document is the value shown, which was not opened.
    assert BSN not in page.content()


def test_a_document_is_opened_with_an_empty_search_field_and_a_package_names_its_recipient(
    site: tuple[World, str], arrive: Arriving
) -> None:
    package = held(site, "zoekveld", "verslag.txt", TEXT)
    officer = arrive()
    page = officer.page

    officer.log_in()
    officer.open_package(package)
    expect(page.locator("#hold-facts")).to_contain_text(f"Openbare orde en veiligheid ({MUNICIPALITY})")
    officer.open_document(1)
    page.locator("#search").fill("het loket")
    back_to_the_package(page)
    officer.open_document(1)

    expect(page.locator("#search")).to_have_value("")


def select(page: Page, word: str) -> None:
    """Select a word by double click, as people do."""
    place = page.evaluate(
        """word => {
          const walker = document.createTreeWalker(document.querySelector("#content"), NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(word);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + word.length);
            const { x, y, width, height } = range.getBoundingClientRect();
            return [x + width / 2, y + height / 2];
          }
        }""",
        word,
    )
    page.mouse.dblclick(*place)


def test_somebody_without_a_mouse_does_all_of_it(site: tuple[World, str], arrive: Arriving) -> None:
    package = held(site, "toetsen", "verslag.txt", TEXT)
    officer = arrive()
    page, keys = officer.page, officer.page.keyboard

    page.goto(f"{officer.address}/review")
    officer.tab_to("#token")
    keys.type(officer.token)
    keys.press("Enter")
    expect(page.locator("#list-title")).to_be_focused()
    open_by_keyboard(officer, package)
    expect(page.locator("#hold-title")).to_be_focused()
    officer.tab_to("[data-document='1']")
    keys.press("Enter")
    expect(page.locator("#document-title")).to_be_focused()
    keys.press("F8")
    expect(page.locator(".mark:focus")).to_have_text(NUMBER)
    keys.press("Enter")
    officer.status(f"{NUMBER}: blijft nu staan.")
    expect(page.locator(".mark:focus")).to_have_text(NUMBER)
    officer.tab_to("#search", back=True)
    keys.type("reisde")
    keys.press("Enter")
    officer.status("Eén plek gaat eruit.")
    officer.tab_to("#document .back", back=True)
    keys.press("Enter")
    expect(page.locator("#hold-title")).to_be_focused()
    officer.tab_to("[name=verdict]")
    keys.press("Space")
    officer.tab_to("#reason")
    keys.type("Het is duidelijk")
    officer.tab_to("#decide-form button")
    keys.press("Enter")
    expect(page.locator("#confirm-no")).to_be_focused()
    officer.tab_to("#confirm-yes", back=True)
    keys.press("Enter")
    state_is(page, "done")

    text = received(site, package, "01-letter.txt").decode()
    assert NUMBER in text
    assert "reisde" not in text


def open_by_keyboard(officer: Officer, package: str) -> None:
    """Tab from card to card until the one of this package has the focus, and open it."""
    for _ in range(200):
        if officer.page.evaluate("document.activeElement.textContent").find(package[-8:]) >= 0:
            officer.page.keyboard.press("Enter")
            return
        officer.page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach the package")


def test_a_box_is_placed_moved_and_taken_away_by_keyboard(
    site: tuple[World, str], arrive: Arriving, tmp_path: Path
) -> None:
    package = held(site, "vak-met-toetsen", "brief.pdf", pdf(tmp_path))
    officer = arrive()
    page, keys = officer.page, officer.page.keyboard

    officer.log_in()
    officer.open_package(package)
    officer.open_document(1)
    officer.tab_to(".page .row button:nth-child(2)")
    keys.press("Enter")
    expect(page.locator(".before .area")).to_be_focused()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowDown"):
        keys.press(key)
    officer.status("Uw vak op bladzijde 1, 32 % van links en 46 % van boven, 40 % breed en 7 % hoog")
    expect(page.locator(".before .area")).to_be_focused()
    expect(page.locator(".after .area")).to_have_count(1)
    keys.press("Delete")
    officer.status("Het vak is weg.")
    expect(page.locator("#changes-count")).to_have_text("U heeft niets gewijzigd.")
    # Without dragging: two clicks on opposite corners.
    page.locator(".page .row button").first.click()
    frame = page.locator(".before").bounding_box()
    assert frame is not None
    page.mouse.click(frame["x"] + 0.1 * frame["width"], frame["y"] + 30)
    officer.status("Klik nu de hoek ertegenover aan.")
    page.mouse.click(frame["x"] + 0.4 * frame["width"], frame["y"] + 60)
    expect(page.locator("#changes-count")).to_have_text("Eén wijziging")
    page.locator("#changes-list button").click()
    expect(page.locator(".before .area")).to_have_count(0)


# ---- What the page says ----------------------------------------------------------------------------------------------


def test_what_a_recipient_does_not_get_can_not_be_lifted_and_says_so(site: tuple[World, str], arrive: Arriving) -> None:
    data = {"name": SUBJECT, "departureStrategy": "via Brussel"}
    package = held(site, "ligt-vast", "verslag.txt", TEXT, data=data, recipients=[MUNICIPALITY, SECOND])
    officer = arrive()
    page = officer.page

    officer.log_in()
    officer.open_package(package)
    officer.open_document(1)
    expect(page.locator("#recipient option")).to_have_count(2)
    page.locator("#recipient").select_option(SECOND)
    expect(page.locator("#recipient")).to_have_value(SECOND)
    fixed = page.locator("#content .mark[data-state=fixed]")
    expect(fixed).to_have_attribute("aria-disabled", "true")
    fixed.focus()
    page.keyboard.press("Enter")

    officer.status("Deze ontvanger krijgt dit niet. U kunt het niet terugzetten.")
    expect(page.locator("#changes-count")).to_have_text("U heeft niets gewijzigd.")


def test_a_refused_decision_is_told_in_words_with_every_fault_and_nothing_of_the_work_is_lost(
    site: tuple[World, str], arrive: Arriving
) -> None:
    data = {"name": SUBJECT, "health": "diabetes"}
    necessity = "De politie moet weten dat deze persoon insuline gebruikt bij de ontruiming."
    package = held(site, "zonder-artikel", "verslag.txt", TEXT, data=data, necessity=necessity)
    officer = arrive()
    officer.refusals |= {400}
    page = officer.page

    officer.log_in()
    officer.open_package(package)
    expect(page.locator("#hold-necessity")).to_have_text(necessity)
    officer.open_document(1)
    page.locator(".mark", has_text=NUMBER).click()
    back_to_the_package(page)
    page.locator("#decide-form button").click()
    expect(page.locator("#decide .missing")).to_have_count(2)
    decide(page, reason="necessity-proven", ground="geen idee")
    expect(page.locator("#problem")).to_be_focused()
    expect(page.locator("#problem")).to_contain_text("ground: noem het artikel van de wet waarop dit mag")
    expect(page.locator("#changes-count")).to_have_text("Eén wijziging")
    # It stays while the fault is mended; else the button would move away under the click that ends the typing.
    page.locator("#ground").fill("nog geen idee")
    page.locator("#ground").press("Tab")
    expect(page.locator("#problem")).to_be_visible()
    decide(page, reason="necessity-proven", ground=GROUND)

    state_is(page, "done")
    assert NUMBER in received(site, package, "01-letter.txt").decode()


def test_a_token_that_ends_in_the_midst_of_the_work_costs_nothing_of_it(
    site: tuple[World, str], arrive: Arriving
) -> None:
    package = held(site, "token-op", "verslag.txt", TEXT)
    officer = arrive()
    officer.refusals |= {401}
    page = officer.page

    officer.log_in()
    officer.open_package(package)
    officer.open_document(1)
    page.locator(".mark", has_text=NUMBER).click()
    page.route("**/v1/holds/**", lambda route: route.continue_(headers={"Authorization": "Bearer ended"}))
    page.locator("#document .back").click()
    page.route("**/v1/packages/**", lambda route: route.continue_(headers={"Authorization": "Bearer ended"}))
    page.locator("#hold-documents button").click()
    expect(page.locator("#login")).to_be_visible()
    expect(page.locator("#problem")).to_contain_text("Uw token geldt niet, of niet meer.")
    page.unroute_all()
    page.locator("#token").fill(officer.token)
    page.locator("#login-form button").click()

    expect(page.locator("#hold")).to_be_visible()
    expect(page.locator("#changes-count")).to_have_text("Eén wijziging")


def test_a_package_that_can_only_be_refused_says_what_is_wrong_and_is_refused(
    site: tuple[World, str], arrive: Arriving
) -> None:
    package = held(site, "stuk", "brief.docx", b"PK\x03\x04 geen zip")
    officer = arrive()
    officer.refusals |= {409}
    page = officer.page

    officer.log_in()
    officer.open_package(package)
    expect(page.locator("[name=verdict][value=release]")).to_be_disabled()
    expect(page.locator("#decide-mend")).to_be_visible()
    page.locator("#hold-documents button").click()
    expect(page.locator("#problem")).to_contain_text("Dit document kan niet worden getoond")
    decide(page, verdict="refuse", reason="no-ground")

    state_is(page, "refused")
    page.locator("#done .back").click()
    expect(page.locator("#list")).to_be_visible()
    expect(page.locator("#holds .card", has_text=package)).to_have_count(0)


def test_leaving_forgets_the_token_and_everything_that_was_seen(site: tuple[World, str], arrive: Arriving) -> None:
    package = held(site, "weg-ermee", "verslag.txt", TEXT)
    officer = arrive()
    page = officer.page

    officer.log_in(language="en")
    officer.open_package(package)
    officer.open_document(1)
    expect(page.locator("#content")).to_contain_text(OTHER)
    page.locator("#leave").click()

    expect(page.locator("#login")).to_be_visible()
    assert OTHER not in page.content()
    assert officer.token not in page.content()


def test_an_unknown_token_is_refused_and_shows_nothing(arrive: Arriving) -> None:
    officer = arrive()
    officer.refusals |= {401}
    page = officer.page

    page.goto(f"{officer.address}/review")
    page.locator("#token").fill("0" * 64)
    page.locator("#login-form button").click()

    expect(page.locator("#problem")).to_contain_text("Uw token geldt niet")
    expect(page.locator("#list")).to_be_hidden()
    expect(page.locator("#token")).to_have_value("")


# ---- Whom it serves, and what it may ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seen", [{}, {"viewport": {"width": 320, "height": 640}}, {"color_scheme": "dark"}], ids=["wide", "narrow", "dark"]
)
def test_axe_finds_nothing_in_any_view_and_nothing_runs_out_of_the_window(
    site: tuple[World, str], arrive: Arriving, tmp_path: Path, seen: dict[str, Any]
) -> None:
    package = held(site, f"toegang-{len(str(seen))}", "brief.pdf", pdf(tmp_path))
    officer = arrive(**seen)
    page = officer.page
    judged: list[list[str]] = []

    def judge() -> None:
        judged.append(officer.faults_of_access())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.goto(f"{officer.address}/review")
    judge()
    officer.log_in()
    judge()
    officer.open_package(package)
    page.locator("#decide-form button").click()
    judge()
    officer.open_document(1)
    expect(page.locator(".before.loaded")).to_be_visible()
    page.locator(".page-text summary").first.click()
    page.locator("#content .mark[data-state=goes]").first.click()
    page.locator("#search").fill("sleutel")
    page.locator("#search-form button").click()
    page.locator(".page .row button").nth(1).click()
    judge()
    back_to_the_package(page)
    decide(page, verdict="refuse", reason="no-ground")
    state_is(page, "refused")
    judge()

    assert [] == [fault for each in judged for fault in each]


def test_the_page_runs_no_script_that_was_put_into_it(arrive: Arriving) -> None:
    officer = arrive()
    page = officer.page
    page.goto(f"{officer.address}/review")

    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'taken over'";
          document.body.append(script);
        }"""
    )

    assert "taken over" != page.title()
    breach = [text for text in officer.said if "Content Security Policy" in text]
    assert breach
    officer.said = [text for text in officer.said if text not in breach]


def test_markup_in_a_document_is_text_and_nothing_else(site: tuple[World, str], arrive: Arriving) -> None:
    attack = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    document, written = docx.Document(), io.BytesIO()
    for line in (*TEXT.splitlines(), attack):
        document.add_paragraph(line)
    document.save(written)
    package = held(site, "aanval", "verslag.docx", written.getvalue())
    officer = arrive()

    officer.log_in()
    officer.open_package(package)
    officer.open_document(1)

    expect(officer.page.locator("#content")).to_contain_text(attack)
    assert 0 == officer.page.locator("#content script, #content img").count()
