"""Names that are written in a way of their own are found whole."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("C01   Al Masri, Bassel", ["Al Masri", "Bassel"]),
        ("4   AL HAMAD Khaled   SYR", ["AL HAMAD Khaled"]),
        ("Hoofdbewoner is dhr. v/d Berg.", ["v/d Berg"]),
        ("Ondertekend door Gjin Marku jr. en anderen.", ["Gjin Marku jr"]),
        ("Stuur geld via Movsaret.", ["Movsaret"]),
        ("Aanwezig : Ria , Gerrit-Jan , ik. Ria is ziek.", ["Ria", "Gerrit-Jan", "Ria"]),
        ("Hij is verwezen naar Sabine Pol.", ["Sabine Pol"]),
        ("Brother: SELMANI, Soran", ["SELMANI", "Soran"]),
        ("Via TikTok te kennen (nahom.asmara07).", ["nahom.asmara07"]),
        ("BSN man 691618458, vrouw 201924006.", ["691618458", "201924006"]),
        ("De adv (Haantjes) heeft gebeld.", ["Haantjes"]),
    ],
)
def test_a_name_or_number_in_a_form_of_its_own_goes_whole(text: str, taken: list[str], lists: Lists) -> None:
    (found,) = find_people([text], known=Known(names=("Wafaa Mahmoud Shaheen",)), lists=lists)

    assert taken == [text[each.start : each.end] for each in found]


@pytest.mark.parametrize(
    "text",
    [
        "Hoe heet uw vader?\n  Mahmoud Shaheen. Ja.",
        "V: Wie is uw oom?\nA: Mahmoud Shaheen.",
        "Vraag: Wat is de naam van uw broer?\nAntwoord: Shaheen.",
        "Haar vader heet Shaheen.",
    ],
)
def test_attack_a_relative_is_called_by_a_part_of_the_subjects_name(text: str, lists: Lists) -> None:
    (found,) = find_people([text], known=Known(names=("Wafaa Mahmoud Shaheen",)), lists=lists)

    assert [Whose.THIRD_PARTY] == [each.whose for each in found]
