"""Attack: hand something in while its channel is down, and let what it rests on lapse before the channel is back."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.reading import read_events
from gateway.package.ids import PackageId
from tests.scenarios.test_wrong_recipient import add_recipient
from tests.scenarios.world import GUARDIAN, World, guardian_manifest, new_world, until

DAY = 86_400
NGO_CASE = "IS-TV/2026/118"


@pytest.fixture
def world() -> Iterator[World]:
    with new_world() as made:
        made.set(None, environment="test")
        made.set("policy", reloadSeconds=0.1)
        yield made


def waiting(world: World, **changes: Any) -> tuple[Path, Path]:
    """Drop a package for the guardian while its folder is away; give where the folder is now, and where it belongs."""
    folder, aside = world.site.drop / GUARDIAN, world.site.drop / "aside"
    folder.rename(aside)
    world.start()
    world.drop_file("nidos.json", guardian_manifest(**changes))
    slip = world.slip("nidos.json", "releasing")
    assert "drop-unavailable" == slip["code"]
    world.stop()
    return aside, folder


def ended(world: World, entry: str) -> tuple[str, str, str]:
    """Wait until nothing is tried any more; give the states and the code."""
    slips = until(lambda: [each for each in world.slips(entry) if each["state"] != "releasing"])
    return slips[0]["state"], slips[0]["code"], slips[0]["recipients"][0]["state"]


def failures(world: World, entry: str) -> list[list[str]]:
    """Give the rules of each failed attempt, as the log tells them."""
    events = read_events(world.site.audit_log, package=PackageId(world.slips(entry)[0]["id"]))
    return [each.get("rule.id", []) for each in events if "package-release-failed" == each["event.action"]]


def test_attack_a_minor_turns_18_while_the_drop_folder_is_away_and_nothing_leaves(world: World) -> None:
    today = dt.datetime.now(dt.UTC).date()
    born = dt.date(today.year - 17, 1, 1) if today.month > 1 else dt.date(today.year - 18, 12, 31)
    aside, folder = waiting(world, subject={"name": "Samuel Tesfay", "dateOfBirth": born.isoformat()})

    world.set("testClock", aheadSeconds=366 * DAY)
    world.set("retry", giveUpAfterSeconds=400 * DAY)
    aside.rename(folder)
    world.start()

    assert ("done", "basis-lapsed", "undeliverable") == ended(world, "nidos.json")
    assert [] == list(folder.iterdir())
    assert ["subject.adult"] == failures(world, "nidos.json")[-1]
    assert "3-Actie nodig" == world.slips("nidos.json")[0]["folder"]


def test_what_still_holds_when_the_folder_is_back_goes_as_before(world: World) -> None:
    aside, folder = waiting(world)
    aside.rename(folder)
    world.start()

    assert ("done", "", "sent") == ended(world, "nidos.json")
    assert [] != list(folder.iterdir())


def test_attack_a_consent_is_withdrawn_while_the_mail_server_is_away_and_nothing_leaves(world: World) -> None:
    with zipfile.ZipFile(world.site.sample / "packages" / "outbox" / "vluchtelingenhulp-machtiging.zip") as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    world.set("mail", port=1)
    world.start()
    world.drop("machtiging", files)
    assert "mail-unreachable" == world.slip("machtiging", "releasing")["code"]
    world.stop()

    register = world.site.root / "registers" / "withdrawals.csv"
    register.write_text(f"caseReference,withdrawnOn\n{NGO_CASE},2026-01-01\n", encoding="utf-8")
    world.set("mail", port=world.mail.port)
    world.start()

    assert ("done", "basis-lapsed", "undeliverable") == ended(world, "machtiging")
    assert ["consent.withdrawn"] == failures(world, "machtiging")[-1]
    assert [] == list(world.mail.messages())


def test_attack_the_recipient_leaves_the_register_while_its_folder_is_away_and_nothing_leaves(world: World) -> None:
    add_recipient(world, "nidos-ander", like=GUARDIAN)
    aside, folder = waiting(world)
    (world.site.recipients / f"{GUARDIAN}.yaml").unlink()
    aside.rename(folder)
    world.start()

    assert ("done", "basis-lapsed", "undeliverable") == ended(world, "nidos.json")
    assert [] == list(folder.iterdir())


def test_a_register_of_withdrawals_that_is_away_is_waited_for_and_loses_nothing(world: World) -> None:
    with zipfile.ZipFile(world.site.sample / "packages" / "outbox" / "vluchtelingenhulp-machtiging.zip") as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    world.set("mail", port=1)
    world.start()
    world.drop("machtiging", files)
    world.slip("machtiging", "releasing")
    world.stop()

    register = world.site.root / "registers" / "withdrawals.csv"
    aside = register.rename(register.with_suffix(".away"))
    world.set("mail", port=world.mail.port)
    world.start()
    until(lambda: "register-unreachable" == world.slips("machtiging")[0]["code"])
    assert [] == list(world.mail.messages())
    aside.rename(register)

    assert ("done", "", "sent") == ended(world, "machtiging")
    assert 1 == len(list(world.mail.messages()))
