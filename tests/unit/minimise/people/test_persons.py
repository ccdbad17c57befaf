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


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("tariq.omarzai@mail.example", "Omar Omar"),
        ("leylana.osmani@mail.example", "Leyla Osman"),
        ("familie.leyla-osman@mail.example", "Leyla Osman"),
        ("https://www.facebook.com/karim.leyla.osman7", "Leyla Osman"),
        ("leyla@osman.example", "Leyla Osman"),
    ],
)
def test_an_address_with_more_than_the_subjects_names_is_not_the_subjects(
    address: str, subject: str, lists: Lists
) -> None:
    assert address in _taken(f"Haar zus schrijft vanaf {address} aan de school.", subject, lists)


@pytest.mark.parametrize(
    "address",
    [
        "leyla.osman@mail.example",
        "osmanleyla90@mail.example",
        "https://www.facebook.com/leyla.osman",
        "https://www.linkedin.com/in/leyla-osman-1/?ref=x",
        "@leyla_osman",
    ],
)
def test_an_address_of_nothing_but_the_subjects_names_is_the_subjects(address: str, lists: Lists) -> None:
    assert {} == _taken(f"Haar zus schrijft aan {address} over de school.", "Leyla Osman", lists)


@pytest.mark.parametrize(
    "text",
    [
        "Ik heb de huur niet van Joesoef gehad.",
        "huur joesoef is te laat, zegt hij",
        "Yousouf Abdi Hersi is er niet.",
        "Yousuf ABDI, Yusuf HERSIE",
    ],
)
def test_the_subject_in_another_spelling_stays(text: str, lists: Lists) -> None:
    assert {} == _taken(text, "Yusuf Abdi Hersi", lists)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("Zijn broer Joesoef belde. Daarna ging Joesoef weg.", {"Joesoef"}),
        ("Joesoef Ali belde. Daarna ging Joesoef weg.", {"Joesoef Ali", "Joesoef"}),
        ("Zijn zwager heet Joesoef. Daarna ging Joesoef weg.", {"Joesoef"}),
    ],
)
def test_attack_somebody_elses_name_sounds_like_the_subjects(text: str, taken: set[str], lists: Lists) -> None:
    assert taken == {*_taken(text, "Yusuf Abdi Hersi", lists)}


def test_the_surname_that_a_letter_is_about_is_the_subjects_also_where_others_bear_it(lists: Lists) -> None:
    text = "Onderwerp: FW: Karimi Asl - spoed\nParisa Karimi en Kian Karimi Asl belden. Karimi was er niet."

    assert {"Parisa Karimi", "Kian Karimi Asl", "Karimi"} == {*_taken(text, "Mehdi Karimi Asl", lists)}


def test_the_subject_by_an_initial_or_by_the_beginnings_of_the_names_stays(lists: Lists) -> None:
    text = "Onderwerp: mw W.\nZij schrijft als @yor_wol aan Filmon."

    assert {"Filmon"} == {*_taken(text, "Yordanos Woldu", lists)}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Onderwerp: mw W.\nMevrouw Wondem belde.", "W."),
        ("Onderwerp: mw V. belde.", "V."),
        ("Haar nicht Yorsalem Woldu schrijft als @yor_wol.", "@yor_wol"),
        ("Er is geschreven door @yor_wolters.", "@yor_wolters"),
    ],
)
def test_attack_an_initial_or_a_beginning_may_be_somebody_elses(text: str, name: str, lists: Lists) -> None:
    assert name in _taken(text, "Yordanos Woldu", lists)
