"""Compares what is read in the picture of a page with what the page says: a font may draw other letters than it tells.

Rules:
1. A word that is clearly read has to be said where it stands. What was read there before may differ more than what the
   file says: a scan reads a little otherwise each time.
2. A word that is read almost as the file says it is looked at once more, larger, before anybody is troubled.
3. Text that is set on a slope is turned upright, slope by slope, and compared in the same way.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from math import cos, degrees, sin
from typing import Final

from PIL import Image

from gateway.minimise.documents import looking
from gateway.minimise.documents.layout import Box, Line, Placed
from gateway.minimise.documents.model import Ocr, Word
from gateway.package.folding import words_of

_CLEAR: Final = 90
"""Confidence, 0 to 100."""
_CLEAR_ON_SLOPE: Final = 80
"""The same of what was turned, since that blurs it."""
_LETTERS: Final = 4
_ALIKE: Final = 0.5
_SAME: Final = 0.75
"""One letter of four, two of eight."""
_LOOKS: Final = 12
"""How many words of a page are looked at once more."""
_ENLARGED: Final = 2
_SLOPES: Final = 6
_SLOPE_DEGREES: Final = 3
_WITHIN: Final = 3
"""Pixels by which a word may stand out of the box that holds it: the edge of its label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What a page says: `own` by the file, `seen` by what was read in its picture before."""

    own: Sequence[Placed] = field(repr=False)
    seen: Sequence[Placed] = field(repr=False)


def agrees(words: Sequence[Word], picture: Image.Image, saying: Saying, ocr: Ocr) -> bool:
    """Tell whether the page says what is read in its picture, by all rules. Raises UnreadableError."""
    doubtful = []
    for word in words:
        letters = letters_of(word.text)
        if word.confidence < _CLEAR or len(letters) < _LETTERS or _is_said(letters, saying.seen, word.box, _ALIKE):
            continue
        if not _is_said(letters, saying.own, word.box, _ALIKE):
            return False
        if not _is_said(letters, saying.own, word.box, _SAME):
            doubtful.append(word)
    looked = len(doubtful) <= _LOOKS and all(_is_said_larger(word.box, picture, saying.own, ocr) for word in doubtful)
    return looked and _slopes_agree(picture, saying.own, ocr)


def said(placed: Placed, box: Box) -> list[str]:
    """Give what a passage says within a box, from the first letter there to the last, as one text for each line."""
    rows: dict[int, list[int]] = {}
    for index, each in enumerate(placed.boxes):
        if each is not None and _is_within(_middle(each), box):
            rows.setdefault(placed.rows[index], []).append(index)
    return [placed.text[min(found) : max(found) + 1] for found in rows.values()]


def letters_of(text: str) -> str:
    """Give the letters and digits of a text, folded."""
    return "".join(words_of(text))


def _is_said(letters: str, passages: Sequence[Placed], box: Box, likeness: float) -> bool:
    return any(_is_alike(letters, letters_of(text), likeness) for each in passages for text in said(each, box))


def _is_alike(letters: str, text: str, likeness: float) -> bool:
    if not text or not text.isascii():
        # Other alphabets are not read; there is nothing to compare.
        return bool(text)
    return SequenceMatcher(None, letters, text, autojunk=False).ratio() >= likeness


def _is_said_larger(box: tuple[int, int, int, int], picture: Image.Image, own: Sequence[Placed], ocr: Ocr) -> bool:
    """Rule 2."""
    room = (box[3] - box[1]) // 2
    cut = picture.crop((box[0] - room, box[1] - room, box[2] + room, box[3] + room))
    # What is cut out beyond the page is black.
    shown = Image.new("L", cut.size, looking.paper(picture))
    shown.paste(picture, (room - box[0], room - box[1]))
    larger = shown.resize((shown.width * _ENLARGED, shown.height * _ENLARGED), Image.Resampling.LANCZOS)
    letters = letters_of("".join(word.text for word in ocr(_png(larger))))
    return _is_said(letters, own, box, _SAME)


def _slopes_agree(picture: Image.Image, own: Sequence[Placed], ocr: Ocr) -> bool:
    """Rule 3."""
    slopes: dict[int, list[Line]] = {}
    for line in (line for placed in own for line in placed.lines if line.angle):
        if len(letters_of(line.text)) >= _LETTERS:
            slopes.setdefault(round(degrees(line.angle) / _SLOPE_DEGREES), []).append(line)
    return len(slopes) <= _SLOPES and all(_slope_agrees(picture, lines, ocr) for lines in slopes.values())


def _slope_agrees(picture: Image.Image, lines: Sequence[Line], ocr: Ocr) -> bool:
    upright, placed = _upright(picture, lines)
    for word in ocr(_png(upright)):
        letters = letters_of(word.text)
        if word.confidence < _CLEAR_ON_SLOPE or len(letters) < _LETTERS:
            continue
        texts = [text for line in lines if (text := _said_on(line, placed, word.box))]
        if texts and not any(_is_alike(letters, text, _SAME) for text in texts):
            return False
    return True


def _upright(picture: Image.Image, lines: Sequence[Line]) -> tuple[Image.Image, Callable[[Box], tuple[float, float]]]:
    """Give a picture of nothing but these lines, turned so that they stand upright; and where a letter is in it."""
    alone = Image.new("L", picture.size, looking.paper(picture))
    for left, top, right, bottom in _letter_boxes(lines):
        room = (bottom - top) / 10
        around = (round(left - room), round(top - room), round(right + room), round(bottom + room))
        clipped = (max(around[0], 0), max(around[1], 0), min(around[2], picture.width), min(around[3], picture.height))
        if clipped[0] < clipped[2] and clipped[1] < clipped[3]:
            alone.paste(picture.crop(clipped), clipped[:2])
    angle = lines[0].angle
    turned = alone.rotate(degrees(angle), Image.Resampling.BICUBIC, expand=True, fillcolor=looking.paper(picture))
    along, aside = cos(angle), sin(angle)

    def place(box: Box) -> tuple[float, float]:
        x, y = _middle(box)
        right, down = x - picture.width / 2, y - picture.height / 2
        return turned.width / 2 + right * along + down * aside, turned.height / 2 - right * aside + down * along

    return turned, place


def _letter_boxes(lines: Sequence[Line]) -> Iterator[Box]:
    for line in lines:
        yield from (box for box in line.boxes if box is not None)


def _said_on(line: Line, placed: Callable[[Box], tuple[float, float]], box: Box) -> str:
    within = [at for at, each in enumerate(line.boxes) if each is not None and _is_within(placed(each), box)]
    return letters_of(line.text[within[0] : within[-1] + 1]) if within else ""


def _is_within(place: tuple[float, float], box: Box) -> bool:
    x, y = place
    return box[0] - _WITHIN <= x <= box[2] + _WITHIN and box[1] - _WITHIN <= y <= box[3] + _WITHIN


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=0)
    return written.getvalue()
