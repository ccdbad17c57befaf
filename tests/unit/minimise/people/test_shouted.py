"""Names in lines of capitals are found by the field or the form of address before them."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.whose is not Whose.SUBJECT]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("NAAM OOM: VAN DER MEER", ["VAN DER MEER"]),
        ("NAAM BUURVROUW: DE LANGE\nROEPNAAM: JASMIJN", ["DE LANGE", "JASMIJN"]),
        ("DE HEER VAN DAM IS GEHOORD.", ["VAN DAM"]),
        ("MEVROUW DE KORTE IS GEHOORD.", ["DE KORTE"]),
        ("DE HEER DE BOER EN MEVROUW VAN LEEUWEN ZIJN BUREN", ["DE BOER", "VAN LEEUWEN"]),
        ("ACHTERNAAM: ZONNEBLOEM", ["ZONNEBLOEM"]),
        ("MEVR. IN 'T VELD WAS ER NIET.", ["IN 'T VELD"]),
    ],
)
def test_a_name_in_capitals_is_found_with_its_particles(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "NAAM: NIET BEKEND",
        "VOORNAAM: ONBEKEND EN LEEFTIJD ONBEKEND",
        "NAAM INSTELLING: STICHTING DE BRUG",
        "KINDEREN: TWEE ZOONS EN EEN DOCHTER",
        "ECHTGENOOT: OVERLEDEN IN DE OORLOG",
        "MEVROUW DE VOORZITTER OPENT DE ZITTING.",
        "DE HEER SELAM HAILE IS GEHOORD.",
    ],
)
def test_what_is_filled_in_that_names_nobody_stays(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)
