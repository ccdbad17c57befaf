"""`sluis policy replay`: what it says and the exit code that a script reads."""

import os
import uuid
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from tests.contract.api.fake_gateway import TAMPERED, FakeGateway, caseworker
from tests.unit.cli.conftest import Sluis, write_package


@pytest.fixture
def audit_id(sluis: Sluis, gateway: FakeGateway, tmp_path: Path) -> str:
    """The id of a decision; from here on the user of the socket is of the security team."""
    made = sluis("submit", write_package(tmp_path / "pakket", documents=()), "--wait", "20", "--json")
    shown = sluis("show", made.json["id"], "--json")
    gateway.people[os.getuid()] = caseworker("b-voorbeeld", roles=("security",))
    (decided,) = shown.json["decided"]
    return str(decided["auditId"])


def test_the_same_decision_is_exit_0(sluis: Sluis, audit_id: str) -> None:
    said, shown = sluis("policy", "replay", audit_id, "--json"), sluis("policy", "replay", audit_id)

    assert (0, "sluis-policy-replay/1", True) == (said.exit_code, said.json["format"], said.json["same"])
    assert shown.out.startswith("hetzelfde besluit")
    assert "Dit mag de ontvanger hebben." in shown.out


def test_another_decision_is_exit_4_and_names_what_differs(sluis: Sluis, gateway: FakeGateway, audit_id: str) -> None:
    gateway.differences = (("gemeente-voorbeeld town", "release field.permitted", "strip minimum.not-needed"),)

    said, shown = sluis("policy", "replay", audit_id, "--json"), sluis("policy", "replay", audit_id, "--lang", "en")

    assert (4, False) == (said.exit_code, said.json["same"])
    assert (4, True) == (shown.exit_code, shown.out.startswith("not the same"))
    assert "gemeente-voorbeeld town" in shown.out


def test_an_input_that_was_tampered_with_is_exit_4_and_shows_no_decision(
    sluis: Sluis, gateway: FakeGateway, audit_id: str
) -> None:
    gateway.differences = TAMPERED

    shown = sluis("policy", "replay", audit_id)

    assert 4 == shown.exit_code
    assert "Meld dit het beveiligingsteam" in shown.out
    assert "Dit mag de ontvanger hebben." not in shown.out


def test_a_record_that_can_not_be_decrypted_is_exit_4(sluis: Sluis, gateway: FakeGateway, audit_id: str) -> None:
    gateway.failure = SluisError(Code.PAYLOAD_CORRUPT, where="record")

    said = sluis("policy", "replay", audit_id, "--json")

    assert (4, "payload-corrupt") == (said.exit_code, said.json["code"])


def test_an_id_that_nobody_knows_is_exit_1(sluis: Sluis, audit_id: str) -> None:
    said = sluis("policy", "replay", uuid.uuid4(), "--json")

    assert audit_id
    assert (1, "not-found") == (said.exit_code, said.json["code"])


def test_a_package_is_shown_with_the_ids_of_its_decisions(sluis: Sluis, tmp_path: Path) -> None:
    made = sluis("submit", write_package(tmp_path / "pakket", documents=()), "--wait", "20", "--json")

    said, shown = sluis("show", made.json["id"], "--json"), sluis("show", made.json["id"])

    assert said.json["decided"][0]["auditId"] in shown.out
