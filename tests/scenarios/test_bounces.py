"""A mail was taken by the mail server, and later a report comes back: the slip and the log say what became of it."""

import email
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from gateway.audit.reading import read_events
from tests.integration.deliver.dovecot import PASSWORD, USER, Dovecot
from tests.scenarios.world import World, manifest, new_world, until
from tests.unit.deliver.test_delivery_notices import report


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Where letters come back to: how one is put there, and how many were put away."""

    world: World
    put: Callable[[bytes], None]
    put_away: Callable[[], int]


@contextmanager
def _maildir() -> Iterator[Back]:
    with new_world() as made:
        folder = made.site.root / "terug"
        for name in ("new", "cur", "tmp"):
            (folder / name).mkdir(parents=True)
        made.set("mail", bounces={"maildir": "terug", "lookSeconds": 0.2})

        def put(letter: bytes) -> None:
            (folder / "new" / f"{time.monotonic_ns()}.host").write_bytes(letter)

        yield Back(world=made, put=put, put_away=lambda: len(list((folder / "cur").iterdir())))


@contextmanager
def _imap() -> Iterator[Back]:
    authority = trustme.CA()
    home = tempfile.TemporaryDirectory(dir="/tmp", prefix="sd")
    with new_world() as made, home as folder, Dovecot(Path(folder), authority).running() as server:
        for name in ("Terug", "Gelezen"):
            server.make_anew(name)
        authority.cert_pem.write_to_path(made.site.root / "imap-ca.pem")
        password = made.site.root / "secrets" / "imap"
        password.write_text(f"{PASSWORD}\n")
        password.chmod(0o600)
        box = {
            "host": "127.0.0.1",
            "port": server.imaps,
            "caFile": "imap-ca.pem",
            "user": USER,
            "passwordFile": "secrets/imap",
            "folder": "Terug",
            "moveTo": "Gelezen",
        }
        made.set("mail", bounces={"imap": box, "lookSeconds": 0.2})
        yield Back(
            world=made,
            put=lambda letter: server.put(letter, folder="Terug"),
            put_away=lambda: server.letters("Gelezen"),
        )


@pytest.fixture(scope="module", params=[_maildir, _imap], ids=["maildir", "imap"])
def back(request: pytest.FixtureRequest) -> Iterator[Back]:
    with request.param() as made:
        made.world.start()
        yield made
        made.world.stop()


@pytest.fixture
def world(back: Back) -> World:
    return back.world


def _sent(world: World, name: str) -> tuple[dict[str, Any], str, str]:
    """Drop a package; give its slip, its mail's name and its recipient once it is sent."""
    known = len(world.mail.messages())
    world.drop(name, {"package.json": manifest()})
    slip = world.slip(name, "done")
    mail = world.mail.messages()[known]
    found = re.search(r"<(.+)>", str(email.message_from_bytes(mail.content)["Message-ID"]))
    assert found is not None
    return slip, found[1], mail.recipients[0]


def _report(back: Back, name: str, *, to: str, action: str) -> None:
    """Put into the box what a mail server reports."""
    content = report(
        about=f"Reporting-MTA: dns; mx.ngo.example\nOriginal-Envelope-Id: {name}\n",
        recipients=f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: 5.1.1\n",
    )
    back.put(content)


def _state(world: World, name: str) -> tuple[str, str]:
    recipient = world.slips(name)[0]["recipients"][0]
    return recipient["state"], recipient["code"]


def test_a_mail_that_comes_back_makes_its_delivery_undeliverable_and_the_slip_says_what_to_do(
    back: Back, world: World
) -> None:
    slip, name, address = _sent(world, "kwam-terug")
    assert ("sent", "") == _state(world, "kwam-terug")
    away = back.put_away()

    _report(back, name, to=address, action="failed")

    until(lambda: _state(world, "kwam-terug") == ("undeliverable", "mail-bounced"))
    events = [each for each in read_events(world.site.audit_log) if each.get("gateway.package.id") == slip["id"]]
    assert "package-release-failed" == events[-1]["event.action"]
    text = next(world.outbox.glob("*/kwam-terug.*.txt")).read_text(encoding="utf-8-sig")
    assert "kwam terug" in text
    until(lambda: back.put_away() > away)


def test_a_report_that_it_arrived_is_a_receipt(back: Back, world: World) -> None:
    _, name, address = _sent(world, "kwam-aan")

    _report(back, name, to=address.upper(), action="delivered")

    until(lambda: _state(world, "kwam-aan") == ("delivered", ""))


def test_an_attack_with_a_forged_report_changes_nothing_and_is_put_away(back: Back, world: World) -> None:
    _, name, address = _sent(world, "nagemaakt")
    away = back.put_away()

    _report(back, name, to="iemand@anders.example", action="failed")
    _report(back, "0" * 40 + name[40:], to=address, action="failed")

    until(lambda: back.put_away() == away + 2)
    assert ("sent", "") == _state(world, "nagemaakt")


def test_a_second_report_on_the_same_mail_changes_nothing_any_more(back: Back, world: World) -> None:
    _, name, address = _sent(world, "twee-keer")
    _report(back, name, to=address, action="delivered")
    until(lambda: _state(world, "twee-keer") == ("delivered", ""))
    away = back.put_away()

    _report(back, name, to=address, action="failed")

    until(lambda: back.put_away() > away)
    assert ("delivered", "") == _state(world, "twee-keer")


def test_a_letter_that_is_no_report_changes_nothing_and_is_put_away(back: Back, world: World) -> None:
    away = back.put_away()

    back.put(b"Subject: Afwezig\r\n\r\nIk ben er niet.\r\n")

    until(lambda: back.put_away() > away)


def test_a_mailbox_that_can_not_be_reached_is_told_once_and_letters_wait_for_it() -> None:
    with _imap() as back:
        world = back.world
        (world.site.root / "secrets" / "imap").write_text("tralaliere\n")
        world.start()
        told = until(lambda: _told(world))
        # Some looks more.
        time.sleep(1.5)
        assert told == _told(world)
        world.stop()

        assert [{"code": "bounces-login-refused", "where": "mail.bounces.imap"}] == told
        lines = [json.loads(line) for line in world.site.service_log.read_text().splitlines()]
        assert 1 == sum(each["event.action"] == "bounces-not-looked-at" for each in lines)
        assert "tralaliere" not in world.site.service_log.read_text()


def _told(world: World) -> list[dict[str, str]]:
    with world.client() as client:
        notices = client.get("/health/ready").json()["notices"]
    return [each for each in notices if each["code"].startswith("bounces-")]
