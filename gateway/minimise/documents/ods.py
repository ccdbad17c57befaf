"""Spreadsheets of LibreOffice (ODS): what is seen on the visible sheets, written anew as values.

Read by `gateway.minimise.documents.ods_reading`. Written are `mimetype`, the manifest and `content.xml`, without
styles, settings, pictures or properties: nothing in them that was not made here or passed the search.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from gateway.formats.areas import Cell
from gateway.formats.hardened_xml import XmlFaultError, parse_xml
from gateway.formats.packed import members
from gateway.formats.unreadable import Limits
from gateway.minimise.documents.model import Tools, Trouble, UnreadableError
from gateway.minimise.documents.ods_reading import MIMETYPE, read_ods
from gateway.minimise.documents.packing import packed_anew
from gateway.minimise.documents.spreadsheet import Form, Spreadsheet, Table

_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE: Final = "urn:oasis:names:tc:opendocument:xmlns"
_MANIFEST: Final = (
    f'<manifest:manifest xmlns:manifest="{_NAMESPACE}:manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MIMETYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_MILLIMETRES: Final = 2
"""So broad is a character, roughly."""
_SPACES = re.compile(r"^ +|(?<= ) +| +$")
_STRUCTURE = re.compile(
    rf"mimetype|content\.xml|META-INF/manifest\.xml|text/xml|/|float|string|table-column|co[0-9]+|[0-9]+mm|[0-9]{{1,7}}|1\.3|{re.escape(MIMETYPE)}"
)


def open_document(content: bytes, tools: Tools) -> Spreadsheet:
    """Read a spreadsheet. Raises UnreadableError only."""
    read = read_ods(members(content, tools.limits))
    tables = [Table(name=sheet.name, cells=sheet.cells) for sheet in read.sheets]
    return Spreadsheet(
        tables, left_behind=read.left_behind, form=Form(write=_written, suffix=".ods", media_type=MIMETYPE)
    )


_DIGITS_OF_SPACES: Final = 4


def second_text(content: bytes) -> str:
    """Give every text, attribute and name of every part, by another library than wrote them.

    Counts of repeated cells and the words of the format itself are no text.
    """
    parts = members(content, Limits())
    texts = [name for name in parts if not _STRUCTURE.fullmatch(name)]
    for name in parts:
        if name == "mimetype":
            texts.append("" if parts[name] == MIMETYPE.encode() else parts[name].decode("latin-1"))
            continue
        try:
            root = parse_xml(parts[name])
        except XmlFaultError:
            raise UnreadableError(Trouble.DAMAGED) from None
        for element in root.iter("*"):
            texts += _texts(element)
    return "\n".join(text for text in texts if text)


def _texts(element: etree._Element) -> Iterator[str]:
    local = element.tag.rpartition("}")[2]
    if local == "p":
        yield "".join(_pieces(element))
    elif local not in ("s", "tab"):
        yield element.text or ""
        yield element.tail or ""
    for key, value in element.items():
        if str(key).endswith("}value"):
            # A number stands twice, as a value and as text; it is one number.
            yield "" if [each.text for each in element] == [value] else str(value)
        elif (local == "table" and str(key).endswith("}name")) or not _STRUCTURE.fullmatch(str(value)):
            yield str(value)


def _pieces(paragraph: etree._Element) -> Iterator[str]:
    yield paragraph.text or ""
    for each in paragraph:
        yield _spaces(each) if each.tag.endswith(("}s", "}tab")) else (each.text or "")
        yield each.tail or ""


def _spaces(element: etree._Element) -> str:
    count = next((str(value) for key, value in element.items() if str(key).endswith("}c")), "1")
    return " " * int(count) if count.isdecimal() and len(count) <= _DIGITS_OF_SPACES else " "


# ---- Writing -------------------------------------------------------------------------------------------------------


def _written(tables: Sequence[Table]) -> bytes:
    opening = (
        f'{_DECLARATION}<office:document-content xmlns:office="{_NAMESPACE}:office:1.0" '
        f'xmlns:table="{_NAMESPACE}:table:1.0" xmlns:text="{_NAMESPACE}:text:1.0" '
        f'xmlns:style="{_NAMESPACE}:style:1.0" office:version="1.3">'
        f"<office:automatic-styles>{_column_styles(tables)}</office:automatic-styles><office:body><office:spreadsheet>"
    )
    closing = "</office:spreadsheet></office:body></office:document-content>"
    content = "".join((opening, *(part for table in tables for part in _table(table)), closing))
    parts = {"mimetype": MIMETYPE, "content.xml": content, "META-INF/manifest.xml": _DECLARATION + _MANIFEST}
    return packed_anew(parts, stored=("mimetype",))


def _column_styles(tables: Sequence[Table]) -> str:
    widths = sorted({width for table in tables for width in table.widths().values()})
    return "".join(
        f'<style:style style:family="table-column" style:name="co{width}">'
        f'<style:table-column-properties style:column-width="{width * _MILLIMETRES}mm"/></style:style>'
        for width in widths
    )


def _columns(table: Table) -> Iterator[str]:
    expected = 1
    for column, width in table.widths().items():
        if column > expected:
            yield f"<table:table-column{_repeated('columns', column - expected)}/>"
        yield f'<table:table-column table:style-name="co{width}"/>'
        expected = column + 1
    if expected == 1:
        yield "<table:table-column/>"


def _table(table: Table) -> Iterator[str]:
    yield f"<table:table table:name={quoteattr(table.name)}>"
    yield from _columns(table)
    expected = 1
    for number, cells in table.rows():
        if number > expected:
            repeated = _repeated("rows", number - expected)
            yield f"<table:table-row{repeated}><table:table-cell/></table:table-row>"
        yield f"<table:table-row>{''.join(_row(cells))}</table:table-row>"
        expected = number + 1
    if expected == 1:
        yield "<table:table-row><table:table-cell/></table:table-row>"
    yield "</table:table>"


def _row(cells: Sequence[Cell]) -> Iterator[str]:
    expected = 1
    for cell in cells:
        if cell.column > expected:
            yield f"<table:table-cell{_repeated('columns', cell.column - expected)}/>"
        yield _cell(cell)
        expected = cell.column + 1


def _repeated(what: str, count: int) -> str:
    return f' table:number-{what}-repeated="{count}"' if count > 1 else ""


def _cell(cell: Cell) -> str:
    if cell.is_number:
        value = f'office:value-type="float" office:value="{escape(cell.text)}"'
    else:
        value = 'office:value-type="string"'
    lines = "".join(f"<text:p>{_line(line)}</text:p>" for line in cell.text.split("\n"))
    return f"<table:table-cell {value}>{lines}</table:table-cell>"


def _line(line: str) -> str:
    """Write a line so that no blank is lost: programs read several as one."""
    marked = _SPACES.sub(lambda found: f"\x00{len(found[0])}\x01", line)
    written = escape(marked).replace("\t", "<text:tab/>")
    return re.sub("\x00([0-9]+)\x01", r'<text:s text:c="\1"/>', written)
