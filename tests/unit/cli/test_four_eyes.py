"""`sluis policy status|diff|propose|approve`, with the exit code that a script reads."""

import os

import pytest

from tests.contract.api.fake_gateway import FakeGateway, caseworker
from tests.contract.api.fake_rules import FIRST, SECOND
from tests.unit.cli.conftest import Sluis


@pytest.fixture
def changed(gateway: FakeGateway) -> FakeGateway:
    """Another set lies on disk, and the user of the socket is a privacy officer."""
    gateway.rules.on_disk = SECOND
    gateway.people[os.getuid()] = caseworker("b-voorbeeld", roles=("privacy-officer",))
    return gateway


def propose(sluis: Sluis, changed: FakeGateway, *, by: str) -> None:
    changed.people[os.getuid()] = caseworker(by, roles=("privacy-officer",))
    assert 0 == sluis("policy", "propose", SECOND).exit_code
    changed.people[os.getuid()] = caseworker("b-voorbeeld", roles=("privacy-officer",))


def test_status_tells_what_waits_and_ends_with_1_and_with_0_when_nothing_does(
    sluis: Sluis, changed: FakeGateway
) -> None:
    said = sluis("policy", "status", "--json")
    shown = sluis("policy", "status").out
    changed.rules.on_disk = FIRST

    assert (1, "sluis-policy-status/1", FIRST, SECOND) == (
        said.exit_code,
        *(said.json[key] for key in ("format", "inForce", "onDisk")),
    )
    assert SECOND in shown
    assert "sluis policy propose" in shown
    assert (0, True) == ((done := sluis("policy", "status")).exit_code, "De bestanden zijn dezelfde." in done.out)


def test_the_officer_sees_addresses_every_line_and_the_digest_to_type(sluis: Sluis, changed: FakeGateway) -> None:
    shown = sluis("policy", "diff")
    lines = shown.out.splitlines()

    assert 0 == shown.exit_code
    assert "gemeente-voorbeeld channels: secure-mail a@a.example -> secure-mail b@b.example" in lines
    assert "+    address: b@b.example" in lines
    assert f"{FIRST} -> {SECOND}" == lines[-1]


def test_a_proposal_is_of_what_lies_there_and_an_approval_of_what_was_typed(sluis: Sluis, changed: FakeGateway) -> None:
    propose(sluis, changed, by="a-voorbeeld")
    wrong = sluis("policy", "approve", "f" * 64, "--json")
    said = sluis("policy", "approve", SECOND, "--json")

    assert (1, "policy-changed") == (wrong.exit_code, wrong.json["code"])
    assert (0, "sluis-policy-approve/1", SECOND) == (said.exit_code, said.json["format"], said.json["inForce"])
    assert "a-voorbeeld, goedgekeurd door b-voorbeeld" in sluis("policy", "status").out


def test_what_somebody_else_put_there_is_not_proposed_unseen(sluis: Sluis, changed: FakeGateway) -> None:
    shown = sluis("policy", "propose")

    assert 2 == shown.exit_code
    assert "gemeente-voorbeeld channels: secure-mail a@a.example -> secure-mail b@b.example" in shown.out
    assert "+    address: b@b.example" in shown.out
    assert f"sluis policy propose {SECOND}" in shown.out
    assert "Nog door niemand voorgesteld" in sluis("policy", "status").out
    assert SECOND == sluis("policy", "propose", "--json").json["after"]


def test_a_proposal_of_ones_own_is_refused_with_1(sluis: Sluis, changed: FakeGateway) -> None:
    propose(sluis, changed, by="b-voorbeeld")
    said = sluis("policy", "approve", SECOND, "--json")

    assert (1, "approval-own-proposal") == (said.exit_code, said.json["code"])


def test_a_proposal_of_a_digest_that_does_not_lie_there_is_refused(sluis: Sluis, changed: FakeGateway) -> None:
    said = sluis("policy", "propose", "f" * 64, "--json")

    assert (1, "policy-changed") == (said.exit_code, said.json["code"])


def test_approving_without_a_digest_or_comparing_one_folder_is_wrong_usage(sluis: Sluis, changed: FakeGateway) -> None:
    assert 2 == sluis("policy", "approve").exit_code
    assert 2 == sluis("policy", "diff", "/tmp").exit_code


def test_what_waits_is_told_by_the_status_of_the_service_which_is_well(sluis: Sluis, changed: FakeGateway) -> None:
    changed.notices = (("policy-not-approved", SECOND),)
    said = sluis("status", "--json")

    assert (0, [{"code": "policy-not-approved", "where": SECOND}]) == (said.exit_code, said.json["notices"])
    assert f"policy-not-approved {SECOND}" in sluis("status").out


def test_what_is_no_digest_is_asked_for_in_words_and_not_by_a_pattern(changed: FakeGateway, sluis: Sluis) -> None:
    said = sluis("policy", "approve", "abc")

    assert 1 == said.exit_code
    assert "64 hexadecimal digits in lower case" in said.err
    assert "[0-9a-f]" not in said.err
