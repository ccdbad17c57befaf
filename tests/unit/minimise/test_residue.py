import io
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.betraying import Residue, residue_of
from gateway.minimise.projecting import project
from gateway.minimise.residue import search_data, search_document, search_left_out, search_name
from gateway.minimise.stripped import values_of
from gateway.minimise.writing import write_data
from gateway.package.errors import Code, SluisError
from gateway.package.folding import words_of
from gateway.package.manifest import Category
from gateway.package.states import Data, Verdict
from tests.unit.minimise.building import field_verdict

_CHUNK = 256 * 1024
_FILLER = "Geachte heer, hierbij de gevraagde brief over uw afspraak. "


def _residue(
    stripped: dict[str, Any],
    permitted: dict[str, Any] | None = None,
    *,
    category: Category | None = Category.ORDINARY,
    verdict: Verdict = Verdict.STRIP,
) -> tuple[Residue, Data, frozenset[str]]:
    goes = permitted or {}
    verdicts = [field_verdict(path, verdict, category=category) for path in stripped]
    data = Data(shape="record", rows=({**goes, **stripped},))
    released = frozenset(goes)
    return residue_of(values_of(data, verdicts, released=released)), data, released


def _found(residue: Residue, text: str | bytes) -> bool:
    content = text.encode() if isinstance(text, str) else text
    try:
        search_document(io.BytesIO(content), number=3, residue=residue, has_lines=False)
    except SluisError as error:
        if (error.code, error.where) != (Code.RESIDUE_FOUND, "document 3"):
            raise
        return True
    return False


def _found_in_data(
    stripped: dict[str, Any],
    permitted: dict[str, Any],
    *,
    category: Category | None = Category.ORDINARY,
    verdict: Verdict = Verdict.STRIP,
) -> bool:
    residue, data, released = _residue(stripped, permitted, category=category, verdict=verdict)
    projected = project(data, released)
    try:
        search_data(write_data(projected), projected=projected, released=released, residue=residue)
    except SluisError as error:
        if (error.code, error.where) != (Code.RESIDUE_FOUND, "data"):
            raise
        return True
    return False


# ---- in documents


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Merhawi Tesfay", "de heer Tesfay is"),
        ("Merhawi Tesfay", "TESFAY"),
        ("Merhawi Tesfay", "mail m.tesfay@voorbeeld.example of mtesfay@voorbeeld.example"),
        ("Merhawi Tesfay", "Tesfays broer"),
        ("Merhawi Tesfay", "MerhawiTesfay"),
        ("Mer\u00adhawi", "Merhawi"),
        ("Merhawi", "Mer\u00adha\u200dwi"),
        ("Müller", unicodedata.normalize("NFD", "Müller")),
        ("Y\u0131ld\u0131r\u0131m", "YILDIRIM"),
        ("Çelik", "celik"),
        ("HIV", "is hiv positief"),
        ("Dorpsstraat 1, 3511 AB Utrecht", "woont aan de Dorpsstraat"),
        ("3511 AB", "postcode 3511AB"),
        ("3511AB", "postcode 3511\tab"),
        ("De Wit", "mevrouw de Wit"),
        ("0612345678", "0612 345 678"),
        ("0612345678", "06-12 34 56 78"),
        ("0612345678", "(06) 12345678"),
        ("0612345678", "+31 6 1234 5678"),
        ("0612345678", "0 6 1 2 3 4 5 6 7 8"),
        ("06-12345678", "nummer 345678"),
        ("0612345678", "٠٦١٢٣٤٥٦٧٨"),
        (612345678, "0612345678"),
        (12345.67, "12.345,67"),
        ("NL91 ABNA 0417 1643 00", "NL91ABNA0417164300"),
        ("1990-05-01", "geboren 01-05-1990"),
        ("1990-05-01", "geboren op 1 mei 1990"),
        ("1990-05-01T00:00:00Z", "born 1 May 1990 in"),
        ("01/05/1990", "1990-05-01"),
        ("1-5-1990", "19900501"),
        ("Αλέξανδρος", "Αλέξαν dros"),
        ("Zij wil in januari met hulp van haar broer naar Asmara", "wil in januari met hulp van haar broer"),
        ("Hij slikt al jaren elke ochtend Levothyroxine hiervoor", "krijgt levothyroxine"),
    ],
)
def test_a_stripped_value_in_a_document_is_found(value: object, text: str) -> None:
    residue, _, _ = _residue({"value": value})

    assert _found(residue, f"{_FILLER}{text} {_FILLER}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Merhawi Tesfay", "Merha Tes"),
        ("Merhawi", ""),
        ("Jan", "in januari"),
        ("De Wit", "de witte muur"),
        (1990, "in 1990"),
        ("12", "12 november"),
        ("vrouw", "een vrouw"),
        ("nee", "nee"),
        (True, "True true"),
        (None, "None null"),
        ({}, "{}"),
        ("", "tekst"),
        ("  - ", "tekst - tekst"),
        ("1990-05-01", "in 1990, op 5 mei 1991"),
        ("1990-05-01", "1990-05-12"),
        ("Zij wil in januari met hulp van haar broer naar Asmara", "wil in januari naar haar broer"),
        ("0612345678", "06123 en verder 45678"),
        ("Er is in het kader van de procedure nog geen besluit", "In het kader van de procedure"),
        ("Zij zegt: Anna is nu bij ons en zij blijft", "Anna is nu bij ons"),
    ],
)
def test_ordinary_wording_is_no_residue(value: object, text: str) -> None:
    residue, _, _ = _residue({"value": value})

    assert not _found(residue, f"{_FILLER}{text} {_FILLER}")


def test_what_the_recipient_gets_anyway_is_no_residue() -> None:
    residue, _, _ = _residue(
        {
            "address": "Dorpsstraat 1, Utrecht",
            "contact": "Selam Tesfay",
            "phone2": "0612345678",
            "ethnicity": "Tigrinya",
        },
        {"town": "Utrecht", "name": "Merhawi Tesfay", "phone": "06-12345678", "language": "Tigrinya"},
        category=None,
    )

    assert not _found(residue, "De heer Tesfay uit Utrecht, telefoon 06 1234 5678, spreekt Tigrinya.")
    assert _found(residue, "Dorpsstraat")
    assert _found(residue, "Selam")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Geachte heer,\n\nMerhawi was er ook.\n", "document 3, line 3"),
        ("Merhawi\nMerhawi\n", "document 3, line 1"),
        ("x " * 200_000 + "\n" + "y " * 200_000 + "\nMerhawi was er ook.", "document 3, line 3"),
        # A row of words over two lines is in neither of them.
        ("Dat is mevrouw de\nWit.", "document 3"),
    ],
    ids=["third", "first of two", "in a long text", "over two lines"],
)
def test_residue_in_a_text_is_told_by_the_line_and_never_by_its_words(text: str, where: str) -> None:
    residue, _, _ = _residue({"a": "Merhawi", "b": "De Wit"})

    with pytest.raises(SluisError) as caught:
        search_document(io.BytesIO(text.encode()), number=3, residue=residue, has_lines=True)

    assert (Code.RESIDUE_FOUND, where) == (caught.value.code, caught.value.where)


def test_a_row_or_a_part_of_a_word_that_the_recipient_gets_anyway_is_no_residue() -> None:
    residue, _, _ = _residue(
        {"familyName": "De Wit", "partner": "Tesfay", "born": "1990-05-01"},
        {"name": "Jan de Wit", "email": "mtesfay@voorbeeld.example", "remark": "geboren 1-5-1990"},
    )

    assert not _found(residue, "De heer De Wit, mtesfay@voorbeeld.example, geboren 1-5-1990")
    assert _found(residue, "geboren 1 mei 1990")


@pytest.mark.parametrize("offset", range(-14, 2))
@pytest.mark.parametrize("planted", ["Merhawi", "0612 345 678", "de Wit", "1 mei 1990", "Αλέξανδρος"])
def test_a_value_across_the_border_of_two_pieces_is_found(planted: str, offset: int) -> None:
    residue, _, _ = _residue({"a": "Merhawi", "b": "0612345678", "c": "de Wit", "d": "1990-05-01", "e": "Αλέξανδρος"})
    before = b"x " * ((_CHUNK + offset) // 2) + b" " * (offset % 2)

    assert _found(residue, before + planted.encode() + b" en verder")


@pytest.mark.parametrize("offset", range(-8, 2))
def test_a_value_across_a_border_in_a_text_without_spaces_is_found(offset: int) -> None:
    residue, _, _ = _residue({"a": "Merhawi"})

    assert _found(residue, b"x" * (2 * _CHUNK + offset) + b"merhawi" + b"x" * _CHUNK)
    assert not _found(residue, b"x" * (3 * _CHUNK))


def test_a_document_that_is_no_text_after_all_is_refused() -> None:
    residue, _, _ = _residue({"a": "Merhawi"})

    for content in (b"caf\xe9", "é".encode()[:1]):
        with pytest.raises(SluisError) as caught:
            _found(residue, content)
        assert caught.value.code is Code.DATA_UNREADABLE


@given(
    value=st.text(st.sampled_from("βδεζηθκλμжщ0123456789"), min_size=6, max_size=14),
    before=st.text(st.sampled_from("abc \n"), max_size=30),
    after=st.text(st.sampled_from("abc \n"), max_size=30),
    choice=st.data(),
)
def test_any_six_characters_beyond_latin_letters_are_found_wherever_they_stand(
    value: str, before: str, after: str, choice: st.DataObject
) -> None:
    residue, _, _ = _residue({"value": value})
    start = choice.draw(st.integers(0, len(value) - 6))
    separator = choice.draw(st.sampled_from(["", " ", "-", ". ", "\u00ad", "/"]))

    assert _found(residue, before + separator.join(value[start : start + 6]) + after)


@given(
    value=st.text(st.sampled_from("βδεζηθκλμжщ"), min_size=1, max_size=14),
    text=st.text(st.sampled_from("abcdefg 0123456789\n-"), max_size=200),
)
def test_a_text_that_shares_no_letter_with_a_stripped_value_is_clean(value: str, text: str) -> None:
    residue, _, _ = _residue({"value": value})

    assert not _found(residue, text)


# ---- in data


def test_a_guarded_value_copied_into_a_permitted_remark_is_found() -> None:
    remark = {"remark": "Heeft diabetes."}

    assert _found_in_data({"diagnosis": "Diabetes"}, remark, category=Category.SPECIAL)
    assert _found_in_data({"strategy": "diabetes"}, remark, category=Category.INTERNAL)
    assert _found_in_data({"whatever": "diabetes"}, remark, category=None)
    assert _found_in_data({"blocked": "diabetes"}, remark, verdict=Verdict.BLOCK)


def test_an_ordinary_value_that_is_part_of_a_permitted_one_is_no_residue() -> None:
    assert not _found_in_data({"town": "Utrecht"}, {"address": "Dorpsstraat 1, Utrecht"})
    assert not _found_in_data({"familyName": "Tesfay"}, {"name": "Merhawi Tesfay"})


def test_a_guarded_value_that_equals_a_permitted_one_is_no_residue() -> None:
    assert not _found_in_data({"ethnicity": "tigrinya"}, {"language": "Tigrinya"}, category=Category.SPECIAL)


def test_an_ordinary_value_in_a_long_permitted_text_is_found() -> None:
    text = "Hij vertelt dat zijn zus Selam sinds kort bij hem in huis woont."

    assert _found_in_data({"contact": "Selam Haile"}, {"remark": text})
    assert not _found_in_data({"contact": "Selam Haile"}, {"remark": text, "sister": "Selam Haile"})


def test_a_stripped_number_in_a_short_permitted_text_is_found() -> None:
    assert _found_in_data({"phone": "0612345678"}, {"remark": "bel 06-12345678"})
    assert not _found_in_data({"customer": "0123456789-01"}, {"vNumber": "0123456789"})


def test_a_guarded_date_in_a_permitted_text_is_found_however_it_is_written() -> None:
    assert _found_in_data({"born": "1990-05-01"}, {"remark": "jarig op 1 mei 1990"}, verdict=Verdict.BLOCK)


def test_a_date_that_goes_anyway_betrays_nothing_in_another_notation() -> None:
    assert not _found_in_data({"note": "01-05-1990"}, {"born": "1990-05-01"}, category=None)
    assert _found_in_data({"note": "02-05-1990"}, {"born": "1990-05-01", "remark": "2 mei 1990"}, category=None)


def test_values_of_two_fields_are_not_read_as_one() -> None:
    assert not _found_in_data({"a": "wit zand"}, {"b": "de wit", "c": "zand erover"}, category=None)
    assert not _found_in_data({"a": "123456"}, {"b": "x 123", "c": "456 x"})


def test_a_leaf_under_a_path_that_nobody_released_is_found() -> None:
    residue, _, _ = _residue({"secret": "x"}, {"name": "y"})
    leaked: Any = {"name": "y", "secret": "x"}

    with pytest.raises(SluisError) as caught:
        search_data(json.dumps(leaked).encode(), projected=leaked, released=frozenset({"name"}), residue=residue)

    assert caught.value.code is Code.RESIDUE_FOUND


def test_bytes_that_do_not_say_what_was_projected_are_refused() -> None:
    residue, _, released = _residue({}, {"a": 1})

    for number in (float("nan"), 2):
        with pytest.raises(SluisError) as caught:
            search_data(b'{"a": null}', projected={"a": number}, released=released, residue=residue)
        assert caught.value.code is Code.DATA_UNREADABLE


# ---- beside the data


def test_a_number_or_a_row_of_words_in_the_list_of_what_was_left_out_is_found() -> None:
    residue, _, _ = _residue({"phone": "0612345678", "name": "De Wit", "health": "gezondheid"})

    for text in ("nummer 0612 345678", "van de wit"):
        with pytest.raises(SluisError) as caught:
            search_left_out(json.dumps({"reason": text}).encode(), residue=residue)
        assert (caught.value.code, caught.value.where) == (Code.RESIDUE_FOUND, "left-out")
    search_left_out(b'{"path": "health", "reason": "Gezondheid gaat niet mee."}', residue=residue)


def test_a_stripped_name_in_the_name_of_a_document_is_found() -> None:
    residue, _, _ = _residue({"name": "Merhawi"})

    with pytest.raises(SluisError) as caught:
        search_name("letter-merhawi", number=1, residue=residue)

    assert (caught.value.code, caught.value.where) == (Code.RESIDUE_FOUND, "document 1")
    search_name("letter", number=1, residue=residue)


def test_no_repr_shows_a_value() -> None:
    residue, data, released = _residue({"name": "Merhawi", "phone": "0612345678"}, {"town": "Utrecht"})
    values = values_of(data, (), released=released)

    shown = f"{residue!r}{residue.anywhere!r}{values!r}{values.stripped[0]!r}".lower()

    assert "residue" in shown
    assert not [word for word in ("merhawi", "0612345678", "utrecht") if word in shown]


@given(
    value=st.text(alphabet="abcd XY-.19é", min_size=3, max_size=30),
    text=st.text(alphabet="abcd XY-.19é\n", max_size=200),
)
def test_a_glance_never_passes_what_a_closer_look_would_find(value: str, text: str) -> None:
    terms = _residue({"field": value})[0].anywhere

    assert not (terms.surely_absent(text) and terms.occur_in(words_of(text)))


def test_a_row_of_words_that_begins_in_a_piece_only_glanced_at_is_found() -> None:
    residue, _, _ = _residue({"field": "De Wit"})
    before = "aap noot mies " * (_CHUNK // 14)
    first = before[: _CHUNK - 40].rsplit(" ", 1)[0] + " de"
    padding = " " * (_CHUNK - len(first) - 1)

    assert _found(residue, f"{first}{padding}\nwit {before}")
    assert not _found(residue, f"{first}{padding}\nmies wit {before}")
