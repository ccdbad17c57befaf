"""Rectangles of cells that hide what is in them: merged cells, and conditions under which cells are shown otherwise."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from gateway.formats.unreadable import Trouble, UnreadableError

MAX_CELLS: Final = 250_000
MAX_CHARACTERS: Final = 20_000_000
_MAX_STEPS: Final = 5_000_000
"""Cells times areas that are looked at, so that a sheet of merged cells can not take for ever."""

Style = TypeVar("Style")


class Room:
    """What may still be read of a spreadsheet: filled cells, and characters in them, each as often as it is repeated.

    A text of ten megabytes that stands in a file once can be shown a hundred thousand times.
    """

    def __init__(self, *, cells: int, characters: int) -> None:
        self._cells = cells
        self._characters = characters

    def take(self, text: str, times: int = 1) -> None:
        """Take room for a cell. Raises UnreadableError TOO_LARGE when there is none."""
        self._cells -= times
        self._characters -= len(text) * times
        if self._cells < 0 or self._characters < 0:
            raise UnreadableError(Trouble.TOO_LARGE)


class Cell(NamedTuple):
    """One filled cell that people see; rows and columns count from 1. `is_number`: the text is a plain number."""

    row: int
    column: int
    text: str
    is_number: bool


class Area(NamedTuple, Generic[Style]):
    """A rectangle, its borders included; it hides by style, or, when `hides` is None, all but its first cell."""

    top: int
    left: int
    bottom: int
    right: int
    hides: Callable[[Style], bool] | None


def cells_outside(
    found: Sequence[tuple[Cell, Style]], areas: Sequence[Area[Style]], unseen: Counter[str]
) -> Iterator[Cell]:
    """Give the cells that no area hides, and count the others; `found` goes down the rows. Raises UnreadableError."""
    waiting = sorted(areas, key=lambda area: area.top, reverse=True)
    active: list[Area[Style]] = []
    row = steps = 0
    for cell, style in found:
        if cell.row != row:
            row = cell.row
            while waiting and waiting[-1].top <= row:
                active.append(waiting.pop())
            active = [area for area in active if area.bottom >= row]
        steps += len(active)
        if steps > _MAX_STEPS:
            raise UnreadableError(Trouble.TOO_LARGE)
        if any(_is_hidden_by(area, cell, style) for area in active):
            unseen["hidden-cells"] += 1
        else:
            yield cell


def _is_hidden_by(area: Area[Style], cell: Cell, style: Style) -> bool:
    if not area.left <= cell.column <= area.right:
        return False
    if area.hides is None:
        return (cell.row, cell.column) != (area.top, area.left)
    return area.hides(style)
