"""A package for the Bestandenpostbus of Justid: sealed, laid ready for a person, and sent when that person says so."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.entrypoints.demo.opening import open_drop
from tests.scenarios.world import GUARDIAN, World, guardian_manifest, new_world, until

_NAME = "Samuel Tesfay"
_FOLDERS = (".klaarzetten", "1-Uploaden", "2-Verzonden")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Make a site whose guardian is reached by the Bestandenpostbus; another attempt comes after an hour only."""
    with new_world() as made:
        for name in _FOLDERS:
            (made.site.root / "justid" / name).mkdir(parents=True)
        entry = made.site.recipients / f"{GUARDIAN}.yaml"
        text = entry.read_text(encoding="utf-8")
        address = "bestandenpostbus:loket@nidos.example"
        entry.write_text(text.replace(f"address: {GUARDIAN}", f"address: {address}"), encoding="utf-8")
        people = made.site.people.read_text(encoding="utf-8")
        made.site.people.write_text(
            people.replace("{id: medewerker,", "{id: medewerker, email: medewerker@afzender.example,"), encoding="utf-8"
        )
        made.set("bestandenpostbus", folder="justid", lookSeconds=0.2, remindSeconds=3600)
        made.set("retry", firstSeconds=3600, maxSeconds=3600)
        made.start()
        yield made
        made.stop()


def _ready(world: World, package: str) -> Path:
    return world.site.root / "justid" / "1-Uploaden" / f"{package}.{GUARDIAN}"


def _laid_ready(world: World, name: str) -> dict[str, Any]:
    world.drop(name, {"package.json": guardian_manifest()})
    slip = world.slip(name, "releasing")
    until(lambda: _of(world, name) == ("waiting", "upload-waits"))
    until(lambda: _ready(world, slip["id"]).is_dir())
    return slip


def _of(world: World, name: str) -> tuple[str, str]:
    recipient = world.slips(name)[0]["recipients"][0]
    return recipient["state"], recipient["code"]


def _withdraw(world: World, package: str) -> int:
    with world.client() as client:
        return client.post(f"/v1/packages/{package}/withdrawal").status_code


def test_it_waits_for_a_person_and_is_sent_when_its_folder_was_moved(world: World) -> None:
    slip = _laid_ready(world, "naar-justid")
    folder = _ready(world, slip["id"])

    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    assert _NAME.encode() not in everything
    assert "loket@nidos.example" in (folder / "LEES-MIJ.txt").read_text(encoding="utf-8-sig")
    text = next(world.outbox.glob("*/naar-justid.*.txt")).read_text(encoding="utf-8-sig")
    assert "2-Verzonden" in text
    opened = open_drop(next(folder.glob("*.tar.pgp")), home=world.home(GUARDIAN))
    assert opened.good_signature
    assert _NAME.encode() in opened.parts["data.json"]

    shutil.move(folder, world.site.root / "justid" / "2-Verzonden")

    until(lambda: _of(world, "naar-justid") == ("sent", ""))
    assert "done" == world.slips("naar-justid")[0]["state"]


def test_what_is_withdrawn_is_taken_out_of_the_folder(world: World) -> None:
    slip = _laid_ready(world, "teruggehaald")

    assert 200 == _withdraw(world, slip["id"])

    assert not _ready(world, slip["id"]).exists()
    until(lambda: world.slips("teruggehaald")[0]["state"] == "withdrawn")
    left = [path.name for name in _FOLDERS for path in (world.site.root / "justid" / name).iterdir()]
    assert not [each for each in left if each.startswith(slip["id"])]


def test_what_a_person_says_went_can_not_be_withdrawn(world: World) -> None:
    slip = _laid_ready(world, "te-laat")
    shutil.move(_ready(world, slip["id"]), world.site.root / "justid" / "2-Verzonden")

    assert 409 == _withdraw(world, slip["id"])

    until(lambda: _of(world, "te-laat") == ("sent", ""))


def test_what_lies_long_is_told_its_sender_by_mail_and_the_administrator_by_status(world: World) -> None:
    slip = _laid_ready(world, "blijft-liggen")
    with world.client() as client:
        notices = client.get("/health/ready").json()["notices"]
    assert "upload-waits" in {each["code"] for each in notices}
    world.stop()
    world.set("bestandenpostbus", remindSeconds=0.5)
    world.start()
    try:
        until((_ready(world, slip["id"]) / "HERINNERING.txt").exists)
        told = until(
            lambda: [each for each in world.mail.messages() if "medewerker@afzender.example" in each.recipients]
        )
        assert slip["id"][-8:].encode() in told[0].content
        assert _NAME.encode() not in told[0].content
    finally:
        world.stop()
        world.set("bestandenpostbus", remindSeconds=3600)
        world.start()


def test_what_nobody_uploads_in_time_is_taken_back_and_said_not_to_be_sent(world: World) -> None:
    world.stop()
    world.set("retry", firstSeconds=1, maxSeconds=1, giveUpAfterSeconds=2)
    world.start()
    try:
        slip = _laid_ready(world, "vergeten")
        until(lambda: _of(world, "vergeten") == ("undeliverable", "delivery-expired"))
        assert not _ready(world, slip["id"]).exists()
    finally:
        world.stop()
        world.set("retry", firstSeconds=3600, maxSeconds=3600, giveUpAfterSeconds=432000)
        world.start()
