"""The code of a parcel at the postbus goes as a text message where the register has a telephone, once."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import trustme
import yaml

from gateway.audit.reading import read_events
from tests.integration.deliver.text_server import TextServer, text_server
from tests.integration.pickup.running import TOKEN, RunningPickup
from tests.scenarios.world import MUNICIPALITY, World, manifest, new_world, until

NUMBER = "+31612345678"


def _code_in(text: str) -> str:
    found = re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", text)
    assert found is not None
    return found[0]


@dataclass
class Texted:
    """A site with a pick-up service, and the gateway for text messages."""

    world: World
    texts: TextServer

    def send(self, name: str) -> dict[str, Any]:
        self.world.drop(name, {"package.json": manifest(channel="postbus")})
        return self.world.slip(name, "done")

    def told(self, name: str) -> str:
        """Give what the sender's slip says."""
        path = next(self.world.outbox.glob(f"*/{name}.*.txt"), None)
        return path.read_text(encoding="utf-8-sig") if path else ""

    def code(self, name: str) -> str:
        return _code_in(self.told(name))

    def outcomes(self, package: str) -> list[str]:
        events = read_events(self.world.site.audit_log)
        ours = [each for each in events if each.get("gateway.package.id") == package]
        return [each["event.outcome"] for each in ours if each["event.action"] == "pickup-code-texted"]


@pytest.fixture(scope="module")
def texted() -> Iterator[Texted]:
    authority = trustme.CA()
    with (
        new_world() as world,
        RunningPickup(world.site.root.parent / "pickup") as service,
        text_server(authority) as texts,
    ):
        for name, secret in {"postbus.token": TOKEN, "sms.token": "geheim-token"}.items():
            path = world.site.secrets / name
            path.write_text(secret + "\n", encoding="utf-8")
            path.chmod(0o600)
        shutil.copy(service.ca_file, world.site.root / "postbus-ca.pem")
        authority.cert_pem.write_to_path(world.site.root / "sms-ca.pem")
        world.set(
            "postbus",
            url=service.public,
            pushUrl=service.push,
            caFile="postbus-ca.pem",
            tokenFile="secrets/postbus.token",
        )
        world.set(
            "sms", url=texts.url, caFile="sms-ca.pem", tokenFile="secrets/sms.token", sender="DTenV", lookSeconds=0.3
        )
        path = world.site.recipients / f"{MUNICIPALITY}.yaml"
        entry = yaml.safe_load(path.read_text(encoding="utf-8"))
        entry["channels"].append(
            {"channel": "postbus", "address": "postbus@gemeente.example", "keys": [], "sms": NUMBER}
        )
        path.write_text(yaml.safe_dump(entry), encoding="utf-8")
        world.start()
        yield Texted(world, texts)
        world.stop()


def test_the_code_goes_as_a_text_message_without_the_link_and_the_slip_says_so(texted: Texted) -> None:
    slip = texted.send("met-sms")

    until(lambda: "per sms" in texted.told("met-sms"))
    message = texted.texts.asked[-1]
    code = texted.code("met-sms")
    assert (NUMBER, "DTenV") == (message["to"], message["from"])
    assert code in message["text"]
    assert "http" not in message["text"]
    assert 160 >= len(message["text"])
    assert "Bel de ontvanger en lees" not in texted.told("met-sms")
    mails = b"".join(each.content for each in texted.world.mail.messages())
    assert code.encode() not in mails
    assert ["unknown", "success"] == texted.outcomes(slip["id"])


@pytest.mark.parametrize("fault", ["status", "hangs"])
def test_a_code_that_did_not_go_for_certain_is_for_the_sender_to_read_out_and_goes_no_second_time(
    fault: str, texted: Texted
) -> None:
    before, name = len(texted.texts.asked), f"zonder-{fault}"
    if fault == "status":
        texted.texts.status = 500
    else:
        texted.world.stop()
        texted.world.set("sms", timeoutSeconds=0.5)
        texted.world.start()
        texted.texts.over.clear()
        texted.texts.hangs = True
    try:
        slip = texted.send(name)
        until(lambda: texted.outcomes(slip["id"]) == ["unknown", "failure"])
        until(lambda: "misschien niet" in texted.told(name))
        assert texted.code(name) == _code_in(texted.texts.asked[-1]["text"])
        assert before + 1 == len(texted.texts.asked)
    finally:
        texted.texts.status, texted.texts.hangs = 202, False
        texted.texts.over.set()


def test_after_a_crash_between_the_intent_and_the_answer_the_code_goes_no_second_time(texted: Texted) -> None:
    before = len(texted.texts.asked)
    texted.world.stop()
    texted.world.set("sms", timeoutSeconds=60)
    texted.world.start()
    texted.texts.over.clear()
    texted.texts.hangs = True
    try:
        slip = texted.send("gecrasht")
        until(lambda: len(texted.texts.asked) == before + 1)
        texted.world.kill()
    finally:
        texted.texts.over.set()
        texted.texts.hangs = False
    texted.world.start()

    until(lambda: texted.outcomes(slip["id"]) == ["unknown", "failure"])
    until(lambda: "misschien niet" in texted.told("gecrasht"))
    assert before + 1 == len(texted.texts.asked)


def test_neither_code_nor_number_nor_token_is_in_any_log(texted: Texted) -> None:
    codes = [_code_in(each["text"]) for each in texted.texts.asked]
    assert codes
    site = texted.world.site
    logs = [site.service_log, *site.audit_log.rglob("*.jsonl")]
    for path in logs:
        text = path.read_text(encoding="utf-8")
        assert not [each for each in (*codes, NUMBER, "geheim-token") if each in text]
