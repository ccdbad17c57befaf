from dataclasses import dataclass

import pytest
from pydantic import ValidationError

from gateway.intake.manifest_faults import MAX_FAULTS, OWN_SENTENCES, validation_faults
from gateway.intake.manifest_reading import check_manifest, key_path, read_manifest
from gateway.intake.manifest_text import MAX_MANIFEST_BYTES
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import Manifest
from tests.vectors.manifests.make import PLAIN, WHOLE


@dataclass(frozen=True)
class Limits:
    documents: int = 500
    fields: int = 10_000


def refusal(text: str) -> SluisError:
    with pytest.raises(SluisError) as raised:
        read_manifest(text.encode(), syntax="yaml")
    return raised.value


def test_all_faults_are_named_at_once_by_the_senders_own_keys() -> None:
    error = refusal(
        "format: sluis-package/1\nrecipients: [Bad Name]\nsender: {organisation: DT&V, surname: X}\n"
        "subject: {name: Sam, vNumber: 12}\ndocuments: [{kind: letter}, {file: a.txt, kind: 5}]\n"
    )

    expected = {
        ("recipients[0]", "lower-case letters, digits and dashes expected, at most 63"),
        ("purpose", "this key is required"),
        ("sender.name", "this key is required"),
        ("sender.surname", "no such key is known here"),
        ("subject.vNumber", "text expected, between quotes when it looks like a number"),
        ("documents[0].file", "this key is required"),
        ("documents[1].kind", "text expected, between quotes when it looks like a number"),
    }
    assert expected == set(error.faults)


@pytest.mark.parametrize(
    "key",
    ["Sam Proef", "0123456789", "v0123456789", "x" * 61, '"a\\e[2Jb"', "sam@example.org", "1990-05-01", "\u202eabc"],
)
def test_a_key_that_may_hold_somebodys_data_is_not_shown(key: str) -> None:
    error = refusal(f"{PLAIN}{key}: 1\n")

    assert (("…", "no such key is known here"),) == error.faults


def test_a_flood_of_faults_is_cut_off() -> None:
    error = refusal(PLAIN + "".join(f"k{number}: 1\n" for number in range(500)))

    assert MAX_FAULTS == len(error.faults)


def test_the_sentences_of_the_manifests_own_checks_are_all_shown() -> None:
    def sentence(old: str, new: str) -> str:
        return refusal(PLAIN.replace(old, new)).faults[0][1]

    shown = {
        sentence("Alex Voorbeeld", '"\\e"'),
        sentence("data:", "documents: [{file: a/b, kind: c}]\ndata:"),
        sentence("1990-05-01", "May 1990"),
        sentence("1990-05-01", "1990-00-01"),
        sentence("data:", "dataFile: a.csv\ndata:"),
        sentence("data:", 'request: {reference: "a\\nb"}\ndata:'),
        sentence("data:", 'guardianship: {reference: "-"}\ndata:'),
        sentence("[gemeente-voorbeeld]", "[a, a]"),
        sentence("data:", "documents: [{file: a, kind: c}, {file: A, kind: c}]\ndata:"),
    }
    assert OWN_SENTENCES == shown


@pytest.mark.parametrize("text", ["Z-12\\n\\nWhat you get", "Z-12\\tb", "\\u202Emilsom", "mos\\u200Blim", "\\uE000"])
@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("request.reference", 'request: {reference: "@"}'),
        ("sender.unit", 'sender: {organisation: x, name: y, unit: "@"}'),
    ],
)
def test_what_the_letter_quotes_is_one_line_in_which_nothing_hides(place: str, key: str, text: str) -> None:
    plain = "".join(line for line in PLAIN.splitlines(keepends=True) if not line.startswith("sender:"))
    sender = "" if place == "sender.unit" else "sender: {organisation: x, name: y}\n"

    error = refusal(f"{plain}{sender}{key.replace('@', text)}\n")

    assert ((place, "one line without hidden characters expected"),) == error.faults


@pytest.mark.parametrize("text", [" ", "-", "...", "\\n"])
def test_a_reference_of_a_guardianship_that_says_nothing_proves_nothing(text: str) -> None:
    error = refusal(f'{PLAIN}guardianship: {{reference: "{text}"}}\n')

    assert (("guardianship.reference", "text with a letter or a digit expected"),) == error.faults


def test_an_id_that_is_no_uuid_is_told_what_was_expected() -> None:
    assert (("id", "a UUID expected"),) == refusal(f"{PLAIN}id: abc\n").faults


def test_the_api_gets_the_same_faults_out_of_a_validation_error() -> None:
    with pytest.raises(ValidationError) as raised:
        Manifest.model_validate_json(b'{"format": "sluis-package/1"}')

    faults = validation_faults(raised.value)

    assert ("subject", "this key is required") in faults


def test_a_manifest_of_more_than_a_mebibyte_is_refused_unread() -> None:
    with pytest.raises(SluisError) as raised:
        read_manifest(b" " * (MAX_MANIFEST_BYTES + 1), syntax="json")

    assert Code.PACKAGE_TOO_LARGE is raised.value.code


def test_a_swarm_of_small_values_is_refused_before_it_fills_the_memory() -> None:
    for text, syntax in ((b"- []\n" * 200_000, "yaml"), (b'{"data":[' + b"[]," * 200_000 + b"[]]}", "json")):
        with pytest.raises(SluisError) as raised:
            read_manifest(text, syntax="yaml" if syntax == "yaml" else "json")
        assert Code.MANIFEST_UNREADABLE is raised.value.code


def test_ten_thousand_fields_are_read_in_both_syntaxes() -> None:
    yaml = PLAIN + "".join(f"  field{number}: value\n" for number in range(9_997))
    from_yaml = read_manifest(yaml.encode(), syntax="yaml")
    from_json = read_manifest(from_yaml.model_dump_json(by_alias=True).encode(), syntax="json")

    check_manifest(from_yaml, limits=Limits())
    assert from_yaml == from_json


@pytest.mark.parametrize("data", ["", "data: {}\n", "documents: []\n"])
def test_a_package_without_data_and_documents_is_empty(data: str) -> None:
    manifest = read_manifest((PLAIN.partition("data:")[0] + data).encode(), syntax="yaml")

    with pytest.raises(SluisError) as raised:
        check_manifest(manifest, limits=Limits())

    assert Code.PACKAGE_EMPTY is raised.value.code


def test_more_fields_or_documents_than_the_site_allows_are_refused() -> None:
    plain = read_manifest(PLAIN.encode(), syntax="yaml")
    whole = read_manifest(WHOLE.encode(), syntax="yaml")

    with pytest.raises(SluisError) as fields:
        check_manifest(plain, limits=Limits(fields=2))
    with pytest.raises(SluisError) as documents:
        check_manifest(whole, limits=Limits(documents=1))

    assert (Code.FIELDS_TOO_MANY, {"limit": 2}) == (fields.value.code, fields.value.detail)
    assert (Code.PACKAGE_TOO_MANY_FILES, {"limit": 1}) == (documents.value.code, documents.value.detail)


def test_each_declared_file_has_its_place_in_the_manifest() -> None:
    whole = read_manifest(WHOLE.encode(), syntax="yaml")

    expected = ["documents[0]", "documents[1]", "dataFile", "consent.document", "mandate.document"]
    assert expected == [key_path(file) for file in whole.declared_files()]
