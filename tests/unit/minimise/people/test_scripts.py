"""Letters of every script are found, and words that mix two."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> dict[str, bool]:
    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)
    return {text[each.start : each.end]: each.certain for each in found if each.whose is Whose.THIRD_PARTY}


@pytest.mark.parametrize(
    "name",
    [
        "\u2d30\u2d4e\u2d49\u2d4f\u2d30",
        "\u07d1\u07ca\u07ed\u07d8\u07ce",
        "\U0001e902\U0001e93c\U0001e92d",
        "\u0787\u07a6\u0799\u07a9",
        "\u13e3\u13b3\u13a9",
        "\u1d0b\u1d00\u0280\u026a\u1d0d",
        "\U0001f17a\U0001f170\U0001f181\U0001f178\U0001f17c",
    ],
)
def test_a_name_in_a_rare_script_or_in_letters_with_ornaments_is_found(name: str, lists: Lists) -> None:
    assert name in _taken(f"De getuige is {name} en hij belde.", lists)


def test_letters_in_circles_are_read_as_what_they_are(lists: Lists) -> None:
    assert "\u24c0\u24d0\u24e1\u24d8\u24dc" in _taken("Zijn buurman \u24c0\u24d0\u24e1\u24d8\u24dc belde.", lists)


@pytest.mark.parametrize("word", ["K\u0430rimi", "Tes\u0493aye", "Visser\u0455", "H\u03bfuse", "\u041erhan"])
def test_a_word_of_two_scripts_is_a_name_that_is_not_certain(word: str, lists: Lists) -> None:
    assert {word: False} == _taken(f"Toen belde {word} weer.", lists)


@pytest.mark.parametrize(
    "text", ["5 k\u03a9 en 3 \u03bcmol", "\u03b1-blokker en IFN\u03b3", "m\u00b2, CO\u2082 en \u2460"]
)
def test_a_quantity_with_a_greek_letter_stays(text: str, lists: Lists) -> None:
    assert {} == _taken(text, lists)
