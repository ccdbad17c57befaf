"""Reads a data file in Excel's format (XLSX): one table of text values, in exactly one way.

Rules, in order:
1. The zip is guarded before anything in it is parsed; macros, embedded objects and encryption make it unreadable.
2. Exactly one visible sheet with anything on it. Hidden sheets are not read: they hold lists and left-overs of forms.
3. On that sheet nothing may be hidden: a filled cell in a hidden row or column, in invisible writing, or under a merged
   cell is refused. Whether it was meant to go can not be known, and either answer could be the wrong one.
4. The first filled row is the header: names without gaps, none twice. The rows follow it without gaps, and nothing
   stands beside the table.
5. A value is text: a date as ISO 8601, a number in at most 15 digits, with the zeros that its format shows. A formula
   is the value that was calculated last; one without a value, or with an error, is refused. So is a whole number that
   spreadsheets have rounded.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from gateway.evidence.data_bounds import MAX_DATA_BYTES, MAX_DATA_FIELDS, check_size, too_many_fields
from gateway.formats.areas import Cell
from gateway.formats.packed import members
from gateway.formats.unreadable import Limits, Trouble, UnreadableError
from gateway.formats.workbook import read_workbook as read_visible
from gateway.formats.workbook_sheet import Sheet
from gateway.package.errors import Code, SluisError
from gateway.package.states import Data

_LIMITS: Final = Limits(members=1_000, inflated_bytes=2 * MAX_DATA_BYTES)
_UNSEEN: Final = ("hidden-rows", "hidden-cells", "invisible-text", "formulas-without-a-value")
_ERROR = re.compile(r"#(?:REF!|DIV/0!|N/A|NAME\?|NULL!|NUM!|VALUE!|GETTING_DATA|SPILL!|CALC!)\Z")
_EXACT_DIGITS: Final = 15


def read_workbook(content: bytes, *, max_fields: int = MAX_DATA_FIELDS) -> Data:
    """Read the one visible table of a workbook.

    Raises SluisError `data-unreadable`, `data-ambiguous`, `fields-too-many`, `package-too-large`.
    """
    check_size(content)
    try:
        workbook = read_visible(members(content, _LIMITS))
    except UnreadableError as error:
        code = Code.FIELDS_TOO_MANY if error.trouble is Trouble.TOO_LARGE else Code.DATA_UNREADABLE
        detail = {"limit": max_fields} if error.trouble is Trouble.TOO_LARGE else {}
        raise SluisError(code, detail=detail) from None
    filled = [sheet for sheet in workbook.sheets if sheet.cells or any(map(sheet.unseen.get, _UNSEEN))]
    if len(filled) != 1 or any(map(filled[0].unseen.get, _UNSEEN)):
        raise SluisError(Code.DATA_AMBIGUOUS)
    return _table(filled[0], max_fields=max_fields)


def _table(sheet: Sheet, *, max_fields: int) -> Data:
    if len(sheet.cells) > 2 * max_fields:
        raise too_many_fields(max_fields)
    rows = [(number, list(cells)) for number, cells in groupby(sheet.cells, key=lambda cell: cell.row)]
    header_row, header = rows[0]
    names = [cell.text.strip() for cell in header]
    columns = [cell.column for cell in header]
    if not all(names) or len(set(names)) != len(names) or columns != list(range(columns[0], columns[-1] + 1)):
        raise SluisError(Code.DATA_AMBIGUOUS, where=_place(header_row))
    if len(rows[1:]) * len(names) > max_fields:
        raise too_many_fields(max_fields)
    values = []
    for expected, (number, cells) in enumerate(rows[1:], start=header_row + 1):
        if number != expected or not all(columns[0] <= cell.column <= columns[-1] for cell in cells):
            raise SluisError(Code.DATA_AMBIGUOUS, where=_place(number))
        values.append(_row(cells, names, first=columns[0]))
    return Data(shape="table", rows=tuple(values))


def _row(cells: Sequence[Cell], names: Sequence[str], *, first: int) -> dict[str, str]:
    texts = dict.fromkeys(names, "")
    for cell in cells:
        rounded = cell.is_number and "." not in cell.text and len(cell.text.lstrip("-")) > _EXACT_DIGITS
        if _ERROR.match(cell.text) or rounded:
            raise SluisError(Code.DATA_AMBIGUOUS, where=_place(cell.row))
        texts[names[cell.column - first]] = cell.text
    return texts


def _place(row: int) -> str:
    return f"row {row}"
