"""Where a text is in another language, its ordinary words stay and the people in it go."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Farshid Moradi",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.whose is not Whose.SUBJECT]


@pytest.mark.parametrize(
    "text",
    [
        "Dear Mr Moradi,\n\nPlease bring your documents. Your Appointments are on Monday. You have to be on time.",
        "The applicant has not signed this form.\nPlace of birth: unknown\nMarital status: single",
        "Sehr geehrte Damen und Herren,\n\nzu der Anfrage teilen wir mit, dass die Person nicht da ist.",
        "Les documents que vous avez sont dans la Prefecture et une Copie est pour vous.",
    ],
)
def test_ordinary_words_of_another_language_stay(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("Please tell them that the brother of the applicant, Rebwar Azizi, was with you.", ["Rebwar Azizi"]),
        ("Please ask Blessing if she has been with Grace and the others.", ["Blessing", "Grace"]),
        (
            "Wir haben mit Herrn Albrecht und Nasir Nazari nicht über die Sache gesprochen.",
            ["Albrecht", "Nasir Nazari"],
        ),
        ("Wir haben mit Stefan Hartenung nicht über die Mitteilung gesprochen.", ["Stefan Hartenung"]),
        ("Please tell Will that they will meet you with the others.", ["Will"]),
        ("They are with Tran An Binh and his wife, who have not been to the office.", ["Tran An Binh"]),
    ],
)
def test_people_in_another_language_are_found(text: str, taken: list[str], lists: Lists) -> None:
    assert taken == _taken(text, lists)


def test_a_part_in_another_language_leaves_the_dutch_around_it_as_it_is(lists: Lists) -> None:
    text = (
        "Dit is de mail die naar ons is gestuurd.\n\nPlease note that the Form is with you.\n\nHij zag Enclosures niet."
    )

    assert ["Enclosures"] == _taken(text, lists)
