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
        return (
            self.cells >= _PICTURE_CELLS
            and min(self.width, self.height) >= _PICTURE_SIDE
            and filled >= _PICTURE_FILLED
            and (self.solid < _BAR * self.cells or self.spread > _FLAT)
        )


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
    return any(patch.cells >= _LETTER for patch in _patches(picture))


def is_blank(picture: Image.Image) -> bool:
    """Tell whether a page is empty, but for the specks of a scan."""
    return all(patch.cells < _MARKED for patch in _patches(picture))


def count_pictures(picture: Image.Image) -> int:
    """Count patches that are neither writing nor rules nor bars, once what was read is gone from the picture."""
    return sum(patch.is_picture() for patch in _patches(picture))


def _patches(picture: Image.Image) -> Sequence[_Patch]:
    limit = paper(picture) - _DARKER
    cells = picture.point([255 if shade < limit else 0 for shade in range(256)]).reduce(_CELL)
    width = cells.width
    shares, shades = cells.tobytes(), picture.reduce(_CELL).tobytes()
    left = bytearray(cells.point([1 if share >= _INKED else 0 for share in range(256)]).tobytes())
    patches = []
    start = left.find(1)
    while start >= 0:
        patches.append(_patch(_flood(left, start, width), shares, shades, width))
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


def _patch(cells: Sequence[int], shares: bytes, shades: bytes, width: int) -> _Patch:
    columns = [cell % width for cell in cells]
    rows = [cell // width for cell in cells]
    solid = [shades[cell] for cell in cells if shares[cell] >= _SOLID]
    return _Patch(
        cells=len(cells),
        solid=len(solid),
        spread=pstdev(solid) if solid else 0.0,
        width=max(columns) - min(columns) + 1,
        height=max(rows) - min(rows) + 1,
    )
