"""A parcel at the postbus is followed as well while its package is still on its way to somebody else."""

import base64
import email
import email.policy
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.audit.reading import read_events
from gateway.package.pickup import PARCEL_ID_CHARACTERS
from gateway.seal.pickup import derive
from tests.integration.pickup.running import RunningPickup, shown
from tests.integration.seal.homes import hung
from tests.preloaded import sluis
from tests.scenarios.test_postbus import connect
from tests.scenarios.world import MUNICIPALITY, World, manifest, new_world, until

ADDRESS = "postbus@gemeente.example"
SECOND = "gemeente-tweede"
_LINK = re.compile(rf"/nl/([0-9a-f]{{{PARCEL_ID_CHARACTERS}}})#(\S+)")


@dataclass
class Beside:
    """A site with two recipients: one at the postbus, and one whose drop folder a test takes away and gives back."""

    world: World
    service: RunningPickup

    @property
    def folder(self) -> Path:
        return self.world.site.drop / SECOND

    def send(self, name: str) -> dict[str, Any]:
        """Drop a package for both; give its slip once the link has gone and the other one waits."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.world.drop(name, {"package.json": manifest(recipients=[MUNICIPALITY, SECOND], channel=None)})
        return self.slip_of(name, "sent", "waiting")

    def slip_of(self, name: str, *states: str) -> dict[str, Any]:
        """Wait until the slip says of the postbus, and of the other recipient, what a test waits for."""

        def look() -> dict[str, Any] | None:
            slips = self.world.slips(name)
            return slips[0] if slips and list(states) == _states(slips[0]) else None

        found: dict[str, Any] = until(look, otherwise=lambda: [_states(each) for each in self.world.slips(name)])
        return found

    def link(self) -> tuple[str, str]:
        """Give the parcel's id and the link's fragment out of the newest mail."""
        mails = [each for each in self.world.mail.messages() if ADDRESS in each.recipients]
        text = email.message_from_bytes(mails[-1].content, policy=email.policy.default).get_content()
        found = _LINK.search(text)
        assert found is not None
        return found[1], found[2]

    def events(self, slip: dict[str, Any]) -> list[str]:
        events = read_events(self.world.site.audit_log)
        return [each["event.action"] for each in events if each.get("gateway.package.id") == slip["id"]]


def _states(slip: dict[str, Any]) -> list[str]:
    by_id = {each["id"]: each["state"] for each in slip["recipients"]}
    return [by_id[MUNICIPALITY], by_id[SECOND]]


def _code(slip: dict[str, Any]) -> str:
    postbus = next(each for each in slip["recipients"] if each["id"] == MUNICIPALITY)
    return str(postbus["pickup"]["code"]).replace("-", "")


@pytest.fixture(scope="module")
def beside() -> Iterator[Beside]:
    with new_world() as world, RunningPickup(world.site.root.parent / "pickup") as service:
        # Sooner than it ends, so that everybody is reminded at the first look.
        connect(world, service, days=2, remindDays=3, lookSeconds=0.3)
        path = world.site.recipients / f"{MUNICIPALITY}.yaml"
        entry = yaml.safe_load(path.read_text(encoding="utf-8"))
        keys = entry["channels"][0]["keys"]
        entry["channels"] = entry["channels"][-1:]
        path.write_text(yaml.safe_dump(entry), encoding="utf-8")
        second = {"id": SECOND, "channels": [{"channel": "file-drop", "address": SECOND, "keys": keys}]}
        (world.site.recipients / f"{SECOND}.yaml").write_text(yaml.safe_dump(entry | second), encoding="utf-8")
        world.start()
        yield Beside(world, service)
        world.stop()


def test_a_receipt_and_a_reminder_come_while_another_delivery_still_waits(beside: Beside) -> None:
    slip = beside.send("beide")
    until(lambda: "pickup-reminded" in beside.events(slip))
    parcel, fragment = beside.link()
    code = _code(slip)
    secret = base64.urlsafe_b64decode(fragment)[:32].hex()
    derived = derive(secret=secret, code=code, parcel=parcel)
    headers = {**shown(derived.access, derived.link), "Sluis-Download": "a" * 32}
    with beside.service.client() as browser:
        assert 200 == browser.post(f"{beside.service.public}/parcels/{parcel}/receipt", headers=headers).status_code
    waiting = beside.slip_of("beide", "delivered", "waiting")
    beside.folder.mkdir(mode=0o700)
    done = beside.slip_of("beide", "delivered", "sent")

    assert ("releasing", "done") == (waiting["state"], done["state"])
    assert "package-collected" in beside.events(slip)
    assert 1 == beside.events(slip).count("pickup-reminded")
    assert code not in "".join(str(each) for each in (waiting, done)).replace("-", "")


def test_what_expires_is_told_while_another_delivery_still_waits(beside: Beside) -> None:
    beside.send("verlopen")
    parcel, _ = beside.link()
    beside.service.expire(parcel)
    beside.slip_of("verlopen", "undeliverable", "waiting")
    beside.folder.mkdir(mode=0o700)
    done = beside.slip_of("verlopen", "undeliverable", "sent")

    codes = {each["id"]: each["code"] for each in done["recipients"]}
    assert ("postbus-expired", "") == (codes[MUNICIPALITY], codes[SECOND] or "")


def test_a_parcel_that_nobody_opened_is_taken_back_while_another_delivery_still_waits(beside: Beside) -> None:
    slip = beside.send("terug")
    parcel, _ = beside.link()
    done = sluis(beside.world.site.root, "withdraw", slip["id"])
    after = beside.slip_of("terug", "withdrawn", "withdrawn")

    assert 0 == done.returncode, done.stderr
    assert "withdrawn" == after["state"]
    assert not (beside.service.folder / "parcels" / parcel / "ciphertext").exists()


def test_an_agent_that_hangs_holds_up_no_parcel_for_the_postbus_since_that_is_signed_by_the_key_of_link_and_code(
    beside: Beside,
) -> None:
    """Nothing is lost either way: what needs the agent waits, and goes once it answers again."""
    command = ["gpg-connect-agent", "--homedir", str(beside.world.site.gnupg), "getinfo pid", "/bye"]
    agent = int(subprocess.run(command, capture_output=True, timeout=10, check=True).stdout.split()[1])
    with hung(agent):
        beside.world.drop("stil", {"package.json": manifest(channel=None)})
        slip = beside.world.slip("stil", "done")
        parcel, _ = beside.link()
        assert (beside.service.folder / "parcels" / parcel / "ciphertext").exists()

    assert "sent" == slip["recipients"][0]["state"]
