import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.documents.model import LABELS, Mark, Trouble, UnreadableError, apply_marks
from gateway.minimise.documents.text import open_document, second_text
from tests.unit.minimise.documents.office_building import TOOLS, marks, rebuilt_without, texts

_SECONDS = 10
_LABEL = LABELS["nl"]


def _trouble(content: bytes) -> Trouble:
    with pytest.raises(UnreadableError) as raised:
        open_document(content, TOOLS)
    return raised.value.trouble


@given(st.data(), st.text("abcé \n\t\f#*-", max_size=200))
def test_what_is_written_is_the_text_with_the_marks_of_each_passage_carried_out(data: st.DataObject, text: str) -> None:
    opened = open_document(text.encode(), TOOLS)
    passages = texts(opened)
    rows = [data.draw(marks(len(each))) for each in passages]

    written = second_text(opened.rebuilt(rows).content)

    place, wanted = 0, ""
    for passage, row in zip(passages, rows, strict=True):
        begin = text.index(passage, place)
        wanted += text[place:begin] + apply_marks(passage, row)
        place = begin + len(passage)
    assert wanted + text[place:] == written


def test_a_name_over_a_line_end_is_in_one_passage_and_empty_lines_part_passages() -> None:
    opened = open_document(b"De heer Merhawi\nTesfay zei\n\n  \nSelam Haile\r\n\r\n", TOOLS)

    assert ["De heer Merhawi\nTesfay zei", "Selam Haile"] == texts(opened)
    written = rebuilt_without(opened, r"Merhawi\sTesfay").content
    assert f"De heer {_LABEL} zei\n\n  \nSelam Haile\n\n".encode() == written


def test_long_texts_without_empty_lines_are_cut_at_line_ends() -> None:
    text = "een regel met woorden\n" * 3_000
    opened = open_document(text.encode(), TOOLS)

    assert max(map(len, texts(opened))) <= 20_000
    assert text == second_text(rebuilt_without(opened, "niets").content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_in_use_are_read_and_utf_8_is_written(encoding: str) -> None:
    opened = open_document("Beste mevrouw Çelik, één café".encode(encoding), TOOLS)

    assert "Beste mevrouw Çelik, één café".encode() == rebuilt_without(opened, "niets").content


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00\xd8", b"\xfe\xff\xd8", b"tekst \x81\xff", b"tekst\x00", b"tekst\x1b[8mweg", b"\x00\x00\xfe\xffx",
        "tekst".encode("utf-16-le"), b"\xff\xfe\x00\x00t\x00\x00\x00",
    ],
)  # fmt: skip
def test_bytes_that_are_no_text_in_these_encodings_are_damaged(content: bytes) -> None:
    assert Trouble.DAMAGED == _trouble(content)


@pytest.mark.parametrize(
    "text",
    [
        "voor \u202eyafseT", "voor \u200bna", "voor \U000e0041", "voor \ue000", "voor \u2066na", "voor \u0085na",
        "TWVyaGF3aQ" * 30, "voor\n" + ("TWVyaGF3aQ" * 7 + "\n") * 3 + "na",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_hides_in_plain_text_can_not_be_searched(text: str, encoding: str) -> None:
    assert Trouble.NO_TEXT == _trouble(text.encode(encoding))


@pytest.mark.parametrize(
    "text",
    [
        "<p>x</p>", "x </b>", "x <!-- y -->", "x <!DOCTYPE y", "M&#101;rhawi", "M\\u0065rhawi", "-----BEGIN PGP",
        "%PDF-1.7", "{\\rtf1 x}", "Subject: x\nMIME-Version: 1.0\n\nx", "![x](data:image/png;base64,AAAA)",
        "BEGIN:VCARD", "From a@b c", "[x](javascript:alert)",
    ],
)  # fmt: skip
def test_markup_and_mail_are_no_plain_text(text: str) -> None:
    assert Trouble.TYPE_MISMATCH == _trouble(text.encode())


def test_a_mark_too_few_is_a_mistake() -> None:
    opened = open_document(b"een\n\ntwee", TOOLS)

    with pytest.raises(ValueError, match="rows of marks"):
        opened.rebuilt([[Mark(start=0, end=1, label="")]])


def test_the_text_is_not_in_its_repr() -> None:
    opened = open_document(b"Merhawi", TOOLS)

    assert "Merhawi" not in repr(opened) + repr(opened.passages)


@pytest.mark.parametrize(
    "text", ["a" * 5_000_000, "a\n" * 1_000_000, "\n" * 3_000_000, " \n" * 500_000, "a: b\n" * 200_000]
)
def test_texts_that_are_made_to_keep_a_reader_busy_are_done_in_time(text: str) -> None:
    began = time.process_time()
    try:
        opened = open_document(text.encode(), TOOLS)
        opened.rebuilt([[] for _ in opened.passages])
    except UnreadableError:
        pass
    assert time.process_time() - began < _SECONDS


@given(st.binary(max_size=200))
def test_whatever_comes_in_is_read_or_refused(content: bytes) -> None:
    try:
        opened = open_document(content, TOOLS)
    except UnreadableError:
        return
    assert [] == [each for each in opened.passages if not each.text]


def test_a_number_with_a_tag_within_is_searched_as_the_page_shows_it() -> None:
    opened = open_document(b"| x | 123456<p>782 | 3 < 4 |", TOOLS)

    assert "| x | 123456782 | 3 < 4 |" in second_text(rebuilt_without(opened, "niets").content)
