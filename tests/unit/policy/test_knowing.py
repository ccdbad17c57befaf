"""Promises of what a search through documents is told of people beforehand."""

from typing import Any

import pytest
from pydantic import JsonValue

from gateway.package.known import Known
from gateway.package.manifest import Manifest
from gateway.package.states import Data
from gateway.policy import knowing
from gateway.policy.asking import ask
from gateway.policy.knowing import known_of, numbers_of
from gateway.policy.policy_set import PolicySet
from tests.unit.policy.building import NOW, examined


def known(policy: PolicySet, *rows: dict[str, Any], **subject: Any) -> Known:
    manifest = Manifest.model_validate(
        {
            "format": "sluis-package/1",
            "recipients": ["x"],
            "purpose": "x",
            "sender": {"organisation": "COA", "name": "x"},
            "subject": {"name": "Amina Yusuf", **subject},
        }
    )
    return known_of(manifest, Data(shape="list", rows=rows) if rows else None, policy=policy)


def test_every_field_that_is_named_stands_in_the_shipped_catalogue(shipped: PolicySet) -> None:
    named = knowing._NAMES | knowing._ADDRESSES | knowing._NUMBERS | knowing._OTHERS | {"givenNames", "familyName"}
    assert named <= set(shipped.field_ids.values())


def test_the_subject_is_known_by_manifest_and_data_under_any_spelling(shipped: PolicySet) -> None:
    found = known(
        shipped,
        {"naam": "A. Yusuf", "v_number": "0991234501", "adres": "Voorbeeldweg 12", "telefoon": "0612345678"},
        nameVariants=["Amina Joesoef"],
        dateOfBirth="1990-05-01",
    )
    assert ("Amina Yusuf", "Amina Joesoef", "A. Yusuf") == found.names
    assert {"0991234501", "0612345678"} == set(found.numbers)
    assert (("Voorbeeldweg 12",), "1990-05-01", ()) == (found.addresses, found.birth_date, found.others)


def test_names_in_parts_are_known_as_one(shipped: PolicySet) -> None:
    assert "Amina Sara Yusuf" in known(shipped, {"givenNames": "Amina Sara", "familyName": "Yusuf"}).names


def test_fields_about_others_name_others(shipped: PolicySet) -> None:
    found = known(shipped, {"partnerName": "Merhawi Tesfay", "lawyerName": "mr. Jansen"})
    assert {"Merhawi Tesfay", "mr. Jansen"} == set(found.others)
    assert ("Amina Yusuf",) == found.names


def test_a_field_that_nobody_classified_names_nobody(shipped: PolicySet) -> None:
    assert known(shipped) == known(shipped, {"vriend": "Merhawi Tesfay"})


def test_what_is_known_is_in_no_repr(shipped: PolicySet) -> None:
    assert "Yusuf" not in repr(known(shipped, {"naam": "A. Yusuf"}))


def numbers_in(policy: PolicySet, *rows: dict[str, JsonValue]) -> dict[str, str]:
    facts = examined(rows=rows)
    found = numbers_of(facts.evidence.data, ask(facts, policy=policy, now=NOW), policy=policy)
    return {kind.value: number for kind, number in found.items()}


@pytest.mark.parametrize("written", ["123456782", " 123.456.782", 123456782])
@pytest.mark.parametrize("spelling", ["bsn", "BSN", "burgerservicenummer"])
def test_the_subjects_bsn_is_its_nine_digits_under_any_spelling(
    shipped: PolicySet, spelling: str, written: str | int
) -> None:
    assert {"bsn": "123456782"} == numbers_in(shipped, {"name": "x", spelling: written})


def test_the_subjects_v_number_is_known_by_its_data_too(shipped: PolicySet) -> None:
    expected = {"vnr": "0991234501", "bsn": "123456782"}

    assert expected == numbers_in(shipped, {"name": "x", "v_number": " 0991234501", "bsn": "123456782"})


@pytest.mark.parametrize(
    "rows",
    [
        ({"name": "x", "bsn": "123456789"},),
        ({"name": "x", "bsn": ""}, {"name": "x", "bsn": None}),
        ({"name": "x", "bsn": True},),
        ({"name": "x", "bsn": "123456782"}, {"name": "x", "bsn": "111222333"}),
        ({"name": "somebody else", "bsn": "123456782"},),
        ({"name": "x", "partner": {"bsn": "123456782"}},),
        ({"name": "x", "vNumber": "99"},),
        ({"name": "x"},),
    ],
    ids=["not a BSN", "empty", "no number", "two", "another person's", "under a partner", "no V-number", "none"],
)
def test_what_is_not_the_subjects_one_number_is_nobodys(
    shipped: PolicySet, rows: tuple[dict[str, JsonValue], ...]
) -> None:
    assert {} == numbers_in(shipped, *rows)


def test_without_data_there_is_no_number(shipped: PolicySet) -> None:
    facts = examined(rows=None)
    assert {} == numbers_of(None, ask(facts, policy=shipped, now=NOW), policy=shipped)
