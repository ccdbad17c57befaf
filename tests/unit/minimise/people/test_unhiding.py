"""What is told to be a person is one, whatever else the word is."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Kind, Known, Whose
from gateway.minimise.people.lists import Lists


def _names(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Yonas Tesfay",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.kind is Kind.NAME and each.whose is Whose.THIRD_PARTY]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Mevrouw Bank Hassan kwam.", ["Bank Hassan"]),
        ("Mw. Sint Maria belde.", ["Sint Maria"]),
        ("Mw. Hiwot Schaal belde.", ["Hiwot Schaal"]),
        ("De heer Zuid-Hollander belde.", ["Zuid-Hollander"]),
        ("Mw. Jans(s)en belde.", ["Jans(s)en"]),
        ("Zijn broer Ford woont er.", ["Ford"]),
        ("Haar dochter Kia Jansen is ziek.", ["Kia Jansen"]),
        ("Zijn vriendin Habtom Island belde.", ["Habtom Island"]),
        ("Naam: Kia Jansen", ["Kia Jansen"]),
        ("Voornaam: Picnic", ["Picnic"]),
        ("Beste Jumbo, tot morgen.", ["Jumbo"]),
        ("Her son Page was with them and their mother.", ["Page"]),
    ],
)
def test_who_is_told_to_be_a_person_goes_also_under_the_name_of_a_thing(
    text: str, names: list[str], lists: Lists
) -> None:
    assert names == _names(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "In het ziekenhuis Ahmed Hassan bezocht.",
        "Hij zag in de gevangenis Ahmed Hassan sterven.",
        "De ziekte van Fatima is ernstig.",
        "Tijdens de vlucht Mohammed kwijtgeraakt.",
        "Hij is met zijn Opel Ahmed komen halen.",
    ],
)
def test_attack_a_given_name_behind_a_place_or_a_thing_does_not_stay(text: str, lists: Lists) -> None:
    assert _names(text, lists)


@pytest.mark.parametrize(
    "text",
    ["Zijn vader Syrische, zijn moeder Koerdische.", "Dear Sir,", "KINDEREN: TWEE ZOONS"],
)
def test_what_stands_behind_such_a_word_and_is_no_name_stays(text: str, lists: Lists) -> None:
    assert [] == _names(text, lists)
