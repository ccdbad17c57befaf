"""From spans of text to boxes in the picture of a page, and what is under them gone.

Rules:
1. One rectangle for each line of a span, as high as the whole line: the outline of single letters tells a word.
2. Its width tells no more than the readable words around it do: it ends at a multiple of four heights, or where the
   next readable letter begins.
3. What was under a box is overwritten in the picture itself; a label stands in it when it fits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from gateway.minimise.documents.layout import Box, Line, Placed, union
from gateway.minimise.documents.model import Area

_ROOM: Final = 0.12
"""How far a box goes beyond letters, in heights of the line."""
_ROOM_ABOVE: Final = 0.05
"""The same above and below, where the next line may be near."""
_LEAST_ROOM: Final = 2.0
"""Pixels: the grey edge of a letter."""
_STEP: Final = 4
_SMALLEST_LABEL: Final = 12
"""Pixels: a smaller label can not be read."""
_LARGEST_LABEL: Final = 200
"""Pixels: letters may be said to be kilometres high, and no font can be made, or tried, in every size up to there."""
_LABEL_SHARE: Final = 0.62
_BLACK: Final = 0
_WHITE: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """A box, in pixels of the page, and its label."""

    box: Box
    label: str

    @property
    def whole(self) -> tuple[int, int, int, int]:
        """Give it rounded outwards: a pixel that is half under a box is under it."""
        return floor(self.box[0]), floor(self.box[1]), ceil(self.box[2]), ceil(self.box[3])


def boxes_of(placed: Placed, start: int, end: int, *, lines: Iterable[Line]) -> list[Box]:
    """Give the box of each line of a span, by rules 1 and 2; `lines`: everything readable on the page."""
    spans: dict[int, list[int]] = {}
    for index in range(start, end):
        if placed.boxes[index] is not None:
            spans.setdefault(placed.rows[index], []).append(index)
    letters = [box for line in lines for box in line.boxes if box is not None]
    return [_box(placed, row, indices, letters) for row, indices in spans.items()]


def _box(placed: Placed, row: int, indices: Sequence[int], letters: Sequence[Box]) -> Box:
    line = placed.lines[row]
    left, top, right, bottom = union(box for each in indices if (box := placed.boxes[each]) is not None)
    if line.turned:
        room = max(_LEAST_ROOM, _ROOM * min(right - left, bottom - top))
        return left - room, top - room, right + room, bottom + room
    top, bottom = line.around[1], line.around[3]
    height = bottom - top
    room, above = max(_LEAST_ROOM, _ROOM * height), max(_LEAST_ROOM, _ROOM_ABOVE * height)
    beside = [box for box in letters if box[1] < bottom - height / 4 and top + height / 4 < box[3]]
    before = max((box[2] for box in beside if box[2] <= left + 1), default=-1e9)
    after = min((box[0] for box in beside if box[0] >= right - 1), default=1e9)
    begin = min(left - _LEAST_ROOM, max(left - room, before))
    step = _STEP * max(height, 1.0)
    wanted = begin + step * ceil((right + room - begin) / step)
    return begin, top - above, max(right + _LEAST_ROOM, min(wanted, after - _LEAST_ROOM)), bottom + above


def area_box(area: Area, size: tuple[int, int]) -> Box:
    """Give the box of a reviewer's area. Raises ValueError when it is not on the page, or nothing."""
    if not (0 <= area.left < area.right <= 1 and 0 <= area.top < area.bottom <= 1):
        raise ValueError("an area is given in shares of the page")
    width, height = size
    return area.left * width, area.top * height, area.right * width, area.bottom * height


def share_of(box: Box, *, page: int, size: tuple[int, int]) -> Area | None:
    """Give a box as an area of the page; None when it stands outside of it."""
    width, height = size
    left, top, right, bottom = (
        min(max(each / whole, 0.0), 1.0) for each, whole in zip(box, (width, height) * 2, strict=True)
    )
    if left >= right or top >= bottom:
        return None
    return Area(page=page, left=left, top=top, right=right, bottom=bottom)


def paint(picture: Image.Image, boxes: Sequence[Painted]) -> Image.Image:
    """Give a copy of a picture with every box painted over it, by rule 3."""
    copy = picture.copy()
    draw = ImageDraw.Draw(copy)
    for each in boxes:
        # Pillow paints nothing at all, and says nothing, where a corner is beyond what it counts with.
        left, top, right, bottom = (min(max(at, -1), most) for at, most in zip(each.whole, copy.size * 2, strict=True))
        draw.rectangle((left, top, right, bottom), fill=_BLACK)
    for each in boxes:
        _write_label(draw, each)
    return copy


def _write_label(draw: ImageDraw.ImageDraw, painted: Painted) -> None:
    left, top, right, bottom = painted.box
    largest = int(min(_LABEL_SHARE * (bottom - top), _LARGEST_LABEL))
    size = _label_size(painted.label, room=right - left - 4, largest=largest, mode=draw.fontmode)
    if size is not None:
        middle = ((left + right) / 2, (top + bottom) / 2)
        draw.text(middle, painted.label, fill=_WHITE, font=_font(size), anchor="mm")


def _label_size(label: str, *, room: float, largest: int, mode: str) -> int | None:
    """Give the largest size, in pixels, in which a label fits; None without a label, and when it fits in none.

    Found by halving: thousands of boxes can be asked for on a page, and one of them may be as narrow as a hair.
    """
    if not label or largest < _SMALLEST_LABEL or _length(label, _SMALLEST_LABEL, mode) > room:
        return None
    fits, most = _SMALLEST_LABEL, largest
    while fits < most:
        middle = (fits + most + 1) // 2
        if _length(label, middle, mode) <= room:
            fits = middle
        else:
            most = middle - 1
    return fits


@lru_cache(maxsize=_LARGEST_LABEL)
def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    return ImageFont.load_default(size)


@lru_cache(maxsize=4096)
def _length(label: str, size: int, mode: str) -> float:
    """Say how long a label is, in pixels; it is one of a few words for what stood there, never what did."""
    return _font(size).getlength(label, mode)
