"""The numbers that interpreters, doctors, lawyers and staff work under lead to them as their names do."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import CellPlace, Kind, Known, Whose
from gateway.minimise.people.lists import Lists


def _found(text: str, lists: Lists) -> list[tuple[str, Kind, Whose]]:
    (found,) = find_people([text], known=Known(names=("Yohannes Tesfay",)), lists=lists)
    return [(text[each.start : each.end], each.kind, each.whose) for each in found if each.kind is not Kind.NAME]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Rbtv-nr. 2034", "2034"),
        ("Tolk: mw. N. Popal, Wbtv-nr 28841", "28841"),
        ("registertolk 18865 (Arabisch)", "18865"),
        ("Reg.tolk Wbtv 20914", "20914"),
        ("Tolk was de heer N. Popal, registernummer 4410.", "4410"),
    ],
)
def test_an_interpreters_number_in_the_register_is_a_third_partys(text: str, number: str, lists: Lists) -> None:
    assert [(number, Kind.REGISTER_NUMBER, Whose.THIRD_PARTY)] == _found(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "Tolknummer: 4417",
        "Tolk: nr. 1182 (Tigrinya)",
        "Betrokkene sprak met tolk 0482.",
        "De tolk kwam om 10.30 uur en bleef 120 minuten.",
        "Inzet van een tolk 2023",
        "tolk 12-05-2024",
        "Tolk Dari 300 euro",
        "Tolk, artikel 191 lid 3",
        "Mutatienummer 2024123456 en proces-verbaal PL0100-2024123456",
    ],
)
def test_what_an_office_calls_an_interpreter_by_a_time_a_sum_and_a_case_stay(text: str, lists: Lists) -> None:
    assert [] == _found(text, lists)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("De arts, BIG-nummer 19012345601, schrijft", "19012345601"),
        ("BIG: 4901 2345 601", "4901 2345 601"),
        ("mr. J. de Vries, BAR-nummer A12345", "A12345"),
        ("SKJ-registratienummer 110023456", "110023456"),
    ],
)
def test_the_number_of_a_doctor_or_a_lawyer_is_a_third_partys(text: str, number: str, lists: Lists) -> None:
    assert [(number, Kind.REGISTER_NUMBER, Whose.THIRD_PARTY)] == _found(text, lists)


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("Verbalisant J. Smit, dienstnummer 123456", Whose.OFFICIAL),
        ("Zijn advocaat, mr. J. de Vries, personeelsnummer 123456", Whose.THIRD_PARTY),
        ("Yohannes Tesfay werkte onder personeelsnummer 123456", Whose.SUBJECT),
    ],
)
def test_a_staff_number_is_of_whoever_was_spoken_of(text: str, whose: Whose, lists: Lists) -> None:
    assert [("123456", Kind.STAFF_NUMBER, whose)] == _found(text, lists)


@pytest.mark.parametrize("label", ["BAR-nummer", "Tolkcode", "BIG-registratie"])
def test_the_label_of_such_a_number_is_nobodys_name(label: str, lists: Lists) -> None:
    (found,) = find_people([f"De {label} is bekend."], known=Known(), lists=lists)

    assert () == found


def test_a_number_below_the_head_of_interpreters_is_found(lists: Lists) -> None:
    texts = ["Datum", "Tolk", "1-2-2024", "4417"]
    places = [CellPlace(table=0, row=number // 2, column=number % 2) for number in range(4)]

    found = find_people(texts, known=Known(), lists=lists, places=places)

    assert [(), (), (), (Kind.REGISTER_NUMBER,)] == [tuple(each.kind for each in cell) for cell in found]
