"""A mail was taken by the mail server, and later a report comes back: the slip and the log say what became of it."""

import email
import re
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.audit.reading import read_events
from tests.scenarios.world import World, manifest, new_world, until
from tests.unit.deliver.test_delivery_notices import report


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with new_world() as made:
        for name in ("new", "cur", "tmp"):
            (made.site.root / "terug" / name).mkdir(parents=True)
        made.set("mail", bounces={"maildir": "terug", "lookSeconds": 0.2})
        made.start()
        yield made
        made.stop()


def _sent(world: World, name: str) -> tuple[dict[str, Any], str, str]:
    """Drop a package; give its slip, its mail's name and its recipient once it is sent."""
    known = len(world.mail.messages())
    world.drop(name, {"package.json": manifest()})
    slip = world.slip(name, "done")
    mail = world.mail.messages()[known]
    found = re.search(r"<(.+)>", str(email.message_from_bytes(mail.content)["Message-ID"]))
    assert found is not None
    return slip, found[1], mail.recipients[0]


def _report(world: World, name: str, *, to: str, action: str) -> None:
    """Put into the maildir what a mail server reports."""
    content = report(
        about=f"Reporting-MTA: dns; mx.ngo.example\nOriginal-Envelope-Id: {name}\n",
        recipients=f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: 5.1.1\n",
    )
    (world.site.root / "terug" / "new" / f"{name}.{action}").write_bytes(content)


def _put_away(world: World, name: str, action: str) -> bool:
    return (world.site.root / "terug" / "cur" / f"{name}.{action}:2,S").exists()


def _state(world: World, name: str) -> tuple[str, str]:
    recipient = world.slips(name)[0]["recipients"][0]
    return recipient["state"], recipient["code"]


def test_a_mail_that_comes_back_makes_its_delivery_undeliverable_and_the_slip_says_what_to_do(world: World) -> None:
    slip, name, address = _sent(world, "kwam-terug")
    assert ("sent", "") == _state(world, "kwam-terug")

    _report(world, name, to=address, action="failed")

    until(lambda: _state(world, "kwam-terug") == ("undeliverable", "mail-bounced"))
    events = [each for each in read_events(world.site.audit_log) if each.get("gateway.package.id") == slip["id"]]
    assert "package-release-failed" == events[-1]["event.action"]
    text = next(world.outbox.glob("*/kwam-terug.*.txt")).read_text(encoding="utf-8-sig")
    assert "kwam terug" in text
    assert _put_away(world, name, "failed")


def test_a_report_that_it_arrived_is_a_receipt(world: World) -> None:
    _, name, address = _sent(world, "kwam-aan")

    _report(world, name, to=address.upper(), action="delivered")

    until(lambda: _state(world, "kwam-aan") == ("delivered", ""))


def test_an_attack_with_a_forged_report_changes_nothing_and_is_put_away(world: World) -> None:
    _, name, address = _sent(world, "nagemaakt")

    _report(world, name, to="iemand@anders.example", action="failed")
    _report(world, "0" * 40 + name[40:], to=address, action="failed")

    until(lambda: _put_away(world, name, "failed") and _put_away(world, "0" * 40 + name[40:], "failed"))
    assert ("sent", "") == _state(world, "nagemaakt")


def test_a_second_report_on_the_same_mail_changes_nothing_any_more(world: World) -> None:
    _, name, address = _sent(world, "twee-keer")
    _report(world, name, to=address, action="delivered")
    until(lambda: _state(world, "twee-keer") == ("delivered", ""))

    _report(world, name, to=address, action="failed")

    until(lambda: _put_away(world, name, "failed"))
    assert ("delivered", "") == _state(world, "twee-keer")
