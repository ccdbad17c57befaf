import datetime as dt
import io
import re
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from gateway.formats.areas import MAX_CELLS
from gateway.minimise.documents import xlsx
from gateway.minimise.documents.model import Limits, Mark, Trouble, UnreadableError, apply_marks
from gateway.minimise.documents.spreadsheet import Spreadsheet, harmless
from tests.unit.minimise.documents.door import SUBJECT, THIRD, names_third, tools, without_third
from tests.unit.minimise.documents.extracting import openpyxl_text, raw_text
from tests.unit.minimise.documents.nasty_xlsx import nasty_xlsx, patched_zip, with_shared

_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Mn"]), min_size=1, max_size=12).filter(
    lambda text: text.strip() == text and "_x" not in text
)


def _saved(workbook: Workbook) -> bytes:
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _workbook() -> tuple[Workbook, Worksheet]:
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    return workbook, sheet


def _texts(content: bytes) -> list[str]:
    return [passage.text for passage in xlsx.open_document(content, tools()).passages]


def _trouble(content: bytes, limits: Limits | None = None) -> Trouble:
    with pytest.raises(UnreadableError) as caught:
        xlsx.open_document(content, tools(limits=limits))
    return caught.value.trouble


def test_a_name_in_every_hiding_place_of_a_workbook_is_in_no_layer_of_the_new_one() -> None:
    nasty = nasty_xlsx()
    new = without_third(xlsx.open_document(nasty, tools()))

    assert names_third(raw_text(nasty))
    assert names_third(openpyxl_text(nasty))
    for text in (raw_text, openpyxl_text, xlsx.second_text):
        assert not names_third(text(new.content))
        assert SUBJECT in text(new.content)
    assert "[gelakt: derde]" in openpyxl_text(new.content)


def test_every_hiding_place_is_counted_by_its_kind() -> None:
    left_behind = without_third(xlsx.open_document(nasty_xlsx(), tools())).left_behind

    assert {
        "hidden-sheets": 2, "hidden-rows": 2, "hidden-cells": 7, "invisible-text": 7, "formulas": 1, "comments": 4,
        "names": 1, "validations": 1, "links": 1, "headers-and-footers": 1, "pivot-caches": 2, "pivot-tables": 1,
        "external-links": 1, "conditional-formats": 1, "drawings": 2, "connections": 2, "properties": 4, "tables": 1,
        "printer-settings": 1, "other-parts": 4,
    } == dict(left_behind)  # fmt: skip


def test_the_whitened_spreadsheet_of_2020_gives_away_nobody() -> None:
    """White text, hidden columns, a hidden sheet and cached pivot data: two thousand people, and none of them seen."""
    workbook, sheet = _workbook()
    sheet.append(["Locatie", "Aantal", "Naam", "V-nummer"])
    for number in range(2000):
        sheet.append(["Ter Apel", number, f"Persoon {number}", f"{number:010}"])
        sheet.cell(number + 2, 3).font = Font(color="FFFFFFFF")
    sheet.column_dimensions["D"].hidden = True
    behind = workbook.create_sheet("Bron")
    behind.sheet_state = "hidden"
    behind.append(["Persoon 1"])
    records = "".join(f'<r><s v="Persoon {number}"/></r>' for number in range(2000))
    content = patched_zip(_saved(workbook), added={"xl/pivotCache/pivotCacheRecords1.xml": f"<x>{records}</x>"})

    new = xlsx.open_document(content, tools()).rebuilt([[] for _ in _texts(content)])

    assert 2000 == len(set(re.findall("Persoon [0-9]+", openpyxl_text(content))))
    for text in (raw_text(new.content), openpyxl_text(new.content)):
        assert "Persoon" not in text
        assert "0000000001" not in text
        assert "Ter Apel" in text
    assert {"invisible-text": 2000, "hidden-cells": 2001, "hidden-sheets": 1, "pivot-caches": 1} == {
        kind: count for kind, count in new.left_behind.items() if kind != "properties"
    }


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(_TEXT | st.just("") | st.sampled_from(["=1+1", "-x", "@a"]), max_size=4), max_size=5),
    data=st.data(),
)
def test_what_is_written_is_what_was_read_without_what_was_marked(rows: list[list[str]], data: st.DataObject) -> None:
    workbook, sheet = _workbook()
    for row, values in enumerate(rows, 1):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column)
            cell.value = value
            cell.data_type = "s"
    opened = xlsx.open_document(_saved(workbook), tools())
    assert ["Sheet", *(value for row in rows for value in row if value)] == [each.text for each in opened.passages]
    marks = [[] if at == 0 else _drawn(each.text, data) for at, each in enumerate(opened.passages)]

    new = opened.rebuilt(marks)

    expected = [harmless(apply_marks(each.text, on)) for each, on in zip(opened.passages, marks, strict=True)]
    assert expected == [each.text for each in xlsx.open_document(new.content, tools()).passages]
    assert sorted(expected) == sorted(each for each in xlsx.second_text(new.content).split("\n"))
    assert new == opened.rebuilt(marks)


def _drawn(text: str, data: st.DataObject) -> list[Mark]:
    ends = data.draw(st.lists(st.integers(0, len(text)), max_size=4, unique=True).map(sorted))
    pairs = zip(ends[::2], ends[1::2], strict=False)
    return [Mark(start=start, end=end, label="[gelakt: derde]") for start, end in pairs]


@pytest.mark.parametrize("text", ["=1+1", "+31612345678", "-1+2", "@SUM(A1)", " =1", "\t=1", "\uff1d1", "\n+1"])
def test_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert f"'{text}" == harmless(text)


def test_numbers_dates_and_leading_zeros_are_what_people_saw() -> None:
    workbook, sheet = _workbook()
    shown: dict[str, tuple[Any, str]] = {
        "0.3": (0.1 + 0.2, "General"),
        "0123456789": (123456789, "0000000000"),
        "06-12345678": (12345678, '"06-"00000000'),
        "1990-05-01": (dt.date(1990, 5, 1), "d mmm yyyy"),
        "2020-01-02T03:04:05": (dt.datetime.fromisoformat("2020-01-02T03:04:05"), "yyyy-mm-dd hh:mm:ss"),
        "36:30:00": (1.5208333333333333, "[h]:mm"),
        "1234.5": (1234.5, "#,##0.00"),
        "0.21": (0.21, "0%"),
        "TRUE": (True, "General"),
    }
    for row, (value, number_format) in enumerate(shown.values(), 1):
        sheet.cell(row, 1, value)
        sheet.cell(row, 1).number_format = number_format

    content = xlsx.open_document(_saved(workbook), tools()).rebuilt([[] for _ in range(len(shown) + 1)]).content

    assert ["Sheet", *shown] == _texts(content)
    values = [row[0].value for row in load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()]
    assert [0.3, 1234.5, 0.21] == [value for value in values if isinstance(value, float)]


def test_a_name_spelled_by_its_code_points_is_read_as_people_see_it() -> None:
    workbook, sheet = _workbook()
    sheet["A1"] = "_x004D_erhawi_x0020_Tesfay_x000B_ _xD83D__xDE00_"
    sheet["A2"] = "_x005F_x0041_"

    opened = xlsx.open_document(_saved(workbook), tools())
    new = without_third(opened)

    assert ["Merhawi Tesfay  \U0001f600", "_x0041_"] == [each.text for each in opened.passages[1:]]
    assert ["[gelakt: derde]  \U0001f600", "_x0041_"] == _texts(new.content)[1:]


def test_a_sheet_whose_name_is_taken_out_gets_a_neutral_one_and_no_two_are_the_same() -> None:
    workbook, sheet = _workbook()
    sheet.title = "Blad 2"
    workbook.create_sheet(THIRD)
    new = without_third(xlsx.open_document(_saved(workbook), tools()))

    assert ["Blad 2", "Blad 2_"] == load_workbook(io.BytesIO(new.content)).sheetnames


def test_characters_that_nobody_sees_do_not_come_along() -> None:
    workbook, sheet = _workbook()
    sheet["A1"] = "a\u200bb" + "".join(chr(0xE0000 + ord(each)) for each in THIRD)

    opened = xlsx.open_document(_saved(workbook), tools())

    assert "ab" == opened.passages[1].text
    assert 1 + len(THIRD) == opened.rebuilt([[], []]).left_behind["invisible-characters"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("xl/vbaProject.bin", "x"),
        ("xl/embeddings/oleObject1.bin", "x"),
        ("xl/activeX/activeX1.xml", "<x/>"),
        ("xl/macrosheets/sheet1.xml", "<x/>"),
        ("xl/externalLinks/externalLink1.xml", '<externalLink><ddeLink ddeService="cmd"/></externalLink>'),
    ],
)
def test_macros_embedded_objects_and_links_to_programs_are_not_left_out_in_silence(name: str, text: str) -> None:
    assert Trouble.ACTIVE is _trouble(patched_zip(_saved(_workbook()[0]), added={name: text}))


def test_a_macro_workbook_under_another_name_is_known_by_its_content_types() -> None:
    change = ("spreadsheetml.sheet.main+xml", "spreadsheetml.sheet.macroEnabled.main+xml")

    content = patched_zip(_saved(_workbook()[0]), changes={"[Content_Types].xml": (change,)})

    assert Trouble.ACTIVE is _trouble(content)


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_a_document_type_definition_in_any_part_and_coding_is_refused(part: str, coding: str) -> None:
    content = _saved(_workbook()[0])
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        text = packed.read(part).decode()
    text = re.sub(r"^<\?xml[^>]*\?>", "", text)
    xxe = f'<?xml version="1.0" encoding="{coding}"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>{text}'
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            new.writestr(name, xxe.encode(coding) if name == part else old.read(name))

    assert Trouble.ACTIVE is _trouble(written.getvalue())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('r="A1"', 'r="B9"'),
        ('<c r="A1"', '<c r="A1"><v>1</v></c><c r="A1"'),
        ('r="1"', 'r="1048577"'),
        ('t="s"', 't="zz"'),
        ("<v>0</v>", "<v>99</v>"),
        ("<v>0</v>", "<v>-1</v>"),
        ('t="s"', 't="s" s="99"'),
        ("</sheetData>", ""),
        ('t="s"><v>0</v>', "><v>1e999</v>"),
        ('t="s"><v>0</v>', "><v>nan</v>"),
    ],
)
def test_a_sheet_that_two_programs_would_read_in_two_ways_is_damaged(before: str, after: str) -> None:
    workbook, sheet = _workbook()
    sheet["A1"] = "tekst"

    shared = with_shared(_saved(workbook), "tekst", "<si><t>tekst</t></si>")
    assert ["Sheet", "tekst"] == _texts(shared)

    content = patched_zip(shared, changes={"xl/worksheets/sheet1.xml": ((before, after),)})

    assert Trouble.DAMAGED is _trouble(content)


def test_more_cells_than_can_be_searched_are_too_large() -> None:
    row = "<c><v>1</v></c>" * 26
    rows = f"<row>{row}</row>" * (MAX_CELLS // 26 + 1)
    change = ("<sheetData", f"<sheetData>{rows}</sheetData><ignored")

    content = patched_zip(_saved(_workbook()[0]), changes={"xl/worksheets/sheet1.xml": (change,)})

    assert Trouble.TOO_LARGE is _trouble(content)


def test_a_workbook_shows_nothing_of_itself() -> None:
    opened = xlsx.open_document(nasty_xlsx(), tools())

    assert isinstance(opened, Spreadsheet)
    assert not names_third(f"{opened!r}{opened.passages!r}{without_third(opened)!r}")
