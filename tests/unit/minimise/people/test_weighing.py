"""Dates of birth and towns of homes that no rule tells are found by what stands around them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Kind, Known, Whose
from gateway.minimise.people.lists import Lists
from gateway.minimise.people.weighing import signs_of
from gateway.minimise.people.weights import Weights
from gateway.minimise.people.words import Vocabulary
from tests.redaction.learning import Example, learnt


def found(text: str, lists: Lists, kind: Kind) -> list[str]:
    (findings,) = find_people([text], known=Known(names=("Yonas Tesfay",)), lists=lists)
    return [text[each.start : each.end] for each in findings if each.kind is kind and each.whose is not Whose.SUBJECT]


@pytest.mark.parametrize(
    "text",
    [
        "Gezinsleden op de kaart:\n  Semhar Haile      echtgenote     14-02-1991     2840011223\n",
        "3. Bewoner Hatice Demir, unit 118, 24/01/1979, klaagt over geluid. 12-03-2025 gesproken.",
        "Volgens de tante, Hatice Demir, Turkse, 14-02-1961, is hij weg.",
    ],
)
def test_a_date_among_what_is_told_of_a_person_is_one_of_birth(text: str, lists: Lists) -> None:
    assert found(text, lists, Kind.BIRTH_DATE)


@pytest.mark.parametrize(
    "text",
    [
        "Hatice Demir belde op 12-03-2025 om 14:05 en belt op 14-03-2025 terug.",
        "Afspraak dinsdag 4 februari 2025, 09.30 uur, loket 3. Meenemen: de brief van 12 januari 2025.",
        "Het besluit van 3 mei 2024 is op 6 mei 2024 verzonden.",
    ],
)
def test_a_date_on_which_something_happens_stays(text: str, lists: Lists) -> None:
    assert [] == found(text, lists, Kind.BIRTH_DATE)


def test_a_town_that_is_told_of_somebody_goes(lists: Lists) -> None:
    assert ["Almelo"] == found("Haar zus Semhar Haile heeft sinds kort een kamer in Almelo.", lists, Kind.TOWN)


def test_the_town_of_an_office_stays(lists: Lists) -> None:
    assert [] == found("De zitting is op 4 maart bij de rechtbank in Zwolle.", lists, Kind.TOWN)


def test_what_is_weighed_is_never_certain(lists: Lists) -> None:
    text = "Volgens de tante, Hatice Demir, Turkse, 14-02-1961, is hij weg."
    without = replace(lists, of_births=Weights(), of_homes=Weights())
    plain, weighed = (find_people([text], known=Known(), lists=each)[0] for each in (without, lists))

    assert {each for each in plain if each.certain} == {each for each in weighed if each.certain}
    assert {*plain} != {*weighed}


@given(name=st.from_regex(r"[A-Z][bcdfghjklmnpqrstvwxz]{6,9}", fullmatch=True))
def test_no_sign_holds_a_name_or_the_date_itself(name: str, lists: Lists) -> None:
    text = f"Met {name} gesproken, {name}, geboren 24-01-1979, woont in Almelo met {name}."
    (findings,) = find_people([text], known=Known(), lists=lists)
    signs = signs_of(text, findings, Vocabulary(lists))
    said = " ".join(sign for around in (signs.dates(), signs.towns()) for _, each in around for sign in each)

    assert name.lower() not in said.lower()
    assert "1979" not in said
    assert "Almelo" not in said


def test_what_is_learnt_is_the_same_every_time_and_tells_the_examples_apart() -> None:
    texts = [[Example(frozenset({"before geboren"}), right=True), Example(frozenset({"before op"}), right=False)]] * 5
    weights = learnt(texts)

    assert weights == learnt(texts)
    assert weights.chance({"before geboren"}) > 0.5 > weights.chance({"before op"})


def test_without_weights_nothing_is_likely() -> None:
    assert 0 == Weights().chance({"before geboren"})


@pytest.mark.parametrize("lines", [["0.5 before op"], ["a\tbefore op"], ["0.5\tbefore op"]])
def test_a_list_of_weights_that_is_broken_is_not_read(lines: list[str]) -> None:
    with pytest.raises(OSError, match="weights"):
        Weights.read(lines)
