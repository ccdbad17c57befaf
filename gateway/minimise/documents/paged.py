"""A document that is read and rebuilt as pictures of its pages: PDF, scans, images.

Rules:
1. Text comes from two sides: what the file says it is, and what can be read in the picture. What either says is a
   passage. The picture is not read where the file's own letters, drawn visibly, explain all ink that there is.
2. A page with ink of which neither side can make a word, or hardly any with confidence, is `no-text`: for a person.
   So is one with letters that lie about, unless the picture reads as words where they are.
3. The new page is the picture with boxes. It is read once more after they were painted, and these words, not the
   file's, are its text layer: what is hidden in the file can not come along, and what is still readable is found by
   the second search.
4. A word that is clearly read in the new picture must be one that was searched (`comparing`). When the file says
   something else than its picture shows (`type-mismatch`), or a scan reads otherwise the second time (`no-text`),
   nothing is given out.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from PIL import Image

from gateway.minimise.documents import looking
from gateway.minimise.documents.comparing import Saying, agrees, letters_of, said
from gateway.minimise.documents.layout import Box, Line, Placed, lines_of_words, passages_of
from gateway.minimise.documents.model import (
    Area,
    Covered,
    Mark,
    PagePictures,
    Passage,
    Rebuilt,
    Tools,
    Trouble,
    UnreadableError,
    Word,
)
from gateway.minimise.documents.painting import Painted, area_box, boxes_of, paint, share_of
from gateway.minimise.documents.picture_pdf import PicturePage, page_of, write
from gateway.minimise.documents.spanning import over_columns, over_pages

LANGUAGE: Final = "nl-NL"
_READ: Final = 40
"""Confidence, 0 to 100, from which a word counts as read: below it the ink counts as ink that nobody read."""
_SURE: Final = 60
_FAIR: Final = 50
"""The mean confidence by letters, below which a picture was not read but guessed."""
_FEWEST_LETTERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page as the file has it. `lines`: what the file itself says; `trusted`: what needs no reading.

    `scattered`: letters of which only the picture can tell what they spell.
    """

    lines: tuple[Line, ...] = field(default=(), repr=False)
    trusted: tuple[Box, ...] = field(default=(), repr=False)
    letters: int = 0
    scattered: tuple[Box, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSheet:
    """A page with its passages, and how many pictures nobody could read stay on it."""

    placed: tuple[Placed, ...] = field(repr=False)
    own: int
    """How many of these the file itself says; they come first."""
    words: tuple[Word, ...] | None = field(repr=False)
    """What was read in the whole picture; None when it was read in part, or not at all."""
    pictures: int
    has_layer: bool
    """Whether the file says itself what its letters are, and was believed."""
    size: tuple[int, int]
    """Of the page's picture, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagedDocument:
    """What `Pictured` promises. A page is drawn when it is needed, and never kept: memory does not grow with pages."""

    sheets: tuple[ReadSheet, ...] = field(repr=False)
    draw: Callable[[int], Image.Image] = field(repr=False)
    """Gives the picture of a page, counted from 0, in grey."""
    dots_per_inch: Callable[[int], float] = field(repr=False)
    tools: Tools = field(repr=False)
    left_behind: Mapping[str, int]

    @property
    def passages(self) -> Sequence[Passage]:
        """Give every text of every page, of the file itself and of its picture."""
        return [Passage(text=placed.text, page=placed.page) for placed in self._placed()]

    @property
    def pictures(self) -> int:
        """Count what stays on the pages and nobody could read."""
        return sum(sheet.pictures for sheet in self.sheets)

    def boxes(self, passage: int, start: int, end: int) -> Sequence[Area]:
        """Give where a span of a passage stands."""
        placed = self._placed()[passage]
        return [
            area
            for page in (placed.page, placed.page + 1)
            if (there := placed.on(page)) is not None
            for box in boxes_of(there, start, end, lines=self._lines(page - 1))
            if (area := share_of(box, page=page, size=self.sheets[page - 1].size))
        ]

    def page_pictures(
        self, marks: Sequence[Sequence[Mark]], covered: Sequence[Covered] = (), *, width: int = 800
    ) -> Iterator[PagePictures]:
        """Draw each page before and after."""
        for number in range(len(self.sheets)):
            before = self.draw(number)
            after = paint(before, self._painted(number, marks, covered, before.size))
            yield PagePictures(before=_small(before, width), after=_small(after, width))

    def rebuilt(self, marks: Sequence[Sequence[Mark]], covered: Sequence[Covered] = ()) -> Rebuilt:
        """Write a PDF of pictures, by rules 3 and 4. Raises UnreadableError `type-mismatch` by rule 4, `no-text`."""
        pages = [self._page(number, marks, covered) for number in range(len(self.sheets))]
        return Rebuilt(
            content=write(pages, language=LANGUAGE),
            suffix=".pdf",
            media_type="application/pdf",
            left_behind=Counter(self.left_behind),
        )

    def _placed(self) -> list[Placed]:
        return [placed for sheet in self.sheets for placed in sheet.placed]

    def _lines(self, number: int) -> list[Line]:
        return [line for placed in self.sheets[number].placed if not placed.turns for line in placed.lines]

    def _painted(
        self, number: int, marks: Sequence[Sequence[Mark]], covered: Sequence[Covered], size: tuple[int, int]
    ) -> list[Painted]:
        lines = self._lines(number)
        painted = [
            Painted(box=box, label=mark.label)
            for placed, marked in zip(self._placed(), marks, strict=True)
            if (there := placed.on(number + 1)) is not None
            for mark in marked
            for box in boxes_of(there, mark.start, mark.end, lines=lines)
        ]
        painted += [
            Painted(box=area_box(each.area, size), label=each.label) for each in covered if each.area.page == number + 1
        ]
        return _apart(painted)

    def _page(self, number: int, marks: Sequence[Sequence[Mark]], covered: Sequence[Covered]) -> PicturePage:
        picture = self.draw(number)
        painted = self._painted(number, marks, covered, picture.size)
        sheet = self.sheets[number]
        if painted or sheet.words is None:
            # Black bars are read as letters and spoil the words beside them: the reader gets the same boxes in white.
            shown = looking.without(picture, [each.whole for each in painted])
            words = list(self.tools.ocr(png(shown)))
            saying = Saying(
                own=sheet.placed[: sheet.own], seen=[each for each in sheet.placed[sheet.own :] if not each.turns]
            )
            if not agrees(words, shown, saying, self.tools.ocr):
                raise UnreadableError(Trouble.TYPE_MISMATCH if sheet.has_layer else Trouble.NO_TEXT)
        else:
            words = list(sheet.words)
        words = _with_labels(words, painted)
        return page_of(paint(picture, painted), words, dots_per_inch=self.dots_per_inch(number))


def read(sheets: Sequence[Sheet], draw: Callable[[int], Image.Image], tools: Tools) -> tuple[ReadSheet, ...]:
    """Read every page by rules 1 and 2. Raises UnreadableError `no-text`."""
    alone = [_read(number, sheet, draw(number), tools) for number, sheet in enumerate(sheets)]
    spanning = [over_pages(one.placed, other.placed, page=at + 1) for at, (one, other) in enumerate(pairwise(alone))]
    return tuple(replace(each, placed=(*each.placed, *over)) for each, over in zip(alone, [*spanning, []], strict=True))


def _read(number: int, sheet: Sheet, picture: Image.Image, tools: Tools) -> ReadSheet:
    rest = looking.without(picture, sheet.trusted)
    words: tuple[Word, ...] = ()
    pictures = 0
    if looking.has_ink(rest):
        words = tuple(tools.ocr(png(rest)))
        if not sheet.letters and not looking.is_blank(picture) and not _is_read(words):
            raise UnreadableError(Trouble.NO_TEXT)
        # A letter by itself was seen and not read: many of them may spell what no search can put together.
        read_boxes = [_wider(word.box) for word in words if word.confidence >= _READ and not _is_letter(word.text)]
        pictures = looking.count_pictures(looking.without(rest, read_boxes))
    if not all(_is_in_word(box, words) for box in sheet.scattered):
        raise UnreadableError(Trouble.NO_TEXT)
    page = number + 1
    own = passages_of(sheet.lines, page=page)
    own += over_columns(sheet.lines, own, page=page)
    read_lines = lines_of_words(words)
    seen = passages_of(read_lines, page=page)
    seen = [each for each in (*seen, *over_columns(read_lines, seen, page=page)) if not _is_known(each, own)]
    return ReadSheet(
        placed=(*own, *seen),
        own=len(own),
        words=None if sheet.trusted else words,
        pictures=pictures,
        has_layer=sheet.letters > 0,
        size=picture.size,
    )


def _is_read(words: Sequence[Word]) -> bool:
    """Rule 2: there is a word that was surely read, and the rest was not guessed."""
    weights = [(len(letters_of(word.text)), word.confidence) for word in words]
    letters = sum(weight for weight, _ in weights)
    sure = any(weight >= _FEWEST_LETTERS and confidence >= _SURE for weight, confidence in weights)
    return sure and sum(weight * confidence for weight, confidence in weights) >= _FAIR * letters


def _is_letter(text: str) -> bool:
    found = letters_of(text)
    return len(found) == 1 and found.isalpha()


def _is_in_word(letter: Box, words: Sequence[Word]) -> bool:
    x, y = (letter[0] + letter[2]) / 2, (letter[1] + letter[3]) / 2
    return any(
        word.confidence >= _SURE
        and len(letters_of(word.text)) > _FEWEST_LETTERS
        and word.box[0] <= x <= word.box[2]
        and word.box[1] <= y <= word.box[3]
        for word in words
    )


def _is_known(seen: Placed, own: Sequence[Placed]) -> bool:
    """Tell whether the file says exactly the same where this was read, so that it need not be searched twice."""
    for index, line in enumerate(seen.lines):
        texts = [text for each in own for text in said(each, line.around)]
        words = [each for each in seen.lines[index].text.split() if letters_of(each)]
        if not any(all(word in text.split() for word in words) for text in texts):
            return False
    return True


def _wider(box: Box) -> Box:
    """Give a word's box with the tails and dots that a reader cuts off."""
    room = (box[3] - box[1]) / 4
    return box[0] - room, box[1] - room, box[2] + room, box[3] + room


def _apart(painted: Sequence[Painted]) -> list[Painted]:
    """Drop the label of a box that a box before it covers: the same name found in the file and in its picture."""
    kept: list[Painted] = []
    for each in painted:
        x, y = (each.box[0] + each.box[2]) / 2, (each.box[1] + each.box[3]) / 2
        covered = any(
            other.box[0] <= x <= other.box[2] and other.box[1] <= y <= other.box[3] and other.label for other in kept
        )
        kept.append(Painted(box=each.box, label="" if covered else each.label))
    return kept


def _with_labels(words: Sequence[Word], painted: Sequence[Painted]) -> list[Word]:
    """Put each label into the line in which its box stands, so that it is read aloud there."""
    rows: dict[int, list[Word]] = {}
    for word in words:
        rows.setdefault(word.line, []).append(word)
    lines = list(rows.values())
    for each in painted:
        if not each.label:
            continue
        left, top, right, bottom = each.whole
        label = Word(text=each.label, box=(left, top, right, bottom), confidence=100, line=-1)
        fitting = [line for line in lines if any(top < (word.box[1] + word.box[3]) / 2 < bottom for word in line)]
        if fitting:
            min(fitting, key=lambda line: min(abs(word.box[0] - left) for word in line)).append(label)
        else:
            lines.append([label])
    return [word for line in lines for word in sorted(line, key=lambda word: word.box[0])]


def _small(picture: Image.Image, width: int) -> bytes:
    height = max(round(picture.height * width / picture.width), 1)
    return png(picture.resize((width, height), Image.Resampling.BOX, reducing_gap=2), compress_level=6)


def png(picture: Image.Image, *, compress_level: int = 0) -> bytes:
    """Give a picture as PNG, not packed: for a reader that unpacks it at once."""
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=compress_level)
    return written.getvalue()
