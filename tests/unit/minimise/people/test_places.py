"""Addresses are found with the towns beside them, in time that grows with the text."""

import time

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Kind, Known, Whose
from gateway.minimise.people.lists import Lists


def _found(text: str, lists: Lists, known: Known) -> list[tuple[str, Kind, Whose]]:
    (found,) = find_people([text], known=known, lists=lists)
    return [(text[each.start : each.end], each.kind, each.whose) for each in found]


@pytest.mark.parametrize(
    ("town", "street"),
    [("Assen", "Molenstraat 5"), ("Rolde", "Molenstraat 15"), ("Zwolle", "Molenstraat 6"), ("Rolde", "Berkenstraat 3")],
)
def test_a_town_before_a_street_that_is_called_like_a_town_is_found_once(town: str, street: str, lists: Lists) -> None:
    expected = [(town, Kind.TOWN, Whose.THIRD_PARTY), (street, Kind.ADDRESS, Whose.THIRD_PARTY)]

    assert expected == _found(f"{town}, {street}", lists, Known())


def test_addresses_under_each_other_are_all_found(lists: Lists) -> None:
    text = "Rolde, Berkenstraat 3.\nRolde, Molendijk 3"

    assert ["Rolde", "Berkenstraat 3", "Rolde", "Molendijk 3"] == [each for each, _, _ in _found(text, lists, Known())]


@pytest.mark.parametrize(
    "piece",
    [
        "Assen, Molenstraat 5, Rolde, Molendijk 3, ",
        "Assen, Rolde, Assen, Molenstraat 5, Rolde, Assen ",
        "A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A-A Kerkstraat 5 ",
        "Ede Ede Ede Ede Ede Ede Ede Ede Ede Ede Kerkstraat 5 ",
        "'s-'s-'s-'t A'A.A'A.A'A.A'A.A'A.A'A Kerkstraat 5, ",
        "1234 AB Ede, 1234 AB Assen, Molenstraat 5, ",
        "bij Selam Haile in Zwolle ",
        "zijn zus zit in ",
        "zus   Selam   Zwolle   ",
        "waar woont hij? in ",
        "woont in ",
        "uw a@b.nl ",
    ],
)
def test_nasty_addresses_and_homes_take_no_more_time_than_their_length(piece: str, lists: Lists) -> None:
    def seconds(count: int) -> float:
        started = time.process_time()
        find_people([piece * count], known=Known(), lists=lists)
        return time.process_time() - started

    seconds(10)
    short = min(seconds(100) for _ in range(3))

    assert min(seconds(400) for _ in range(2)) < max(8 * short, 0.2)


def test_a_bracket_before_a_street_is_no_part_of_it(lists: Lists) -> None:
    found = [each for each, _, _ in _found("In Rolde (Molenstraat 5) woont zijn zus.", lists, Known())]

    assert ["Rolde", "Molenstraat 5"] == found


@pytest.mark.parametrize("behind", [" in Voorbeelddorp", ", in Voorbeelddorp", " te Voorbeelddorp"])
def test_a_place_on_no_list_goes_with_the_withheld_address_before_it(behind: str, lists: Lists) -> None:
    known = Known(names=("Mehret Gebremedhin",), addresses=("Voorbeeldweg 12",), withheld=("Voorbeeldweg 12",))
    found = _found(f"Mehret Gebremedhin woont op Voorbeeldweg 12{behind}.", lists, known)

    assert [("Voorbeeldweg 12", Kind.WITHHELD), ("Voorbeelddorp", Kind.WITHHELD)] == [each[:2] for each in found[1:]]


@pytest.mark.parametrize(
    "behind", [", Assen", ", 9401 AB Assen", " 9401 AB Assen", " in Assen", ", 9401 AB Ruigewendel"]
)
def test_a_postcode_and_town_behind_a_withheld_address_go_with_it(behind: str, lists: Lists) -> None:
    known = Known(withheld=("Voorbeeldweg 12",))
    found = _found(f"Zij woont op Voorbeeldweg 12{behind}.", lists, known)

    assert {Kind.WITHHELD} == {kind for _, kind, _ in found}
    assert behind.rsplit(maxsplit=1)[-1] == found[-1][0]


def test_the_street_of_the_subjects_own_address_is_nobodys_name(lists: Lists) -> None:
    known = Known(names=("Mehret Gebremedhin",), addresses=("Voorbeeldweg 12, 9401 AB Assen",))
    found = _found("Zij meldt zich bij de locatie aan de Voorbeeldweg.", lists, known)

    assert [("Voorbeeldweg", Kind.ADDRESS, Whose.SUBJECT)] == found


def test_the_street_of_an_address_that_may_not_go_does_not_become_the_subjects(lists: Lists) -> None:
    known = Known(addresses=("Voorbeeldweg 12, Assen",), withheld=("Voorbeeldweg 12",))

    assert Whose.SUBJECT not in {whose for _, _, whose in _found("De locatie aan de Voorbeeldweg.", lists, known)}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Zijn oom, Langs de Vecht 3-b te Ommen, belde.", "Langs de Vecht 3-b"),
        ("J. Pronk\nAchterom 7\n1441 XA Purmerend\n\nMijn zus woont op Achterom 9.", "Achterom 9"),
        ("Hij bracht eten naar de Ondiep-Zuidzijde 8.", "Ondiep-Zuidzijde 8"),
        ("My sister lives at 17 Hartington Road, Southall.", "17 Hartington Road"),
        ("Haar adres is 12 bis, rue de la Paix te Lyon.", "12 bis, rue de la Paix"),
        ("adres  Gouwe Hof 7", "Gouwe Hof 7"),
        ("Zijn oom woont in Ede aan de Stationsweg.", "Stationsweg"),
        ("Zijn zus, Kerkstraat5, Zwolle", "Kerkstraat5"),
    ],
)
def test_a_street_that_no_list_has_is_told_by_what_stands_beside_it(text: str, address: str, lists: Lists) -> None:
    assert address in [each for each, kind, _ in _found(text, lists, Known()) if kind is Kind.ADDRESS]


@pytest.mark.parametrize(
    "text",
    ["Zaal 3, Zwolle", "Kamer 12 te Assen", "In mei 2024 in Zwolle", "Vlucht: W6 7755, Eindhoven", "Postbus 9, Ede"],
)
def test_what_is_numbered_beside_a_town_is_no_street(text: str, lists: Lists) -> None:
    assert [] == [each for each, kind, _ in _found(text, lists, Known()) if kind is Kind.ADDRESS]


def test_many_streets_again_take_no_more_time_than_their_length(lists: Lists) -> None:
    def seconds(count: int) -> float:
        text = " ".join(f"Kerk{chr(97 + at % 26)}straat {at}, Achterom {at}" for at in range(count))
        started = time.process_time()
        find_people([text], known=Known(), lists=lists)
        return time.process_time() - started

    seconds(10)
    short = min(seconds(100) for _ in range(3))

    assert min(seconds(400) for _ in range(2)) < max(8 * short, 0.3)
