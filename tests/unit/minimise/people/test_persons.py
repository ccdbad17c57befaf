"""A relative whose name is made of the subject's is told from the subject."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, subject: str, lists: Lists) -> dict[str, bool]:
    (found,) = find_people([text], known=Known(names=(subject,)), lists=lists)
    return {text[each.start : each.end]: each.certain for each in found if each.whose is Whose.THIRD_PARTY}


@pytest.mark.parametrize(
    ("text", "subject", "name"),
    [
        ("Haar vader heet Osman Farah Abdi.", "Farah Osman Abdi", "Osman Farah Abdi"),
        ("Zijn neef Farah Abdi belde.", "Farah Osman Abdi", "Farah Abdi"),
        ("Zijn zoon Osman Farah is ziek.", "Farah Osman", "Osman Farah"),
        ("Zijn oom, genaamd Osman Farah, is ziek.", "Farah Osman", "Osman Farah"),
        ("Ook Osman Farah Abdi was erbij.", "Farah Osman Abdi", "Osman Farah Abdi"),
        ("zijn broer osman farah is ziek", "Farah Osman", "osman farah"),
        ("Haar zus F. Abdi belde.", "Farah Abdi", "F. Abdi"),
    ],
)
def test_a_relative_with_the_parts_of_the_subjects_name_is_somebody_else_but_not_for_certain(
    text: str, subject: str, name: str, lists: Lists
) -> None:
    assert {name: False} == _taken(text, subject, lists)


def test_a_relative_in_a_field_with_the_surname_first_is_somebody_else(lists: Lists) -> None:
    assert {"Osman": False, "Farah": False} == _taken("Vader: Osman, Farah", "Farah Osman", lists)


@pytest.mark.parametrize(
    "text",
    [
        "Farah Osman Abdi en Farah Abdi is dezelfde als Abdi Farah Osman.",
        "De bewoner Farah Abdi en de heer Abdi Farah.",
        "Namens Farah Abdi schrijf ik u.",
        "Mijn nicht Farah Osman Abdi woont bij mij.",
        "Abdi, Farah",
    ],
)
def test_the_subject_stays_with_the_surname_first_and_by_the_whole_name(text: str, lists: Lists) -> None:
    assert {} == _taken(text, "Farah Osman Abdi", lists)
