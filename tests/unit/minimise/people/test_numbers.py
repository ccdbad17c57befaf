"""Numbers that lead to a person are found whatever sign stands beside or between their digits."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Kind, Known
from gateway.minimise.people.lists import Lists
from gateway.minimise.people.numbers import find_numbers


def _found(text: str, *kinds: Kind) -> set[str]:
    return {text[spot.start : spot.end] for spot in find_numbers(text) if spot.kind in kinds}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Selam Haile,123456782,Emmen", "123456782"),
        ("zie gezin_123456782.docx", "123456782"),
        ("https://portaal.example/personen/123456782/kaart", "123456782"),
        ("https://portaal.example/dossier/123456782", "123456782"),
        ("zijn BSN luidt 123/456/782", "123/456/782"),
        ("bsn_123456782", "123456782"),
        ("BSN 123_456_782", "123_456_782"),
        ("BSN: 12345\n6782", "12345\n6782"),
        ("Burgerservicenummer:\n123456789", "123456789"),
        ("De BSN's: 123456782/123456783", "123456783"),
        ("BSN 123456781, 123456783 en 123456784", "123456784"),
        ("BSN man 123456781, vrouw 123456784", "123456784"),
    ],
)
def test_a_bsn_is_found_beside_any_sign(text: str, number: str) -> None:
    assert number in _found(text, Kind.BSN)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0981230001/0981230002", "0981230002"),
        ("Haile,0981230002,Emmen", "0981230002"),
        ("dossiers 0981230001-0981230002", "0981230002"),
        ("bijlage_0981230002.pdf", "0981230002"),
        ("V-nummer: 09812\n30002", "09812\n30002"),
        ("v-nummer_0981230002", "0981230002"),
        ("vnr 098/123/0002", "098/123/0002"),
    ],
)
def test_a_v_number_is_found_beside_any_sign(text: str, number: str) -> None:
    assert number in _found(text, Kind.V_NUMBER)


@pytest.mark.parametrize("text", ["tel. 0612345679, was", "Hij belde 0612345679.", "0201234567"])
def test_ten_digits_of_the_dutch_numbering_plan_are_a_telephone_number(text: str) -> None:
    assert (1, set()) == (len(_found(text, Kind.TELEPHONE)), _found(text, Kind.V_NUMBER))


@pytest.mark.parametrize("text", ["V-nummer 0612345679", "dossier 0612345679", "vnr. 0201234567"])
def test_beside_a_word_for_a_v_number_they_are_a_v_number(text: str) -> None:
    assert 1 == len(_found(text, Kind.V_NUMBER))


@pytest.mark.parametrize(
    "text",
    [
        "BSN onbekend, gehoord op 12/03/2020",
        "order 123456782 en factuur 123456782",
        "coordinaat 5.123456782 en +123456782",
        "kenmerk 2024/1234",
        "BSN 1234\n56 en verder",
    ],
)
def test_a_date_a_fraction_and_the_number_of_a_thing_are_no_number_of_a_person(text: str) -> None:
    assert set() == _found(text, Kind.BSN, Kind.V_NUMBER)


@pytest.mark.parametrize("text", ["Zijn oom is bereikbaar in zijn zaak: 06-12345678", "Order buurvrouw: 0612345678"])
def test_attack_a_mobile_number_is_not_taken_for_the_number_of_a_case(text: str, lists: Lists) -> None:
    (found,) = find_people([text], known=Known(names=("Yonas Tesfay",)), lists=lists)

    assert [text.rpartition(": ")[2]] == [text[each.start : each.end] for each in found if each.kind is Kind.TELEPHONE]
