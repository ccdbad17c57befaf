"""`sluis holds`: looking and deciding, with the exit code that a script reads."""

import os
from pathlib import Path

import pytest

from gateway.entrypoints.cli.console.client import Body, Client
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


def test_a_package_is_found_by_the_short_id_of_lists_and_notices(sluis: Sluis, held: str) -> None:
    shown = sluis("holds", "show", held[-8:].upper(), "--json")
    released = sluis("holds", "release", held[-8:], *RELEASE)

    assert (0, held) == (shown.exit_code, shown.json["id"])
    assert 0 == released.exit_code
    assert held in released.out
    assert "Vrijgegeven." in released.out
    assert "wacht" not in released.out


def test_a_short_id_of_no_package_is_told_as_one_that_is_not_there(sluis: Sluis, held: str) -> None:
    other = f"{(int(held[-8:], 16) + 1) % 2**32:08x}"
    for command in (("holds", "show"), ("show",), ("withdraw",)):
        said = sluis(*command, other, "--json")
        assert (1, "not-found") == (said.exit_code, said.json["code"])


def test_a_short_id_of_two_packages_is_not_guessed(sluis: Sluis, held: str, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = f"{'0' * 8}-0000-4000-8000-0000{held[-8:]}"
    listed = Client.get

    def with_twin(client: Client, path: str, **query: str) -> Body:
        page = listed(client, path, **query)
        return {**page, "holds": [*page["holds"], {"id": twin}]} if path == "/v1/holds" else page

    monkeypatch.setattr(Client, "get", with_twin)
    said = sluis("holds", "show", held[-8:], "--json")

    assert (1, "id-ambiguous") == (said.exit_code, said.json["code"])


@pytest.mark.parametrize(("content", "expected"), [("[{", "JSON in UTF-8"), ("{}", "een lijst tussen [ en ]")])
def test_a_file_of_changes_that_can_not_be_read_is_told_from_one_that_is_no_list(
    sluis: Sluis, held: str, tmp_path: Path, content: str, expected: str
) -> None:
    changes = tmp_path / "wijzigingen.json"
    changes.write_text(content)

    said = sluis("holds", "release", held, *RELEASE, "--edits", changes)

    assert 1 == said.exit_code
    assert expected in said.err


def test_what_is_no_name_of_a_document_that_was_looked_at_is_told_where_it_comes_from(
    sluis: Sluis, held: str, tmp_path: Path
) -> None:
    changes = tmp_path / "wijzigingen.json"
    changes.write_text('[{"document": 1, "seen": "x"}]')

    said = sluis("holds", "release", held, *RELEASE, "--edits", changes)

    assert 1 == said.exit_code
    assert "sluis holds document" in said.err
    assert "policy" not in said.err


def test_an_official_whose_name_stays_is_listed_as_staying_and_is_not_marked(
    sluis: Sluis, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finding(start: int, end: int, whose: str, *, goes: bool) -> Body:
        return {
            "passage": 0, "start": start, "end": end, "kind": "name", "whose": whose, "certain": True, "goes": goes
        }  # fmt: skip

    found = [
        finding(0, 5, "official", goes=False),
        finding(12, 19, "third-party", goes=True),
        finding(23, 29, "subject", goes=False),
    ]
    view = {"passages": [{"text": "Bakker sprak Tesfaye en Haile."}], "findings": found}
    monkeypatch.setattr(Client, "get", lambda _client, _path, **_query: view)
    shown, english = (sluis("holds", "document", held, "1", *more).out for more in ((), ("--lang", "en")))

    assert ["0:0-5"] == [line.split()[0] for line in shown.splitlines() if "blijft (ambtenaar)" in line]
    assert "stays (official)" in english
    assert "0:23-29" not in shown
    assert 1 == shown.count("«")


def test_a_reason_that_is_not_given_is_asked_for_in_dutch(sluis: Sluis, held: str) -> None:
    said = sluis("holds", "release", held)
    assert 2 == said.exit_code
    assert "Kies uit:" in said.err
    assert "Choose" not in said.err
