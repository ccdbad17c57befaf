"""What every type of document has in common: passages to search, marks to carry out, and a new file.

Rules:
1. A document is never edited. Its text is read, and a new file is written out of what was read; what a reader does not
   know by name never comes along.
2. A passage is what people read as one text, whatever pieces it consists of in the file: a paragraph, a cell, a line.
3. What can not be read, or may hide something, raises `UnreadableError` with its trouble; nothing is guessed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from gateway.formats.unreadable import Limits, Trouble, UnreadableError
from gateway.minimise.people.findings import CellPlace
from gateway.package.edits import Area

__all__ = (
    "LABELS",
    "READING",
    "Area",
    "Limits",
    "Mark",
    "Ocr",
    "Opened",
    "Passage",
    "Reader",
    "Rebuilt",
    "ShowsPictures",
    "Tools",
    "Trouble",
    "UnreadableError",
    "Word",
    "apply_marks",
)

LABELS: Final = {"nl": "[gelakt: derde]", "en": "[redacted: third party]"}
"""What stands in the place of what was taken out about somebody else, by the recipient's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One text, and where people find it: `page` counts from 1 and is 0 where there are no pages or sheets.

    `place` is where it stands in a table, None when it is not in a cell.
    """

    text: str = field(repr=False)
    page: int = 0
    place: CellPlace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A span of a passage, in code points, that does not go; `label` stands in its place where text can stand."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The new file. `left_behind` counts what never comes along, by kind (comments, images, macros, sheets …)."""

    content: bytes = field(repr=False)
    suffix: str
    media_type: str
    left_behind: Mapping[str, int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """An area that is painted over; `label` is what stands in it then, where that fits."""

    area: Area
    label: str


READING: Final = "\x1c"
"""Stands in a second text between readings that each tell the whole: a word in two of them stands there once."""


class Opened(Protocol):
    """A document that was read."""

    @property
    def passages(self) -> Sequence[Passage]:
        """Give every text that people can read in it, or that a program could, in order."""
        ...

    def rebuilt(self, marks: Sequence[Sequence[Mark]]) -> Rebuilt:
        """Write it anew, without what is marked; for each passage its marks, in order, none overlapping.

        The same document and marks give the same bytes.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePictures:
    """A page for the review view, as PNG: as it came, and as it would go."""

    before: bytes = field(repr=False)
    after: bytes = field(repr=False)


@runtime_checkable
class ShowsPictures(Protocol):
    """A document on whose pages something stays that nobody could search."""

    @property
    def pictures(self) -> int:
        """Count it: photographs, stamps, handwriting, signatures."""
        ...


@runtime_checkable
class Pictured(Opened, ShowsPictures, Protocol):
    """A document that is rebuilt as pictures of its pages, so that a reviewer can see and draw where boxes go."""

    def boxes(self, passage: int, start: int, end: int) -> Sequence[Area]:
        """Give where a span of a passage stands, one rectangle for each of its lines; none where nothing is drawn."""
        ...

    def page_pictures(
        self, marks: Sequence[Sequence[Mark]], covered: Sequence[Covered] = (), *, width: int = 800
    ) -> Iterator[PagePictures]:
        """Draw each page before and after, so many pixels wide."""
        ...

    def rebuilt(self, marks: Sequence[Sequence[Mark]], covered: Sequence[Covered] = ()) -> Rebuilt:
        """Write it anew, as every document, also without what stands in what is covered."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that OCR read: its box in pixels (left, top, right, bottom) and how sure it is, 0 to 100."""

    text: str = field(repr=False)
    box: tuple[int, int, int, int]
    confidence: float
    line: int
    """Words with the same number stand on one line."""


Ocr = Callable[[bytes], Sequence[Word]]
"""Reads a page that is given as PNG. Raises UnreadableError when the program fails or takes too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What readers may use beside the bytes. `open_other` opens a document within a document, one level deeper."""

    ocr: Ocr
    limits: Limits
    open_other: Callable[[bytes, str], Opened]


Reader = Callable[[bytes, Tools], Opened]
"""Opens one type of document. Raises UnreadableError, and nothing else for any input."""


def apply_marks(text: str, marks: Sequence[Mark]) -> str:
    """Write a passage with the labels in place of what is marked."""
    parts: list[str] = []
    at = 0
    for mark in marks:
        parts += (text[at : mark.start], mark.label)
        at = mark.end
    return "".join((*parts, text[at:]))
