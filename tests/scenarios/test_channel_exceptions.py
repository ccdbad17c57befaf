"""A chain partner gets a package by another channel than the BVV when a second person agreed, and by that one only."""

from typing import Any

import pytest

from gateway.entrypoints.demo.opening import open_mail
from tests.scenarios.test_reviews import OFFICER, SENDER, review, state_of, submitted, told
from tests.scenarios.test_the_whole_way import mail_of
from tests.scenarios.world import World, manifest, until

PARTNER = "ind-voorbeeld"
AGREED = {"verdict": "release", "reasonCode": "channel-agreed", "text": "Met de IND afgesproken."}


@pytest.fixture
def partner_world(quiet_world: World) -> World:
    """A site whose register lists mail as an exception for a chain partner."""
    entry = quiet_world.site.recipients / f"{PARTNER}.yaml"
    before, after = entry.read_text(encoding="utf-8").split("channels:\n")
    key = after.split("keys: ")[1].split("\n")[0]
    mail = f"  - {{channel: secure-mail, address: balie@ind.example, keys: {key}}}\n"
    listed = f"{before}exceptionChannels: [secure-mail]\nchannels:\n{mail}{after}"
    entry.write_text(listed, encoding="utf-8")
    quiet_world.start()
    return quiet_world


def to_partner(**changes: Any) -> dict[str, Any]:
    return manifest(recipients=[PARTNER], purpose="return", **changes)


def test_an_agreed_exception_goes_by_mail_and_the_log_says_who_agreed_and_by_which_rule(partner_world: World) -> None:
    world = partner_world
    package = submitted(world, to_partner(channel="secure-mail"))
    waiting = submitted(world, to_partner())

    own = review(world, package, AGREED, by=SENDER)
    bvv = review(world, waiting, AGREED, by=OFFICER)
    agreed = review(world, package, AGREED, by=OFFICER)
    until(lambda: "done" == state_of(world, package))

    assert (403, "review-own-package") == (own.status_code, own.json()["code"])
    assert (409, "hold-not-releasable") == (bvv.status_code, bvv.json()["code"])
    assert 201 == agreed.status_code
    assert "data.json" in open_mail(mail_of(world, package), home=world.home(PARTNER)).parts
    decided = [each for each in told(world, package) if each["event.action"] == "package-policy-evaluated"]
    assert [["denied"], ["allowed"]] == [each["event.type"] for each in decided]
    assert [["channel.exception-review"], ["channel.exception-reviewed"]] == [each["rule.id"] for each in decided]
    assert {"secure-mail"} == {each["gateway.channel"] for each in decided}
    reviewed = next(each for each in told(world, package) if each["event.action"] == "package-reviewed")
    assert (OFFICER, "channel-agreed") == (reviewed["user.id"], reviewed["gateway.review.reason"])
    assert "held" == state_of(world, waiting)
    world.stop()
