"""Promises of preview, status, recipients, login and the root command, against a real service."""

import os
from pathlib import Path

import pytest

from gateway.entrypoints.cli.console.local_package import open_package
from gateway.entrypoints.cli.console.printing import printable
from gateway.entrypoints.cli.preview import files_that_fit
from gateway.package.errors import Code
from gateway.package.problems import PROBLEMS
from tests.contract.api.fake_gateway import FakeGateway
from tests.unit.cli.conftest import Sluis, run, write_package


def test_a_preview_shows_each_field_with_its_verdict_and_why(sluis: Sluis, package: Path, gateway: FakeGateway) -> None:
    said = sluis("preview", package)
    assert 0 == said.exit_code
    assert all(word in said.out for word in ("Veld", "Besluit", "Waarom", "mag mee", "blijft achter", "AVG 5(1)(c)"))
    assert {} == gateway.content


def test_a_preview_names_for_each_field_that_stays_what_would_have_to_change(sluis: Sluis, package: Path) -> None:
    fields = sluis("--json", "preview", package).json["fields"]
    assert {"release": True, "strip": False} == {each["verdict"]: each["remedy"] is None for each in fields}
    said = sluis("preview", package, "--lang", "en").out
    assert "Needed for a field to go:" in said
    assert all(each["remedy"]["en"] in said for each in fields if each["remedy"])


@pytest.mark.parametrize(("purpose", "exit_code", "outcome"), [("guardianship", 3, "held"), ("care", 1, "refused")])
def test_a_preview_tells_what_would_have_to_change_and_who_helps(
    sluis: Sluis, tmp_path: Path, purpose: str, exit_code: int, outcome: str
) -> None:
    package = write_package(tmp_path / "pakket", purpose=purpose)
    said = sluis("preview", package, "--lang", "en")
    assert exit_code == said.exit_code
    assert "What would have to change:" in said.out
    assert "avg@coa.example" in said.out
    found = sluis("--json", "preview", package).json
    assert ("sluis-preview/1", outcome, 0) == (found["format"], found["outcome"], found["filesNotSeen"])


def test_a_preview_goes_without_the_files_that_are_too_large(sluis: Sluis, package: Path) -> None:
    with (package / "verslag één.txt").open("r+b") as document:
        document.truncate(17 * 1024 * 1024)
    found = sluis("preview", package, "--json").json
    assert 1 == found["filesNotSeen"]
    assert "1 bestand is te groot om hier te bekijken." in sluis("preview", package).out
    assert ["hold"] == [each["verdict"] for each in found["recipients"][0]["documents"]]


def test_a_preview_takes_the_data_file_before_documents_that_fill_it(package: Path) -> None:
    written = package / "package.yaml"
    text = written.read_text(encoding="utf-8").replace("data: {name: B. Voorbeeld, address: Dorpsstraat 1}", "")
    written.write_text(f"{text}dataFile: gegevens.json\n", encoding="utf-8")
    (package / "gegevens.json").write_text('{"name": "B. Voorbeeld"}', encoding="utf-8")
    with (package / "verslag één.txt").open("r+b") as document:
        document.truncate(16 * 1024 * 1024 - 8)
    with open_package(package) as local:
        taken, left = files_that_fit(local)
    assert (["gegevens.json"], 1) == (list(taken), left)


def test_status_tells_how_many_packages_are_where(sluis: Sluis, package: Path) -> None:
    sluis("submit", package)
    said = sluis("status", "--json")
    assert (0, "sluis-status/1", {"received": 1}) == (said.exit_code, said.json["format"], said.json["packages"])
    assert "Sluis werkt." in sluis("status").out


def test_status_of_a_service_that_is_not_well_says_what_is_wrong(sluis: Sluis, gateway: FakeGateway) -> None:
    gateway.problems = (("disk-full", "spool"),)
    said = sluis("status", "--json")
    assert (1, [{"code": "disk-full", "where": "spool"}]) == (said.exit_code, said.json["problems"])
    shown = sluis("status").out
    assert "disk-full spool" in shown
    assert PROBLEMS[Code.DISK_FULL].title in sluis("status", "--lang", "en").out
    assert "Wie helpt: De beheerder van Sluis" in shown


@pytest.mark.parametrize(("count", "said"), [(1, "1 levering wacht"), (2, "2 leveringen wachten")])
def test_status_of_a_service_that_works_says_what_waits_for_a_channel(
    sluis: Sluis, gateway: FakeGateway, count: int, said: str
) -> None:
    gateway.notices = (("mail-unreachable", f"secure-mail {count} 2026-11-20T09:00:00+00:00"),)
    told = sluis("status")
    assert (0, True) == (told.exit_code, "Sluis werkt." in told.out)
    assert f"mail-unreachable {said} op secure-mail, de oudste sinds 2026-11-20T09:00:00+00:00" in told.out
    assert PROBLEMS[Code.MAIL_UNREACHABLE].title in sluis("status", "--lang", "en").out


def test_status_names_once_what_is_a_problem_and_a_notice(sluis: Sluis, gateway: FakeGateway) -> None:
    gateway.problems = gateway.notices = (("policy-not-approved", "abc"),)
    assert 1 == sluis("status").out.count("policy-not-approved")


def test_status_says_that_the_last_good_rules_go_on_when_new_ones_are_not_correct(
    sluis: Sluis, gateway: FakeGateway
) -> None:
    gateway.problems = (("policy-invalid", "policies/rules.yaml:3"),)
    shown, english = sluis("status").out, sluis("status", "--lang", "en").out

    assert "Tot dan beslist Sluis met de laatste goede regels." in shown
    assert "Verbeter elke genoemde plaats en voer dan" in shown
    assert "Until then Sluis decides by the last good rules." in english


def test_recipients_are_listed(sluis: Sluis) -> None:
    assert "gemeente-voorbeeld" in sluis("recipients", "list").out
    found = sluis("recipients", "list", "--json").json
    assert ("sluis-recipients-list/1", 3) == (found["format"], len(found["recipients"]))


def test_a_token_makes_one_user_another_person(sluis: Sluis, package: Path) -> None:
    token = sluis("login", "b-voorbeeld").out.strip()
    made = sluis("submit", package, "--json", "--token", token).json["id"]
    assert 0 == sluis("show", made, SLUIS_TOKEN=token).exit_code
    assert "not-found" == sluis("show", made, "--json").json["code"]


def test_a_token_is_good_for_the_scopes_that_were_asked(sluis: Sluis) -> None:
    granted = sluis("login", "b-voorbeeld", "--scope", "packages:read", "--json").json
    assert ["packages:read"] == granted["scopes"]
    said = sluis("recipients", "list", "--json", "--token", granted["token"])
    assert (1, "not-permitted") == (said.exit_code, said.json["code"])


def test_a_person_whom_nobody_may_be_gets_no_token(sluis: Sluis) -> None:
    said = sluis("login", "stranger", "--json")
    assert (1, "not-permitted") == (said.exit_code, said.json["code"])


def test_wrong_usage_is_exit_2_as_text_and_as_a_problem(sluis: Sluis) -> None:
    said = sluis("show")
    assert 2 == said.exit_code
    assert "Gebruik: sluis show" in said.err
    for words in (("show",), ("unheard-of",), ("show", "x", "--colour"), ("submit", "/does/not/exist")):
        said = sluis(*words, "--json")
        assert (2, "request-invalid") == (said.exit_code, said.json["code"])


def test_a_command_without_a_site_says_how_to_name_one() -> None:
    said = run("status")
    assert 2 == said.exit_code
    assert "--site" in said.err


def test_options_after_the_name_of_a_command_win(site: Path) -> None:
    assert 0 == run("--site", "/does/not/exist", "status", "--site", site).exit_code
    assert 2 == run("--site", site, "status", "--site", "/does/not/exist").exit_code


def test_a_site_that_may_only_be_passed_through_can_be_named(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Officers get `x` on a site and no more; root, as whom tests may run, could read it all the same."""
    monkeypatch.setattr(os, "access", lambda path, mode: mode == os.X_OK or not Path(path).is_dir())
    assert 0 == run("--site", site, "status").exit_code


def test_a_site_that_may_not_be_passed_through_does_not_answer(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    look = Path.stat

    def closed(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.is_relative_to(site):
            raise PermissionError(path)
        return look(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", closed)
    said = run("--site", site, "status", "--json")
    assert (5, "service-unreachable") == (said.exit_code, said.json["code"])


def test_every_file_in_the_folder_is_a_command_with_its_help() -> None:
    said = run("--help")
    assert 0 == said.exit_code
    for name in ("login", "preview", "recipients", "show", "status", "submit"):
        assert name in said.out
        assert 0 == run(name, "--help").exit_code


def test_output_that_nobody_looks_at_has_no_colour_and_no_frame(sluis: Sluis, package: Path) -> None:
    out = sluis("preview", package).out
    assert "\x1b" not in out
    assert "━" not in out


def test_terminal_escapes_and_hidden_text_are_made_visible() -> None:
    assert "a\N{REPLACEMENT CHARACTER}[2J" == printable("a\x1b[2J")
    assert "\N{REPLACEMENT CHARACTER}txt.exe" == printable("\u202etxt.exe")
    assert "één\n" == printable("één\n")
