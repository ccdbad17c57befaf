"""What only looks like a name stays."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known
from gateway.minimise.people.lists import Lists


@pytest.mark.parametrize(
    "text", ["Emergency number: zie boven.", "De Grace periods zijn voorbij.", "Een ambtenaar te Zwolle belde."]
)
def test_an_english_term_and_the_town_of_an_official_stay(text: str, lists: Lists) -> None:
    assert ((),) == find_people([text], known=Known(names=("Selam Haile",)), lists=lists)


@pytest.mark.parametrize(
    "text",
    [
        "Stam: Noorzad. Taal: Pashto.",
        "Verblijfplaats ouders: Qamishlokan, aan de grens.",
        "Medicatie: Xaprolin 40 mg, Zorvatex zo nodig.",
        "Hij sliep in K14 en at in B2.",
        "Wat gebeurde er op 3 Tir?",
        "De Kreatox 6.8 was goed.",
        "Zorgnr en Kamernr staan op de pas.",
        "Afgegeven op 30 MEI 2025.",
        "Hij komt uit Zuidoost-Brabanten.",
        "Er is gescholden in het Turks.",
        "Met tolk Frans/Soussou.",
        "De brief ligt in zaal Merel.",
        "Een medaillon van Sint Judas.",
        "Toevoeging 4OT7781.",
    ],
)
def test_what_a_field_a_month_or_a_measurement_says_stays(text: str, lists: Lists) -> None:
    assert ((),) == find_people([text], known=Known(names=("Selam Haile",)), lists=lists)


@pytest.mark.parametrize("text", ["Bank rekeninghouder: Ghirmazion", "Conclusie: Ghirmazion komt"])
def test_a_name_behind_a_field_for_a_person_is_found(text: str, lists: Lists) -> None:
    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)

    assert [text.split(": ")[1].split(maxsplit=1)[0]] == [text[each.start : each.end] for each in found]


@pytest.mark.parametrize(
    "text",
    [
        "Wij schreven Woonstichting De Goede Woning aan.",
        "Zij gaat naar Openbare Basisschool De Koningin Emma.",
        "Rekening bij De Surinaamsche Bank.",
        "Haar kantoor heet Ghirmazion Hukuk.",
        "Hij rijdt in een Opel Zafirana.",
    ],
)
def test_what_is_called_after_its_kind_is_an_organisation_or_a_thing(text: str, lists: Lists) -> None:
    assert ((),) == find_people([text], known=Known(names=("Selam Haile",)), lists=lists)


def test_who_leads_what_is_called_so_is_found(lists: Lists) -> None:
    text = "De leider van het kamp heet Ghirmazion."

    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)

    assert ["Ghirmazion"] == [text[each.start : each.end] for each in found]


def test_a_judgment_that_is_listed_whole_is_not_read_by_the_names_in_it(lists: Lists) -> None:
    assert ((),) == find_people(
        ["Het beroep op Chavez-Vilchez faalt."], known=Known(names=("Selam Haile",)), lists=lists
    )


def test_when_a_message_came_is_no_telephone_number(lists: Lists) -> None:
    assert ((),) == find_people(
        ["[02-05-2025 18:03] ik: hoi\n[02-05-2025 18:04] ik: tot zo"], known=Known(names=("Selam Haile",)), lists=lists
    )


def test_an_interpreter_called_as_a_language_is_found(lists: Lists) -> None:
    text = "Met tolk Frans de Boer gesproken."

    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)

    assert ["Frans de Boer"] == [text[each.start : each.end] for each in found]


def test_attack_a_name_that_is_a_month_stands_behind_a_number(lists: Lists) -> None:
    text = "Op kamer 3 Jan de Vries, op kamer 4 Azar Karimi."

    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)

    assert ["Jan de Vries", "Azar Karimi"] == [text[each.start : each.end] for each in found]
