"""Puts letters and words of a page back into lines and passages as people read them; knows where each letter stands.

All boxes are (left, top, right, bottom) in pixels of the page's picture. Rules:
1. Letters on one base line, one close to the next, are one text, in whatever order and pieces the file draws them.
2. What lies on top of something else (hidden text over visible text) stays a text of its own; letters are never mixed.
3. Lines under each other are one passage, so that a name over two lines is one name. A cell beside a cell is one row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from gateway.minimise.documents.model import Word

Box = tuple[float, float, float, float]

_SAME_ROW: Final = 0.4
"""How far the middles of two lines may differ, in heights, to stand in one row."""
_JOINED: Final = 0.15
"""A gap smaller than this, in heights, is none: letters of one word."""
_NEAR: Final = 0.8
"""A gap smaller than this, in heights, lies between words of one line."""
_OVERLAP: Final = 0.3
"""How far letters may overlap, in heights, and still stand beside each other: kerning, slanted type."""
_LEADING: Final = 0.9
"""How much room there may be between two lines of one passage, in heights."""
_FEW_LETTERS: Final = 2
_LIKE: Final = 1.6
"""How much higher a line may be than another of its passage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text, and the box of each of its characters; None for a space, and for what is not drawn."""

    text: str = field(repr=False)
    boxes: tuple[Box | None, ...] = field(repr=False)
    around: Box
    turned: bool = False
    """Set upright, slanting or upside down: it has no neighbours."""
    angle: float = 0.0
    """Radians, clockwise, by which it is turned, where the file says so."""

    @property
    def height(self) -> float:
        """Give how high it is; never 0."""
        return max(self.around[3] - self.around[1], 1.0)

    @property
    def middle(self) -> float:
        """Give the height at which it stands."""
        return (self.around[1] + self.around[3]) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A passage, its lines, and for each of its characters the line and the box in which it stands."""

    page: int
    text: str = field(repr=False)
    boxes: tuple[Box | None, ...] = field(repr=False)
    rows: tuple[int, ...] = field(repr=False)
    """For each character the number of its line in `lines`."""
    lines: tuple[Line, ...] = field(repr=False)
    turns: int = 0
    """The first of its lines that stands on the next page; 0 when none does."""

    def on(self, page: int) -> "Placed | None":
        """Give it with the boxes that stand on a page; None when nothing of it does."""
        if not self.turns:
            return self if page == self.page else None
        if page not in {self.page, self.page + 1}:
            return None
        is_next = page > self.page
        boxes = (
            box if (row >= self.turns) is is_next else None for box, row in zip(self.boxes, self.rows, strict=True)
        )
        return replace(self, boxes=tuple(boxes))


def line_of(text: str, boxes: Sequence[Box | None], *, turned: bool = False, angle: float = 0.0) -> Line | None:
    """Make a line, without spaces at its ends; None when nothing of it is drawn."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    drawn = [box for box in boxes[start:end] if box is not None]
    if not drawn:
        return None
    return Line(text=text[start:end], boxes=tuple(boxes[start:end]), around=union(drawn), turned=turned, angle=angle)


def union(boxes: Iterable[Box]) -> Box:
    """Give the smallest box around boxes. Raises ValueError without any."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def lines_of_words(words: Iterable[Word]) -> list[Line]:
    """Put the words that OCR read into lines.

    Each character has the box of its whole word: where in it a letter stands is not known, and half a name is a name.
    """
    rows: dict[int, list[Word]] = {}
    for word in words:
        if word.text.strip():
            rows.setdefault(word.line, []).append(word)
    lines = []
    for row in rows.values():
        text, boxes = "", list[Box | None]()
        for word in row:
            if text:
                text, boxes = text + " ", [*boxes, None]
            text, boxes = text + word.text, boxes + [word.box] * len(word.text)
        line = line_of(text, boxes, turned=_run_otherwise(row))
        if line is not None:
            lines.append(line)
    return lines


def _run_otherwise(row: Sequence[Word]) -> bool:
    """Tell whether words do not follow each other from left to right: a page on its side, or upside down."""
    first, last = row[0].box, row[-1].box
    if len(row) > 1:
        return last[0] - first[0] < abs(last[1] - first[1])
    return len(row[0].text) > _FEW_LETTERS and first[3] - first[1] > first[2] - first[0]


def passages_of(lines: Sequence[Line], *, page: int) -> list[Placed]:
    """Put lines into passages by rules 1 to 3, in the order in which the file draws them."""
    paragraphs = _paragraphs(_rows(lines, most=_NEAR))
    single = [paragraph[0] for paragraph in paragraphs if len(paragraph) == 1]
    longer = [paragraph for paragraph in paragraphs if len(paragraph) > 1]
    rows = _paragraphs(_rows(single, most=float("inf")))
    return [placed_of(paragraph, page=page) for paragraph in sorted(longer + rows, key=_reading_order)]


def rows_of(lines: Sequence[Line]) -> list[Line]:
    """Join lines that stand close beside each other, by rule 1."""
    return _rows(lines, most=_NEAR)


def _reading_order(paragraph: Sequence[Line]) -> tuple[float, float]:
    return paragraph[0].around[1], paragraph[0].around[0]


def _rows(lines: Sequence[Line], *, most: float) -> list[Line]:
    """Join lines that stand beside each other, at most so many heights apart; the first keeps its place."""
    order = {id(line): number for number, line in enumerate(lines)}
    joined: list[tuple[int, Line]] = [(order[id(line)], line) for line in lines if line.turned]
    row: list[Line] = []
    for line in sorted((line for line in lines if not line.turned), key=lambda line: line.middle):
        if row and line.middle - row[0].middle > _SAME_ROW * max(line.height, row[0].height):
            joined += _tracks(row, order=order, most=most)
            row = []
        row.append(line)
    joined += _tracks(row, order=order, most=most)
    return [line for _, line in sorted(joined, key=lambda each: each[0])]


def _tracks(row: Sequence[Line], *, order: dict[int, int], most: float) -> list[tuple[int, Line]]:
    """Rule 2: in one row, what overlaps goes to a track of its own."""
    tracks: list[list[Line]] = []
    for line in sorted(row, key=lambda line: line.around[0]):
        fitting = [each for each in tracks if -_OVERLAP < _gap(each[-1], line) < most and _alike(each[-1], line)]
        if fitting:
            min(fitting, key=lambda each: abs(_gap(each[-1], line))).append(line)
        else:
            tracks.append([line])
    return [(min(order[id(line)] for line in track), _joined(track)) for track in tracks]


def _gap(left: Line, right: Line) -> float:
    return (right.around[0] - left.around[2]) / min(left.height, right.height)


def _alike(one: Line, other: Line) -> bool:
    """Tell whether letters are of one size; small letters have no ascenders, so that is asked generously."""
    return max(one.height, other.height) < 2 * _LIKE * min(one.height, other.height)


def _joined(track: Sequence[Line]) -> Line:
    if len(track) == 1:
        return track[0]
    text, boxes = track[0].text, list(track[0].boxes)
    for before, line in pairwise(track):
        gap = _gap(before, line)
        between = "" if gap < _JOINED else " " if gap < _NEAR else "\t"
        text += between + line.text
        boxes += [None] * len(between) + list(line.boxes)
    return Line(text=text, boxes=tuple(boxes), around=union(line.around for line in track))


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """Rule 3, in the order of the lines: a line that continues the one before it."""
    paragraphs: list[list[Line]] = []
    for line in lines:
        if paragraphs and _continues(paragraphs[-1][-1], line):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return paragraphs


def _continues(before: Line, line: Line) -> bool:
    if before.turned and line.turned:
        return _are_near(before.around, line.around)
    if before.turned or line.turned:
        return False
    low, high = sorted((before.height, line.height))
    return (
        line.middle > before.middle + low / 2
        and line.around[1] - before.around[3] < _LEADING * high
        and line.around[0] < before.around[2]
        and before.around[0] < line.around[2]
        and high < _LIKE * low
    )


def _are_near(one: Box, other: Box) -> bool:
    """Tell whether two turned lines lie beside each other, whichever way they run."""
    thickness = min(one[2] - one[0], one[3] - one[1], other[2] - other[0], other[3] - other[1])
    aside = max(one[0], other[0]) - min(one[2], other[2])
    below = max(one[1], other[1]) - min(one[3], other[3])
    return max(aside, below) < _LEADING * thickness


def placed_of(paragraph: Sequence[Line], *, page: int, between: str = "\n") -> Placed:
    """Make a passage of lines, with one character between them."""
    text, boxes, rows = "", list[Box | None](), list[int]()
    for number, line in enumerate(paragraph):
        if text:
            text, boxes, rows = text + between, [*boxes, None], [*rows, number]
        text += line.text
        boxes += line.boxes
        rows += [number] * len(line.text)
    return Placed(page=page, text=text, boxes=tuple(boxes), rows=tuple(rows), lines=tuple(paragraph))
