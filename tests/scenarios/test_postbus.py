"""A package goes out of the outbox to a recipient with nothing but a browser, and what becomes of it comes back."""

import base64
import email
import email.policy
import io
import json
import random
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, expect, sync_playwright

from gateway.audit.reading import read_events
from tests.integration.pickup.running import TOKEN, RunningPickup
from tests.preloaded import sluis
from tests.scenarios.canary import Search, make_canary
from tests.scenarios.test_reviews import OFFICER, as_person
from tests.scenarios.world import MUNICIPALITY, World, manifest, new_world, until

ADDRESS = "postbus@gemeente.example"
DOCUMENT = b"Verslag van het gesprek.\nEr is een afspraak gemaakt.\n"


@dataclass
class Postbus:
    """A site with a pick-up service of its own beside it, and a browser."""

    world: World
    service: RunningPickup
    browser: Browser
    sent: int = field(default=0)

    def send(self, name: str, **changes: Any) -> dict[str, Any]:
        """Drop a package with a document for the municipality's postbus; give its slip once the link has gone."""
        wanted = manifest(
            channel="postbus",
            documents=[{"file": "verslag.txt", "kind": "letter", "declaredCategories": ["ordinary"]}],
            **changes,
        )
        self.world.drop(name, {"package.json": wanted, "verslag.txt": DOCUMENT})
        return self.world.slip(name, "done")

    def slip_of(self, name: str, state: str) -> dict[str, Any]:
        """Wait until the slip says where the delivery has come to."""

        def look() -> dict[str, Any] | None:
            slips = self.world.slips(name)
            return slips[0] if slips and slips[0]["recipients"][0]["state"] == state else None

        found: dict[str, Any] = until(look)
        return found

    def mails(self) -> list[str]:
        """Give what was mailed to the recipient, as text."""
        return [
            str(email.message_from_bytes(each.content, policy=email.policy.default))
            for each in self.world.mail.messages()
            if ADDRESS in each.recipients
        ]

    def link(self, slip: dict[str, Any]) -> str:
        """Find the link in the mail about a package: by its parcel, which only the service's disk tells."""
        parcel = self.parcel(slip).name
        bodies = [
            email.message_from_bytes(each.content, policy=email.policy.default).get_content()
            for each in self.world.mail.messages()
            if ADDRESS in each.recipients
        ]
        return next(found[0] for body in bodies if (found := re.search(rf"https://\S+/{parcel}#\S+", body)))

    def parcel(self, slip: dict[str, Any]) -> Path:
        """Find the folder of a package's parcel at the service."""
        name = f"sluis-{slip['id'].replace('-', '')[-8:]}"
        folders = (self.service.folder / "parcels").iterdir()
        found = [each for each in folders if name in (each / "description.json").read_text(encoding="utf-8")]
        assert 1 == len(found)
        return found[0]

    def events(self, slip: dict[str, Any]) -> list[str]:
        events = read_events(self.world.site.audit_log)
        return [each["event.action"] for each in events if each.get("gateway.package.id") == slip["id"]]


def connect(world: World, service: RunningPickup, **changes: Any) -> None:
    """Connect a site to the pick-up service: settings, token, and the municipality's address there."""
    token = world.site.root / "secrets" / "postbus.token"
    token.write_text(TOKEN + "\n", encoding="utf-8")
    token.chmod(0o600)
    shutil.copy(service.ca_file, world.site.root / "postbus-ca.pem")
    world.set(
        "postbus",
        url=service.public,
        pushUrl=service.push,
        caFile="postbus-ca.pem",
        tokenFile="secrets/postbus.token",
        **changes,
    )
    path = world.site.recipients / f"{MUNICIPALITY}.yaml"
    entry = yaml.safe_load(path.read_text(encoding="utf-8"))
    entry["channels"].append({"channel": "postbus", "address": ADDRESS, "keys": []})
    path.write_text(yaml.safe_dump(entry), encoding="utf-8")


@contextmanager
def a_browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def postbus() -> Iterator[Postbus]:
    with new_world() as world, RunningPickup(world.site.root.parent / "pickup") as service, a_browser() as browser:
        # Sooner than it ends, so that everybody is reminded at the first look.
        connect(world, service, days=2, remindDays=3, lookSeconds=0.3)
        world.start()
        yield Postbus(world, service, browser)
        world.stop()


def fetched(postbus: Postbus, link: str, code: str) -> bytes:
    context = postbus.browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(link)
    page.fill("#code", code)
    with page.expect_download(timeout=120_000) as waiting:
        page.keyboard.press("Enter")
    content = Path(waiting.value.path()).read_bytes()
    expect(page.locator("#done-left")).not_to_be_empty()
    context.close()
    return content


def seen(postbus: Postbus, link: str, code: str) -> str:
    """Type a code; give what the page says is wrong."""
    context = postbus.browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(link)
    page.fill("#code", code)
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem:not([hidden])")
    found = page.inner_text("#problem")
    context.close()
    return found


def code_of(slip: dict[str, Any]) -> str:
    return str(slip["recipients"][0]["pickup"]["code"])


def test_a_package_goes_through_the_browser_byte_for_byte_and_is_delivered(postbus: Postbus) -> None:
    slip = postbus.send("heel")
    assert "sent" == slip["recipients"][0]["state"]
    # Somebody who waits for two packages can tell which code is for which link; the reminder may have come already.
    assert any(f"Kenmerk: {slip['id'].replace('-', '')[-8:]}" in each for each in postbus.mails())
    with zipfile.ZipFile(io.BytesIO(fetched(postbus, postbus.link(slip), code_of(slip)))) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    after = postbus.slip_of("heel", "delivered")

    assert [DOCUMENT] == [content for name, content in found.items() if name.startswith("documents/01-")]
    assert "Amina Yusuf" == json.loads(found["data.json"])["name"]
    assert "departureStrategy" not in json.loads(found["data.json"])
    assert {"letter.html", "letter.txt", "left-out.json"} <= set(found)
    assert "pickup" not in after["recipients"][0]
    assert "package-collected" == postbus.events(slip)[-1]


def test_the_code_is_shown_to_its_sender_and_gone_once_the_package_was_fetched(postbus: Postbus) -> None:
    slip = postbus.send("getoond")
    code = code_of(slip)
    shown = sluis(postbus.world.site.root, "show", slip["id"]).stdout
    fetched(postbus, postbus.link(slip), code)
    postbus.slip_of("getoond", "delivered")

    assert code in shown
    assert code not in sluis(postbus.world.site.root, "show", slip["id"]).stdout
    texts = [each.read_bytes().decode("utf-8-sig") for each in (postbus.world.outbox / "5-Verzonden").glob("getoond.*")]
    assert [] == [each for each in texts if code in each]


def test_nobody_but_the_sender_is_shown_the_code_whatever_they_may_see_of_the_package(postbus: Postbus) -> None:
    """Who reads the mail log has the link; with the code beside it, the package would be open to them."""
    slip = postbus.send("anders")
    officer = as_person(postbus.world, OFFICER)
    with postbus.world.client() as client:
        answer = client.get(f"/v1/packages/{slip['id']}", headers=officer)

    assert (200, slip["id"]) == (answer.status_code, answer.json()["id"])
    assert code_of(slip) not in answer.text


def test_the_mail_holds_the_link_and_neither_code_nor_anything_of_the_person(postbus: Postbus) -> None:
    slip = postbus.send("brief")
    link = postbus.link(slip)
    code = code_of(slip)

    for mail in postbus.mails():
        for secret in (code, code.replace("-", ""), "Amina", "Yusuf", "Voorbeeldstad", "verslag"):
            assert secret not in mail
    assert link.startswith(f"{postbus.service.public}/nl/")


def test_both_sides_are_reminded_once_before_the_package_ends(postbus: Postbus) -> None:
    slip = postbus.send("herinnerd")
    parcel = postbus.parcel(slip).name

    def reminders() -> list[str]:
        texts = [
            str(email.message_from_bytes(each.content, policy=email.policy.default)["Subject"])
            + email.message_from_bytes(each.content, policy=email.policy.default).get_content()
            for each in postbus.world.mail.messages()
            if ADDRESS in each.recipients
        ]
        return [each for each in texts if parcel in each and each.startswith("Herinnering")]

    until(reminders)
    until(lambda: "verloopt binnenkort" in postbus.world.slip("herinnerd")["recipients"][0]["pickup"]["nl"])
    postbus.send("daarna")

    assert 1 == len(reminders())
    assert 1 == postbus.events(slip).count("pickup-reminded")


def test_five_wrong_codes_lock_the_package_and_the_sender_reads_so(postbus: Postbus) -> None:
    slip = postbus.send("geraden")
    link = postbus.link(slip)
    said = [seen(postbus, link, "ABCDE23456") for _ in range(5)]
    after = postbus.slip_of("geraden", "undeliverable")

    assert "vergrendeld" in said[-1]
    assert "postbus-locked" == after["recipients"][0]["code"]
    assert "package-release-failed" == postbus.events(slip)[-1]
    assert "pickup" not in after["recipients"][0]


def test_an_attack_by_fewer_guesses_than_lock_a_package_is_told_to_the_security_team(postbus: Postbus) -> None:
    slip = postbus.send("bijna-geraden")
    link = postbus.link(slip)

    def counted() -> list[int]:
        events = [
            each for each in read_events(postbus.world.site.audit_log) if slip["id"] == each.get("gateway.package.id")
        ]
        return [each["gateway.counts.wrong_codes"] for each in events if "pickup-code-wrong" == each["event.action"]]

    seen(postbus, link, "ABCDE23456")
    until(lambda: [1] == counted())
    seen(postbus, link, "ABCDE23456")
    until(lambda: [1, 2] == counted())
    assert fetched(postbus, link, code_of(slip))


def test_a_package_that_nobody_fetched_in_time_is_said_to_have_expired(postbus: Postbus) -> None:
    slip = postbus.send("verlopen")
    postbus.service.expire(postbus.parcel(slip).name)
    after = postbus.slip_of("verlopen", "undeliverable")

    assert "postbus-expired" == after["recipients"][0]["code"]
    assert not (postbus.parcel(slip) / "ciphertext").exists()


def test_what_was_begun_and_never_confirmed_is_not_said_to_be_undelivered_for_certain(postbus: Postbus) -> None:
    slip = postbus.send("begonnen")
    link, code = postbus.link(slip), code_of(slip)
    context = postbus.browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.route("**/content", lambda route: (route.fetch(), route.fulfill(body=b"x" * 21, status=206))[1])
    page.goto(link)
    page.fill("#code", code)
    page.keyboard.press("Enter")
    page.wait_for_selector("#problem:not([hidden])")
    context.close()
    postbus.service.expire(postbus.parcel(slip).name)

    assert "postbus-unconfirmed" == postbus.slip_of("begonnen", "undeliverable")["recipients"][0]["code"]


def test_the_sender_takes_a_package_back_that_nobody_opened(postbus: Postbus) -> None:
    slip = postbus.send("terug")
    link, code = postbus.link(slip), code_of(slip)
    done = sluis(postbus.world.site.root, "withdraw", slip["id"])
    after = postbus.slip_of("terug", "withdrawn")

    assert 0 == done.returncode, done.stderr
    assert "withdrawn" == after["state"]
    assert "teruggenomen" in seen(postbus, link, code)
    assert "package-withdrawn" == postbus.events(slip)[-1]


def test_what_was_fetched_is_never_said_to_be_taken_back(postbus: Postbus) -> None:
    slip = postbus.send("te-laat")
    fetched(postbus, postbus.link(slip), code_of(slip))
    done = sluis(postbus.world.site.root, "withdraw", slip["id"], "--json")

    assert 1 == done.returncode
    assert "withdrawal-too-late" == json.loads(done.stderr or done.stdout)["code"]
    assert "delivered" == postbus.slip_of("te-laat", "delivered")["recipients"][0]["state"]


def test_without_the_pick_up_service_a_package_waits_and_goes_once_it_is_back(postbus: Postbus) -> None:
    postbus.service.__exit__(None, None, None)
    try:
        wanted = manifest(channel="postbus")
        postbus.world.drop("wachten", {"package.json": wanted})
        waiting = until(lambda: [each for each in postbus.world.slips("wachten") if each["recipients"][0]["code"]])[0]
    finally:
        postbus.service.__enter__()

    assert ("waiting", "postbus-unreachable") == tuple(waiting["recipients"][0][each] for each in ("state", "code"))
    assert "sent" == postbus.world.slip("wachten", "done")["recipients"][0]["state"]


def test_a_check_of_the_site_finds_the_pick_up_service_and_misses_it_with_another_token(postbus: Postbus) -> None:
    token = postbus.world.site.root / "secrets" / "postbus.token"
    well = sluis(postbus.world.site.root, "check", "--json").stdout
    token.write_text("een-ander-token", encoding="utf-8")
    try:
        ill = sluis(postbus.world.site.root, "check", "--json").stdout
    finally:
        token.write_text(TOKEN, encoding="utf-8")

    assert "postbus-not-admitted" not in well
    assert "postbus-not-admitted" in ill


def test_no_canary_no_key_and_no_code_is_on_the_services_disk_or_in_any_log(postbus: Postbus) -> None:
    canary = make_canary(random.SystemRandom())
    slip = postbus.send("kanarie", data={"name": "Amina Yusuf", "town": canary["name"]})
    link, code = postbus.link(slip), code_of(slip)
    fragment = link.partition("#")[2]
    secret = base64.urlsafe_b64decode(fragment)[:32]
    postbus.slip_of("kanarie", "sent")
    fetched(postbus, link, code)
    postbus.slip_of("kanarie", "delivered")
    site = postbus.world.site
    logs = b"".join(each.read_bytes() for folder in (site.audit_log, site.root / "log") for each in folder.glob("*"))
    looked = {"pick-up": postbus.service.on_disk(), "logs": logs}

    for place, content in looked.items():
        assert set() == Search({"name": canary["name"]}).of(content), place
        for hidden in (secret, secret.hex().encode(), fragment.encode(), code.encode(), code.replace("-", "").encode()):
            assert hidden not in content, place
    assert code.replace("-", "").encode() not in b"".join(each.read_bytes() for each in site.spool.glob("*.db*"))
