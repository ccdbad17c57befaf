"""Firms, offices, groups, makes, rooms and places keep their names, and the people beside them do not."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.whose is not Whose.SUBJECT]


@pytest.mark.parametrize(
    "text",
    [
        "Zijn nicht werkt bij Picnic en haar man bij Plukon in de nacht.",
        "Hij krijgt hulp van Moviera en van de mensen van Fairwork.",
        "De beveiligers zijn van Trigion, de aanvraag ligt bij Zilveren Kruis.",
        "De auto is een Lada Priora, de telefoon een Samsung Galaxy.",
        "Hij kookte drie weken voor de Sea Tigers.",
    ],
)
def test_a_body_or_a_make_of_the_list_stays(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "Verwijzing naar GGZ Walderbos is gedaan.",
        "Het vonnis van rb. Walderland is definitief.",
        "Het gesprek is in zaal Merel, naast blok Vlinder.",
        "Woonstichting De Brug\nAfdeling Verhuur",
        "De inval was door leden van Jaysh al-Nusur.",
        "Zijn neef werkt bij de Policia e Rrugeve.",
    ],
)
def test_what_a_word_in_front_makes_a_body_stays(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


def test_a_place_stays_by_what_is_said_behind_it(lists: Lists) -> None:
    assert [] == _taken("Mijn vader was toen al in Adi Tsenabo, de gevangenis.", lists)


def test_a_saint_stays(lists: Lists) -> None:
    assert [] == _taken("Om zijn hals hing een medaillon van Sint Judas aan een ketting.", lists)


def test_a_word_of_a_people_and_another_stay(lists: Lists) -> None:
    assert [] == _taken("Een verklaring van de Eritrees-Orthodoxe Kerk is genoeg.", lists)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Contact bij GGZ Lieke van de receptie.", "Lieke"),
        ("Lid van Hassan zijn groep was ook Filmon.", "Filmon"),
        ("Daar was Omar, de school was dicht.", "Omar"),
        ("De militie van Tesfay Woldu kwam.", "Tesfay Woldu"),
        ("Mevrouw Sint heeft gebeld.", "Sint"),
        ("Gisteren heeft de militie Hiwottu opgehaald.", "Hiwottu"),
        ("Omdat de politie Hiwottu zocht, vertrok zij.", "Hiwottu"),
    ],
)
def test_a_person_goes_also_beside_the_words_for_bodies(text: str, names: str, lists: Lists) -> None:
    assert names in _taken(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "Moedertaal    : Pulafuuta",
        "Geboorteplaats   : Dekemrare",
        "Het gesprek verliep in het Frans en duurde kort.",
        "Talen: Frans, Soussou",
        "Hij reed weg in een zwarte Pratiot.",
        "Reis: Conakry - Bamako - Agadez - Sebraha - Zuwarra.",
        "Georgië is een veilig land van herkomst.",
        "Ik wil naar Spanje of naar Marokko.",
        "De aangifte bij de politie van Zestafono is niet opgenomen.",
        "Hij zit vast in Adel Abad sinds november.",
        "B. Gegevens van uw partner",
    ],
)
def test_a_language_a_car_a_place_and_a_heading_stay(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("B. Zonnebloem", "B. Zonnebloem"),
        ("Zij sprak met Frans de Boer over de kamer.", "Frans de Boer"),
        ("De zwarte Hassan is zijn vriend.", "Hassan"),
        ("Achternaam: Kok - Groen", "Kok - Groen"),
    ],
)
def test_a_name_beside_such_words_goes(text: str, name: str, lists: Lists) -> None:
    assert name in _taken(text, lists)
