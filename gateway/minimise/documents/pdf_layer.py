"""The text layer of a PDF page: its letters with the places where they stand in the picture of the page.

Rules:
1. Everything in the layer is text to search: also what is white, covered, invisible or hardly in the picture.
2. A letter is trusted when the picture very probably shows it as the layer says it: it is drawn by a font that knows
   which letter that is, visibly, and not over a picture. Only of what is trusted need the picture not be read.
3. A layer that does not look like a language is not trusted at all: letters of fonts that number them anew.
4. Letters that are set one by one are read a second time, by their distances; pdfium takes their gaps for spaces.
5. So are letters that are set off the line (`loose_letters`); those of which nobody can tell how they follow each other
   are not trusted.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, hypot, pi, radians, sin
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium

from gateway.minimise.documents.layout import Box, Line, line_of, union
from gateway.minimise.documents.loose_letters import joined_up, scattered

DOTS_PER_INCH: Final = 200
SCALE: Final = DOTS_PER_INCH / 72
"""Pixels of the picture of a page in a point of the page."""

_HYPHENS: Final = frozenset({0x02, 0xFFFE})
"""What pdfium gives for a hyphen at the end of a line, instead of the hyphen and the end of the line."""
_BREAKS: Final = frozenset({0x0A, 0x0D})
_UNKNOWN: Final = frozenset({0x00, 0xFFFD, 0xFFFF})
_PRIVATE: Final = range(0xE000, 0xF900)
_SIGN: Final = "\u2022"
_SURROGATES: Final = range(0xD800, 0xE000)
_INVISIBLE: Final = frozenset({3, 7})
"""Text render modes of ISO 32000-1, table 106, that draw nothing."""
_TURNED: Final = 0.035
"""Radians, 2 degrees: more is no slightly slanting scan."""
_QUARTER: Final = radians(90)
_SPACE: Final = 0x20
_VOWELS: Final = re.compile("[aeiouyàáâäèéêëìíîïòóôöùúûü\u0131\u0259]", re.IGNORECASE)
_LATIN: Final = re.compile("[a-zà-ž]", re.IGNORECASE)
_FEWEST_VOWELS: Final = 0.2
_ENOUGH: Final = 40
"""Letters, below which nothing can be said of a language."""
_NOWHERE: Final = 1e7
"""Points. Also what is no number is nowhere."""
_SMALLEST: Final = 1.0
"""Pixels. What is said to be smaller is drawn in a size that the layer does not tell."""
_GUESSES: Final = 2
_WORD_STEP: Final = 1.5
"""How much longer than usual the way from one letter to the next is, between words."""
_UNEVEN: Final = 0.06
"""In heights: more than most kerning."""
_FAR: Final = 4
"""Letters: as near to a guessed space as this, they are looked at."""
_THIN: Final = 3.0
_LONG: Final = 20.0
"""Points: a drawn line that is as thin and as long as this is a rule of a table, no letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What a page's layer says. `trusted`: boxes of the picture that need not be read, rules of tables included.

    `scattered`: boxes of letters that have to be read in the picture, since the layer does not tell what they spell.
    """

    lines: tuple[Line, ...] = field(repr=False)
    trusted: tuple[Box, ...] = field(repr=False)
    letters: int
    """How many letters and digits are trusted."""
    scattered: tuple[Box, ...] = field(default=(), repr=False)


@dataclass(slots=True, kw_only=True)
class _Letters:
    """The line that is being put together."""

    text: list[str] = field(default_factory=list, repr=False)
    boxes: list[Box | None] = field(default_factory=list, repr=False)
    trusted: list[Box | None] = field(default_factory=list, repr=False)
    guessed: set[int] = field(default_factory=set)
    """Where pdfium put a space of its own."""
    angle: float = 0.0

    def line(self, rotation: int) -> Line | None:
        """Give the line as it is; None when nothing of it is drawn."""
        turned = _is_turned(self.angle, rotation)
        angle = (self.angle + radians(rotation)) % (2 * pi) if turned else 0.0
        return line_of("".join(self.text), self.boxes, turned=turned, angle=angle)

    def respaced(self, rotation: int) -> Line | None:
        """Rule 4: give the line with spaces where the distance says so; None when its letters stand as in print."""
        drawn = [(at, box) for at, box in enumerate(self.boxes) if box is not None]
        pairs = [(one, other, hypot(other[0] - one[0], other[1] - one[1])) for (_, one), (_, other) in pairwise(drawn)]
        if len(self.guessed) < _GUESSES or not (
            _is_turned(self.angle, rotation) or _are_set_one_by_one(self.boxes, self.guessed)
        ):
            return None
        usual = sorted(step for _, _, step in pairs)[len(pairs) // 2]
        text, boxes = self.text[drawn[0][0]], list[Box | None]([drawn[0][1]])
        for ((before, _), (at, box)), (_, _, step) in zip(pairwise(drawn), pairs, strict=True):
            spaces = set(range(before + 1, at))
            if spaces - self.guessed or (spaces and step > _WORD_STEP * usual):
                text, boxes = text + " ", [*boxes, None]
            text, boxes = text + self.text[at], [*boxes, box]
        return line_of(text, boxes, turned=_is_turned(self.angle, rotation))


class _Places:
    """From points of a page to pixels of its picture, whichever way the page is turned."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._left, self._bottom, self._right, self._top = page.get_bbox()
        self.rotation: int = page.get_rotation()

    def box(self, bounds: Sequence[float]) -> Box:
        """Give the box of (left, bottom, right, top). Raises ValueError for what is nowhere."""
        left, bottom, right, top = bounds
        if not all(abs(each) < _NOWHERE for each in bounds):
            raise ValueError("a letter stands at no place")
        (x1, y1), (x2, y2) = self._point(left, top), self._point(right, bottom)
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)

    def _point(self, x: float, y: float) -> tuple[float, float]:
        if self.rotation == 90:  # noqa: PLR2004 - a quarter turn.
            x, y = y - self._bottom, x - self._left
        elif self.rotation == 180:  # noqa: PLR2004 - half a turn.
            x, y = self._right - x, y - self._bottom
        elif self.rotation == 270:  # noqa: PLR2004 - three quarters.
            x, y = self._top - y, self._right - x
        else:
            x, y = x - self._left, self._top - y
        return x * SCALE, y * SCALE


def layer_of(page: pypdfium2.PdfPage) -> Layer:
    """Read the text layer of a page."""
    places = _Places(page)
    pictures, rules, nested = _drawn(page, places)
    text_page = page.get_textpage()
    try:
        read = _read(text_page, places, pictures)
    finally:
        text_page.close()
    own = [(each, line) for each in read if (line := each.line(places.rotation)) is not None]
    together = joined_up([line for _, line in own])
    lines = [line for each, one in own for line in (one, each.respaced(places.rotation)) if line is not None]
    lines += [line for line, _ in together]
    if nested or not _is_language("".join(line.text for _, line in own)):
        return Layer(lines=tuple(lines), trusted=(), letters=0)
    known = [piece for _, pieces in together for piece in pieces]
    loose = set(scattered([line for each, line in own if any(each.trusted)], known))
    shown = [[None if box in loose else box for box in each.trusted] for each in read]
    return Layer(
        lines=tuple(lines),
        trusted=(*(box for each in shown for box in _runs(each)), *rules),
        letters=sum(box is not None for each in shown for box in each),
        scattered=tuple(sorted(loose)),
    )


def upright_rotation(page: pypdfium2.PdfPage) -> int:
    """Give the rotation, in degrees, with which most letters of a page stand upright; its own when none is for most."""
    own: int = page.get_rotation()
    text_page = page.get_textpage()
    try:
        places = range(text_page.count_chars())
        angles = [
            pdfium.FPDFText_GetCharAngle(text_page, at)
            for at in places
            if pdfium.FPDFText_GetUnicode(text_page, at) > _SPACE
        ]
    finally:
        text_page.close()
    quarters = Counter(round(each / _QUARTER) % 4 for each in angles)
    quarter, letters = max(quarters.items(), key=lambda each: each[1], default=(0, 0))
    return -90 * quarter % 360 if 2 * letters > len(angles) else own


def _drawn(page: pypdfium2.PdfPage, places: _Places) -> tuple[list[Box], list[Box], bool]:
    """Give the boxes of pictures and of rules, and whether pictures stand in forms, whose places are not known."""
    pictures, rules, nested = list[Box](), list[Box](), False
    kinds = [pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH]
    for each in page.get_objects(filter=kinds, max_depth=15):
        if each.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            nested = nested or each.level > 0
            pictures.append(places.box(each.get_bounds()))
            continue
        if each.level == 0:
            left, bottom, right, top = each.get_bounds()
            sides = sorted((right - left, top - bottom))
            if sides[0] <= _THIN and sides[1] >= _LONG:
                rules.append(places.box((left - 1, bottom - 1, right + 1, top + 1)))
    return pictures, rules, nested


def _read(text_page: pypdfium2.PdfTextPage, places: _Places, pictures: Sequence[Box]) -> list[_Letters]:
    lines = [_Letters()]
    for index in range(text_page.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if code in _BREAKS:
            lines.append(_Letters())
            continue
        if code in _SURROGATES or code > 0x10FFFF:  # noqa: PLR2004 - the end of Unicode.
            code = 0xFFFD
        angle = pdfium.FPDFText_GetCharAngle(text_page, index)
        line = lines[-1]
        is_sign = code in _PRIVATE and _stands_alone(text_page, index)
        character = "-" if code in _HYPHENS else _SIGN if is_sign else chr(code)
        if character.isspace() or pdfium.FPDFText_IsGenerated(text_page, index):
            if pdfium.FPDFText_IsGenerated(text_page, index):
                line.guessed.add(len(line.text))
            line.text.append(" ")
            line.boxes.append(None)
            line.trusted.append(None)
            continue
        box = places.box(text_page.get_charbox(index, loose=True))
        if any(each is not None for each in line.boxes) and not _follows(line, box, angle, places.rotation):
            line = _Letters(angle=angle)
            lines.append(line)
        if not any(line.boxes):
            line.angle = angle
        line.text.append(character)
        line.boxes.append(box)
        is_trusted = _is_trusted(text_page, index, ord(_SIGN) if is_sign else code, box, pictures)
        line.trusted.append(box if is_trusted else None)
        if code in _HYPHENS:
            lines.append(_Letters())
    return lines


def _are_set_one_by_one(boxes: Sequence[Box | None], guessed: set[int]) -> bool:
    """Tell whether letters stand apart or on each other, where in print each begins where the one before it ends."""
    beside = [at for at, box in enumerate(boxes) if box is not None and guessed & {at - 1, at + 1}]
    single = sum(guessed >= {at - 1, at + 1} for at in beside)
    close = [
        (one, other)
        for at, (one, other) in enumerate(pairwise(boxes))
        if one is not None and other is not None and guessed & set(range(at - _FAR, at + _FAR))
    ]
    uneven = sum(abs(other[0] - one[2]) > _UNEVEN * (one[3] - one[1]) for one, other in close)
    return 2 * single > len(guessed) or (uneven >= _GUESSES and 2 * uneven > len(close))


def _stands_alone(text_page: pypdfium2.PdfTextPage, index: int) -> bool:
    """Tell whether there are spaces around a character: a sign before an item of a list, of a font of signs."""
    around = [each for each in (index - 1, index + 1) if 0 <= each < text_page.count_chars()]
    return all(chr(pdfium.FPDFText_GetUnicode(text_page, each) % _SURROGATES.start).isspace() for each in around)


def _follows(line: _Letters, box: Box, angle: float, rotation: int) -> bool:
    """Tell whether a letter stands on the line of those before it, and after them."""
    if abs(angle - line.angle) > _TURNED:
        return False
    last = next(each for each in reversed(line.boxes) if each is not None)
    if _is_turned(angle, rotation):
        seen = angle + radians(rotation)
        size = max(last[2] - last[0], last[3] - last[1], box[2] - box[0], box[3] - box[1])
        right = (box[0] + box[2] - last[0] - last[2]) / 2
        down = (box[1] + box[3] - last[1] - last[3]) / 2
        return hypot(right, down) < 3 * size and right * cos(seen) + down * sin(seen) > -size / 2
    height = max(last[3] - last[1], box[3] - box[1], 1.0)
    same_row = abs((box[1] + box[3]) - (last[1] + last[3])) < height
    return same_row and box[0] > last[0] - height / 2


def _is_trusted(text_page: pypdfium2.PdfTextPage, index: int, code: int, box: Box, pictures: Sequence[Box]) -> bool:
    """Rule 2."""
    if code in _UNKNOWN or code in _PRIVATE or pdfium.FPDFText_HasUnicodeMapError(text_page, index):
        return False
    if box[2] - box[0] < _SMALLEST or box[3] - box[1] < _SMALLEST:
        # A font that does not know the size of its letters.
        return False
    drawn = pdfium.FPDFText_GetTextObject(text_page, index)
    if pdfium.FPDFTextObj_GetTextRenderMode(drawn) in _INVISIBLE:
        return False
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return not any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in pictures)


def _runs(boxes: Sequence[Box | None]) -> list[Box]:
    """Put the boxes of letters that follow each other together, with the accents and tails around them."""
    runs: list[list[Box]] = [[]]
    for box in boxes:
        if box is None:
            runs.append([])
        else:
            runs[-1].append(box)
    together = []
    for run in runs:
        if run:
            left, top, right, bottom = union(run)
            room = (bottom - top) / 5
            together.append((left - room / 2, top - room, right + room / 2, bottom + room))
    return together


def _is_turned(angle: float, rotation: int) -> bool:
    seen = angle + radians(rotation)
    return hypot(cos(seen) - 1, sin(seen)) > _TURNED


def _is_language(text: str) -> bool:
    """Rule 3: what is written in Latin letters has vowels; of other letters nothing is said."""
    latin = len(_LATIN.findall(text))
    return latin < _ENOUGH or len(_VOWELS.findall(text)) >= _FEWEST_VOWELS * latin
