"""In passages in English, German and French the ordinary words stay, and the names are found."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.whose is Whose.THIRD_PARTY]


_FORM = """\
PERSONAL PARTICULARS OF THE APPLICANT
1. Surname:                TESFAY
2. Maiden name:            n/a
3. Place of birth:         Asmara, Eritrea
4. Citizenship(s):         Eritrean
5. Father's full name:     Haile Woldu
6. Current address:        unknown
OTHER USEFUL INFORMATION
During the Interview the Applicant stated that his brother Robel lives in Germany.
Signature:
"""


def test_of_an_english_form_only_the_names_are_found(lists: Lists) -> None:
    assert ["TESFAY", "Haile Woldu", "Robel"] == _taken(_FORM, lists)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Dear Sir,\nPlease let me know what you need. We read it on Monday.", []),
        ("She told us that our neighbour Mrs. Rose Young came. Please call her.", ["Rose Young"]),
        ("My sister Gift is here with you. We told Gift that she can stay.", ["Gift", "Gift"]),
        ("The lawyer who has the file is called Baker.", ["Baker"]),
        ("This is what you asked for. Mother's name: Hope", ["Hope"]),
        ("They were with you and Farshid Baker at the Reception.", ["Farshid Baker"]),
        ("On the first photo you see Merhawi with our cousin Thileepan.", ["Merhawi", "Thileepan"]),
    ],
)
def test_an_english_letter_is_read_as_english(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Zu der oben genannten Anfrage teilen wir Ihnen mit, dass der Jugendliche in einer Einrichtung lebt.", []),
        ("Mit freundlichen Grüßen und der Bitte um eine Kontaktaufnahme nach dem Grenzübertritt", []),
        ("Wir haben ihn im Bahnhofsviertel mit einer neuen Bleibe gesehen.", []),
        ("Mein Bruder Yonas und meine Schwester Freweyni sind nicht mit mir gekommen.", ["Yonas", "Freweyni"]),
        ("Sein Vormund, Herr Stefan Albrecht, hat mit Frau Schäfer gesprochen.", ["Stefan Albrecht", "Schäfer"]),
        ("Die Mutter ist nicht hier und Ghirmay Woldu sucht sie.", ["Ghirmay Woldu"]),
    ],
)
def test_a_german_letter_is_read_as_german(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Veuillez trouver notre réponse. Vous êtes prié de nous contacter. Demande pour une protection.", []),
        ("Mon frère Mamadou est avec nous. Notre voisine Madame Petit est ici.", ["Mamadou", "Petit"]),
        (
            "Objet : demande pour notre fils\nNom : KEITA\nPrénom : Souleymane\nNationalité : guinéenne",
            ["KEITA", "Souleymane"],
        ),
    ],
)
def test_a_french_letter_is_read_as_french(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


def test_a_dutch_passage_beside_an_english_one_is_read_as_dutch(lists: Lists) -> None:
    text = "Please tell us what you have.\n\nHij is met zijn vriend Storm naar huis gegaan en niet met Wolday."

    assert ["Storm", "Wolday"] == _taken(text, lists)


def test_the_language_of_one_text_counts_for_the_next_that_tells_nothing(lists: Lists) -> None:
    letter = "Please tell us what you have and where they are."

    found = find_people([letter, "Surname", "Remarks"], known=Known(names=("Selam Haile",)), lists=lists)

    assert ((), (), ()) == found


def test_a_relative_with_the_subjects_name_is_somebody_else_in_english_too(lists: Lists) -> None:
    (found,) = find_people(["Brother: MORADI, Soran"], known=Known(names=("Farshid Moradi",)), lists=lists)

    assert {Whose.THIRD_PARTY} == {each.whose for each in found}


def test_a_nickname_takes_its_title_along(lists: Lists) -> None:
    assert ["Sister Queen"] == _taken("Zij noemden haar Sister Queen, zei hij.", lists)
