import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as other_parser

from gateway.minimise.documents.html import open_document, second_text
from gateway.minimise.documents.html_writing import HEAD, write_html
from gateway.minimise.documents.model import Trouble, UnreadableError, apply_marks
from gateway.minimise.documents.rich_text import RichText, paragraphs_of, redacted
from tests.unit.minimise.documents.nasty_html import HIDDEN, N, nasty_html
from tests.unit.minimise.documents.office_building import LABEL, TOOLS, documents, marks, rebuilt_without, texts

_EITHER = r"Merhawi\sTesfay"
_SECONDS = 10
_ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li",
    "table", "tbody", "tr", "td", "b", "i", "u", "s", "br",
}  # fmt: skip


def _trouble(content: bytes) -> Trouble:
    with pytest.raises(UnreadableError) as raised:
        open_document(content, TOOLS)
    return raised.value.trouble


def _texts(page: str) -> list[str]:
    return texts(open_document(page.encode(), TOOLS))


# ---- The nasty page


def test_a_name_in_every_hiding_place_is_nowhere_in_what_is_written() -> None:
    written = rebuilt_without(open_document(nasty_html(), TOOLS), _EITHER).content

    assert not re.search(rb"erhaw|esfay", written)
    assert "Tesfay" not in second_text(written)
    assert "Tesfay" not in "".join(map(str, other_parser.fromstring(written).itertext()))
    assert f"De heer {LABEL} sprak met Selam Haile." in second_text(written)


def test_all_that_people_could_read_is_a_passage_and_nothing_hidden_is() -> None:
    found = "\n".join(texts(open_document(nasty_html(), TOOLS)))

    assert "verborgen" not in found
    for text in (
        "De heer Merhawi Tesfay sprak met Selam Haile.", "bijschrift", "wit op blauw", "cel met Merhawi", "ingevoegd",
        "koppeling basis", "a van Merhawi", "vaste  tekst\nvan Merhawi", "samenvatting", "uitklap Merhawi",
        "eigen Merhawi", "Merhawi\xa0Tesfay",
    ):  # fmt: skip
        assert text in found


def test_what_is_left_behind_is_counted_by_kind() -> None:
    assert {
        "alternative-texts", "comments", "deleted-text", "embedded-objects", "form-fields", "hidden-text", "images",
        "link-targets", "properties", "scripts", "styles",
    } == set(rebuilt_without(open_document(nasty_html(), TOOLS), _EITHER).left_behind)  # fmt: skip


@pytest.mark.parametrize("style", HIDDEN)
def test_text_that_a_style_hides_is_not_carried_over(style: str) -> None:
    assert ["een "] == _texts(f'<p>een <span style="{style}">twee</span></p>')


@pytest.mark.parametrize(
    "style", ["color:#ff0", "font-size:8px", "opacity:.9", "line-height:1", "color:white;background:navy", "left:-4px"]
)
def test_text_that_a_style_only_adorns_is_carried_over(style: str) -> None:
    assert ["een twee"] == _texts(f'<p>een <span style="{style}">twee</span></p>')


def test_only_a_dozen_elements_and_the_fixed_head_are_written() -> None:
    written = rebuilt_without(open_document(nasty_html(), TOOLS), _EITHER).content.decode()

    assert written.startswith(HEAD)
    assert {str(each.tag) for each in other_parser.document_fromstring(written.encode()).iter()} <= _ELEMENTS
    attributes = {name for each in other_parser.fromstring(written).find("body").iter() for name in each.attrib}  # type: ignore[union-attr] # every page that we write has a body
    assert attributes <= {"colspan", "rowspan", "type", "start"}


# ---- Laws


@settings(max_examples=20, deadline=None)
@given(st.data(), documents(flat=True))
def test_what_is_written_holds_exactly_the_passages_with_their_marks_carried_out(
    data: st.DataObject, document: RichText
) -> None:
    passages = [paragraph.text for paragraph in paragraphs_of(document)]
    rows = [data.draw(marks(len(text))) for text in passages]

    written = write_html(redacted(document, rows))

    wanted = "\n".join(map(apply_marks, passages, rows))
    assert _lines(wanted) == _lines(second_text(written))
    assert _words(wanted) == _words("\n".join(texts(open_document(written, TOOLS))))


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[ \t\n]+", text) if word]


def test_a_list_that_goes_on_counts_on() -> None:
    page = "<ol><li>een<p>tussen</p></li><li>twee</li></ol>"
    written = open_document(page.encode(), TOOLS).rebuilt([[], [], []]).content.decode()

    assert '<ol start="2"><li>twee</li></ol>' in written


# ---- Encodings


def test_utf_16_with_its_mark_and_windows_1252_are_read() -> None:
    page = "<p>Çelik café</p>"

    assert ["Çelik café"] == texts(open_document(page.encode("utf-16"), TOOLS))
    assert ["Çelik café"] == texts(open_document(page.encode("cp1252"), TOOLS))


def test_a_page_that_declares_another_encoding_than_it_is_in_is_refused() -> None:
    assert Trouble.TYPE_MISMATCH == _trouble(b'<meta charset="utf-7"><p>+AE0-erhawi</p>')
    assert Trouble.TYPE_MISMATCH == _trouble('<meta charset="windows-1252"><p>é</p>'.encode())


# ---- Attacks


def test_text_that_is_shown_turned_around_can_not_be_searched() -> None:
    for turned in (
        "<bdo dir=rtl>yafseT</bdo>",
        '<p style="unicode-bidi: bidi-override">yafseT</p>',
        "<p>\u202eyafseT</p>",
    ):
        assert Trouble.NO_TEXT == _trouble(turned.encode())


def test_a_page_that_is_deeper_than_its_parser_reads_is_refused() -> None:
    assert Trouble.TOO_LARGE == _trouble(b"<div>" * 1000 + N.encode())
    assert Trouble.TOO_LARGE == _trouble(b"<table><tr><td>" * 1000 + N.encode())


def test_sixty_tables_in_each_other_are_read() -> None:
    assert ["diep"] == _texts("<table><tr><td>" * 60 + "diep")


@pytest.mark.parametrize("content", [b"", b"   ", b"\x00<p>x</p>", b"\xff\xfe\x00\x00x", b"<p>\x81\xff</p>"])
def test_what_is_no_page_is_refused(content: bytes) -> None:
    assert Trouble.DAMAGED == _trouble(content)


def test_an_entity_of_a_page_is_not_fetched_or_grown() -> None:
    page = '<!DOCTYPE html [<!ENTITY e SYSTEM "file:///etc/passwd"><!ENTITY f "ha">]><p>voor &e; &f; na</p>'

    assert "root:" not in "".join(_texts(page))


@pytest.mark.parametrize(
    "page",
    [
        "<p>" + "<b>woord </b><i>nog </i>" * 50_000,
        "<style>"
        + "".join(f".c{n}{{color:red}}" for n in range(4_900))
        + "</style>"
        + '<p class="c1 c2">x</p>' * 20_000,
        "<table>" + '<tr><td rowspan="9999" colspan="63">x</td></tr>' * 3_000 + "</table>",
        "<table><tr>" + '<td rowspan="2">x</td>' * 20_000 + "</tr></table>",
        "<p style='" + "a:b;" * 100_000 + "'>x</p>",
        "<style>" + "{" * 200_000 + "</style><p>x</p>",
        "<style>" + "a," * 200_000 + "b{color:red}</style><p>x</p>",
        "<style>" + "/*" * 100_000 + "</style><p>x</p>",
        '<meta charset="' + "a" * 1_000 + '">' + "<meta" * 50_000,
        "<p>" + "&" * 200_000,
        "<" + "a" * 100_000 + ">x",
    ],
    ids=range(11),
)
def test_pages_that_are_made_to_keep_a_reader_busy_are_done_in_time(page: str) -> None:
    began = time.process_time()
    try:
        opened = open_document(page.encode(), TOOLS)
        opened.rebuilt([[] for _ in opened.passages])
    except UnreadableError:
        pass
    assert time.process_time() - began < _SECONDS


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.text("<>/pbtrdl &#;!-\"'= aé\n", max_size=300).map(str.encode))
def test_whatever_comes_in_is_read_or_refused(content: bytes) -> None:
    try:
        opened = open_document(content, TOOLS)
    except UnreadableError:
        return
    assert opened.rebuilt([[] for _ in opened.passages]).content.startswith(HEAD.encode())
