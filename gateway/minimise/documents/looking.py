"""Looks at the picture of a page without reading it: is there ink, and ink that nobody read?

A picture is searched in cells of 8 by 8 pixels, 1 mm at 200 dots per inch. Ink is what is clearly darker than the
paper, whatever the paper's own shade in a scan. Ink that belongs together is a patch. What nobody read is looked for
once more in faint ink, less dark than that: a person reads it, and recognition may not have seen it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import pstdev
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from gateway.minimise.documents.layout import Box

_CELL: Final = 8
_DARKER: Final = 60
"""By how much ink is darker than paper, of 255."""
_FAINT: Final = 24
"""The same for faint ink; what is fainter is gone from a page that is written in black and white."""
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
_LONE: Final = (5, 40)
"""Cells, from and up to, of a letter that stands by itself."""
_LONE_SIDES: Final = (2, 3)
_LONE_NEAR: Final = 12
_LONE_MANY: Final = 6
_DARK_PAGE: Final = 0.5
_BAR: Final = 0.7
"""Share of solid cells, from which a patch of one shade is a black bar or a coloured field."""
_FLAT: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patch:
    cells: int
    solid: int
    spread: float
    """How much the shades of its solid cells differ: the standard deviation, of 255."""
    left: int
    top: int
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

    def is_near(self, other: "_Patch") -> bool:
        """Tell whether not much more than a letter is between the two."""
        aside = max(self.left, other.left) - min(self.left + self.width, other.left + other.width)
        above = max(self.top, other.top) - min(self.top + self.height, other.top + other.height)
        return max(aside, above) <= _LONE_NEAR

    def is_lone_letter(self) -> bool:
        """Tell whether it may be a letter by itself, and is no speck and no empty box to tick."""
        least, most = _LONE
        sides = sorted((self.width, self.height))
        hollow = sides[0] > _LONE_SIDES[1] and self.cells <= 2 * (self.width + self.height) - 4
        return least <= self.cells <= most and sides[0] >= _LONE_SIDES[0] and sides[1] >= _LONE_SIDES[1] and not hollow

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
    """Tell whether there is anything that could be a letter, in whatever shade."""
    return is_dark(picture) or any(len(patch) >= _LETTER for patch in _faint(picture).patches())


def is_blank(picture: Image.Image) -> bool:
    """Tell whether a page is empty, but for the specks of a scan."""
    return all(len(patch) < _MARKED for patch in _Cells(picture, darker=_DARKER).patches())


def is_dark(picture: Image.Image) -> bool:
    """Tell whether more of a page is dark than bright: then nobody can say what is ink and what is paper."""
    return sum(picture.histogram()[:_BRIGHT]) > _DARK_PAGE * picture.width * picture.height


def count_pictures(picture: Image.Image) -> int:
    """Count patches that are neither rules nor bars, once what was read is gone from the picture.

    One may be writing that nobody read, also where a rule runs through it, such as a name on the line of a form, where
    it is faint, or in letters that stand by themselves. A dark page counts as one.
    """
    cells = _Cells(picture, darker=_DARKER)
    looked_at = [(patch, cells.looked_at(patch)) for patch in cells.patches()]
    found = sum(seen.is_picture() or cells.holds_writing(patch) for patch, seen in looked_at)
    bars = cells.around([cell for patch, seen in looked_at if seen.is_bar() for cell in patch])
    faint = _faint(picture)
    found = max(found, sum(faint.holds_writing(patch, but=bars) for patch in faint.patches()))
    return found + _are_spelled([seen for _, seen in looked_at if seen.is_lone_letter()]) + is_dark(picture)


def _are_spelled(letters: Sequence[_Patch]) -> bool:
    """Tell whether so many letters by themselves stand near each other that they may spell something."""
    left = list(letters)
    while left:
        row = [left.pop()]
        for one in row:
            near = [other for other in left if one.is_near(other)]
            left = [other for other in left if other not in near]
            row += near
        if len(row) >= _LONE_MANY:
            return True
    return False


def _faint(picture: Image.Image) -> "_Cells":
    # A little blurred, so that the grain of a scan is no ink.
    return _Cells(picture.filter(ImageFilter.BoxBlur(1)), darker=_FAINT)


class _Cells:
    """The inked cells of a picture."""

    def __init__(self, picture: Image.Image, *, darker: int) -> None:
        limit = paper(picture) - darker
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
            left=min(columns),
            top=min(rows),
            width=max(columns) - min(columns) + 1,
            height=max(rows) - min(rows) + 1,
        )

    def around(self, cells: Iterable[int]) -> frozenset[int]:
        """Give cells with those that touch them: the edge of a bar is of every shade."""
        return frozenset(
            cell + down * self._width + aside for cell in cells for down in (-1, 0, 1) for aside in (-1, 0, 1)
        )

    def holds_writing(self, patch: Sequence[int], *, but: frozenset[int] = frozenset()) -> bool:
        """Tell whether the cells of a patch, without some, crowd together somewhere as those of a word do."""
        crowded = bytearray(len(self._inked))
        for cell in patch:
            crowded[cell] = cell not in but and self._count_around(cell) >= _CROWDED
        return any(self.looked_at(each).is_writing() for each in self._split(crowded))

    def _count_around(self, cell: int) -> int:
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
