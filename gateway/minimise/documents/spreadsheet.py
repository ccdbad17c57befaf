"""What spreadsheets have in common: a passage for each name of a sheet and each cell, and a table of values instead.

Rules:
1. A passage is what people see in one cell, or the name of a sheet; its page is the number of the sheet among those
   that are seen. Rows and columns keep their places.
2. Written anew are values alone: a number stays one unless something was taken out of it, everything else is text.
3. Text that a spreadsheet could take for a formula (`=`, `+`, `-`, `@` at its beginning, also behind spaces, or as wide
   characters) gets an apostrophe before it: it is one nowhere, not even after being saved as CSV (CWE-1236).
4. A sheet out of whose name something was taken gets a neutral one, because a name can hold no label.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.formats.areas import Cell
from gateway.minimise.documents.model import (
    Mark,
    Passage,
    Rebuilt,
    Trouble,
    UnreadableError,
    apply_marks,
)
from gateway.minimise.documents.visible import holds_base64, searchable
from gateway.minimise.people.findings import CellPlace

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]|\A'|'\Z|\A\s*\Z")
_NARROWEST, _BROADEST = 9, 60
_LONGEST_NAME: Final = 31
_RESERVED_NAMES: Final = frozenset({"history"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet: its name and its filled cells, row by row."""

    name: str = field(repr=False)
    cells: Sequence[Cell] = field(repr=False)

    def widths(self) -> dict[int, int]:
        """Give for each column that has anything in it how many characters it is broad, within reason."""
        widths: dict[int, int] = {}
        for cell in self.cells:
            widths[cell.column] = max(widths.get(cell.column, _NARROWEST), len(cell.text) + 1)
        return {column: min(width, _BROADEST) for column, width in sorted(widths.items())}

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Give each row that has anything in it."""
        row: list[Cell] = []
        for cell in self.cells:
            if row and cell.row != row[0].row:
                yield row[0].row, row
                row = []
            row.append(cell)
        if row:
            yield row[0].row, row


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a new spreadsheet is written, and what it then is."""

    write: Callable[[Sequence[Table]], bytes]
    suffix: str
    media_type: str


class Spreadsheet:
    """A spreadsheet that was read."""

    def __init__(self, tables: Sequence[Table], *, left_behind: Mapping[str, int], form: Form) -> None:
        """Take what people see of it. Raises UnreadableError NO_TEXT without a sheet, or for text that is none."""
        if not tables:
            raise UnreadableError(Trouble.NO_TEXT)
        self._left_behind = Counter(left_behind)
        self._tables = [self._searchable(table) for table in tables]
        self._form = form
        self._passages = [
            passage
            for page, table in enumerate(self._tables, 1)
            for passage in (Passage(text=table.name, page=page), *_passages(table.cells, page))
        ]

    @property
    def passages(self) -> Sequence[Passage]:
        """Give the name and then the cells of each sheet."""
        return self._passages

    def rebuilt(self, marks: Sequence[Sequence[Mark]]) -> Rebuilt:
        """Write the values anew."""
        each = iter(zip(self._passages, marks, strict=True))
        names = SheetNames()
        new: list[Table] = []
        for number, table in enumerate(self._tables, 1):
            _, on_name = next(each)
            name = names.neutral(number) if on_name else names.fitting(table.name, number)
            cells = [_without(cell, next(each)[1]) for cell in table.cells]
            new.append(Table(name=name, cells=cells))
        return Rebuilt(
            content=self._form.write(new),
            suffix=self._form.suffix,
            media_type=self._form.media_type,
            left_behind=+self._left_behind,
        )

    def _searchable(self, table: Table) -> Table:
        cells = [cell._replace(text=self._seen(cell.text)) for cell in table.cells]
        return Table(name=self._seen(table.name), cells=[cell for cell in cells if cell.text])

    def _seen(self, text: str) -> str:
        seen, count = searchable(text)
        if holds_base64(seen):
            raise UnreadableError(Trouble.NO_TEXT)
        self._left_behind["invisible-characters"] += count
        return seen


class SheetNames:
    """Gives sheets their names: each once, in whatever case, and none that programs refuse."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def fitting(self, name: str, number: int) -> str:
        """Give the name itself when it is one, else a neutral one."""
        folded = name.casefold()
        if len(name) > _LONGEST_NAME or _NO_SHEET_NAME.search(name) or folded in self._taken | _RESERVED_NAMES:
            return self.neutral(number)
        self._taken.add(folded)
        return name

    def neutral(self, number: int) -> str:
        """Give a name that says nothing but the sheet's number."""
        name = f"Blad {number}"
        while name.casefold() in self._taken:
            name += "_"
        self._taken.add(name.casefold())
        return name


def harmless(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _passages(cells: Sequence[Cell], page: int) -> Iterator[Passage]:
    for cell in cells:
        yield Passage(text=cell.text, page=page, place=CellPlace(page, cell.row, cell.column))


def _without(cell: Cell, marks: Sequence[Mark]) -> Cell:
    if cell.is_number and not marks:
        return cell
    return cell._replace(text=harmless(apply_marks(cell.text, marks)), is_number=False)
