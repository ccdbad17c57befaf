"""Labels, codes, months, languages and medicines are nobody; whoever stands beside them is found."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.whose is Whose.THIRD_PARTY]


@pytest.mark.parametrize(
    "text",
    [
        "Hij had een ticket voor 13 JUN 2025 en kwam op 30 MEI 2025.",
        "Aankomst 9 Jun 2025, vertrek 16 May 2026.",
        "Zij kwam aan op 4. März 2024.",
        "afspraak 19 Jan 09:00 uur",
    ],
)
def test_the_month_of_a_date_is_nobody_in_any_language(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


def test_a_name_that_is_a_month_too_is_found_outside_a_date(lists: Lists) -> None:
    assert ["Mei Ling"] == _taken("Op kamer 12 woont Mei Ling.", lists)


@pytest.mark.parametrize(
    "text", ["21-01-1988   GEO   azc Budel", "V-nummer onbekend \u2013 19700823 \u2013 GEO", "nat.   SYR"]
)
def test_the_code_of_a_country_in_a_cell_of_its_own_stays(text: str, lists: Lists) -> None:
    assert "GEO" not in _taken(text, lists)
    assert "SYR" not in _taken(text, lists)


def test_a_name_in_capitals_that_is_the_code_of_a_country_too_is_found(lists: Lists) -> None:
    assert ["CAN YILMAZ"] == _taken("Zijn buurman heet CAN YILMAZ.", lists)


@pytest.mark.parametrize(
    "text",
    [
        "Toevoeging: 4OT7781.",
        "referentie TR-88120-NGA",
        "Zorgnr 12",
        "Voorna(a)m(en) onbekend",
        "Rapporteur. Reg.tolk Wbtv",
        "Behand.: ja, Esc.: 2",
        "Vlucht HV5801 AMS-IST ETD 12.20 ETA 17.05",
    ],
)
def test_labels_and_letters_within_a_number_stay(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


def test_a_pronoun_behind_a_word_for_kin_is_no_name(lists: Lists) -> None:
    assert ["Khadija"] == _taken("De moeder van mijn man. Ze heet Khadija.", lists)


def test_the_number_at_the_foot_of_a_page_is_that_of_the_file(lists: Lists) -> None:
    text = "Zijn broer Tesfay belde.\n\nDossier: Z1-88204410329          Pagina 4 van 4"

    assert ["Tesfay"] == _taken(text, lists)


def test_the_time_of_a_message_is_no_telephone_number(lists: Lists) -> None:
    assert [] == _taken("[02-05-2025 18:03] hallo\n[02-05-2025 18:12] ja", lists)


@pytest.mark.parametrize(
    "text",
    [
        "Medicatie   Blortex, Zwalmin en Prulidon",
        "Beleid: Blortex Forte 1dd, verder Zwalmin z.n.",
        "Eerder Trelegy en Epclusa gehad. De Spirometrie was goed.",
        "afdruk op verzoek van de Patient",
        "Over en weer gescholden in het Turks. De tolk Frans/Soussou was er.",
        "Geboorteplaats: Zwalmin",
    ],
)
def test_medicines_languages_and_places_of_birth_stay(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Medicatie   Wolvay geeft die", "Wolvay"),
        ("Zijn dochter UBLA 12 jaar", "UBLA"),
        ("broer OBRI 12-03", "OBRI"),
        ("De tolk Frans belde.", "Frans"),
    ],
)
def test_a_person_beside_a_medicine_or_as_an_interpreter_is_found(text: str, name: str, lists: Lists) -> None:
    assert [name] == _taken(text, lists)
