"""A document with text in order: what DOCX, ODT and HTML have in common, and all of them that is ever written anew.

Rules:
1. This is the allow-list. What has no place here (links, comments, pictures, names of styles, metadata) can not be
   written, whatever a reader does.
2. A paragraph is one passage, over all its pieces; marks are laid on the joined text and mapped back, so that
   emphasis outside them survives.
3. What is left behind where people saw something is replaced by a sentence of our own, which is no passage.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Flag, StrEnum
from itertools import count, groupby
from typing import Final

from gateway.minimise.documents.model import Mark, Passage, Rebuilt
from gateway.minimise.people.findings import CellPlace

IMAGE_LEFT_OUT: Final = "[afbeelding weggelaten]"
OBJECT_LEFT_OUT: Final = "[ingesloten onderdeel weggelaten]"
PLACEHOLDERS: Final = frozenset({IMAGE_LEFT_OUT, OBJECT_LEFT_OUT})
MOST_COLUMNS: Final = 63
"""Word's own limit; a larger span is a mistake or an attack on who lays the table out."""


class Left(StrEnum):
    """What never comes along, as it is counted."""

    ALTERNATIVE_TEXTS = "alternative-texts"
    BOOKMARKS = "bookmarks"
    COMMENTS = "comments"
    CUSTOM_DATA = "custom-data"
    DELETED_TEXT = "deleted-text"
    EMBEDDED_OBJECTS = "embedded-objects"
    EXTERNAL_LINKS = "external-links"
    FIELD_CODES = "field-codes"
    FORM_FIELDS = "form-fields"
    HIDDEN_CHARACTERS = "hidden-characters"
    HIDDEN_TEXT = "hidden-text"
    IMAGES = "images"
    LINK_TARGETS = "link-targets"
    LIST_LABELS = "list-labels"
    PROPERTIES = "properties"
    SCRIPTS = "scripts"
    STYLES = "styles"
    UNKNOWN_PARTS = "unknown-parts"
    VARIABLES = "variables"


class Emphasis(Flag):
    """How letters look, as far as it comes along. Struck text means something else than text that is not struck."""

    NONE = 0
    BOLD = 1
    ITALIC = 2
    UNDERLINE = 4
    STRIKE = 8


class Place(StrEnum):
    """On which pages a header or footer stands."""

    DEFAULT = "default"
    FIRST = "first"
    EVEN = "even"


class Numbering(StrEnum):
    """How items of a list are counted; the words of OOXML."""

    BULLET = "bullet"
    DECIMAL = "decimal"
    LOWER_LETTER = "lowerLetter"
    UPPER_LETTER = "upperLetter"
    LOWER_ROMAN = "lowerRoman"
    UPPER_ROMAN = "upperRoman"


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters that look the same; or, without text, the place where the note of that number is referred to."""

    text: str = field(repr=False)
    emphasis: Emphasis = Emphasis.NONE
    note: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListItem:
    """The list that a paragraph belongs to (counted through the document), its level from 0, and how it counts."""

    number: int
    level: int
    numbering: Numbering


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """One passage; `heading` is its level from 1 to 6, or 0. Lines in it end with a newline."""

    pieces: tuple[Piece, ...]
    heading: int = 0
    item: ListItem | None = None

    @property
    def text(self) -> str:
        """Give what people read as one text."""
        return "".join([piece.text for piece in self.pieces])


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A sentence of ours in the place of what does not come along."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell, and over how many columns and rows it goes."""

    blocks: tuple["Block", ...]
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of cells; what a cell covers has no cell of its own."""

    rows: tuple[tuple[Cell, ...], ...]


Block = Paragraph | Placeholder | Table
Blocks = tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Pages with the same headers and footers. One that gives none has those of the section before it."""

    blocks: Blocks
    headers: Mapping[Place, Blocks] = field(default_factory=dict)
    footers: Mapping[Place, Blocks] = field(default_factory=dict)
    landscape: bool = False
    continuous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note at the foot of a page or at the end."""

    blocks: Blocks
    at_the_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RichText:
    """A whole document. Notes are counted from 0, as pieces refer to them."""

    sections: tuple[Section, ...]
    notes: tuple[Note, ...] = ()


Writer = Callable[[RichText], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRichText:
    """A document that was read, and the writer of its type."""

    document: RichText = field(repr=False)
    write: Writer
    suffix: str
    media_type: str
    left_behind: Counter[str]

    @property
    def passages(self) -> Sequence[Passage]:
        """Give the paragraphs that hold text, in order: of each section headers, blocks, footers; then the notes."""
        places = dict(_places_of(self.document))
        return [Passage(text=each.text, place=places.get(id(each))) for each in paragraphs_of(self.document)]

    def rebuilt(self, marks: Sequence[Sequence[Mark]]) -> Rebuilt:
        """Write the document anew. Raises ValueError when there are not as many rows of marks as passages."""
        return Rebuilt(
            content=self.write(redacted(self.document, marks)),
            suffix=self.suffix,
            media_type=self.media_type,
            left_behind=Counter({str(kind): count for kind, count in sorted(self.left_behind.items()) if count}),
        )


def paragraphs_of(document: RichText) -> Iterator[Paragraph]:
    """Give every paragraph that holds text, in the order of the passages."""
    found: list[Paragraph] = []

    def keep(paragraph: Paragraph) -> Paragraph:
        found.append(paragraph)
        return paragraph

    _changed(document, keep)
    return iter(found)


def _places_of(document: RichText) -> Iterator[tuple[int, CellPlace]]:
    """Give for each paragraph in a cell, by its identity, where that cell stands: of the innermost table."""
    tables = count()
    waiting = [block for section in document.sections for row in _rows_of(section) for block in row]
    waiting += [block for note in document.notes for block in note.blocks]
    while waiting:
        table = waiting.pop()
        if not isinstance(table, Table):
            continue
        number = next(tables)
        covered: dict[int, int] = {}
        for row, cells in enumerate(table.rows):
            column = 0
            for cell in cells:
                while column < MOST_COLUMNS and covered.get(column, 0) > row:
                    column += 1
                yield from ((id(each), CellPlace(number, row, column)) for each in cell.blocks)
                waiting += cell.blocks
                end = min(column + cell.columns, MOST_COLUMNS)
                covered |= dict.fromkeys(range(column, end), row + cell.rows)
                column = end


def _rows_of(section: Section) -> Iterator[Blocks]:
    yield from section.headers.values()
    yield section.blocks
    yield from section.footers.values()


def redacted(document: RichText, marks: Sequence[Sequence[Mark]]) -> RichText:
    """Carry out the marks of each passage. Raises ValueError when their number is not that of the passages."""
    rows = iter(marks)

    def carry_out(paragraph: Paragraph) -> Paragraph:
        of_this = next(rows, None)
        if of_this is None:
            raise ValueError("fewer rows of marks than passages")
        return replace(paragraph, pieces=tuple(without_marked(paragraph.pieces, of_this))) if of_this else paragraph

    changed = _changed(document, carry_out)
    if next(rows, None) is not None:
        raise ValueError("more rows of marks than passages")
    return changed


def without_marked(pieces: Iterable[Piece], marks: Iterable[Mark]) -> Iterator[Piece]:
    """Give the pieces with labels in place of what is marked; a label looks like the letter it begins at.

    References to notes stay, also within a mark: they say nothing, and the note is a passage of its own.
    """
    pending = iter(marks)
    mark = next(pending, None)
    begun = False
    start = 0
    emphasis = Emphasis.NONE
    for piece in pieces:
        emphasis = piece.emphasis
        end = start + len(piece.text)
        at = start
        while mark and mark.start < end:
            if not begun:
                yield from _slice(piece, at - start, mark.start - start)
                yield Piece(mark.label, emphasis)
            at = max(at, min(mark.end, end))
            begun = mark.end > end
            if begun:
                break
            mark = next(pending, None)
        if piece.note is not None:
            yield piece
        else:
            yield from _slice(piece, at - start, len(piece.text))
        start = end
    while mark:
        if not begun:
            yield Piece(mark.label, emphasis)
        mark, begun = next(pending, None), False


def joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Join neighbours that look the same, so that how a text was typed can not be seen in what is written."""
    rows = groupby(pieces, key=lambda piece: (piece.emphasis, piece.note))
    return tuple(Piece("".join([each.text for each in row]), *key) for key, row in rows)


def _slice(piece: Piece, start: int, end: int) -> Iterator[Piece]:
    if start < end:
        yield Piece(piece.text[start:end], piece.emphasis)


_Change = Callable[[Paragraph], Paragraph]


def _changed(document: RichText, change: _Change) -> RichText:
    """Change every paragraph that holds text; the one place that knows in which order they come."""
    return RichText(
        sections=tuple(
            replace(
                section,
                headers={place: _blocks(section.headers[place], change) for place in sorted(section.headers)},
                blocks=_blocks(section.blocks, change),
                footers={place: _blocks(section.footers[place], change) for place in sorted(section.footers)},
            )
            for section in document.sections
        ),
        notes=tuple(replace(note, blocks=_blocks(note.blocks, change)) for note in document.notes),
    )


def _blocks(blocks: Blocks, change: _Change) -> Blocks:
    return tuple([_block(block, change) for block in blocks])


def _block(block: Block, change: _Change) -> Block:
    if isinstance(block, Paragraph):
        return change(block) if any(piece.text for piece in block.pieces) else block
    if isinstance(block, Table):
        return Table(
            rows=tuple(tuple(replace(cell, blocks=_blocks(cell.blocks, change)) for cell in row) for row in block.rows)
        )
    return block
