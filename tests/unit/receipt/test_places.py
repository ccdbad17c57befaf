"""A place in a package is said as people count: from one, and by the names that they use."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.errors import Code
from gateway.package.places import said_place
from gateway.package.states import Language, PackageState
from gateway.receipt.slip_files import render_slip
from gateway.receipt.slips import slip_of
from tests.unit.receipt.samples import facts, shipped

TEMPLATES = shipped()


def dutch(where: str) -> str:
    return said_place(where, say=lambda text: TEMPLATES.text(text, language=Language.NL))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("documents[0]", "document 1"),
        ("documents[0].declaredCategories[1]", "document 1, declaredCategories 2"),
        ("document 3", "document 3"),
        ("line 4", "regel 4"),
        ("member 2", "bestand 2 in het zipbestand"),
        ("document 2, page 3", "document 2, bladzijde 3"),
        ("document 2, paragraph 3, paragraph 14", "document 2, alinea 3, alinea 14"),
        ("document 2, line 3", "document 2, regel 3"),
        ("recipients[0]", "recipients 1"),
        ("sender", "sender"),
        ("data", "de gegevens"),
        ("documents", "de documenten (documents)"),
        ("body", "de inhoud van de aanvraag"),
        ("query", "de parameters van de aanvraag"),
        ("entry", "de naam van wat is ingeleverd"),
        ("files", "de namen van de bestanden in het pakket"),
        ("dataFile", "het gegevensbestand (dataFile)"),
        ("request.reference", "het kenmerk in de brief (request.reference)"),
    ],
)
def test_a_place_is_said_as_people_count_it(where: str, said: str) -> None:
    assert said == dutch(where)


@given(st.text(max_size=40))
def test_no_place_is_lost_or_ends_in_an_error(where: str) -> None:
    assert (where == "") == (dutch(where) == "")


@pytest.mark.parametrize("where", ["document 2", "data", "request.reference"])
def test_a_slip_about_residue_names_where_the_value_stands(where: str) -> None:
    told = replace(facts(PackageState.HELD, Code.RESIDUE_FOUND.value), where=where)
    forms = render_slip(slip_of(told, texts=TEMPLATES), templates=TEMPLATES)

    assert f"Plaats: {dutch(where)}" in forms[".txt"].decode()
    assert f"Plaats: {dutch(where)}" in forms[".html"].decode()
    assert f'"where": "{where}"' in forms[".json"].decode()


def test_a_slip_about_residue_in_a_document_says_which_kinds_of_values_stand_there() -> None:
    told = replace(facts(PackageState.HELD, Code.RESIDUE_FOUND.value), where="document 2", detail={"kinds": "bsn name"})
    text = render_slip(slip_of(told, texts=TEMPLATES), templates=TEMPLATES)[".txt"].decode()

    assert "Plaats: document 2 (burgerservicenummer (BSN), naam)" in text
