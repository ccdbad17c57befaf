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
