"""What stands at the head of a column says what the cells below it are, and each row whose they are."""

import pytest

from gateway.minimise.people.columns import head_of
from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import CellPlace, Kind, Known, Whose
from gateway.minimise.people.lists import Lists

_SUBJECT = Known(names=("Mehret Gebremedhin",), numbers=("0991234567",), birth_date="1994-03-12")


def _taken(texts: list[str], lists: Lists, places: list[CellPlace | None] | None = None) -> list[str]:
    found = find_people(texts, known=_SUBJECT, lists=lists, places=places or ())
    return [
        text[each.start : each.end]
        for text, findings in zip(texts, found, strict=True)
        for each in findings
        if each.whose is Whose.THIRD_PARTY and each.kind is not Kind.NAME
    ]


def _readings(rows: list[str], lists: Lists) -> list[list[str]]:
    """Give what is taken out of a table as cells, as one text with bars, with tabs, and as a text for each row."""
    placed = [
        (cell, CellPlace(0, row, at)) for row, line in enumerate(rows) for at, cell in enumerate(line.split(" | "))
    ]
    tabbed = [row.replace(" | ", "\t") for row in rows]
    return [
        _taken([cell for cell, _ in placed], lists, [place for _, place in placed]),
        _taken(["\n".join(rows)], lists),
        _taken(["\n".join(tabbed)], lists),
        _taken(tabbed, lists),
    ]


@pytest.mark.parametrize("head", ["Geboren", "Geb.", "Geb.datum", "Geboortedatum", "geboren op", "Datum geboorte"])
@pytest.mark.parametrize("written", ["01-02-2022", "5 juni 1990"])
def test_a_birth_date_below_its_head_goes_and_the_subjects_own_stays(head: str, written: str, lists: Lists) -> None:
    rows = [f"Naam | Relatie | {head}", "Mehret Gebremedhin | zelf | 12-03-1994", f"Luwam Abdi | zus | {written}"]

    assert [[written]] * 4 == _readings(rows, lists)


@pytest.mark.parametrize("head", ["Telefoon", "Tel.", "Mobiel", "Tel.nr."])
def test_a_telephone_number_that_lost_its_zero_goes_but_not_the_subjects(head: str, lists: Lists) -> None:
    rows = [f"Naam | {head} | Relatie", "Mehret Gebremedhin | 612345678 | zelf", "Oksana | 612349876 | buurvrouw"]

    assert [["612349876"]] * 4 == _readings(rows, lists)


@pytest.mark.parametrize(
    ("head", "written"),
    [
        ("BSN", "12345678"),
        ("V-nummer", "280123456"),
        ("Adres", "Achter de Hoge 3"),
        ("Postcode", "9204kb"),
        ("Woonplaats", "Drachten"),
        ("Rekening", "4171643"),
        ("Paspoort", "AB-12345"),
        ("Kenteken", "GT482K"),
    ],
)
def test_what_has_no_form_of_its_own_goes_below_a_head_that_names_its_kind(
    head: str, written: str, lists: Lists
) -> None:
    rows = [f"Naam | Relatie | {head}", f"Luwam Abdi | zus | {written}"]

    assert [[written]] * 4 == _readings(rows, lists)


def test_a_cell_belongs_to_who_is_named_behind_it_in_its_row(lists: Lists) -> None:
    rows = ["Tel | Naam", "612345678 | Mehret Gebremedhin", "612349876 | Luwam Abdi"]

    assert [["612349876"]] * 4 == _readings(rows, lists)


def test_a_row_that_names_nobody_is_not_the_subjects(lists: Lists) -> None:
    rows = ["Naam | Geboren", "Mehret Gebremedhin | 12-03-1994", "onbekend | 01-02-2022"]

    assert [["01-02-2022"]] * 4 == _readings(rows, lists)


def test_a_row_with_an_empty_cell_on_a_page_is_searched_for_all_that_its_heads_say(lists: Lists) -> None:
    texts = ["Naam\tRelatie\tGeboren\tTelefoon", "Luwam Abdi\t01-02-2022\t612349876"]

    assert ["01-02-2022", "612349876"] == _taken(texts, lists)


def test_a_column_that_is_read_by_itself_loses_its_dates_but_the_subjects(lists: Lists) -> None:
    assert ["01-02-2022"] == _taken(["Geboren\n12-03-1994\n01-02-2022"], lists)


def test_the_field_of_a_form_stays_the_subjects(lists: Lists) -> None:
    rows = ["Naam | Mehret Gebremedhin", "Telefoon | 612345678", "Contactpersoon | Luwam Abdi", "Tel | 612349876"]

    assert [["612349876"]] * 4 == _readings(rows, lists)


def test_dates_and_numbers_under_other_heads_and_below_a_table_stay(lists: Lists) -> None:
    rows = ["Datum | Naam | Geboren", "14-10-2026 | Luwam Abdi | 01-02-2022", "Het gesprek eindigde op 15-10-2026."]

    assert ["01-02-2022"] == _taken(["\n".join(rows)], lists)


@pytest.mark.parametrize("cell", ["Geboorteplaats", "Geb. plaats", "Datum", "Telling", "Naam", "Geboren 1990", ""])
def test_what_names_another_kind_or_none_is_no_head(cell: str) -> None:
    assert head_of(cell) is None


def test_a_second_birth_date_in_a_sentence_is_found_by_its_own_word(lists: Lists) -> None:
    text = "Zoon Mamadou (geb. 12 feb 2015) en dochter Aïssatou, geboortedatum 03.04.2018."

    assert ["12 feb 2015", "03.04.2018"] == _taken([text], lists)


@pytest.mark.parametrize("written", ["+46 70 123 45\n67", "+218 91 234\n5678", "06-1234\n5678"])
def test_a_telephone_number_that_a_narrow_cell_broke_is_found_whole(written: str, lists: Lists) -> None:
    assert [written] == _taken(["Mehret Gebremedhin", written], lists)
