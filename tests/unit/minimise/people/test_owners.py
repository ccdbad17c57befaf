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


@pytest.mark.parametrize("text", ["Tolk: 12-03-2025", "De tolk werkte 120 minuten.", "De tolk belde om 14.30 uur."])
def test_a_date_or_an_hour_of_an_interpreter_stays(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


def test_in_a_form_whose_columns_are_spaces_the_label_says_who_it_is(lists: Lists) -> None:
    text = "Achternaam            Li\nVoornaam              Wei\nmoeder       Ortega, Mercedes\nzus          Kort"

    assert ["Ortega", "Mercedes", "Kort"] == _taken(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "Dear Mr Li,\n\nPlease tell this to the desk and Bao Zhang. Your date of birth is written as 5 April 1995.",
        "Geachte heer Li,\n\nUw tolk heet Bao Zhang. Neem uw W-document (W 8841207) mee.",
        "Tolk Bao Zhang belde.\n\nDossier: Z1-88204410329",
        "Broer: Bao Zhang\n\n3. DOCUMENTEN\nIdentiteitskaart (862951184V), origineel.",
        "Wei Li is afhankelijk van zijn partner Bao Zhang, met wie hij in Sittard woont.",
        "Gemeente: Oss\n\nNaam                  : Wei Li\nV-nummer              : 2831460952",
    ],
)
def test_what_the_text_says_to_be_the_subjects_stays_whoever_was_spoken_of_before(text: str, lists: Lists) -> None:
    assert {"Bao Zhang"} >= {*_taken(text, lists)}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Geachte heer Li,\n\nUw broer Bao belt op uw kosten; zijn nummer is 0612345678.", "0612345678"),
        ("Geachte heer Zhang,\n\nNeem uw W-document (W 8841207) mee.", "W 8841207"),
        ("Broer: Bao Zhang\n\n3. CONTACT\nTelefoon 0612345678", "0612345678"),
        ("Broer: Bao Zhang\n\n3. ZUS\nPaspoort E41882907", "E41882907"),
        ("Bao Zhang heeft een partner, met wie hij in Sittard woont. Li weet dat.", "Sittard"),
    ],
)
def test_attack_what_is_somebody_elses_stands_where_the_subjects_might(text: str, number: str, lists: Lists) -> None:
    assert number in _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("Li Wei: schrijf mij op Signal\n@dasha_k77: hij is weg", ["@dasha_k77"]),
        ("2026-08-02 19:12 | mr.fixit_torino | good", ["mr.fixit_torino"]),
        ("Over c: betrokkene zegt Nahom te kennen (nahom.asmara_07).", ["Nahom", "nahom.asmara_07"]),
    ],
)
def test_a_name_on_the_internet_is_nobody_knows_whose_and_goes(text: str, taken: list[str], lists: Lists) -> None:
    assert taken == _taken(text, lists)


@pytest.mark.parametrize("text", ["Zie scan_001.pdf en brief_ind.docx.", "Mijn account is @li_wei."])
def test_the_name_of_a_file_and_the_subjects_own_account_stay(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


def test_a_number_goes_with_whom_the_brackets_behind_it_name(lists: Lists) -> None:
    assert ["EP1234567"] == _taken("Li Wei is gehoord.\n2. GEZIN\nPaspoort EP1234567 (echtgenote)", lists)
