"""People are found in free text, and the subject is told from everybody else."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.minimise.people.finding import find_people, names_found
from gateway.minimise.people.findings import Finding, Kind, Known, Whose
from gateway.minimise.people.lists import Lists

_SUBJECT = Known(names=("Yohannes Tesfay",))


def _found(text: str, lists: Lists, known: Known = _SUBJECT) -> list[tuple[str, Kind, Whose]]:
    (found,) = find_people([text], known=known, lists=lists)
    return [(text[each.start : each.end], each.kind, each.whose) for each in found]


def _taken(text: str, lists: Lists, known: Known = _SUBJECT) -> list[str]:
    return [written for written, _, whose in _found(text, lists, known) if whose is Whose.THIRD_PARTY]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Zijn broer Merhawi Tesfay was erbij.", ["Merhawi Tesfay"]),
        ("Volgens Meron Kidanes verklaring was Hiwot G. weg.", ["Meron Kidanes", "Hiwot G."]),
        ("Naam: Noori, Nasrin; relatie: zuster", ["Noori", "Nasrin"]),
        ("GETUIGE MARYAM AZIZI VERKLAART ALS VOLGT.", ["MARYAM AZIZI"]),
        ("hij vertelde dat farid noori hem heeft gebracht", ["farid noori"]),
        ("Dat zei dr. Jan-Willem de Wit tegen Roos Vink.", ["Jan-Willem de Wit", "Roos Vink"]),
        ("De smokkelaar heet محمد السوداني en de chauffeur Олександр Мельник.", ["محمد السوداني", "Олександр Мельник"]),
        ("De buurman, A.B. van der Kolk, belde.", ["A.B. van der Kolk"]),
        ("Ik sprak Gülsüm Çelik-van 't Hof van de school.", ["Gülsüm Çelik-van 't Hof"]),
        ("Met Moham-\nmed el Idrissi ging het goed.", ["Moham-\nmed el Idrissi"]),
        ("Abu Omar en Umm Khalid hielpen hem.", ["Abu Omar", "Umm Khalid"]),
        ("dhr. v/d Berg en mevrouw v.d. Kolk", ["v/d Berg", "v.d. Kolk"]),
        ("4   AL HAMAD Khaled   SYR", ["AL HAMAD Khaled"]),
        ("Ondertekend door Gjin Marku jr. in Lezha", ["Gjin Marku jr"]),
        ("his cousin Soran was there", ["Soran"]),
        ("Aanwezig : Ria , Wil en Storm", ["Ria", "Wil", "Storm"]),
        ("De sleutel  ligt voortaan bij  buurman  Post .", ["Post"]),
        ("Verhuurder   : Post , Piet", ["Post", "Piet"]),
        ("De adv (Haantjes) heeft gebeld.", ["Haantjes"]),
        ("Hoe heet uw vader?\n  Tesfay Gebre.", ["Tesfay Gebre"]),
    ],
)
def test_a_name_is_found_however_it_is_written(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "De Afdeling bestuursrechtspraak van de Raad van State deed op 20 juli 2022 uitspraak (ECLI:NL:RVS:2022:2099).",
        "De roos in de tuin bloeit in mei en de haas zat in het wild bij de kok.",
        "De Stichting Gezond Wonen en Jansen Transport B.V. te Nieuwegein werken samen.",
        "Hij reisde van Herat via Iran en Turkije naar Griekenland.",
        "Als Hazara sprak hij Dari; de Taliban en Al-Shabaab zijn genoemd.",
        "Parketnummer 05/123456-23 en AWB 22/4511 zijn gevoegd.",
        "Vraag: Hebt u documenten?\nAntwoord: Nee, die zijn verloren gegaan.",
    ],
)
def test_ordinary_words_organisations_places_and_dates_stay(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("BSN 999990019", Kind.BSN),
        ("burgerservicenummer luidt 9999.90.020", Kind.BSN),
        ("BSN 123456789", Kind.BSN),
        ("BSN 12345678", Kind.BSN),
        ("V-nummer 281.234.5678", Kind.V_NUMBER),
        ("V-2812345670", Kind.V_NUMBER),
        ("zaaknummer Z1-98765432109 van zijn vrouw", Kind.CASE_NUMBER),
        ("paspoort FE123456", Kind.DOCUMENT_NUMBER),
        ("paspoort ET 456789", Kind.DOCUMENT_NUMBER),
        ("P<SYRAL<MASRI<<RANIA<<<<<<<<<<<<<<<<<<<<<<<<", Kind.MRZ),
        ("rekening NL20 INGB 0001 2345 67", Kind.IBAN),
        ("creditcard 4111 1111 1111 1111", Kind.PAYMENT_CARD),
        ("tel. +31 (0)6 2345 6789", Kind.TELEPHONE),
        ("bel 0049 151 23456789", Kind.TELEPHONE),
        ("mail ahmad.b_1988@gmail.example", Kind.EMAIL),
        ("account @tetiana_p op Instagram", Kind.ONLINE),
        ("https://www.facebook.com/tetiana.petrenko.77", Kind.ONLINE),
        ("kenteken GV-123-B", Kind.LICENCE_PLATE),
        ("Kenteken G123BX", Kind.LICENCE_PLATE),
        ("adres Laan van Meerdervoort 501-B", Kind.ADDRESS),
        ("op Plein 1944 nr 7", Kind.ADDRESS),
        ("aan de Dorpsstr. 4a", Kind.ADDRESS),
        ("de Ruyterkade 5-III", Kind.ADDRESS),
        ("postcode 3014 HB", Kind.POSTCODE),
        ("zijn moeder is geboren op 3 feb. 1951", Kind.BIRTH_DATE),
        ("geboortedatum van zijn vader: 00-00-1955", Kind.BIRTH_DATE),
    ],
)
def test_a_number_or_address_that_leads_to_somebody_is_found(written: str, kind: Kind, lists: Lists) -> None:
    assert kind in [found for _, found, whose in _found(written, lists, Known()) if whose is Whose.THIRD_PARTY]


@pytest.mark.parametrize("written", ["BE68 5390 0754 7034", "BE68539007547034", "DE89 3704 0044 0532 0130 00"])
def test_a_foreign_account_number_is_no_payment_card(written: str, lists: Lists) -> None:
    assert [(written, Kind.IBAN)] == [each[:2] for each in _found(f"Op {written} gestort.", lists)]


@pytest.mark.parametrize("label", ["V-nr", "V-nummer", "V nr"])
def test_the_label_of_a_v_number_is_nobodys_name(label: str, lists: Lists) -> None:
    assert ["283.920.1745"] == [each for each, _, _ in _found(f"{label}:   283.920.1745", lists)]


def test_an_account_number_ends_with_its_last_sign(lists: Lists) -> None:
    text = "Rekening NL91 ABNA 0417 1643 00 is van de buurman."
    assert [("NL91 ABNA 0417 1643 00", Kind.IBAN)] == [each[:2] for each in _found(text, lists)]


@pytest.mark.parametrize(
    ("text", "whose"),
    [
        ("Yohannes Tesfay", Whose.SUBJECT),
        ("TESFAY, Yohannes", Whose.SUBJECT),
        ("de heer Y. Tesfay", Whose.SUBJECT),
        ("Yohannes", Whose.SUBJECT),
        ("de heer Tesfay", Whose.SUBJECT),
        ("Merhawi Tesfay", Whose.THIRD_PARTY),
        ("M. Tesfay", Whose.THIRD_PARTY),
        ("zijn zoon Yohannes", Whose.THIRD_PARTY),
        ("zijn broer Tesfay", Whose.THIRD_PARTY),
        ("hoorambtenaar I. Jansen", Whose.OFFICIAL),
        ("I. Jansen, regievoerder bij DT&V", Whose.OFFICIAL),
        ("mevrouw Bakker van de gemeente", Whose.OFFICIAL),
        ("advocaat I. Jansen", Whose.THIRD_PARTY),
        ("de tolk, mevrouw Jansen", Whose.THIRD_PARTY),
    ],
)
def test_a_surname_proves_nothing_and_a_function_does(text: str, whose: Whose, lists: Lists) -> None:
    assert {whose} == {each for _, kind, each in _found(f"Aanwezig was {text}.", lists) if kind is Kind.NAME}


def test_another_form_of_address_makes_the_surname_somebody_elses(lists: Lists) -> None:
    text = "De heer Yohannes Tesfay kwam. De heer Tesfay was moe. Mevrouw Tesfay belde."

    found = _found(text, lists)

    assert [Whose.SUBJECT, Whose.SUBJECT, Whose.THIRD_PARTY] == [whose for _, _, whose in found]


def test_a_name_that_was_found_once_is_found_in_every_text(lists: Lists) -> None:
    texts = ["Zijn vriendin Roos Vink kwam.", "later belde Vink nog", "met merhawi", "zijn neef Merhawi Haile"]

    found = find_people(texts, known=_SUBJECT, lists=lists)

    assert [["Roos Vink"], ["Vink"], ["merhawi"], ["Merhawi Haile"]] == [
        [text[each.start : each.end] for each in spans] for text, spans in zip(texts, found, strict=True)
    ]
    assert ("Merhawi Haile", "Roos Vink", "Vink", "merhawi") == names_found(texts, found)


def test_the_subjects_own_numbers_dates_and_addresses_stay_the_subjects(lists: Lists) -> None:
    known = Known(
        names=("Yohannes Tesfay",),
        numbers=("2812345678", "y.tesfay@mail.example"),
        birth_date="1990-05-01",
        addresses=("Dorpsweg 12", "8011 AB", "Zwolle"),
    )
    text = (
        "Zijn broer Merhawi woont ook op Dorpsweg 12, 8011 AB Zwolle. V-nummer 281.234.5678, "
        "mail y.tesfay@mail.example, geboren op 1 mei 1990."
    )

    assert ["Merhawi"] == _taken(text, lists, known)


def test_another_v_number_than_the_packages_is_somebody_elses(lists: Lists) -> None:
    known = Known(names=("Yohannes Tesfay",), numbers=("2812345678",))

    assert ["289.111.2222"] == _taken("Betrokkene heeft V-nummer 289.111.2222.", lists, known)


def test_a_withheld_value_is_found_as_withheld_also_when_it_is_the_subjects(lists: Lists) -> None:
    known = Known(names=("Yohannes Tesfay",), withheld=("0612345678", "1990-05-01", "Secret Street 9"))
    text = "Tesfay, geboren op 1 mei 1990, tel. 06-12 34 56 78, woont op secret-street 9."

    withheld = [written for written, kind, _ in _found(text, lists, known) if kind is Kind.WITHHELD]

    assert ["1 mei 1990", "06-12 34 56 78", "secret-street 9"] == withheld


def test_people_known_to_be_somebody_else_are_found_where_nothing_else_tells(lists: Lists) -> None:
    known = Known(names=("Yohannes Tesfay",), others=("Roos Tesfay",))

    assert ["Roos"] == _taken("Toen was er opeens ruzie met Roos.", lists, known)


def test_numbers_belong_to_who_was_spoken_of(lists: Lists) -> None:
    text = (
        "V-nummer: 281.777.4321\nNaam: TESFAY, Yohannes\nGeboren: 14 januari 1994\n\n"
        "Zijn echtgenote heeft V-nummer 289.111.2222 en is geboren op 2-11-1996."
    )

    assert ["289.111.2222", "2-11-1996"] == _taken(text, lists)


def test_the_second_opinion_only_adds(lists: Lists) -> None:
    text = "Daarna kwam de Beker van Zwolle ter sprake."
    at = text.index("Beker")

    (without,) = find_people([text], known=_SUBJECT, lists=lists)
    (found,) = find_people([text], known=_SUBJECT, lists=lists, second_opinion=[[(at, at + 5), (0, 6)]])

    assert set(without) <= set(found)
    assert all(not each.certain for each in set(found) - set(without))


_ROWS = (
    *(
        "Mohammed ",
        "Jan ",
        "van de ",
        "A.",
        "1",
        "12 ",
        "- ",
        "-\n",
        "@",
        "<",
        "\u00ad",
        "BSN ",
        "geboren op ",
        "Straat 5",
    ),
    *(
        ", ",
        ". ",
        "( ",
        ") ",
        "محمد ",
        "\u200b",
        "Tesfay ",
        "a",
        "é",
        "\n",
        "x",
        "1/",
        "2-3-2000 ",
        "Kerkstraat 4, 1234 AB ",
        "Assen, Molenstraat 5",
    ),
)
_PIECES = st.sampled_from(_ROWS)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.one_of(st.lists(_PIECES, max_size=40).map("".join), st.text(max_size=60)), max_size=4))
def test_spans_lie_inside_their_text_in_order_and_never_overlap(texts: list[str], lists: Lists) -> None:
    found = find_people(texts, known=_SUBJECT, lists=lists)

    assert len(texts) == len(found)
    for text, spans in zip(texts, found, strict=True):
        ends = 0
        for each in spans:
            assert isinstance(each, Finding)
            assert ends <= each.start < each.end <= len(text)
            ends = each.end


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(piece=st.lists(_PIECES, min_size=1, max_size=4).map("".join))
def test_a_text_four_times_as_long_takes_hardly_more_than_four_times_as_long(piece: str, lists: Lists) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        started = time.process_time()
        find_people([text], known=_SUBJECT, lists=lists)
        return time.process_time() - started

    # Cubic would be 64 times and square 16 times, always; a busy machine makes one look slow now and then.
    assert any(seconds(12_000) <= 10 * seconds(3_000) + 0.3 for _ in range(5))


def test_a_name_that_another_document_was_not_certain_of_stays_in_doubt(lists: Lists) -> None:
    text, name = "Hij woont bij zijn neef ahmed hassan.", ("ahmed hassan",)
    told = (Known(names=_SUBJECT.names, others=name), Known(names=_SUBJECT.names, doubted=name))

    (sure,), (unsure,) = (find_people([text], known=known, lists=lists)[0] for known in told)

    assert (True, False) == (sure.certain, unsure.certain)


def test_a_doubt_under_what_a_recipient_does_not_get_stays_a_doubt(lists: Lists) -> None:
    text = "Hij woont bij zijn neef ahmed hassan."
    known = Known(names=_SUBJECT.names, withheld=("ahmed hassan",))

    (plain,) = find_people([text], known=_SUBJECT, lists=lists)
    (withheld,) = find_people([text], known=known, lists=lists)

    assert [(Kind.NAME, False)] == [(each.kind, each.certain) for each in plain]
    assert [(Kind.WITHHELD, False)] == [(each.kind, each.certain) for each in withheld]
