"""Writes an HTML file out of rich text: a fixed head, a dozen elements, no attributes but spans and starts of lists.

The head forbids browsers to load or run anything, whatever else should go wrong.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from gateway.minimise.documents.hardened_xml import escaped
from gateway.minimise.documents.rich_text import (
    Block,
    Cell,
    Emphasis,
    ListItem,
    Numbering,
    Paragraph,
    Piece,
    Placeholder,
    RichText,
    Table,
)

HEAD: Final = (
    '<!DOCTYPE html>\n<html lang="nl">\n<head>\n<meta charset="utf-8">\n'
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<title>Document</title>\n<style>body{font-family:sans-serif}p,li,td,h1,h2,h3,h4,h5,h6{white-space:pre-wrap}"
    "table{border-collapse:collapse}td{border:1px solid gray;padding:.2em;vertical-align:top}</style>\n"
    "</head>\n<body>\n"
)
"""What is the same in every file, and so says nothing about any document."""
_FOOT: Final = "</body>\n</html>\n"
OWN_VALUES: Final = re.compile(r"[0-9]{1,5}|[aAiI]")
_ELEMENTS: Final = ((Emphasis.BOLD, "b"), (Emphasis.ITALIC, "i"), (Emphasis.UNDERLINE, "u"), (Emphasis.STRIKE, "s"))
_TYPES: Final = {
    Numbering.LOWER_LETTER: ' type="a"',
    Numbering.UPPER_LETTER: ' type="A"',
    Numbering.LOWER_ROMAN: ' type="i"',
    Numbering.UPPER_ROMAN: ' type="I"',
}


@dataclass(slots=True, kw_only=True)
class _Writing:
    """One file while it is written: how far each list has counted, by list and level."""

    counted: dict[tuple[int, int], int] = field(default_factory=dict)

    def blocks(self, blocks: Iterable[Block]) -> str:
        """Write blocks; neighbours of one list stand in one list."""
        rows = groupby(blocks, key=_list_of)
        return "".join([text for number, row in rows for text in self._row(number, row)])

    def _row(self, number: int | None, row: Iterable[Block]) -> Iterator[str]:
        if number is None:
            yield from (self._block(block) for block in row)
        else:
            items = [each for each in row if isinstance(each, Paragraph)]
            yield from self._items(items)

    def _block(self, block: Block) -> str:
        if isinstance(block, Table):
            return self._table(block)
        if isinstance(block, Placeholder):
            return f"<p>{_piece(Piece(block.text, Emphasis.ITALIC))}</p>\n"
        tag = f"h{block.heading}" if block.heading else "p"
        return f"<{tag}>{_pieces(block.pieces)}</{tag}>\n"

    def _items(self, items: Iterable[Paragraph]) -> Iterator[str]:
        """Write items of one list: a list within an item for each deeper level."""
        open_lists: list[str] = []
        for paragraph in items:
            if paragraph.item is None:
                raise ValueError("an item of no list")
            while len(open_lists) > paragraph.item.level + 1:
                yield f"</li></{open_lists.pop()}>"
            if len(open_lists) == paragraph.item.level + 1:
                yield "</li>"
            while len(open_lists) < paragraph.item.level + 1:
                tag = "ul" if paragraph.item.numbering is Numbering.BULLET else "ol"
                is_own = len(open_lists) == paragraph.item.level
                yield self._start(tag, paragraph.item, is_own=is_own)
                open_lists.append(tag)
            self._count(paragraph.item)
            heading = f"<h{paragraph.heading}>" if paragraph.heading else ""
            yield f"<li>{heading}{_pieces(paragraph.pieces)}{heading.replace('<', '</')}"
        while open_lists:
            yield f"</li></{open_lists.pop()}>"
        yield "\n"

    def _start(self, tag: str, item: ListItem, *, is_own: bool) -> str:
        """Begin a list where its level had stopped counting; a level without items of its own gets an empty one."""
        if not is_own:
            return f"<{tag}><li>"
        reached = self.counted.get((item.number, item.level), 0)
        start = f' start="{reached + 1}"' if tag == "ol" and reached else ""
        return f"<{tag}{_TYPES.get(item.numbering, '') if tag == 'ol' else ''}{start}>"

    def _count(self, item: ListItem) -> None:
        self.counted[item.number, item.level] = self.counted.get((item.number, item.level), 0) + 1
        for deeper in range(item.level + 1, 9):
            self.counted.pop((item.number, deeper), None)

    def _table(self, table: Table) -> str:
        height = len(table.rows)
        rows = "".join(
            [
                f"<tr>{''.join([self._cell(cell, height - index) for cell in row])}</tr>\n"
                for index, row in enumerate(table.rows)
            ]
        )
        return f"<table>\n{rows}</table>\n"

    def _cell(self, cell: Cell, rows_left: int) -> str:
        columns = f' colspan="{cell.columns}"' if cell.columns > 1 else ""
        rows = min(cell.rows, rows_left)
        return f"<td{columns}{f' rowspan={chr(34)}{rows}{chr(34)}' if rows > 1 else ''}>{self.blocks(cell.blocks)}</td>"


def write_html(document: RichText) -> bytes:
    """Write the file. An HTML file has one section, and neither headers nor notes."""
    writing = _Writing()
    body = "".join([writing.blocks(section.blocks) for section in document.sections])
    return f"{HEAD}{body}{_FOOT}".encode()


def _list_of(block: Block) -> int | None:
    return block.item.number if isinstance(block, Paragraph) and block.item else None


def _pieces(pieces: Iterable[Piece]) -> str:
    return "".join([_piece(piece) for piece in pieces])


def _piece(piece: Piece) -> str:
    text = escaped(piece.text).replace("\n", "<br>")
    for flag, element in _ELEMENTS:
        if flag in piece.emphasis:
            text = f"<{element}>{text}</{element}>"
    return text
