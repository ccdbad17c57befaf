import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.minimise.documents import ods
from gateway.minimise.documents.model import Mark, Trouble, UnreadableError, apply_marks
from gateway.minimise.documents.spreadsheet import harmless
from tests.unit.minimise.documents.door import SUBJECT, names_third, tools, without_third
from tests.unit.minimise.documents.extracting import odfdo_text, raw_text
from tests.unit.minimise.documents.nasty_ods import MIMETYPE, nasty_ods, packed_ods, simple_ods, style, text_cell

_TEXT = st.text(st.sampled_from("abc =-+@<&\"'\u00e9\u0645\U0001f600  "), min_size=1, max_size=12).filter(
    lambda text: text.strip() == text
)


def _row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def _table(*rows: str, attributes: str = "") -> str:
    return f'<table:table table:name="Blad" {attributes}><table:table-column/>{"".join(rows)}</table:table>'


def _texts(content: bytes) -> list[str]:
    return [passage.text for passage in ods.open_document(content, tools()).passages]


def _trouble(content: bytes) -> Trouble:
    with pytest.raises(UnreadableError) as caught:
        ods.open_document(content, tools())
    return caught.value.trouble


def test_a_name_in_every_hiding_place_of_a_spreadsheet_is_in_no_layer_of_the_new_one() -> None:
    nasty = nasty_ods()
    new = without_third(ods.open_document(nasty, tools()))

    assert names_third(raw_text(nasty))
    assert names_third(odfdo_text(nasty))
    for text in (raw_text, odfdo_text, ods.second_text):
        assert not names_third(text(new.content))
        assert SUBJECT in text(new.content)


def test_every_hiding_place_is_counted_by_its_kind() -> None:
    assert {
        "hidden-cells": 9, "invisible-text": 8, "drawings": 4, "hidden-rows": 4, "properties": 3, "names": 2,
        "tracked-changes": 1, "validations": 1, "formulas": 1, "comments": 1, "conditional-formats": 1,
        "hidden-sheets": 1, "pivot-tables": 1, "signatures": 1, "other-parts": 1,
    } == dict(without_third(ods.open_document(nasty_ods(), tools())).left_behind)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.lists(_TEXT | st.just(""), max_size=4), max_size=5), data=st.data())
def test_what_is_written_is_what_was_read_without_what_was_marked(rows: list[list[str]], data: st.DataObject) -> None:
    opened = ods.open_document(simple_ods(_plain(rows)), tools())
    assert ["Blad", *(value for row in rows for value in row if value)] == [each.text for each in opened.passages]
    marks = [[] if at == 0 else _drawn(each.text, data) for at, each in enumerate(opened.passages)]

    new = opened.rebuilt(marks)

    expected = [harmless(apply_marks(each.text, on)) for each, on in zip(opened.passages, marks, strict=True)]
    assert expected == _texts(new.content)
    assert sorted(expected) == sorted(ods.second_text(new.content).split("\n"))
    assert new == opened.rebuilt(marks)


def _plain(rows: list[list[str]]) -> str:
    written = []
    for values in rows:
        cells = (re.sub("(?<= ) ", "<text:s/>", _escaped(value)) for value in values)
        written.append(_row(*(text_cell(cell) if cell else "<table:table-cell/>" for cell in cells)))
    return _table(*written)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _drawn(text: str, data: st.DataObject) -> list[Mark]:
    ends = data.draw(st.lists(st.integers(0, len(text)), max_size=4, unique=True).map(sorted))
    return [Mark(start=start, end=end, label="[gelakt]") for start, end in zip(ends[::2], ends[1::2], strict=False)]


def test_blanks_tabs_and_lines_of_a_cell_stay_what_they_are() -> None:
    cell = (
        '<table:table-cell office:value-type="string"><text:p>a<text:s text:c="3"/>b<text:tab/>c</text:p>'
        "<text:p>d  e</text:p></table:table-cell>"
    )
    opened = ods.open_document(simple_ods(_table(_row(cell))), tools())

    assert "a   b\tc\nd e" == opened.passages[1].text
    assert "a   b\tc\nd e" == _texts(opened.rebuilt([[], []]).content)[1]


@pytest.mark.parametrize(
    ("attributes", "shown", "text"),
    [
        ('office:value-type="float" office:value="123456789"', "0123456789", "0123456789"),
        ('office:value-type="float" office:value="612345678"', "06-12345678", "06-12345678"),
        ('office:value-type="float" office:value="1234.5"', "1.234,50", "1234.5"),
        ('office:value-type="float" office:value="1"', "WAAR", "WAAR"),
        ('office:value-type="percentage" office:value="0.21"', "21%", "0.21"),
        ('office:value-type="currency" office:value="12"', "\u20ac 12,00", "12"),
        ('office:value-type="date" office:date-value="1990-05-01"', "1 mei 1990", "1990-05-01"),
        ('office:value-type="time" office:time-value="PT36H30M00S"', "36:30", "36:30:00"),
        ('office:value-type="boolean" office:boolean-value="true"', "WAAR", "TRUE"),
        ('office:value-type="string" office:string-value="a"', "a", "a"),
    ],
)
def test_a_value_is_what_people_see_of_it(attributes: str, shown: str, text: str) -> None:
    cell = f"<table:table-cell {attributes}><text:p>{shown}</text:p></table:table-cell>"

    assert ["Blad", text] == _texts(simple_ods(_table(_row(cell))))


def test_a_style_of_the_common_styles_and_of_a_column_hides_as_well() -> None:
    white = style("wit", '<style:text-properties fo:color="#ffffff"/>')
    body = (
        '<table:table table:name="Blad"><table:table-column table:default-cell-style-name="wit"/>'
        f"{_row(text_cell('verborgen'), text_cell('zichtbaar'))}</table:table>"
    )
    common = f"<x xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0' xmlns:fo='urn:f'>{white}</x>"

    assert ["Blad", "zichtbaar"] == _texts(simple_ods(body, styles=white))
    assert ["Blad", "zichtbaar"] == _texts(simple_ods(body, **{"styles.xml": common}))


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (simple_ods(_table(), **{"Basic/Standard/Module1.xml": "<x/>"}), Trouble.ACTIVE),
        (simple_ods(_table(), **{"Scripts/python/x.py": "x"}), Trouble.ACTIVE),
        (simple_ods("<office:scripts><office:script/></office:scripts>"), Trouble.ACTIVE),
        (simple_ods("<table:dde-links><table:dde-link/></table:dde-links>" + _table()), Trouble.ACTIVE),
        (simple_ods(_table(_row("<table:table-cell><draw:object-ole/></table:table-cell>"))), Trouble.ACTIVE),
        (simple_ods(""), Trouble.NO_TEXT),
        (simple_ods(_table(_row(text_cell(_table())))), Trouble.DAMAGED),
        (simple_ods(_table(_row('<table:table-cell office:value-type="zz"/>'))), Trouble.DAMAGED),
        (simple_ods(_table(_row('<table:table-cell office:value-type="float" office:value="x"/>'))), Trouble.DAMAGED),
        (simple_ods(_table(_row(attributes='table:number-rows-repeated="9999999"'))), Trouble.DAMAGED),
        (simple_ods(_table(_row(text_cell("x"), attributes='table:number-rows-repeated="900000"'))), Trouble.TOO_LARGE),
        (packed_ods({"content.xml": "<x/>"}, mimetype="application/zip"), Trouble.TYPE_MISMATCH),
        (packed_ods({"META-INF/manifest.xml": "<x/>"}), Trouble.DAMAGED),
        (simple_ods("", manifest="<!DOCTYPE x><x/>"), Trouble.ACTIVE),
        (
            simple_ods("", manifest="<m xmlns='x'><file-entry><encryption-data/></file-entry></m>"),
            Trouble.ENCRYPTED,
        ),
        (
            simple_ods(
                "",
                manifest="<m xmlns:y='x'><y:file-entry y:full-path='Object 1/' y:media-type='application/x-ole'/></m>",
            ),
            Trouble.ACTIVE,
        ),
    ],
)
def test_what_can_not_be_searched_says_why(content: bytes, trouble: Trouble) -> None:
    assert trouble is _trouble(content)


def test_the_new_file_begins_with_its_stored_type() -> None:
    content = without_third(ods.open_document(nasty_ods(), tools())).content

    assert content[30:].startswith(b"mimetype" + MIMETYPE.encode())
