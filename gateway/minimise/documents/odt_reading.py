"""Walks through the text of an ODT file and keeps what a reader sees: paragraphs, lists, tables, notes.

Rules:
1. Only elements that are named here are entered. Anything else is not read, and what it is known to hold is counted.
2. Deleted text and comments are elements of their own, and are passed over. Of a field what it shows is read; text
   that shows on a condition is hidden text.
3. What is drawn beside the text follows the paragraph that it is anchored in.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from gateway.minimise.documents.looks import Look, emphasis_seen
from gateway.minimise.documents.model import Trouble, UnreadableError
from gateway.minimise.documents.odt_looks import Styles
from gateway.minimise.documents.odt_parts import child, descendants, tag_of, value
from gateway.minimise.documents.odt_tables import read_table
from gateway.minimise.documents.rich_text import (
    IMAGE_LEFT_OUT,
    OBJECT_LEFT_OUT,
    Block,
    Emphasis,
    Left,
    ListItem,
    Note,
    Numbering,
    Paragraph,
    Piece,
    Placeholder,
    joined,
)
from gateway.minimise.documents.visible import WHITE, holds_base64, searchable
from gateway.minimise.documents.vocabulary import number

_FIELDS: Final = frozenset(
    f"text:{name}"
    for name in [
        "date",
        "time",
        "page-number",
        "page-count",
        "page-variable-get",
        "page-continuation",
        "author-name",
        "author-initials",
        "title",
        "subject",
        "keywords",
        "description",
        "creator",
        "initial-creator",
        "printed-by",
        "creation-date",
        "creation-time",
        "modification-date",
        "modification-time",
        "print-date",
        "print-time",
        "editing-cycles",
        "editing-duration",
        "user-defined",
        "sequence",
        "variable-set",
        "variable-get",
        "variable-input",
        "user-field-get",
        "user-field-input",
        "text-input",
        "expression",
        "placeholder",
        "chapter",
        "file-name",
        "template-name",
        "sheet-name",
        "sender-firstname",
        "sender-lastname",
        "sender-initials",
        "sender-title",
        "sender-position",
        "sender-email",
        "sender-phone-private",
        "sender-phone-work",
        "sender-fax",
        "sender-company",
        "sender-street",
        "sender-city",
        "sender-postal-code",
        "sender-country",
        "sender-state-or-province",
        "reference-ref",
        "bookmark-ref",
        "note-ref",
        "sequence-ref",
        "database-display",
        "database-name",
        "measure",
        "word-count",
        "character-count",
        "paragraph-count",
        "table-count",
        "image-count",
        "object-count",
        "dde-connection",
        "table-formula",
    ]
)
_INLINE: Final = frozenset({"text:meta", "text:meta-field", "text:ruby", "text:ruby-base"})
_DRAWN: Final = frozenset(
    f"draw:{name}"
    for name in [
        "frame",
        "g",
        "a",
        "custom-shape",
        "rect",
        "ellipse",
        "circle",
        "line",
        "polyline",
        "polygon",
        "regular-polygon",
        "path",
        "connector",
        "caption",
        "measure",
        "text-box",
    ]
)
_OBJECTS: Final = frozenset({"draw:object", "draw:object-ole", "draw:applet", "draw:plugin", "draw:floating-frame"})
_INDEXES: Final = frozenset(
    f"text:{name}"
    for name in [
        "table-of-content",
        "illustration-index",
        "table-index",
        "object-index",
        "user-index",
        "alphabetical-index",
        "bibliography",
    ]
)
_COUNTED: Final = {
    "office:annotation": Left.COMMENTS,
    "text:bookmark": Left.BOOKMARKS,
    "text:bookmark-start": Left.BOOKMARKS,
    "text:reference-mark": Left.BOOKMARKS,
    "text:reference-mark-start": Left.BOOKMARKS,
    "text:hidden-text": Left.HIDDEN_TEXT,
    "text:conditional-text": Left.HIDDEN_TEXT,
    "text:ruby-text": Left.HIDDEN_TEXT,
    "text:section-source": Left.EXTERNAL_LINKS,
    "office:forms": Left.FORM_FIELDS,
    "draw:control": Left.FORM_FIELDS,
    "svg:title": Left.ALTERNATIVE_TEXTS,
    "svg:desc": Left.ALTERNATIVE_TEXTS,
    "text:variable-decls": Left.VARIABLES,
    "text:user-field-decls": Left.VARIABLES,
    "text:tracked-changes": Left.DELETED_TEXT,
}
_WHITE_SPACE: Final = re.compile("[ \t\r\n]+")
_DEEPEST_LEVEL: Final = 8
_MOST_SPACES: Final = 200
_DEEPEST: Final = 200


@dataclass(slots=True, kw_only=True)
class _Line:
    """A paragraph while it is read: its pieces, and what is drawn beside it."""

    pieces: list[Piece] = field(default_factory=list)
    beside: list[Block] = field(default_factory=list)
    ends_with_space: bool = True
    """White space at its beginning does not show."""


@dataclass(slots=True, kw_only=True)
class Reading:
    """One walk through a document; `styles` are those of the part that is being read."""

    styles: Styles
    left_behind: Counter[str]
    notes: list[Note] = field(default_factory=list)
    _list_numbers: dict[str, int] = field(default_factory=dict)
    _last_lists: dict[str, int] = field(default_factory=dict)
    _lists: int = 0
    _is_in_note: bool = False
    _depth: int = 0

    def blocks(self, parent: etree._Element, look: Look) -> list[Block]:
        """Read what stands below a body, cell, text box or section, on what look lies behind it."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnreadableError(Trouble.TOO_LARGE)
        found = [block for element in parent for block in self.block(element, look)]
        self._depth -= 1
        return found

    def block(self, element: etree._Element, look: Look) -> list[Block]:
        """Read one element of a text."""
        tag = tag_of(element)
        if tag in {"text:p", "text:h"}:
            return self._paragraph(element, look, None)
        if tag == "text:list":
            return self._list(element, look, self._list_number(element), 0, value(element, "text:style-name"))
        if tag == "table:table":
            return self._table(element, look)
        if tag in _DRAWN:
            line = _Line()
            self._drawing(element, line, look)
            return line.beside
        return self._around(element, tag, look)

    def _around(self, element: etree._Element, tag: str, look: Look) -> list[Block]:
        """Read what stands around paragraphs and tables."""
        if tag in {"text:section", "text:index-title"}:
            return self._section(element, look)
        if tag == "text:numbered-paragraph":
            return self.blocks(element, look)
        body = child(element, "text:index-body") if tag in _INDEXES else None
        if body is not None:
            return self.blocks(body, look)
        self.left_out(element, tag)
        return []

    def left_out(self, element: etree._Element, tag: str) -> None:
        """Count what is not entered."""
        if tag == "text:tracked-changes":
            self.left_behind[Left.DELETED_TEXT] += sum(1 for _ in descendants(element, "text:deletion"))
        elif tag in _COUNTED:
            self.left_behind[_COUNTED[tag]] += 1
        elif any(each.text for each in element.iter()) and not tag.endswith("-source"):
            self.left_behind[Left.UNKNOWN_PARTS] += 1

    def _section(self, element: etree._Element, look: Look) -> list[Block]:
        is_hidden = value(element, "text:display") in {"none", "condition"}
        if is_hidden or self.styles.hides("section", value(element, "text:style-name")):
            self.left_behind[Left.HIDDEN_TEXT] += 1
            return []
        return self.blocks(element, look.under(self.styles.look("section", value(element, "text:style-name"))))

    def _table(self, element: etree._Element, look: Look) -> list[Block]:
        name = value(element, "table:style-name")
        if self.styles.hides("table", name):
            self.left_behind[Left.HIDDEN_TEXT] += 1
            return []
        return list(read_table(element, look.under(self.styles.look("table", name)), self))

    # ---- Lists -----------------------------------------------------------------------------------------------------

    def _list_number(self, element: etree._Element) -> int:
        """Give the list that an element begins or goes on with."""
        style = value(element, "text:style-name")
        goes_on = self._list_numbers.get(value(element, "text:continue-list"))
        if goes_on is None and value(element, "text:continue-numbering") == "true":
            goes_on = self._last_lists.get(style)
        if goes_on is None:
            goes_on = self._lists
            self._lists += 1
        self._list_numbers[value(element, "xml:id") or f"#{goes_on}"] = goes_on
        self._last_lists[style] = goes_on
        return goes_on

    def _list(self, element: etree._Element, look: Look, list_number: int, level: int, style: str) -> list[Block]:
        numberings = self.styles.lists.get(style, {})
        item = ListItem(
            number=list_number,
            level=min(level, _DEEPEST_LEVEL),
            numbering=numberings.get(level, Numbering.BULLET),
        )
        found: list[Block] = []
        for entry in element:
            is_first = tag_of(entry) == "text:list-item"
            for each in entry:
                tag = tag_of(each)
                if tag in {"text:p", "text:h"}:
                    found += self._paragraph(each, look, item if is_first else None)
                    is_first = False
                elif tag == "text:list":
                    inner = value(each, "text:style-name") or style
                    found += self._list(each, look, list_number, level + 1, inner)
                elif tag != "text:number":
                    found += self.block(each, look)
        return found

    # ---- Paragraphs ------------------------------------------------------------------------------------------------

    def _paragraph(self, element: etree._Element, look: Look, item: ListItem | None) -> list[Block]:
        name = value(element, "text:style-name")
        if any(True for _ in descendants(element, "text:hidden-paragraph")):
            self.left_behind[Left.HIDDEN_TEXT] += 1
            return []
        line = _Line()
        self._inline(element, line, look.under(self.styles.look("paragraph", name)))
        level = number(value(element, "text:outline-level")) or 1
        heading = min(max(level, 1), 6) if tag_of(element) == "text:h" else self.styles.heading(name)
        return [Paragraph(pieces=self._cleaned(line), heading=heading, item=item), *line.beside]

    def _cleaned(self, line: _Line) -> tuple[Piece, ...]:
        clean: list[Piece] = []
        for piece in joined(line.pieces):
            text, count = searchable(piece.text)
            self.left_behind[Left.HIDDEN_CHARACTERS] += count
            if text or piece.note is not None:
                clean.append(Piece(text, piece.emphasis, piece.note))
        if holds_base64("".join([piece.text for piece in clean])):
            raise UnreadableError(Trouble.NO_TEXT)
        return tuple(clean)

    def _inline(self, parent: etree._Element, line: _Line, look: Look) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnreadableError(Trouble.TOO_LARGE)
        self._text(parent.text, line, look)
        for element in parent:
            self._element(element, line, look)
            self._text(element.tail, line, look)
        self._depth -= 1

    def _element(self, element: etree._Element, line: _Line, look: Look) -> None:
        tag = tag_of(element)
        if tag == "text:span":
            self._inline(element, line, look.under(self.styles.look("text", value(element, "text:style-name"))))
        elif tag == "text:a":
            self.left_behind[Left.LINK_TARGETS] += 1
            self._inline(element, line, look)
        elif tag in _INLINE:
            self._inline(element, line, look)
        elif tag in _FIELDS:
            self._field(element, line, look)
        elif tag == "text:s":
            count = number(value(element, "text:c") or "1") or 1
            self._sign(" " * min(max(count, 1), _MOST_SPACES), line, look)
        elif tag in {"text:tab", "text:line-break"}:
            self._sign("\t" if tag == "text:tab" else "\n", line, look)
        elif tag == "text:note":
            self._note(element, line)
        elif tag in _DRAWN:
            self._drawing(element, line, look)
        elif not tag.startswith(("text:change", "text:soft-page-break", "office:annotation-end")):
            self.left_out(element, tag)

    def _field(self, element: etree._Element, line: _Line, look: Look) -> None:
        self.left_behind[Left.FIELD_CODES] += 1
        if value(element, "text:display") == "none":
            self.left_behind[Left.HIDDEN_TEXT] += 1
        else:
            self._inline(element, line, look)

    def _text(self, text: str | None, line: _Line, look: Look) -> None:
        """Read characters; any white space among them is one space (6.1.2)."""
        if not text:
            return
        parts = [word for word in _WHITE_SPACE.split(text) if word]
        starts, ends = text[0] in " \t\r\n", text[-1] in " \t\r\n"
        before = " " if starts and not line.ends_with_space else ""
        after = " " if ends and parts else ""
        if self._sign(f"{before}{' '.join(parts)}{after}", line, look):
            line.ends_with_space = ends

    def _sign(self, text: str, line: _Line, look: Look) -> bool:
        """Keep text that can be seen; tell whether there was any."""
        emphasis = emphasis_seen(look)
        if emphasis is None:
            self.left_behind[Left.HIDDEN_TEXT] += bool(text.strip())
            return False
        if text:
            line.pieces.append(Piece(text, emphasis))
            line.ends_with_space = False
        return bool(text)

    def _note(self, element: etree._Element, line: _Line) -> None:
        body = child(element, "text:note-body")
        if body is None or self._is_in_note:
            return
        index = len(self.notes)
        self._is_in_note = True
        blocks = self.blocks(body, Look(ground=WHITE))
        self._is_in_note = False
        self.notes.append(Note(blocks=tuple(blocks), at_the_end=value(element, "text:note-class") == "endnote"))
        line.pieces.append(Piece("", Emphasis.NONE, index))

    # ---- Drawings --------------------------------------------------------------------------------------------------

    def _drawing(self, element: etree._Element, line: _Line, look: Look) -> None:
        """Read what is written in a drawing; pictures and objects leave a sentence in their place."""
        name = value(element, "draw:style-name")
        if value(element, "draw:display") in {"none", "printer"} or self.styles.hides("graphic", name):
            self.left_behind[Left.HIDDEN_TEXT] += 1
            return
        inside = look.under(self.styles.look("graphic", name))
        tags = {tag_of(each) for each in element}
        if not _OBJECTS.isdisjoint(tags):
            self.left_behind[Left.EMBEDDED_OBJECTS] += 1
            line.beside.append(Placeholder(text=OBJECT_LEFT_OUT))
        elif "draw:image" in tags:
            self.left_behind[Left.IMAGES] += 1
            line.beside.append(Placeholder(text=IMAGE_LEFT_OUT))
        for each in element:
            tag = tag_of(each)
            if tag in _DRAWN or tag in {"text:p", "text:h", "text:list", "table:table"}:
                line.beside += self.block(each, inside)
            elif tag not in _OBJECTS and tag != "draw:image":
                self.left_out(each, tag)
