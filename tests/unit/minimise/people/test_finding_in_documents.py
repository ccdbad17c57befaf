"""People are found as documents write of them: in notes, lists and tables, by trade names, titles and nicknames."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Kind, Known, Whose
from gateway.minimise.people.lists import Lists

_SUBJECT = Known(names=("Selam Haile",))


def _taken(text: str, lists: Lists, *kinds: Kind) -> list[str]:
    (found,) = find_people([text], known=_SUBJECT, lists=lists)
    return [
        text[each.start : each.end]
        for each in found
        if each.whose is Whose.THIRD_PARTY and (not kinds or each.kind in kinds)
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Visser regelt vervoer naar de rechtbank.", ["Visser"]),
        ("De lift is stuk. Smit, de conciërge, kijkt ernaar.", ["Smit"]),
        ("Merel van de receptie heeft de brief gezien.", ["Merel"]),
        ("Sinds die dag belt Noor. Kok heeft dat gehoord.", ["Noor", "Kok"]),
    ],
)
def test_a_name_that_is_a_word_is_found_where_a_sentence_begins_with_it(
    text: str, names: list[str], lists: Lists
) -> None:
    assert names == _taken(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "Post van de gemeente ligt bij de balie.",
        "Winter en zomer zijn er dezelfde regels.",
        "Boeren, de oudste groep, klagen over de prijzen.",
        "Koning Willem I stichtte het koninkrijk in 1815.",
    ],
)
def test_an_ordinary_word_that_opens_a_sentence_stays(text: str, lists: Lists) -> None:
    assert not {"Post", "Winter", "Boeren"} & {*_taken(text, lists)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Er was een man die Lulu heette. Lulu was de leider.", ["Lulu", "Lulu"]),
        ("Vraag: Wie is Joy?\nAntwoord: Joy woont bij ons.", ["Joy", "Joy"]),
        ("Zij noemt Feven, Fortuin en Hiwot als getuigen.", ["Feven", "Fortuin", "Hiwot"]),
        ("Wij zagen Anita Zonnebloem en haar hond.", ["Anita Zonnebloem"]),
        ("Zijn nicht Genade Okonedo is er ook.", ["Genade Okonedo"]),
        ("Kind 1: Vrede Ogbazghi\nKind 2: Winta Ogbazghi", ["Vrede Ogbazghi", "Winta Ogbazghi"]),
        ("Nadia en Aleppo... nee, Nadia en Paris zijn vertrokken.", ["Nadia", "Nadia"]),
    ],
)
def test_a_word_is_a_name_by_the_words_and_names_around_it(text: str, names: list[str], lists: Lists) -> None:
    assert {*names} <= {*_taken(text, lists)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Zijn oom heet Sheikh Tamimi.", ["Sheikh Tamimi"]),
        ("Toen belde teyze Havva op.", ["teyze Havva"]),
        ("Ook Golnaz khanom kwam langs.", ["Golnaz khanom"]),
        ("De kerkenraad (br. Kamp, zr. Vermeer) stemt toe.", ["Kamp", "Vermeer"]),
        ("Er is overleg met logopediste Bos en praktijkondersteuner Bloem.", ["Bos", "Bloem"]),
        ("De Wit belde gisteren met mevrouw Wit.", ["De Wit", "Wit"]),
        ("De huurbaas heet de Groot.", ["de Groot"]),
        ("De chirurg was dr. Vogel op de Haar.", ["Vogel op de Haar"]),
    ],
)
def test_a_name_is_taken_with_its_title_and_its_particles(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Aan: Sterk, Joke ; Cc: Kuipers, W.", ["Sterk", "Joke", "Kuipers, W."]),
        ("Van: Boer, T.H. (Tim)", ["Boer, T.H.", "Tim"]),
    ],
)
def test_a_surname_before_the_given_name_is_found_in_the_head_of_a_mail(
    text: str, names: list[str], lists: Lists
) -> None:
    assert names == _taken(text, lists)


def test_the_subject_is_known_with_the_initials_behind_the_surname(lists: Lists) -> None:
    assert [] == _taken("Naam: Haile, S.\nAfdeling: chirurgie", lists)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("btr gezien. wil terug nr broer, zegt dat tante shewit ook gaat. tlf volgt.", ["shewit"]),
        ("hoi ik was gister bij zewdu. hij zegt dat jij moet bellen", ["zewdu"]),
        ("kmr 12 boos op buur. mevr smit heeft gebeld over de was", ["smit"]),
    ],
)
def test_names_in_small_letters_are_found_in_notes_and_messages(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


@pytest.mark.parametrize(
    "text",
    [
        "Antw. Nee. Betr. heeft niets gezien. Med: geen.",
        "Zij heeft het syndroom van Raynaud en de ziekte van Addison.",
        "Recept: Doxycycline, Bisoprolol en Loratadine; verder Zopiclon 7,5 mg.",
        "De bus stopt op het Prins Bernhardplein en bij de Johan Willem Frisokazerne.",
        "Hij zat in de gevangenis van Adi Abeto en daarna in het kamp Shimelba.",
        "Sent: Monday, September 2, 2024 9:12 AM\nSubject: planning",
        "Het arrest Salah Sheekh en het arrest Khlaifia zijn besproken.",
        "Zij werd behandeld in het Halibet Hospital en studeerde aan de Dilla University.",
        "Vul in via MijnINDvenster of PostNL.",
        "Met Tweede Paasdag en Goede Vrijdag is het loket dicht.",
        "Geboren: 1 juli 1990 te Adi Quala",
        "Het Leger des Heils en het Rode Kruis helpen mee.",
    ],
)
def test_what_words_and_endings_make_nobody_stays(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists, Kind.NAME)


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("- Amna Said, 4-4-1981, echtgenote\n- Bilal Said, 1-9-2011, kind", ["4-4-1981", "1-9-2011"]),
        ("| Naam | Geboren |  |\n| Amna Said | 04-04-1981 | x |", ["04-04-1981"]),
        ("Naam\tGeb.datum\tRelatie\nAmna Said\t04-04-1981\ttante", ["04-04-1981"]),
        ("Amna Said, jarig. Zij is van 11 juni 2006.", ["11 juni 2006"]),
        ("Haar broer Bilal Said, geboren 9.VI.2010 of '12-12-'55'.", ["9.VI.2010"]),
        ("Haar broer Bilal, geb. 29 febr 1996.", ["29 febr 1996"]),
        ("Haar broer Bilal, geb. 16091971; haar zus Amna, geb. 16 09 1974.", ["16091971", "16 09 1974"]),
        ("SAID, Bilal   19710916\nSAID, Amna   19740916", ["19710916", "19740916"]),
        ("Haar broer Bilal is op 5 mei 2011 geboren.", ["5 mei 2011"]),
        (
            "V: Wat is de geboortedatum van uw broer?\nA: 14 Hamle 1981. Dat is 21 juli 1989.",
            ["14 Hamle 1981", "21 juli 1989"],
        ),
        ("Referent: Bilal Said - man - 11/11/79 - NL", ["11/11/79"]),
    ],
)
def test_birth_dates_are_found_in_lists_and_tables(text: str, dates: list[str], lists: Lists) -> None:
    assert {*dates} <= {*_taken(text, lists, Kind.BIRTH_DATE)}


@pytest.mark.parametrize(
    "text",
    [
        "Actie\tWie\tWanneer\nbellen\tAmna Said\t21-03-2025",
        "Getekend: Amna Said, 11-10-2024",
        "De brief is van 11 juni 2024.",
        "01-09-2024 ruzie met Amna Said\n14-09-2024 bezoek van Bilal Said",
    ],
)
def test_a_date_beside_a_name_is_not_always_a_birth_date(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists, Kind.BIRTH_DATE)


@pytest.mark.parametrize(
    ("text", "towns"),
    [
        ("Zijn neef Bilal Said in Tiel helpt hem.", ["Tiel"]),
        ("Zij heeft een vriendje dat in Meppel woont.", ["Meppel"]),
        ("Haar broer zit in een woonvoorziening in Hoorn.", ["Hoorn"]),
        ("Familie: ja, oom Bilal Said (Tiel).", ["Tiel"]),
        ("Naam\tRelatie\tWoonplaats\nAmna Said\ttante\tTiel", ["Tiel"]),
        ("Partner: Amna Said\nGeboorteplaats\tKassala\nWoonplaats\tTiel", ["Tiel"]),
        ("De politie van Tiel en de rechtbank in Zwolle weten ervan.", []),
    ],
)
def test_a_town_goes_with_who_lives_there(text: str, towns: list[str], lists: Lists) -> None:
    assert towns == _taken(text, lists, Kind.TOWN)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Partner: Amna Said\nAdres: Buiten de Veste 15\nPostcode: 7001 AB", ["Buiten de Veste 15"]),
        ("Haar tante Amna Said, Klipper 12-03, 8401 BC Gorredijk.", ["Klipper 12-03"]),
        ("Zijn broer Bilal woont in Gdynia, ul. Morska 81/2.", ["ul. Morska 81/2"]),
        ("A. Pronk\nBinnenom 7\n1441 XA Purmerend", ["Binnenom 7"]),
        ("Partner: Amna Said\nHuidig adres: prospekt Myru 45, kv. 12, Soemy", ["prospekt Myru 45, kv. 12, Soemy"]),
        ("Moeder: Amna Said, No. 7, Lane 2, Temple Road", ["No. 7, Lane 2, Temple Road"]),
    ],
)
def test_an_address_is_found_where_no_list_knows_the_street(text: str, addresses: list[str], lists: Lists) -> None:
    assert addresses == _taken(text, lists, Kind.ADDRESS)


def test_foreign_telephone_numbers_and_plates_are_found_without_a_word_beside_them(lists: Lists) -> None:
    text = "Zijn broer Bilal: 0049-157-8844556. Hij rijdt in AE 4472 KC of in 1-TKR-481."

    assert ["0049-157-8844556"] == _taken(text, lists, Kind.TELEPHONE)
    assert ["AE 4472 KC", "1-TKR-481"] == _taken(text, lists, Kind.LICENCE_PLATE)


def test_the_subjects_surname_is_somebody_elses_where_the_words_behind_it_say_so(lists: Lists) -> None:
    assert ["Haile"] == _taken("De verklaring van de heer Haile, uw oom, is vaag.", lists)


@pytest.mark.parametrize(
    "text",
    [
        "Mevrouw Haile verblijft bij haar nicht, mw. Amna Said, aan de Bijlmerdreef 1289.",
        "Ik, Amna Said, verklaar dat Selam Haile bij mij inwoont op de Beukstraat 9.",
    ],
)
def test_an_address_that_the_subject_shares_stays(text: str, lists: Lists) -> None:
    assert ["Amna Said"] == _taken(text, lists)


def test_the_address_of_whom_a_third_party_lives_with_goes(lists: Lists) -> None:
    text = "Mevrouw Haile is ziek. Haar broer Bilal woont bij zijn oom aan de Beukstraat 9."

    assert ["Bilal", "Beukstraat 9"] == _taken(text, lists)


def test_a_case_bears_the_subjects_surname_also_when_a_brother_has_it(lists: Lists) -> None:
    assert ["Yonas Haile"] == _taken("Inzake Haile / IND\nHaar broer Yonas Haile was erbij.", lists)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Aanwezig : Ria , Gerrit-Jan en Els", ["Ria", "Gerrit-Jan", "Els"]),
        ("TELEFOONNOTITIE\ndoor: Iris", ["Iris"]),
        ("De adv (Haantjes, van kantoor) heeft gebeld.", ["Haantjes"]),
        ("adv = Kuipers, nog niks van gehoord", ["Kuipers"]),
        ("overleg gyn van Eijndhoven; verwijzing", ["van Eijndhoven"]),
        ("naam   dhr. v/d Berg", ["v/d Berg"]),
        ("Wij verwezen hem naar Sabine Pol van de balie.", ["Sabine Pol"]),
    ],
)
def test_a_name_is_found_behind_heads_and_roles_of_notes(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Een landgenoot, 'Zaza met de tand', heeft het.", ["Zaza met de tand"]),
        ("Het is getekend door Gjin Marku jr., zegt hij.", ["Gjin Marku jr"]),
        ('Hij kent hem als "Wedi Keren" uit het kamp.', ["Wedi Keren"]),
        ("Hij is bij wedi Keren in huis.", ["wedi Keren"]),
        ("4   AL HAMAD Khaled           rolstoel", ["AL HAMAD Khaled"]),
        ("1 | HADDAD/RIMA MRS | idem", ["HADDAD", "RIMA MRS"]),
    ],
)
def test_a_name_goes_with_what_belongs_to_it(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Stuur het geld via Movsar. Dat is zeker.", ["Movsar"]),
        ("Er is een achterneef in Hoogezand, Mussie, bij wie hij sliep.", ["Hoogezand", "Mussie"]),
        ('Er staat "Soran is mijn neef" in het rapport.', ["Soran"]),
        ("Mijn oom kende een handelaar, Karma Sherpa, die naar Nepal ging.", ["Karma Sherpa"]),
        ("Hij huilde en wil bellen met zijn broertje. LV", ["LV"]),
        ("ik schrijf dit met hulp van ds van den berg.", ["van den berg"]),
    ],
)
def test_a_name_is_told_by_what_the_sentence_says(text: str, names: list[str], lists: Lists) -> None:
    assert names == _taken(text, lists)


def test_two_spaces_within_a_sentence_are_one_that_was_read_badly(lists: Lists) -> None:
    text = "De sleutel  ligt voortaan bij de  buurman  Post  op de hoek van de straat."
    assert ["Post"] == _taken(text, lists)


@pytest.mark.parametrize("text", ["Te voet via Omhajer naar Soedan.", "Mevrouw van de klas was er ook bij."])
def test_a_place_behind_via_and_an_ordinary_word_behind_particles_stay(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)


def test_a_form_with_rows_of_dots_is_read_as_one_with_colons(lists: Lists) -> None:
    text = "Achternaam ............ Kok\nVoorletters ........... J.M."
    assert ["Kok", "J.M."] == _taken(text, lists)
