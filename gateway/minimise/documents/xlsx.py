"""Workbooks of Excel (XLSX): what is seen on the visible sheets, written anew as values.

Read by `gateway.formats.workbook`, which leaves hidden sheets, rows, columns and text, comments, names, validations,
pivot caches, links, pictures and properties behind and counts them. Written are five kinds of parts, without styles,
properties or shared texts: nothing in them that was not made here or passed the search.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from gateway.formats.areas import Cell
from gateway.formats.hardened_xml import XmlFaultError, parse_xml
from gateway.formats.packed import members
from gateway.formats.unreadable import Limits
from gateway.formats.workbook import read_workbook
from gateway.formats.workbook_sheet import unescaped
from gateway.minimise.documents.model import Tools, Trouble, UnreadableError
from gateway.minimise.documents.packing import packed_anew
from gateway.minimise.documents.spreadsheet import Form, Spreadsheet, Table

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_STRUCTURE = re.compile(
    r"[A-Z]{0,3}[0-9]{1,7}|rId[0-9]+|inlineStr|preserve|rels|xml|\[Content_Types\]\.xml|_rels/\.rels"
    r"|(?:/?xl/)?(?:workbook|worksheets/sheet[0-9]+|_rels/workbook)\.xml(?:\.rels)?"
    rf"|{re.escape(_TYPE)}\.(?:sheet\.main|worksheet)\+xml|application/(?:vnd\.openxmlformats-package\.relationships\+)?xml"
    rf"|{re.escape(_OFFICE)}/(?:worksheet|officeDocument)"
)


def open_document(content: bytes, tools: Tools) -> Spreadsheet:
    """Read a workbook. Raises UnreadableError only."""
    workbook = read_workbook(members(content, tools.limits))
    tables = [Table(name=sheet.name, cells=sheet.cells) for sheet in workbook.sheets]
    form = Form(write=_written, suffix=".xlsx", media_type=f"{_TYPE}.sheet")
    return Spreadsheet(tables, left_behind=workbook.left_behind, form=form)


def second_text(content: bytes) -> str:
    """Give every text, attribute and name of every part, by another library than wrote them.

    Places, widths and addresses of our own making are no text, as long as they look like it: else a cell's place would
    pass for a house number.
    """
    parts = members(content, Limits())
    texts = [name for name in parts if not _STRUCTURE.fullmatch(name)]
    for name in parts:
        try:
            root = parse_xml(parts[name])
        except XmlFaultError:
            raise UnreadableError(Trouble.DAMAGED) from None
        for element in root.iter():
            texts.append(unescaped(element.text or ""))
            texts += (
                str(value) for key, value in element.items() if key == "name" or not _STRUCTURE.fullmatch(str(value))
            )
    return "\n".join(text for text in texts if text)


# ---- Writing -------------------------------------------------------------------------------------------------------


def _written(tables: Sequence[Table]) -> bytes:
    numbers = range(1, len(tables) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(table.name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, table in zip(numbers, tables, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    parts = {
        "[Content_Types].xml": _content_types(numbers),
        "_rels/.rels": _relations(
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        ),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(relations),
    }
    for number, table in zip(numbers, tables, strict=True):
        parts[f"xl/worksheets/sheet{number}.xml"] = "".join(_sheet(table))
    return packed_anew({name: _DECLARATION + text for name, text in parts.items()})


def _content_types(numbers: range) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{sheets}</Types>'
    )


def _relations(relations: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _sheet(table: Table) -> Iterator[str]:
    yield f'<worksheet xmlns="{_MAIN}">{_columns(table)}<sheetData>'
    for number, cells in table.rows():
        yield f'<row r="{number}">{"".join(map(_cell, cells))}</row>'
    yield "</sheetData></worksheet>"


def _columns(table: Table) -> str:
    columns = "".join(
        f'<col min="{column}" max="{column}" width="{width}" customWidth="1"/>'
        for column, width in table.widths().items()
    )
    return f"<cols>{columns}</cols>" if columns else ""


def _cell(cell: Cell) -> str:
    place = f"{_letters(cell.column)}{cell.row}"
    if cell.is_number:
        return f'<c r="{place}"><v>{escape(cell.text)}</v></c>'
    text = escape(_LOOKS_ESCAPED.sub("_x005F_", cell.text))
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
