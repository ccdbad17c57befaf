import datetime as dt
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.merge import MergedCellRange

from gateway.evidence.data_workbook import read_workbook
from gateway.package.errors import Code, SluisError

_TEXT = st.text("abc \u00e9\u0645&<'=+0", min_size=1, max_size=8).filter(lambda text: text == text.strip())


def _saved(change: Callable[[Any, Any], None] | None = None, rows: Sequence[Sequence[object]] | None = None) -> bytes:
    workbook = Workbook()
    sheet: Any = workbook.active
    for row, values in enumerate(rows or [["naam", "vNumber"], ["Jan", "0123456789"]], 1):
        for column, value in enumerate(values, 1):
            cell = sheet.cell(row, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
    if change:
        change(workbook, sheet)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def _refused(content: bytes) -> SluisError:
    with pytest.raises(SluisError) as caught:
        read_workbook(content)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(st.tuples(_TEXT, _TEXT | st.just("")), max_size=5))
def test_the_visible_table_is_read_as_text(rows: list[tuple[str, str]]) -> None:
    data = read_workbook(_saved(rows=[["naam", "noot"], *([*row] for row in rows)]))

    assert "table" == data.shape
    assert tuple({"naam": name, "noot": note} for name, note in rows) == data.rows


def test_dates_numbers_and_leading_zeros_are_what_people_saw() -> None:
    def change(_: Any, sheet: Any) -> None:
        sheet["B2"].number_format = "0000000000"
        sheet["F2"].number_format = "[h]:mm"

    moment = dt.datetime.fromisoformat("2020-01-02T03:04:05")
    values: list[object] = [0.1 + 0.2, 123456789, dt.date(1990, 5, 1), moment, True, 1.5, 123456789012345]

    data = read_workbook(_saved(change, [list("abcdefg"), values]))

    expected = ["0.3", "0123456789", "1990-05-01", "2020-01-02T03:04:05", "TRUE", "36:00:00", "123456789012345"]
    assert expected == list(data.rows[0].values())


def test_what_lies_beside_the_visible_table_is_not_read() -> None:
    def change(workbook: Any, sheet: Any) -> None:
        sheet["A1"].comment = Comment("geheim", "geheim")
        workbook.properties.creator = "geheim"
        for state in ("hidden", "veryHidden"):
            hidden = workbook.create_sheet(f"geheim {state}")
            hidden.sheet_state = state
            hidden.append(["geheim"])
        workbook.create_sheet("leeg")

    assert ({"naam": "Jan", "vNumber": "0123456789"},) == read_workbook(_saved(change)).rows


def _hide_row(_: Any, sheet: Any) -> None:
    sheet.row_dimensions[2].hidden = True


def _hide_column(_: Any, sheet: Any) -> None:
    sheet.column_dimensions["B"].hidden = True


def _whiten(_: Any, sheet: Any) -> None:
    sheet["B2"].font = Font(color="FFFFFFFF")


def _blank(_: Any, sheet: Any) -> None:
    sheet["B2"].number_format = ";;;"


def _second(workbook: Any, _: Any) -> None:
    workbook.create_sheet("twee").append(["naam"])


def _formula(_: Any, sheet: Any) -> None:
    sheet["B2"].value = "=1+1"


def _beside(_: Any, sheet: Any) -> None:
    sheet["D2"].value = "los"


def _below(_: Any, sheet: Any) -> None:
    sheet["A4"].value = "los"


def _unnamed(_: Any, sheet: Any) -> None:
    sheet["C2"].value = "los"


def _twice(_: Any, sheet: Any) -> None:
    sheet["B1"].value = " naam "


def _error(_: Any, sheet: Any) -> None:
    sheet["B2"].value = "#REF!"


def _rounded(_: Any, sheet: Any) -> None:
    sheet["B2"].value = 12345678901234567890


def _merged(_: Any, sheet: Any) -> None:
    sheet["B3"].value = "onder"
    sheet.merged_cells.ranges.add(MergedCellRange(sheet, "B2:B3"))


@pytest.mark.parametrize(
    "change",
    [
        _hide_row, _hide_column, _whiten, _blank, _second, _formula, _beside, _below, _unnamed, _twice, _error,
        _rounded, _merged,
    ],
)  # fmt: skip
def test_a_workbook_that_two_people_would_read_in_two_ways_is_ambiguous(change: Callable[[Any, Any], None]) -> None:
    assert Code.DATA_AMBIGUOUS is _refused(_saved(change)).code


def test_an_empty_workbook_is_ambiguous() -> None:
    assert Code.DATA_AMBIGUOUS is _refused(_saved(rows=[[]])).code


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"naam;V-nummer", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99])
def test_what_is_no_workbook_is_unreadable(content: bytes) -> None:
    assert Code.DATA_UNREADABLE is _refused(content).code


def test_more_fields_than_a_package_may_hold_are_refused() -> None:
    rows = [["a", "b"], *(["1", "2"] for _ in range(5001))]

    assert Code.FIELDS_TOO_MANY is _refused(_saved(rows=rows)).code


def test_an_error_in_a_workbook_names_its_row_and_no_value() -> None:
    error = _refused(_saved(_below))

    assert "row 4" == error.where
    assert "los" not in str(error)
