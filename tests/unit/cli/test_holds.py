"""`sluis holds`: looking and deciding, with the exit code that a script reads."""

import os
from pathlib import Path

import pytest

from tests.contract.api.fake_gateway import FakeGateway, caseworker
from tests.unit.cli.conftest import Sluis, write_package

RELEASE = ("--reason", "necessity-proven", "--ground", "AVG 9(2)(c); UAVG 30", "--text", "gezien")


@pytest.fixture
def held(sluis: Sluis, gateway: FakeGateway, tmp_path: Path) -> str:
    """A held package of somebody else; from here on the user of the socket is a privacy officer."""
    folder = write_package(tmp_path / "wacht", purpose="guardianship", documents=())
    made = sluis("submit", folder, "--wait", "20", "--json")
    assert (3, "held") == (made.exit_code, made.json["state"])
    gateway.people[os.getuid()] = caseworker("b-voorbeeld", roles=("privacy-officer",))
    return str(made.json["id"])


def test_what_waits_is_listed_for_programs_and_for_people(sluis: Sluis, held: str) -> None:
    said, shown = sluis("holds", "list", "--json"), sluis("holds", "list", "--lang", "en")

    assert (0, "sluis-holds-list/1") == (said.exit_code, said.json["format"])
    assert [held] == [each["id"] for each in said.json["holds"]]
    assert held in shown.out


def test_one_hold_is_shown_with_its_necessity_and_its_fields(sluis: Sluis, held: str) -> None:
    said, shown = sluis("holds", "show", held, "--json"), sluis("holds", "show", held)

    assert (0, "sluis-holds-show/1", True) == (said.exit_code, said.json["format"], said.json["releasable"])
    assert {"name", "address"} == {each["path"] for each in said.json["fields"]}
    assert "Noodzaak, volgens de afzender" in shown.out


def test_a_release_ends_with_0_and_the_second_with_a_conflict(sluis: Sluis, held: str) -> None:
    said = sluis("holds", "release", held, *RELEASE, "--json")
    again = sluis("holds", "release", held, *RELEASE, "--json")

    assert (0, "sluis-holds-release/1", held) == (said.exit_code, said.json["format"], said.json["id"])
    assert (1, "state-conflict") == (again.exit_code, again.json["code"])


def test_a_refusal_ends_with_0_and_says_that_the_package_is_refused(sluis: Sluis, held: str) -> None:
    said = sluis("holds", "refuse", held, "--reason", "not-necessary")

    assert 0 == said.exit_code
    assert "geweigerd" in said.out


def test_a_review_without_a_known_reason_is_wrong_usage(sluis: Sluis, held: str) -> None:
    assert 2 == sluis("holds", "release", held).exit_code
    assert 2 == sluis("holds", "release", held, "--reason", "because").exit_code


def test_without_the_role_every_command_ends_with_1(sluis: Sluis, gateway: FakeGateway, held: str) -> None:
    gateway.people[os.getuid()] = caseworker("c-voorbeeld")

    for words in (("list",), ("show", held), ("release", held, *RELEASE), ("refuse", held, "--reason", "no-ground")):
        said = sluis("holds", *words, "--json")
        assert (1, "not-permitted") == (said.exit_code, said.json["code"])
