"""Whose a number or an address is, by who was spoken of."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Li Wei",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.whose is not Whose.SUBJECT]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("V: Waar is uw paspoort?\nA: Bij de heer Ouyang. Het oude nummer was E41882907.", ["Ouyang"]),
        ("Vraag: Waar woont u?\nAntwoord: Bij mijn oom Bao. De straat is Dorpsstraat 4.", ["Bao"]),
    ],
)
def test_what_a_hearing_asks_the_subject_for_is_the_subjects(text: str, taken: list[str], lists: Lists) -> None:
    assert taken == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("V: Wat is uw telefoonnummer?\nA: Mijn broer Karim heeft er een. Dat is 0612345678.", ["Karim", "0612345678"]),
        ("V: Waar is uw paspoort?\nA: De heer Ouyang heeft het. Zijn paspoort is E41882907.", ["Ouyang", "E41882907"]),
        ("V: Waar is uw oom?\nA: Oom Bao? Zijn paspoort is E41882907.", ["Bao", "E41882907"]),
        ("V: Waar woont u?\nA: Mijn oom Bao woont op Dorpsstraat 4.", ["Bao", "Dorpsstraat 4"]),
    ],
)
def test_what_somebody_else_in_the_answer_has_goes(text: str, taken: list[str], lists: Lists) -> None:
    assert taken == _taken(text, lists)
