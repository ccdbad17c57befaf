"""Tables in a DOCX file: rows and cells that a reader sees, with what goes over several columns or rows.

A hidden row, a row that is too low to hold a letter, and what stands in a cell that another one covers: all of that
is hidden text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from gateway.minimise.documents.docx_looks import ground_of, shade_of
from gateway.minimise.documents.docx_parts import child, child_value, descendants, switch, tag_of, value
from gateway.minimise.documents.docx_reading import Reading, alternative
from gateway.minimise.documents.rich_text import MOST_COLUMNS, Block, Cell, Left, Table
from gateway.minimise.documents.visible import Colour
from gateway.minimise.documents.vocabulary import number

_WRAPPERS: Final = frozenset({"w:ins", "w:moveTo", "w:customXml", "w:sdtContent", "w:smartTag"})
_LOWEST_TWIPS: Final = 40


@dataclass(slots=True, kw_only=True)
class _Open:
    """A cell that may still grow downwards."""

    blocks: tuple[Block, ...]
    columns: int
    rows: int = 1


@dataclass(slots=True, kw_only=True)
class _Grid:
    """A table while it is read."""

    rows: list[list[_Open]] = field(default_factory=list)
    above: dict[int, _Open] = field(default_factory=dict)
    """By column, the cell that a merged one below belongs to."""


def read_table(reading: Reading, element: etree._Element, ground: Colour | None) -> list[Block]:
    """Read a `w:tbl`: none when nothing of it can be seen."""
    properties = child(element, "w:tblPr")
    shade = shade_of(properties)
    if reading.styles.colours_ground(child_value(properties, "w:tblStyle")):
        ground = None
    ground = ground if shade is None else ground_of(shade, ground)
    grid = _Grid()
    for row in _inside(element, "w:tr"):
        if not _is_left_out(reading, row):
            _read_row(reading, row, grid, ground)
    rows = tuple(
        tuple(Cell(blocks=cell.blocks, columns=cell.columns, rows=cell.rows) for cell in row)
        for row in grid.rows
        if row
    )
    return [Table(rows=rows)] if rows else []


def _inside(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Give rows or cells, also those within a content control or an insertion."""
    for element in parent:
        tag = tag_of(element)
        if tag == wanted:
            yield element
        elif tag in _WRAPPERS:
            yield from _inside(element, wanted)
        elif tag == "mc:AlternateContent":
            yield from _inside(alternative(element), wanted)
        elif tag == "w:sdt":
            content = child(element, "w:sdtContent")
            yield from () if content is None else _inside(content, wanted)


def _is_left_out(reading: Reading, row: etree._Element) -> bool:
    properties = child(row, "w:trPr")
    height = child(properties, "w:trHeight")
    low = value(height, "w:hRule") == "exact" and (number(value(height)) or 0) <= _LOWEST_TWIPS
    if child(properties, "w:del") is not None:
        reading.left_behind[Left.DELETED_TEXT] += 1
        return True
    if low or switch(properties, "w:hidden"):
        reading.left_behind[Left.HIDDEN_TEXT] += 1
        return True
    return False


def _read_row(reading: Reading, row: etree._Element, grid: _Grid, ground: Colour | None) -> None:
    cells: list[_Open] = []
    above: dict[int, _Open] = {}
    column = _span(child_value(child(row, "w:trPr"), "w:gridBefore"), least=0)
    if column:
        cells.append(_Open(blocks=(), columns=column))
    for element in _inside(row, "w:tc"):
        properties = child(element, "w:tcPr")
        columns = _span(child_value(properties, "w:gridSpan"))
        if child(properties, "w:cellDel") is not None:
            reading.left_behind[Left.DELETED_TEXT] += 1
            cells.append(_Open(blocks=(), columns=columns))
        elif _continues(properties, "w:hMerge") and cells:
            _count_covered(reading, element)
            cells[-1].columns = min(cells[-1].columns + columns, MOST_COLUMNS)
        elif _continues(properties, "w:vMerge") and column in grid.above and grid.above[column].columns == columns:
            _count_covered(reading, element)
            above[column] = grid.above[column]
            above[column].rows += 1
        else:
            shade = shade_of(properties)
            blocks = reading.blocks(element, ground if shade is None else ground_of(shade, ground))
            cells.append(_Open(blocks=tuple(blocks), columns=columns))
            above[column] = cells[-1]
        column += columns
    grid.above = above
    grid.rows.append(cells)


def _continues(properties: etree._Element | None, name: str) -> bool:
    merged = child(properties, name)
    return merged is not None and value(merged) in {"", "continue"}


def _count_covered(reading: Reading, element: etree._Element) -> None:
    reading.left_behind[Left.HIDDEN_TEXT] += _holds_text(descendants(element, "w:t"))


def _holds_text(texts: Iterable[etree._Element]) -> bool:
    return any((each.text or "").strip() for each in texts)


def _span(written: str, *, least: int = 1) -> int:
    return min(max(number(written) or least, least), MOST_COLUMNS)
