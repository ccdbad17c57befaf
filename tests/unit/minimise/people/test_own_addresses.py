"""The subject's own address stays, and the house of a neighbour does not pass for it."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> str:
    known = Known(names=("Selam Haile",), addresses=("Molenstraat 8, 7811 AB Emmen",))
    (found,) = find_people([text], known=known, lists=lists)
    return " ".join(text[each.start : each.end] for each in found if each.whose is Whose.THIRD_PARTY)


@pytest.mark.parametrize("house", ["Molenstraat 8-10", "Molenstraat 80", "Molenstraat 8a", "Molenstraat 12"])
def test_another_house_in_the_subjects_street_is_somebody_elses(house: str, lists: Lists) -> None:
    assert house in _taken(f"De buurman woont aan de {house}.", lists)


@pytest.mark.parametrize("house", ["Molenstraat 8", "molenstraat 8", "Molenstraat", "Molenstraat 8, 7811 AB Emmen"])
def test_the_subjects_own_house_stays(house: str, lists: Lists) -> None:
    assert "olenstraat" not in _taken(f"De buurman komt naar de {house}.", lists)
