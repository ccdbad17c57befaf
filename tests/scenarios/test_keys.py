"""A recipient's new key, on a real service with real gpg: brought by one, trusted by another, the old one retired."""

import base64
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.audit.reading import read_events
from gateway.entrypoints.demo.opening import open_mail
from gateway.package.ids import Fingerprint
from gateway.seal.keyring import create_home, create_recipient_key, export_public, import_pinned, stop_agent
from tests.integration.seal.homes import quick_key, revoke
from tests.scenarios.test_four_eyes import approve_what_lies_there, mail_of, pinned, sluis
from tests.scenarios.test_reviews import as_person
from tests.scenarios.world import MUNICIPALITY, World, manifest

BRINGS, TRUSTS, OTHER_OFFICER = "beheer", "privacy-1", "privacy-2"
SOURCE, HOW = "brief van de gemeente van 20 november", "telefonisch, mevrouw Jansen las voor"


@pytest.fixture
def world(quiet_world: World) -> World:
    quiet_world.set("policy", reloadSeconds=0.1)
    quiet_world.set(None, fourEyes=True)
    quiet_world.start()
    approve_what_lies_there(quiet_world)
    return quiet_world


@pytest.fixture
def home(world: World) -> Iterator[Path]:
    """The municipality's own GnuPG home, in which a new key is drawn."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="sk") as folder:
        made = Path(folder) / "g"
        create_home(made)
        import_pinned(made, (world.site.keys / f"{own_key(world)}.asc").read_bytes(), expected=own_key(world))
        try:
            yield made
        finally:
            stop_agent(made)


def own_key(world: World) -> Fingerprint:
    return Fingerprint(yaml.safe_load(world.site.settings.read_text(encoding="utf-8"))["seal"]["signingKey"])


def file_of(world: World, home: Path, *keys: Fingerprint) -> str:
    path = world.site.root.parent / f"{keys[0]}.asc"
    path.write_bytes(b"".join(export_public(home, key) for key in keys))
    return str(path)


def bring(world: World, file: str, *more: str, recipient: str = MUNICIPALITY, by: str = BRINGS) -> tuple[int, Any]:
    return sluis(world, "keys", "import", file, "--recipient", recipient, "--source", SOURCE, *more, person=by)


def trust(world: World, key: str, *, by: str = TRUSTS) -> tuple[int, Any]:
    return sluis(world, "keys", "trust", key, "--recipient", MUNICIPALITY, "--how", HOW, person=by)


def retire(world: World, key: str, *more: str, by: str) -> tuple[int, Any]:
    return sluis(world, "keys", "retire", key, "--recipient", MUNICIPALITY, *more, person=by)


def new_key(home: Path, *, name: str = "Gemeente") -> Fingerprint:
    return create_recipient_key(home, name=name, email="openbareorde@gemeente-voorbeeld.example")


def entry(world: World) -> str:
    return (world.site.recipients / f"{MUNICIPALITY}.yaml").read_text(encoding="utf-8")


def record(world: World) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((world.site.keys / f"{MUNICIPALITY}.yaml").read_text(encoding="utf-8"))
    return found


def told(world: World) -> list[str]:
    return [str(each["event.action"]) for each in read_events(world.site.audit_log)]


def test_a_new_key_is_brought_by_one_trusted_by_another_and_the_old_one_retired_by_two(world: World, home: Path) -> None:
    old, new, before = pinned(world, MUNICIPALITY), new_key(home), entry(world)

    brought, body = bring(world, file_of(world, home, new))
    assert (0, "proposed", [], "trust") == (brought, body["state"], body["channels"], body["waitsFor"])
    assert before == entry(world)
    world.drop_file("een.json", manifest())
    world.slip("een.json", "done")
    assert (0, "trusted", ["secure-mail"]) == (*_stands(trust(world, new)),)

    world.drop_file("twee.json", manifest())
    mail = mail_of(world, world.slip("twee.json", "done")["id"])
    assert "data.json" in open_mail(mail, home=home).parts
    assert "data.json" in open_mail(mail, home=world.home(MUNICIPALITY)).parts
    assert [line for line in entry(world).splitlines() if "keys:" not in line] == [
        line for line in before.splitlines() if "keys:" not in line
    ]

    assert (3, "retire") == _waits(retire(world, old, by=BRINGS))
    assert (0, "retired", []) == (*_stands(retire(world, old, by=OTHER_OFFICER)),)
    world.drop_file("drie.json", manifest())
    mail = mail_of(world, world.slip("drie.json", "done")["id"])
    assert "data.json" in open_mail(mail, home=home).parts
    with pytest.raises(Exception, match="gpg|secret|open"):
        open_mail(mail, home=world.home(MUNICIPALITY))

    events = [each for each in read_events(world.site.audit_log) if "gateway.key.fingerprint" in each]
    assert ["key-proposed", "key-trusted", "key-retirement-proposed", "key-retired"] == [
        each["event.action"] for each in events
    ]
    assert [BRINGS, TRUSTS, BRINGS, OTHER_OFFICER] == [each["user.id"] for each in events]
    assert [None, BRINGS, None, BRINGS] == [each.get("gateway.policy.proposer") for each in events]
    assert {new: "trusted", old: "retired"} == {each["fingerprint"]: each["state"] for each in record(world)["keys"]}
    assert 3 == told(world).count("policy-approved")


def _stands(ran: tuple[int, Any]) -> tuple[int, str, list[str]]:
    return ran[0], ran[1]["state"], ran[1]["channels"]


def _waits(ran: tuple[int, Any]) -> tuple[int, str]:
    return ran[0], ran[1]["waitsFor"]


def _code(ran: tuple[int, Any]) -> tuple[int, str]:
    return ran[0], ran[1]["code"]
