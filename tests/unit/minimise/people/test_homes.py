"""Towns go with the people they are said of; the subject's own and those of offices and firms stay."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Kind, Known, Whose
from gateway.minimise.people.lists import Lists


def _towns(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Yohannes Tesfay",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.kind is Kind.TOWN and each.whose is Whose.THIRD_PARTY]


@pytest.mark.parametrize(
    "text",
    [
        "Zijn zus verhuist naar Zwolle.",
        "Haar zussen zitten nu in Zwolle.",
        "Een landgenoot uit Zwolle belde.",
        "Zijn zus, wonend Zwolle, belde.",
        "Zijn neef heeft een winkel in Zwolle.",
        "Zijn neef heeft in Zwolle een winkel.",
        "De in Zwolle wonende oom belde.",
        "Zijn neef nam hem mee naar Zwolle, waar hij woont.",
        "Zijn vrouw is geplaatst in Zwolle.",
        "Selam Haile uit Zwolle belde.",
        "Hij kan bij Selam Haile in Zwolle terecht.",
        "Selam Haile moest naar dr. Smit. Hij bleef bij hem in Zwolle.",
        "Waar woont uw man?\nIn Zwolle.",
        "V: Waar verblijft hij nu?\nA: Hij is in Zwolle.",
    ],
)
def test_a_town_that_is_said_of_somebody_goes(text: str, lists: Lists) -> None:
    assert ["Zwolle"] == _towns(text, lists)


@pytest.mark.parametrize("town", ["Utrecht", "Den Haag", "Groningen", "Budel"])
def test_a_town_that_offices_are_named_after_is_a_home_all_the_same(town: str, lists: Lists) -> None:
    assert [town] == _towns(f"Zijn zus woont in {town}.", lists)


@pytest.mark.parametrize(
    "text",
    [
        "broer          R. Selvam        onbekend        Zwolle",
        "Selam Haile, Zwolle, 06-12345678",
        "Selam Haile, Zwolle",
    ],
)
def test_a_town_in_the_row_of_a_person_goes(text: str, lists: Lists) -> None:
    assert ["Zwolle"] == _towns(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "Waar woont u?\nIn Zwolle.",
        "Yohannes Tesfay woont in Zwolle.",
        "De rechtbank in Zwolle hoorde zijn zus.",
        "Zijn zus is gehoord in Zwolle.",
        "Zijn zus werkt bij PostNL in Zwolle.",
        "Arts: dr. Smit, Zwolle",
        "Door voorganger Piet Bloem in Zwolle is gebeld.",
    ],
)
def test_the_subjects_own_town_and_that_of_an_office_stay(text: str, lists: Lists) -> None:
    assert [] == _towns(text, lists)


def test_a_town_in_small_letters_is_found_in_a_message_without_capitals(lists: Lists) -> None:
    assert ["zwolle"] == _towns("mijn tante woont in zwolle en zij is best ziek", lists)
    assert [] == _towns("Mijn tante woont in huizen van hout.", lists)
