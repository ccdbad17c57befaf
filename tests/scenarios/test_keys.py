"""A recipient's new key, on a real service with real gpg: brought by one, trusted by another, the old one retired."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from gateway.audit.reading import read_events
from gateway.bootstrap.settings import ZONE
from gateway.entrypoints.demo.opening import open_drop, open_mail
from gateway.package.ids import Fingerprint
from gateway.seal.key_description import in_groups
from gateway.seal.keyring import (
    create_home,
    create_recipient_key,
    export_public,
    import_pinned,
    secret_keys,
    stop_agent,
)
from tests.integration.seal.homes import run
from tests.scenarios.test_four_eyes import approve_what_lies_there, pinned, sluis
from tests.scenarios.test_the_whole_way import mail_of
from tests.scenarios.world import GUARDIAN, MUNICIPALITY, World, manifest, until

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


def test_a_new_key_is_brought_by_one_trusted_by_another_and_the_old_one_retired_by_two(
    world: World, home: Path
) -> None:
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
    with pytest.raises(Exception, match=r"gpg|secret|open"):
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


# ---- A test of a recipient, the own key, and secret keys that lie about ----------------------------------------------


@pytest.fixture
def plain(quiet_world: World) -> World:
    """A site on which one person is enough."""
    quiet_world.start()
    return quiet_world


def test_a_test_is_sealed_and_sent_as_a_package_and_holds_nothing_about_anybody(plain: World) -> None:
    left, said = sluis(plain, "recipients", "test", MUNICIPALITY, person=BRINGS)
    mail = plain.mail.messages()[-1]
    opened = open_mail(mail.content, home=plain.home(MUNICIPALITY))

    assert (0, "secure-mail", "sent") == (left, said["channel"], said["outcome"])
    assert (["letter.txt"], True) == (list(opened.parts), opened.good_signature)
    assert said["reference"] in opened.parts["letter.txt"].decode()
    assert said["reference"] in opened.subject
    assert own_key(plain) in opened.parts["letter.txt"].decode()
    assert said["reference"].encode() not in mail.content

    left, said = sluis(plain, "recipients", "test", GUARDIAN, person=BRINGS)
    file = next((plain.site.drop / GUARDIAN).glob("*.tar.pgp"))
    dropped = open_drop(file, home=plain.home(GUARDIAN))
    assert (0, "file-drop", ["letter.txt"], True) == (
        left,
        said["channel"],
        list(dropped.parts),
        dropped.good_signature,
    )

    assert (1, "channel-unavailable") == _code(sluis(plain, "recipients", "test", "ind-voorbeeld", person=BRINGS))
    assert (1, "recipient-unknown") == _code(sluis(plain, "recipients", "test", "niemand", person=BRINGS))
    assert (1, "not-permitted") == _code(sluis(plain, "recipients", "test", MUNICIPALITY, person="medewerker"))
    events = [each for each in read_events(plain.site.audit_log) if str(each["event.action"]).startswith("recipient-")]
    assert [("recipient-test-started", "unknown"), ("recipient-tested", "success")] * 2 == [
        (each["event.action"], each["event.outcome"]) for each in events
    ]


def test_a_test_that_the_mail_server_does_not_take_is_told_and_tried_once(plain: World) -> None:
    plain.mail.stop()
    left, said = sluis(plain, "recipients", "test", MUNICIPALITY, person=BRINGS)
    events = [each for each in read_events(plain.site.audit_log) if each["event.action"] == "recipient-tested"]

    assert (1, "transient", "mail-unreachable") == (left, said["outcome"], said["code"])
    assert [("failure", ["mail-unreachable"])] == [(each["event.outcome"], each["error.code"]) for each in events]


def test_another_signing_key_follows_with_a_statement_that_the_old_one_has_signed(quiet_world: World) -> None:
    world = quiet_world
    world.set(None, environment="test", testClock={"aheadSeconds": 0.0})
    world.start()
    old, tomorrow = own_key(world), dt.datetime.now(ZONE).date() + dt.timedelta(days=1)
    assert (1, "not-permitted") == _code(sluis(world, "keys", "rotate", person=TRUSTS))
    assert (1, "request-invalid") == _code(sluis(world, "keys", "rotate", "--from", "2020-01-01", person=BRINGS))
    started, rotation = sluis(world, "keys", "rotate", "--from", tomorrow.isoformat(), person=BRINGS)
    new, home = rotation["after"], world.home(MUNICIPALITY)
    statement = world.site.keys / f"{new}.rotation.txt"
    verified = gpg(home, "--status-fd", "1", "--verify", f"{statement}.sig", str(statement))
    assert (0, old) == (started, rotation["before"])
    assert f"VALIDSIG {old}" in verified
    assert in_groups(new) in statement.read_text(encoding="utf-8")
    assert (1, "rotation-under-way") == _code(sluis(world, "keys", "rotate", person=BRINGS))
    assert (1, "rotation-under-way") == _code(sluis(world, "keys", "rotate", "--finish", person=BRINGS))
    assert old == sluis(world, "recipients", "test", MUNICIPALITY, person=BRINGS)[1]["signedBy"]

    world.stop()
    world.set("testClock", aheadSeconds=2 * 86400.0)
    world.start()
    gpg(home, "--import", str(world.site.keys / f"{new}.asc"))
    assert new == sluis(world, "recipients", "test", MUNICIPALITY, person=BRINGS)[1]["signedBy"]
    world.drop_file("een.json", manifest())
    assert open_mail(mail_of(world, world.slip("een.json", "done")["id"]), home=home).good_signature
    finished, done = sluis(world, "keys", "rotate", "--finish", person=BRINGS)
    assert (0, True, new) == (finished, done["done"], own_key(world))
    world.stop()

    world.start()
    assert {new} == secret_keys(world.site.gnupg)
    assert old in gpg(world.site.gnupg, "--with-colons", "--list-keys")
    checks = {each["name"]: each["code"] for each in sluis(world, "check")[1]["checks"]}
    assert ("", "") == (checks["signing key"], checks["public keys only"])
    assert ["signing-key-rotated"] * 2 == [each for each in told(world) if each == "signing-key-rotated"]


def gpg(home: Path, *arguments: str) -> str:
    return run(home, *arguments).decode()


@pytest.mark.parametrize("place", ["keys", "gnupg"])
def test_a_secret_key_of_a_recipient_on_the_site_keeps_the_service_from_starting(
    quiet_world: World, place: str
) -> None:
    world = quiet_world
    secret = run(world.home(MUNICIPALITY), "--armor", "--export-secret-keys")
    if place == "keys":
        (world.site.keys / "geheim.asc").write_bytes(secret)
    else:
        run(world.site.gnupg, "--import", stdin=secret)
    checks = {each["name"]: each["code"] for each in sluis(world, "check")[1]["checks"]}

    assert "key-secret-refused" == checks["public keys only"]
    assert (1, "key-secret-refused") == _code(sluis(world, "run"))
    assert (1, "key-secret-refused") == (*_first(sluis(world, "keys", "check")),)


def _first(ran: tuple[int, Any]) -> tuple[int, str]:
    return ran[0], ran[1]["checks"][0]["code"]


def test_the_end_of_keys_is_told_ahead_in_log_status_and_check_with_who_has_to_act(quiet_world: World) -> None:
    world = quiet_world
    world.set(None, environment="test", testClock={"aheadSeconds": 705 * 86400.0})
    world.start()
    notices = until(lambda: sluis(world, "status")[1]["notices"])
    lines = [orjson.loads(line) for line in world.site.service_log.read_bytes().splitlines()]
    told_of = [line for line in lines if line["event.action"] == "key-expires-soon"]
    exit_code, checked = sluis(world, "keys", "check")
    keys = {own_key(world), *(pinned(world, path.stem) for path in world.site.recipients.glob("*.yaml"))}

    assert {"key-expires-soon"} == {each["code"] for each in notices}
    assert keys == {each["gateway.key.fingerprint"] for each in told_of}
    assert (len(keys), {"warning"}) == (len(told_of), {each["log.level"] for each in told_of})
    assert all(0 < each["gateway.days"] <= 30 for each in told_of)
    assert (0, {"key-expires-soon"}) == (exit_code, {each["code"] for each in checked["warnings"]})
    assert {"beheer (administrator)", "privacy-1 (privacy-officer)"} <= set(checked["people"])


def test_status_no_longer_warns_of_a_key_as_soon_as_its_renewal_is_brought(quiet_world: World) -> None:
    world, key = quiet_world, pinned(quiet_world, MUNICIPALITY)
    world.set(None, environment="test", testClock={"aheadSeconds": 705 * 86400.0})
    world.start()
    until(lambda: _warned_of(world, key))
    run(world.home(MUNICIPALITY), "--quick-set-expire", key, "5y")
    run(world.home(MUNICIPALITY), "--quick-set-expire", key, "5y", "*")
    brought, _ = bring(world, file_of(world, world.home(MUNICIPALITY), Fingerprint(key)))

    assert (0, False) == (brought, _warned_of(world, key))


def _warned_of(world: World, key: str) -> bool:
    return any(key in each["where"] for each in sluis(world, "status")[1]["notices"])
