"""Walks through an HTML file and keeps what a reader sees: paragraphs, headings, lists and tables.

Rules:
1. Scripts, styles, forms, pictures, embedded pages and what browsers do not show are not read; they are counted. Any
   other element is one whose text people see, also one that nobody knows, such as those that Word writes.
2. Text between two borders of blocks is one paragraph, whatever inline elements it runs through. White space shows as
   one space, unless it is preformatted.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from gateway.minimise.documents.html_looks import Sheet, look_of, read_sheet
from gateway.minimise.documents.looks import Look, emphasis_seen
from gateway.minimise.documents.model import Trouble, UnreadableError
from gateway.minimise.documents.rich_text import (
    IMAGE_LEFT_OUT,
    MOST_COLUMNS,
    OBJECT_LEFT_OUT,
    Block,
    Cell,
    Left,
    ListItem,
    Numbering,
    Paragraph,
    Piece,
    Placeholder,
    RichText,
    Section,
    Table,
    joined,
)
from gateway.minimise.documents.visible import WHITE, holds_base64, searchable
from gateway.minimise.documents.vocabulary import number

_BLOCKS: Final = frozenset(
    [
        "html",
        "body",
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "hr",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "search",
        "ul",
        "caption",
        "listing",
        "xmp",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_LEFT: Final = {
    **dict.fromkeys(("script", "noscript", "applet"), Left.SCRIPTS),
    **dict.fromkeys(("style", "link"), Left.STYLES),
    **dict.fromkeys(("title", "meta", "base"), Left.PROPERTIES),
    **dict.fromkeys(
        ("input", "textarea", "select", "button", "datalist", "output", "progress", "meter"), Left.FORM_FIELDS
    ),
    **dict.fromkeys(("template", "rt", "rp", "noframes", "noembed"), Left.HIDDEN_TEXT),
    "del": Left.DELETED_TEXT,
}
_PICTURES: Final = frozenset({"img", "svg", "picture", "canvas", "image", "map"})
_OBJECTS: Final = frozenset({"iframe", "object", "embed", "video", "audio", "frame", "frameset", "portal", "math"})
_NOT_READ: Final = frozenset({"head", *_LEFT, *_PICTURES, *_OBJECTS})
_PREFORMATTED: Final = frozenset({"pre", "listing", "xmp"})
_NUMBERINGS: Final = {
    "a": Numbering.LOWER_LETTER,
    "A": Numbering.UPPER_LETTER,
    "i": Numbering.LOWER_ROMAN,
    "I": Numbering.UPPER_ROMAN,
}
_LISTS: Final = frozenset({"ol", "ul", "menu", "dir"})
_ROWS: Final = frozenset({"thead", "tbody", "tfoot"})
_WHITE_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_DEEPEST_LEVEL: Final = 8
_MOST_ROWS: Final = 10_000


@dataclass(slots=True, kw_only=True)
class _Flow:
    """Blocks while they are read, and the paragraph that is being filled."""

    blocks: list[Block] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    beside: list[Block] = field(default_factory=list)
    heading: int = 0
    item: ListItem | None = None
    lists: list[tuple[int, Numbering]] = field(default_factory=list)
    """The lists around the paragraph, the outermost first: its number, and how it counts."""
    preformatted: bool = False
    ends_with_space: bool = True


@dataclass(slots=True, kw_only=True)
class Reading:
    """One walk through a file."""

    left_behind: Counter[str]
    sheet: Sheet = field(default_factory=Sheet)
    _lists: int = 0

    def document(self, root: etree._Element) -> RichText:
        """Read a whole file."""
        self.sheet = read_sheet("".join(map(str, each.itertext())) for each in root.iter("style"))
        flow = _Flow()
        for each in root:
            if each.tag == "head":
                for inside in each:
                    self._left_out(inside, flow, Look())
        self._element(root, flow, Look(ground=WHITE))
        self._end(flow)
        return RichText(sections=(Section(blocks=tuple(flow.blocks)),))

    def _element(self, element: etree._Element, flow: _Flow, look: Look) -> None:
        tag = element.tag
        self._count_attributes(element)
        if tag in _NOT_READ:
            if tag != "head":
                self._left_out(element, flow, look)
            return
        look = look.under(look_of(element, self.sheet))
        if tag == "br":
            self._sign("\n", flow, look)
            flow.ends_with_space = True
        elif tag == "table":
            self._end(flow)
            self._table(element, flow, look)
        elif tag in _LISTS:
            self._list(element, tag, flow, look)
        elif tag in _BLOCKS:
            self._block(element, tag, flow, look)
        else:
            self._inside(element, flow, look)

    def _count_attributes(self, element: etree._Element) -> None:
        if not element.attrib:
            return
        self.left_behind[Left.LINK_TARGETS] += bool(element.get("href"))
        self.left_behind[Left.ALTERNATIVE_TEXTS] += bool(element.get("alt") or element.get("title"))
        self.left_behind[Left.SCRIPTS] += any(str(name).startswith("on") for name in element.attrib)

    def _left_out(self, element: etree._Element, flow: _Flow, look: Look) -> None:
        """Count what is not read; pictures and objects leave a sentence behind their paragraph."""
        tag = element.tag
        if tag in _PICTURES:
            self.left_behind[Left.IMAGES] += 1
            flow.beside += [] if look.hidden else [Placeholder(text=IMAGE_LEFT_OUT)]
        elif tag in _OBJECTS:
            self.left_behind[Left.EMBEDDED_OBJECTS] += 1
            flow.beside += [] if look.hidden else [Placeholder(text=OBJECT_LEFT_OUT)]
        elif tag in _LEFT:
            self.left_behind[_LEFT[tag]] += 1
        elif any((text or "").strip() for text in element.itertext()):
            self.left_behind[Left.UNKNOWN_PARTS] += 1

    # ---- Text ------------------------------------------------------------------------------------------------------

    def _inside(self, element: etree._Element, flow: _Flow, look: Look) -> None:
        self._text(element.text, flow, look)
        for each in element:
            self._element(each, flow, look)
            self._text(each.tail, flow, look)

    def _text(self, text: str | None, flow: _Flow, look: Look) -> None:
        if not text:
            return
        if flow.preformatted:
            self._sign(text.replace("\r\n", "\n").replace("\r", "\n"), flow, look)
            return
        shown = _WHITE_SPACE.sub(" ", text)
        if flow.ends_with_space:
            shown = shown.removeprefix(" ")
        if self._sign(shown, flow, look):
            flow.ends_with_space = shown.endswith(" ")

    def _sign(self, text: str, flow: _Flow, look: Look) -> bool:
        """Keep text that can be seen; tell whether there was any."""
        emphasis = emphasis_seen(look)
        if emphasis is None:
            self.left_behind[Left.HIDDEN_TEXT] += bool(text.strip())
            return False
        if text:
            flow.pieces.append(Piece(text, emphasis))
        return bool(text)

    def _end(self, flow: _Flow) -> None:
        """End the paragraph that is being filled; one without text is none."""
        clean: list[Piece] = []
        for piece in joined(flow.pieces):
            text, count = searchable(piece.text)
            self.left_behind[Left.HIDDEN_CHARACTERS] += count
            clean += [Piece(text, piece.emphasis)] if text else []
        whole = "".join([piece.text for piece in clean])
        if holds_base64(whole):
            raise UnreadableError(Trouble.NO_TEXT)
        if whole.strip():
            flow.blocks.append(Paragraph(pieces=tuple(clean), heading=flow.heading, item=flow.item))
            flow.item = None
        flow.blocks += flow.beside
        flow.pieces, flow.beside, flow.ends_with_space = [], [], True

    # ---- Blocks ----------------------------------------------------------------------------------------------------

    def _block(self, element: etree._Element, tag: str, flow: _Flow, look: Look) -> None:
        self._end(flow)
        heading, preformatted = flow.heading, flow.preformatted
        flow.heading = _HEADINGS.get(tag, heading)
        flow.preformatted = preformatted or tag in _PREFORMATTED
        if tag == "li" and flow.lists:
            flow.item = ListItem(
                number=flow.lists[0][0], level=min(len(flow.lists) - 1, _DEEPEST_LEVEL), numbering=flow.lists[-1][1]
            )
        self._inside(element, flow, look)
        self._end(flow)
        if tag == "li":
            flow.item = None
        flow.heading, flow.preformatted = heading, preformatted

    def _list(self, element: etree._Element, tag: str, flow: _Flow, look: Look) -> None:
        self._end(flow)
        numbering = Numbering.BULLET
        if tag == "ol":
            numbering = _NUMBERINGS.get(element.get("type") or "", Numbering.DECIMAL)
        if not flow.lists:
            self._lists += 1
        flow.lists.append((self._lists - 1, numbering))
        self._inside(element, flow, look)
        self._end(flow)
        flow.lists.pop()

    def _table(self, element: etree._Element, flow: _Flow, look: Look) -> None:
        rows: list[tuple[Cell, ...]] = []
        self._rows(element, flow, look, rows)
        if rows:
            flow.blocks.append(Table(rows=tuple(rows)))

    def _rows(self, parent: etree._Element, flow: _Flow, look: Look, rows: list[tuple[Cell, ...]]) -> None:
        """Read the rows of a table; its caption stands before it."""
        for element in parent:
            tag = element.tag
            if tag in _ROWS:
                self._count_attributes(element)
                self._rows(element, flow, look.under(look_of(element, self.sheet)), rows)
            elif tag == "tr":
                self._count_attributes(element)
                cells = tuple(self._cells(element, look.under(look_of(element, self.sheet))))
                rows += [cells] if cells else []
            elif tag == "caption":
                self._element(element, flow, look)
            elif tag not in {"colgroup", "col"}:
                self._left_out(element, flow, look)

    def _cells(self, row: etree._Element, look: Look) -> Iterator[Cell]:
        for element in row:
            if element.tag not in {"td", "th"}:
                self._left_out(element, _Flow(), look)
                continue
            self._count_attributes(element)
            flow = _Flow()
            self._inside(element, flow, look.under(look_of(element, self.sheet)))
            self._end(flow)
            columns = min(max(number(element.get("colspan") or "1") or 1, 1), MOST_COLUMNS)
            rows = min(max(number(element.get("rowspan") or "1") or 1, 1), _MOST_ROWS)
            yield Cell(blocks=tuple(flow.blocks), columns=columns, rows=rows)
