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
    ],
)
def test_nasty_addresses_take_no_more_time_than_their_length(piece: str, lists: Lists) -> None:
    def seconds(count: int) -> float:
        started = time.process_time()
        find_people([piece * count], known=Known(), lists=lists)
        return time.process_time() - started

    seconds(10)
    short = min(seconds(100) for _ in range(3))

    assert min(seconds(400) for _ in range(2)) < max(8 * short, 0.2)
