"""Where the cells of a table come to lie, with those that others cover: what writers of DOCX and ODT need to know."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.minimise.documents.rich_text import Cell, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A place in a row: a cell and over how many rows it goes from here; or one that a cell above covers."""

    cell: Cell
    rows: int = 1
    is_covered: bool = False


def laid_out(table: Table) -> Iterator[list[Placed]]:
    """Give each row with every place in it; no cell goes on below the last row."""
    growing: dict[int, tuple[Cell, int]] = {}
    height = len(table.rows)
    for index, row in enumerate(table.rows):
        placed: list[Placed] = []
        below: dict[int, tuple[Cell, int]] = {}
        waiting = list(reversed(row))
        column = 0
        while waiting or any(start >= column for start in growing):
            if column in growing:
                cell, left = growing[column]
                placed.append(Placed(cell=cell, is_covered=True))
            elif waiting:
                cell = waiting.pop()
                left = min(cell.rows, height - index)
                placed.append(Placed(cell=cell, rows=left))
            else:
                cell, left = Cell(blocks=()), 1
                placed.append(Placed(cell=cell))
            if left > 1:
                below[column] = (cell, left - 1)
            column += cell.columns
        growing = below
        yield placed
