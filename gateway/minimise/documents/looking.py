"""Looks at the picture of a page without reading it: is there ink, and ink that nobody read?

A picture is searched in cells of 8 by 8 pixels, 1 mm at 200 dots per inch. Ink is what is clearly darker than the
paper, whatever the paper's own shade in a scan. Ink that belongs together is a patch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import pstdev
from typing import Final

from PIL import Image, ImageDraw

from gateway.minimise.documents.layout import Box

_CELL: Final = 8
_DARKER: Final = 60
"""By how much ink is darker than paper, of 255."""
_INKED: Final = 10
"""Of 255: how much of a cell is ink, to count."""
_SOLID: Final = 240
_BRIGHT: Final = 128
_LETTER: Final = 3
"""Cells. Fewer are the edge of an accent, or a speck."""
_MARKED: Final = 6
"""Cells, of the largest patch on a page that is not blank."""
_PICTURE_CELLS: Final = 40
_PICTURE_SIDE: Final = 4
_PICTURE_FILLED: Final = 0.2
"""Of the box around a patch: less is a grid of lines."""
_NEAR: Final = 2
_CROWDED: Final = 13
"""Of the 25 cells around one, itself included: a rule of any slope has at most 10 of them, writing more."""
_WRITING: Final = (24, 15)
"""Crowded cells together, in a block and in a row of at least `_WORD` cells: more than where rules cross."""
_WORD: Final = 8
_BAR: Final = 0.7
"""Share of solid cells, from which a patch of one shade is a black bar or a coloured field."""
_FLAT: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patch:
    cells: int
    solid: int
    spread: float
    """How much the shades of its solid cells differ: the standard deviation, of 255."""
    width: int
    height: int

    def is_picture(self) -> bool:
        filled = self.cells / (self.width * self.height)
        large = self.cells >= _PICTURE_CELLS and min(self.width, self.height) >= _PICTURE_SIDE
        return large and filled >= _PICTURE_FILLED and not self.is_bar()

    def is_writing(self) -> bool:
        """Tell whether crowded cells are a word or more."""
        block, row = _WRITING
        return (self.cells >= block or (self.cells >= row and self.width >= _WORD)) and not self.is_bar()

    def is_bar(self) -> bool:
        """Tell whether it is solid and of one shade."""
        return self.solid >= _BAR * self.cells and self.spread <= _FLAT


def paper(picture: Image.Image) -> int:
    """Give the shade of the paper, 0 to 255: the commonest bright one."""
    shades = picture.histogram()[_BRIGHT:]
    return _BRIGHT + max(range(len(shades)), key=shades.__getitem__)


def without(picture: Image.Image, read: Iterable[Box]) -> Image.Image:
    """Give a copy on which what was read is paper again."""
    shade = paper(picture)
    copy = picture.copy()
    draw = ImageDraw.Draw(copy)
    for box in read:
        draw.rectangle(box, fill=shade)
    return copy


def has_ink(picture: Image.Image) -> bool:
    """Tell whether there is anything that could be a letter."""
    return any(len(patch) >= _LETTER for patch in _Cells(picture).patches())


def is_blank(picture: Image.Image) -> bool:
    """Tell whether a page is empty, but for the specks of a scan."""
    return all(len(patch) < _MARKED for patch in _Cells(picture).patches())


def count_pictures(picture: Image.Image) -> int:
    """Count patches that are neither rules nor bars, once what was read is gone from the picture.

    One may be writing that nobody read, also where a rule runs through it, such as a name on the line of a form.
    """
    cells = _Cells(picture)
    return sum(cells.looked_at(patch).is_picture() or cells.holds_writing(patch) for patch in cells.patches())


class _Cells:
    """The inked cells of a picture."""

    def __init__(self, picture: Image.Image) -> None:
        limit = paper(picture) - _DARKER
        cells = picture.point([255 if shade < limit else 0 for shade in range(256)]).reduce(_CELL)
        self._width = cells.width
        self._shares, self._shades = cells.tobytes(), picture.reduce(_CELL).tobytes()
        self._inked = cells.point([1 if share >= _INKED else 0 for share in range(256)]).tobytes()

    def patches(self) -> Sequence[list[int]]:
        """Give the cells of each patch."""
        return self._split(bytearray(self._inked))

    def looked_at(self, cells: Sequence[int]) -> _Patch:
        """Measure cells that belong together."""
        columns = [cell % self._width for cell in cells]
        rows = [cell // self._width for cell in cells]
        solid = [self._shades[cell] for cell in cells if self._shares[cell] >= _SOLID]
        return _Patch(
            cells=len(cells),
            solid=len(solid),
            spread=pstdev(solid) if solid else 0.0,
            width=max(columns) - min(columns) + 1,
            height=max(rows) - min(rows) + 1,
        )

    def holds_writing(self, patch: Sequence[int]) -> bool:
        """Tell whether the cells of a patch crowd together somewhere as those of a word do."""
        crowded = bytearray(len(self._inked))
        for cell in patch:
            crowded[cell] = self._around(cell) >= _CROWDED
        return any(self.looked_at(each).is_writing() for each in self._split(crowded))

    def _around(self, cell: int) -> int:
        row, column = divmod(cell, self._width)
        first, last = max(0, column - _NEAR), min(self._width, column + _NEAR + 1)
        rows = range(max(0, row - _NEAR), row + _NEAR + 1)
        return sum(self._inked[each * self._width + first : each * self._width + last].count(1) for each in rows)

    def _split(self, left: bytearray) -> list[list[int]]:
        patches = []
        start = left.find(1)
        while start >= 0:
            patches.append(_flood(left, start, self._width))
            start = left.find(1, start)
        return patches


def _flood(left: bytearray, start: int, width: int) -> list[int]:
    """Take every cell that touches the first out of those that are left."""
    left[start] = 0
    found = [start]
    for cell in found:
        column = cell % width
        for down in (-width, 0, width):
            for aside in (-1, 0, 1):
                other = cell + down + aside
                if 0 <= other < len(left) and 0 <= column + aside < width and left[other]:
                    left[other] = 0
                    found.append(other)
    return found
