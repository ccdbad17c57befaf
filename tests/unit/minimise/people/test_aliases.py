"""A name that the subject is called by as well is the subject's; everybody else's other name still goes."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Tran Duc Anh",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.whose is not Whose.SUBJECT]


@pytest.mark.parametrize(
    "text",
    [
        "Betrokkene noemt zich sinds kort Andy. Andy is vandaag gezien.",
        'Verdachte wordt ook wel "Gebre" genoemd.',
        "Tran Duc Anh, alias Tony Vu, is vertrokken.",
        "Naam: Tran Duc Anh\nRoepnaam: Andy\nDatum: 3 mei",
        "Betrokkene overlegt een doopakte. Doopnaam: Gebre Kristos.",
        "Jongere: Tran Duc Anh, roepnaam Andy. Andy woont daar.",
        "Jongere: Tran Duc Anh (roepnaam Andy)",
    ],
)
def test_another_name_of_the_subject_stays(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("De broer van betrokkene noemt zich Samir.", ["Samir"]),
        ("Betrokkene en zijn neef Kiet, alias Bobbo, kwamen.", ["Kiet", "Bobbo"]),
        ("Naam           TRAN\nVoorna(a)m(en) DUC ANH\nZus: Mai Tran", ["Mai Tran"]),
        ("Betrokkene noemt Ahmed als reisagent.", ["Ahmed"]),
        ("Betrokkene belde. Hij heet Ahmed.", ["Ahmed"]),
        ("Betrokkene werd door Ahmed Hassan gezien.", ["Ahmed Hassan"]),
        ("Naam: Tran Duc Anh\nVader: Kiet Vu\nAlias: Ahmed", ["Kiet Vu", "Ahmed"]),
    ],
)
def test_attack_a_name_that_somebody_else_is_called_by_is_passed_off_as_the_subjects(
    text: str, taken: list[str], lists: Lists
) -> None:
    assert taken == _taken(text, lists)
