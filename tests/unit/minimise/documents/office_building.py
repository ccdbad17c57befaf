"""What tests of documents with text share: tools that nobody uses, marks by words, and rich text out of chance."""

import re
from collections.abc import Sequence

from hypothesis import strategies as st

from gateway.minimise.documents.model import LABELS, Limits, Mark, Opened, Passage, Rebuilt, Tools, Word
from gateway.minimise.documents.rich_text import (
    Block,
    Cell,
    Emphasis,
    ListItem,
    Note,
    Numbering,
    Paragraph,
    Piece,
    Place,
    RichText,
    Section,
    Table,
    joined,
)

LABEL = LABELS["nl"]


def _no_ocr(_: bytes) -> Sequence[Word]:
    raise AssertionError("documents with text need no OCR")


def _no_other(_: bytes, __: str) -> Opened:
    raise AssertionError("documents with text hold no other documents")


TOOLS = Tools(ocr=_no_ocr, limits=Limits(), open_other=_no_other)


def marks_for(passages: Sequence[Passage], pattern: str) -> list[list[Mark]]:
    """Mark whatever fits a pattern, as a search for people would."""
    return [
        [Mark(start=each.start(), end=each.end(), label=LABEL) for each in re.finditer(pattern, passage.text)]
        for passage in passages
    ]


def rebuilt_without(opened: Opened, pattern: str) -> Rebuilt:
    return opened.rebuilt(marks_for(opened.passages, pattern))


def texts(opened: Opened) -> list[str]:
    return [passage.text for passage in opened.passages]


# ---- Out of chance

_LETTERS = st.text(st.sampled_from("abcdeéøΩأ\U0001f600 <>&\"'/]\u00ad\u200c-[:"), min_size=1, max_size=8)
_LINES = st.sampled_from(["\n", "\t", " ", "]]>", "<!--", "</w:t>", "&amp;"])
EMPHASES = st.builds(Emphasis, st.integers(min_value=0, max_value=15))
PIECES = st.lists(st.builds(Piece, _LETTERS | _LINES, EMPHASES), max_size=6)


@st.composite
def marks(draw: st.DrawFn, length: int) -> list[Mark]:
    """Give marks in order, none overlapping, none empty."""
    bounds = sorted(draw(st.sets(st.integers(min_value=0, max_value=length), max_size=6)))
    labels = st.sampled_from([LABEL, "", "[gelakt: naam]"])
    return [
        Mark(start=start, end=end, label=draw(labels)) for start, end in zip(bounds[::2], bounds[1::2], strict=False)
    ]


_ITEMS = st.none() | st.builds(
    ListItem, number=st.integers(0, 3), level=st.integers(0, 3), numbering=st.sampled_from(list(Numbering))
)
_PARAGRAPHS = st.builds(Paragraph, pieces=PIECES.map(joined), heading=st.integers(0, 6), item=_ITEMS)


def _tables(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    cells = st.builds(
        Cell, blocks=st.lists(blocks, max_size=2).map(tuple), columns=st.integers(1, 3), rows=st.integers(1, 4)
    )
    return st.builds(
        Table, rows=st.lists(st.lists(cells, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)
    )


BLOCKS = st.lists(st.recursive(_PARAGRAPHS, _tables, max_leaves=6), max_size=5).map(tuple)
_STORIES = st.dictionaries(
    st.sampled_from([Place.DEFAULT, Place.FIRST, Place.EVEN]), st.tuples(_PARAGRAPHS), max_size=2
)


@st.composite
def documents(draw: st.DrawFn, *, flat: bool = False) -> RichText:
    """Give a document; when flat with one section, and without headers and notes."""
    if flat:
        return RichText(sections=(Section(blocks=draw(BLOCKS)),))
    sections = st.builds(Section, blocks=BLOCKS, headers=_STORIES, footers=_STORIES, landscape=st.booleans())
    notes = draw(st.lists(st.builds(Note, blocks=st.tuples(_PARAGRAPHS), at_the_end=st.booleans()), max_size=2))
    referring = Paragraph(pieces=tuple(Piece("", Emphasis.NONE, number) for number in range(len(notes))))
    first, *rest = draw(st.lists(sections, min_size=1, max_size=2))
    first = Section(blocks=(*first.blocks, referring), headers=first.headers, footers=first.footers)
    return RichText(sections=(first, *rest), notes=tuple(notes))
