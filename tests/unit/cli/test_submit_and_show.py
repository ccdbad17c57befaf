"""Promises of `sluis submit` and `sluis show`, against a real service."""

import shutil
import uuid
import zipfile
from pathlib import Path

import pytest

from gateway.package.ids import PackageId
from tests.contract.api.fake_gateway import FakeGateway
from tests.unit.cli.conftest import Sluis, run, write_package


def test_a_folder_is_handed_in_with_its_documents_and_followed_to_its_end(
    sluis: Sluis, package: Path, gateway: FakeGateway
) -> None:
    said = sluis("submit", package, "--wait", "20", "--json")
    found = said.json
    assert (0, "sluis-submit/1", "done") == (said.exit_code, found["format"], found["state"])
    recipient = found["recipients"][0]
    assert ("gemeente-voorbeeld", "sent", "secure-mail", "cleared") == tuple(
        recipient[key] for key in ("id", "state", "channel", "outcome")
    )
    assert {"name": "release", "address": "strip"} == {each["path"]: each["verdict"] for each in found["fields"]}
    assert "inhoud van verslag één.txt".encode() == gateway.content[PackageId(found["id"]), 1]


def test_an_id_is_made_here_as_a_uuid_of_version_7(sluis: Sluis, package: Path) -> None:
    first, second = sluis("submit", package, "--json").json, sluis("submit", package, "--json").json
    assert 7 == uuid.UUID(first["id"]).version
    assert first["id"] != second["id"]


def test_a_package_with_an_id_may_be_handed_in_twice(sluis: Sluis, package: Path) -> None:
    chosen = "0190a0b0-0000-7000-8000-00000000cafe"
    with (package / "package.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write(f"id: {chosen}\n")
    for _ in range(2):
        said = sluis("submit", package, "--json")
        assert (0, chosen, "received") == (said.exit_code, said.json["id"], said.json["state"])


@pytest.mark.parametrize("in_folder", [True, False])
def test_a_zip_is_read_as_its_folder_would_be(
    sluis: Sluis, package: Path, gateway: FakeGateway, tmp_path: Path, in_folder: bool
) -> None:
    archive = tmp_path / "pakket.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in package.iterdir():
            packed.write(file, f"pakket/{file.name}" if in_folder else file.name)
    found = sluis("submit", archive, "--json").json
    assert "inhoud van verslag één.txt".encode() == gateway.content[PackageId(found["id"]), 1]


def test_a_manifest_alone_takes_its_files_from_beside_it(sluis: Sluis, package: Path) -> None:
    (package / "other.txt").write_text("not of this package")
    assert "received" == sluis("submit", package / "package.yaml", "--json").json["state"]


@pytest.mark.parametrize(("purpose", "exit_code", "state"), [("guardianship", 3, "held"), ("care", 1, "refused")])
def test_an_ending_that_is_not_sent_has_its_own_exit_code(
    sluis: Sluis, tmp_path: Path, purpose: str, exit_code: int, state: str
) -> None:
    package = write_package(tmp_path / "pakket", purpose=purpose, documents=())
    said = sluis("submit", package, "--wait", "20", "--json")
    assert (exit_code, state) == (said.exit_code, said.json["state"])
    assert 0 == sluis("submit", package).exit_code


def test_a_package_that_is_not_sent_in_time_was_accepted_all_the_same(sluis: Sluis, package: Path) -> None:
    said = sluis("submit", package, "--wait", "0")
    assert 1 == said.exit_code
    assert "Aangenomen, maar nog niet verzonden" in said.out
    assert sluis("submit", package, "--wait", "0", "--json").json["timedOut"]


def test_a_file_that_the_manifest_does_not_name_stops_the_package_here(
    sluis: Sluis, package: Path, gateway: FakeGateway
) -> None:
    (package / "extra.txt").write_text("x")
    said = sluis("submit", package, "--json")
    assert (1, "document-undeclared") == (said.exit_code, said.json["code"])
    assert "extra" not in said.out
    assert {} == gateway.content


@pytest.mark.parametrize(
    ("name", "code"),
    [("verslag één.txt", "document-missing"), ("package.yaml", "manifest-missing")],
)
def test_a_file_that_is_missing_is_told(sluis: Sluis, package: Path, name: str, code: str) -> None:
    (package / name).unlink()
    said = sluis("submit", package, "--json")
    assert (1, code) == (said.exit_code, said.json["code"])


def test_two_manifests_are_one_too_many(sluis: Sluis, package: Path) -> None:
    shutil.copy(package / "package.yaml", package / "package.json")
    assert "manifest-ambiguous" == sluis("submit", package, "--json").json["code"]


def test_a_link_out_of_the_package_is_not_followed(sluis: Sluis, package: Path, gateway: FakeGateway) -> None:
    document = package / "verslag één.txt"
    document.unlink()
    document.symlink_to("/etc/passwd")
    said = sluis("submit", package, "--json")
    assert (1, "link-refused") == (said.exit_code, said.json["code"])
    assert {} == gateway.content


@pytest.mark.parametrize("name", ["../out.txt", "deep/in.txt"])
def test_a_zip_member_outside_the_package_is_refused(sluis: Sluis, package: Path, tmp_path: Path, name: str) -> None:
    archive = tmp_path / "pakket.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(package / "package.yaml", "package.yaml")
        packed.writestr(name, "x")
    assert "archive-unsafe" == sluis("submit", archive, "--json").json["code"]


def test_a_broken_zip_is_told(sluis: Sluis, tmp_path: Path) -> None:
    archive = tmp_path / "pakket.zip"
    archive.write_bytes(b"PK not really")
    assert "archive-unreadable" == sluis("submit", archive, "--json").json["code"]


def test_every_fault_of_a_manifest_is_printed_with_what_to_do(sluis: Sluis, tmp_path: Path) -> None:
    package = tmp_path / "pakket"
    package.mkdir()
    (package / "package.yaml").write_text("format: sluis-package/1\npurpose: x\nsurprise: 1\n")
    said, english = sluis("submit", package), sluis("submit", package, "--lang", "en")
    assert (1, "") == (said.exit_code, said.out)
    assert all(word in said.err for word in ("surprise", "recipients", "sender", "manifest-invalid"))
    assert all(word in said.err for word in ("deze sleutel is verplicht", "lever het pakket opnieuw in"))
    assert all(word in english.err for word in ("this key is required", "hand the package in again"))


def test_a_word_out_of_a_list_is_asked_for_in_dutch_at_a_place_as_people_count(sluis: Sluis, tmp_path: Path) -> None:
    package = write_package(tmp_path / "pakket", documents=("brief.txt",))
    manifest = package / "package.yaml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("kind: interview-report", "kind: letter, declaredCategories: [gewoon]"), "utf-8")

    said = sluis("submit", package)

    assert "document 1, declaredCategories 1: 'ordinary', " in said.err
    assert "of 'internal' verwacht" in said.err


def test_a_refusal_of_the_service_is_told_as_its_problem(sluis: Sluis, tmp_path: Path) -> None:
    package = write_package(tmp_path / "pakket", purpose="curiosity", documents=())
    said = sluis("submit", package, "--json")
    assert (1, "purpose-unknown", 400) == (said.exit_code, said.json["code"], said.json["status"])


def test_show_tells_where_a_package_is_and_why(sluis: Sluis, package: Path) -> None:
    made = sluis("submit", package, "--wait", "20", "--json").json["id"]
    said = sluis("show", made, "--json")
    assert (0, "sluis-show/1", "done") == (said.exit_code, said.json["format"], said.json["state"])
    assert "done" == said.json["slip"]["state"]
    dutch, english = sluis("show", made).out, sluis("show", made, "--lang", "en").out
    assert all(word in dutch for word in (made, "mag mee", "blijft achter", "Dit mag de ontvanger hebben."))
    assert all(word in english for word in (made, "release", "strip", "The recipient may have this."))


def test_show_of_what_is_not_there_fails(sluis: Sluis) -> None:
    said = sluis("show", "0190a0b0-0000-7000-8000-00000000dead", "--json")
    assert (1, "not-found") == (said.exit_code, said.json["code"])
    assert (1, "id-invalid") == (sluis("show", "x", "--json").exit_code, sluis("show", "x", "--json").json["code"])


def test_a_service_that_is_not_there_is_exit_5(empty_site: Path, package: Path) -> None:
    (empty_site / "site.yaml").touch()
    for words in (("submit", package), ("show", "0190a0b0-0000-7000-8000-00000000dead"), ("status",)):
        said = run(*words, "--site", empty_site, "--json")
        assert (5, "service-unreachable") == (said.exit_code, said.json["code"])


@pytest.mark.parametrize("folder", ["absent", "a-file", "other"])
def test_a_folder_that_is_no_site_is_told_as_such_and_not_as_a_service_that_does_not_run(
    empty_site: Path, package: Path, folder: str
) -> None:
    (empty_site / "a-file").touch()
    # As /var has one too.
    (empty_site / "other" / "run").mkdir(parents=True)
    for words in (("submit", package), ("keys", "list"), ("status",)):
        said = run(*words, "--site", empty_site / folder, "--json")
        assert (2, "site-missing") == (said.exit_code, said.json["code"])
    assert "sluis init" in run("status", "--site", empty_site / folder).err
