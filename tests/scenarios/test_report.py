"""The report for the security team: a page to look at, which says what went, what was held, whether to believe it."""

import json
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page

from gateway.audit.ledger import LEDGER
from tests.preloaded import sluis
from tests.scenarios.browsing import chromium, faults_of_access
from tests.scenarios.test_reviews import OFFICER, RELEASE, review, with_health
from tests.scenarios.world import World, guardian_manifest


@pytest.fixture
def world(quiet_world: World) -> World:
    """A site over which one package went at once and one after a second person released it."""
    quiet_world.start()
    quiet_world.drop_file("eerste.json", guardian_manifest())
    quiet_world.slip("eerste.json", "done")
    quiet_world.drop("met-gezondheid", {"package.yaml": with_health()})
    held = quiet_world.slip("met-gezondheid", "held")
    review(quiet_world, held["id"], RELEASE, by=OFFICER)
    quiet_world.slip("met-gezondheid", "done")
    return quiet_world


def shown(page: Page, path: Path) -> str:
    """Open the page in a browser, have it judged, and give what a person reads of it."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert [] == faults_of_access(page)
    assert [path.as_uri()] == asked
    return " ".join(page.inner_text("main").split())


def test_the_report_shows_what_went_what_was_held_and_who_decided_and_nobody_else(world: World, tmp_path: Path) -> None:
    paths = {language: tmp_path / f"{language}.html" for language in ("nl", "en")}
    made = {
        language: sluis(world.site.root, "audit", "report", str(path), "--lang", language, "--json")
        for language, path in paths.items()
    }
    with chromium() as browser:
        read = {language: shown(browser.new_page(), path) for language, path in paths.items()}

    told = json.loads(made["nl"].stdout)
    assert (0, 2, 1, 0) == (made["nl"].returncode, told["sent"], told["held"], told["refused"])
    assert "Verzonden aan een ontvanger 2 Aangehouden 1 Geweigerd 0 Beslist door een tweede persoon 1" in read["nl"]
    for words in (
        "Ja: het klopt.",
        "special.second-person",
        "nidos-voorbeeld",
        f"{OFFICER} vrijgegeven",
        "first-recipient",
        "hold-released",
    ):
        assert words in read["nl"]
    assert "Yes: it holds." in read["en"]
    content = paths["nl"].read_text(encoding="utf-8")
    assert [] == [
        each
        for each in ("Samuel", "Tesfay", "Amina", "Yusuf", "diabetes", "<script", "http:", "https:", 'url("')
        if each in content
    ]


def test_an_attack_that_takes_rows_out_of_the_index_is_not_believed_by_a_report_made_anew(
    world: World, tmp_path: Path
) -> None:
    world.stop()
    report = ("audit", "report", str(tmp_path / "rapport.html"), "--json")
    first = json.loads(sluis(world.site.root, *report).stdout)
    with sqlite3.connect(world.site.audit_log.parent / LEDGER) as connection:
        connection.execute("DELETE FROM event WHERE action IN ('package-released', 'package-release-started')")
    connection.close()

    trusting = json.loads(sluis(world.site.root, *report).stdout)
    anew = json.loads(sluis(world.site.root, *report, "--anew").stdout)

    assert [2, 0, 2] == [each["sent"] for each in (first, trusting, anew)]
    assert 0 == anew["inDoubt"]


def test_a_report_over_a_log_that_was_changed_says_so_at_its_head(world: World, tmp_path: Path) -> None:
    world.stop()
    day = next(world.site.audit_log.iterdir())
    day.write_bytes(day.read_bytes().replace(b'"package-released"', b'"package-received"', 1))

    made = sluis(world.site.root, "audit", "report", str(tmp_path / "rapport.html"))

    content = (tmp_path / "rapport.html").read_text(encoding="utf-8")
    assert (4, True) == (made.returncode, "Nee: het klopt niet." in content)
