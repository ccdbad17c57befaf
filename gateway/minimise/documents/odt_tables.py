"""Tables in an ODT file: rows and cells that a reader sees. Hidden rows and columns and covered cells hide text."""

from collections import Counter
from collections.abc import Iterator
from typing import Final, Protocol

from lxml import etree

from gateway.minimise.documents.looks import Look
from gateway.minimise.documents.model import Trouble, UnreadableError
from gateway.minimise.documents.odt_looks import Styles
from gateway.minimise.documents.odt_parts import child, tag_of, value
from gateway.minimise.documents.rich_text import MOST_COLUMNS, Block, Cell, Left, Paragraph, Table
from gateway.minimise.documents.vocabulary import number

_GROUPS: Final = frozenset({"table:table-header-rows", "table:table-rows", "table:table-row-group"})
_COLUMN_GROUPS: Final = frozenset({
    "table:table-header-columns", "table:table-columns", "table:table-column-group",
})  # fmt: skip
_COLLAPSED: Final = frozenset({"collapse", "filter"})
_MOST_ROWS: Final = 10_000


class CellReading(Protocol):
    """What reads the blocks of a cell."""

    styles: Styles
    left_behind: Counter[str]

    def blocks(self, parent: etree._Element, look: Look) -> list[Block]:
        """Read what stands in a cell."""
        ...


def read_table(element: etree._Element, look: Look, reading: CellReading) -> Iterator[Table]:
    """Read a `table:table`; nothing when no cell of it can be seen."""
    for name in ("table:title", "table:desc"):
        reading.left_behind[Left.ALTERNATIVE_TEXTS] += child(element, name) is not None
    hidden = set(_hidden_columns(element))
    rows: list[tuple[Cell, ...]] = []
    for row in _inside(element, "table:table-row", _GROUPS):
        if value(row, "table:visibility") in _COLLAPSED:
            reading.left_behind[Left.HIDDEN_TEXT] += _holds_text(row)
        else:
            cells = tuple(_cells(row, look, reading, hidden))
            rows += [cells] if cells else []
    if rows:
        yield Table(rows=tuple(rows))


def _inside(parent: etree._Element, wanted: str, groups: frozenset[str]) -> Iterator[etree._Element]:
    for element in parent:
        tag = tag_of(element)
        if tag == wanted:
            yield element
        elif tag in groups:
            yield from _inside(element, wanted, groups)


def _hidden_columns(element: etree._Element) -> Iterator[int]:
    """Give the numbers of the columns that do not show."""
    column = 0
    for each in _inside(element, "table:table-column", _COLUMN_GROUPS):
        repeated = _count(each, "table:number-columns-repeated")
        if value(each, "table:visibility") in _COLLAPSED:
            yield from range(column, column + repeated)
        column += repeated


def _cells(row: etree._Element, look: Look, reading: CellReading, hidden: set[int]) -> Iterator[Cell]:
    column = 0
    for element in row:
        tag = tag_of(element)
        if tag not in {"table:table-cell", "table:covered-table-cell"}:
            continue
        repeated = _count(element, "table:number-columns-repeated")
        if tag == "table:covered-table-cell" or column in hidden:
            reading.left_behind[Left.HIDDEN_TEXT] += _holds_text(element)
        else:
            reading.left_behind[Left.FIELD_CODES] += bool(value(element, "table:formula"))
            inside = look.under(reading.styles.look("table-cell", value(element, "table:style-name")))
            blocks = tuple(reading.blocks(element, inside))
            columns = _count(element, "table:number-columns-spanned")
            rows = min(max(number(value(element, "table:number-rows-spanned")) or 1, 1), _MOST_ROWS)
            yield Cell(blocks=blocks, columns=columns, rows=rows)
            if repeated > 1 and not all(isinstance(block, Paragraph) for block in blocks):
                # Tables in tables that repeat each other grow without end.
                raise UnreadableError(Trouble.TOO_LARGE)
            for _ in range(1, repeated):
                yield Cell(blocks=blocks)
        column += repeated


def _count(element: etree._Element, name: str) -> int:
    return min(max(number(value(element, name)) or 1, 1), MOST_COLUMNS)


def _holds_text(element: etree._Element) -> bool:
    return any((text or "").strip() for each in element.iter() for text in (each.text, each.tail))
