"""The data of a package is its subject's: consent, age and guardianship of one person let nobody else's data go."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.package.manifest import Subject
from gateway.package.paths import iter_leaves
from gateway.package.states import Outcome
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.same_person import Identifying, all_about
from tests.unit.policy.building import NOW, covering, examined, with_reviews

PATHS = {each.value: each for each in Identifying} | {"naam": Identifying.NAME}
SUBJECT: dict[str, Any] = {
    "name": "Reza van den Karimi",
    "vNumber": "0991234503",
    "dateOfBirth": "1985-11-30",
    "nameVariants": ["Rezā Kareemi"],
}
ROW: dict[str, JsonValue] = {
    "name": "Reza van den Karimi", "vNumber": "0991234503", "dateOfBirth": "1985-11-30", "town": "Ergens"
}  # fmt: skip


def about(*rows: Mapping[str, JsonValue], **changes: Any) -> bool:
    said = {key: value for key, value in (SUBJECT | changes).items() if value is not None}
    return all_about([tuple(iter_leaves(row)) for row in rows], subject=Subject.model_validate(said), identifying=PATHS)


@pytest.mark.parametrize(
    "row",
    [
        ROW,
        {"naam": "KARIMI, Reza van den"},
        {"name": "Reza Kareemi"},
        {"givenNames": "Reza", "namePrefix": "van den", "familyName": "Karimi"},
        {"dateOfBirth": "30-11-1985"},
        {"dateOfBirth": "1985"},
        {"dateOfBirth": "1985-11-00", "name": ""},
        {"vNumber": " 0991234503 "},
        {"vNumber": "123456782", "name": "Reza van den Karimi"},
        {"name": None, "vNumber": [], "dateOfBirth": {}},
        {"town": "Ergens"},
        {},
    ],
)
def test_a_row_that_says_the_subject_or_nobody_is_the_subjects(row: Mapping[str, JsonValue]) -> None:
    assert about(row)


@pytest.mark.parametrize(
    "row",
    [
        {"name": "Samuel Tesfay"},
        {"name": "Samuel Tesfay", "vNumber": "0991234502", "dateOfBirth": "2014-03-09"},
        ROW | {"vNumber": "0991234502"},
        ROW | {"dateOfBirth": "1985-12-00"},
        ROW | {"dateOfBirth": "1986"},
        ROW | {"name": "Reza Karimi"},
        ROW | {"familyName": "Tesfay"},
        ROW | {"givenNames": "Reza Samuel"},
        ROW | {"naam": "Samuel Tesfay"},
        {"name": 12},
    ],
)
def test_attack_data_of_another_person_under_this_persons_papers(row: Mapping[str, JsonValue]) -> None:
    assert not about(row)


def test_attack_a_list_of_other_people_behind_the_subjects_own_row() -> None:
    assert about(ROW, ROW)
    assert not about(ROW, {"name": "Amina Yusuf"})
    assert not about({"name": "Amina Yusuf"}, ROW)
    assert not about(ROW, {"town": "Elders"})
    assert not about(ROW, {"dateOfBirth": "1985-11-30"})
    assert about(ROW, {"givenNames": "Reza", "familyName": "Karimi"})
    assert not about(ROW, {"familyName": "Karimi"})


def test_attack_a_number_that_the_manifest_does_not_give_proves_nobody() -> None:
    assert not about({"vNumber": "0991234502"}, vNumber=None)
    assert not about({"dateOfBirth": "2014-03-09"}, dateOfBirth=None)
    assert about({"vNumber": "0991234502", "name": "Reza van den Karimi"}, vNumber=None)


def test_attack_a_name_of_signs_only_is_nobodys() -> None:
    assert not about({"name": "-"}, {"name": "-"}, name="-")
    assert about({"name": "-", "vNumber": "0991234503"}, name="?")


@given(
    rows=st.lists(st.dictionaries(st.sampled_from(sorted(PATHS)), st.text() | st.integers() | st.none()), max_size=3)
)
def test_no_row_more_makes_data_the_subjects(rows: list[dict[str, JsonValue]]) -> None:
    assert not about(*rows, {"name": "Samuel Tesfay"})
    assert not (about(*rows, ROW) and not all(about(row) for row in rows))


def test_attack_a_review_does_not_settle_whose_data_it_is(shipped: PolicySet) -> None:
    facts = examined(rows=[{"name": "Samuel Tesfay"}])
    decision = decide_only(with_reviews(facts, covering(facts, shipped)), policy=shipped, now=NOW)

    assert Outcome.HELD is decision.outcome
    assert ["subject.data-differs"] == [reason.rule_id for reason in decision.recipients[0].reasons]
