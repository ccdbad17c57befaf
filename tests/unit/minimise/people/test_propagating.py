"""A name that was found once is found where it could be an ordinary word."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known
from gateway.minimise.people.lists import Lists


def _found(text: str, lists: Lists) -> list[tuple[str, bool]]:
    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)
    return [(text[each.start : each.end], each.certain) for each in found]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Haar dochter Merel Haile speelt. Merel huppelt door de tuin.", "Merel"),
        ("Haar zus Jasmijn belde. Jasmijn, nog jong, huilde.", "Jasmijn"),
    ],
)
def test_a_name_that_is_a_word_is_found_at_the_head_of_a_sentence_but_not_for_certain(
    text: str, name: str, lists: Lists
) -> None:
    assert (name, False) == _found(text, lists)[-1]


def test_a_word_at_the_head_of_a_sentence_stays_where_nobody_bears_it(lists: Lists) -> None:
    assert [] == _found("Storm huppelt door de tuin. Merel en lijster zingen.", lists)
