"""Birth dates are told from other dates by the person beside them, where no word says `geboren`."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Kind, Known, Whose
from gateway.minimise.people.lists import Lists


def _births(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Yohannes Tesfay",)), lists=lists)
    return [
        text[each.start : each.end]
        for each in found
        if each.kind is Kind.BIRTH_DATE and each.whose is Whose.THIRD_PARTY
    ]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Gezinsleden: Selam Haile (echtgenote, 12-06-1985), Robel (zoon, 03-04-2020).", ["12-06-1985", "03-04-2020"]),
        ("Selam Haile - V - 12-06-1985", ["12-06-1985"]),
        ("Selam Haile, 39 jaar (12-06-1985)", ["12-06-1985"]),
        ("Referent: Selam Haile, V-nummer 2812345678, 12-06-1985", ["12-06-1985"]),
        ("1. Selam Haile 12-06-1985 (echtgenote)", ["12-06-1985"]),
        ("Selam Haile\t12-06-1985\tEritrese", ["12-06-1985"]),
        ("Kinderen: Robel 03-04-2020", ["03-04-2020"]),
        ("Zijn zoon (03-04-2020) is ziek.", ["03-04-2020"]),
    ],
)
def test_a_date_in_what_a_list_tells_of_a_person_is_a_birth_date(text: str, dates: list[str], lists: Lists) -> None:
    assert dates == _births(text, lists)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Zijn vrouw Selam Haile is van 3 mei 1988.", "3 mei 1988"),
        ("Mijn zus is volgens mij van 3 mei 1988.", "3 mei 1988"),
        ("Sa soeur Selam Haile, née le 23 août 1970", "23 août 1970"),
        ("Volgens het paspoort van Selam is zij van 3-5-1988.", "3-5-1988"),
    ],
)
def test_somebody_who_is_of_a_day_was_born_on_it(text: str, date: str, lists: Lists) -> None:
    assert [date] == _births(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "Zijn zoon werd op 3 mei achttien.",
        "Zijn zoon wordt op 3 mei 18.",
        "Zijn moeder is jarig op 3 mei.",
        "Op 3 mei is zijn moeder jarig.",
        "Zijn broer is geboren op 3 mei.",
        "Zijn zus wordt 3 mei meerderjarig.",
        "Zijn zus bereikt op 3 mei de leeftijd van 18 jaar.",
        "Op 3 mei is hun zoon geboren.",
        "Op 3 mei beviel zijn zus.",
    ],
)
def test_a_birthday_needs_no_year(text: str, lists: Lists) -> None:
    assert ["3 mei"] == _births(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "De brief van zijn vrouw is van 3 mei 2024.",
        "Gehoor Selam Haile, 12-06-2024",
        "Op 12-06-2024 sprak Selam Haile met de IND.",
        "Selam Haile werd op 3 mei 2024 gehoord en bleef 18 dagen.",
        "Op 3 mei was zijn moeder ziek.",
        "Op 3 mei 2024 is de zus van betrokkene gehoord.",
        "Zij werd op 3 mei 2024 2 uur gehoord.",
        "Selam Haile vertrok in mei 2015.",
    ],
)
def test_the_date_of_an_act_stays(text: str, lists: Lists) -> None:
    assert [] == _births(text, lists)


def test_a_sex_beside_a_name_makes_nobody_an_official(lists: Lists) -> None:
    text = "Selam Haile (v, 12-06-1985)"
    (found,) = find_people([text], known=Known(names=("Yohannes Tesfay",)), lists=lists)

    assert {Whose.THIRD_PARTY} == {each.whose for each in found}


@pytest.mark.parametrize("written", ["2 9 - 1 1 - 1 9 5 8", "1 7.0 3.1 9 5l", "30.0l.1977"])
def test_a_birth_date_in_boxes_or_misread_is_found_whole(written: str, lists: Lists) -> None:
    assert [written] == _births(f"Zijn moeder, geb. {written}", lists)


def test_the_second_of_two_who_are_of_a_day_is_found_too(lists: Lists) -> None:
    text = "Lamar is van 3 mei 2018, de tweeling Jad en Julia van 12 november 2020."

    assert ["3 mei 2018", "12 november 2020"] == _births(text, lists)
