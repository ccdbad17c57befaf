"""Walks through the text of a DOCX file and keeps what a reader sees: paragraphs, lists, tables, notes, headers.

Rules:
1. Only elements that are named here are entered. Anything else is not read, and what it is known to hold is counted.
2. Of tracked changes the last state counts: what was inserted or moved here stays, what was deleted or moved away goes.
3. Of a field its result is read, never its code; of two alternatives for different programs the first.
4. A text box, a content control and what else is set beside the text follow the paragraph that they stand in.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from gateway.minimise.documents.docx_lists import Lists
from gateway.minimise.documents.docx_looks import (
    NOTHING_SET,
    Look,
    Styles,
    emphasis_seen,
    ground_of,
    heading_of,
    look_by,
    named,
    shade_of,
)
from gateway.minimise.documents.docx_parts import (
    child,
    child_value,
    descendants,
    tag_of,
    value,
)
from gateway.minimise.documents.model import Trouble, UnreadableError
from gateway.minimise.documents.rich_text import (
    IMAGE_LEFT_OUT,
    OBJECT_LEFT_OUT,
    Block,
    Emphasis,
    Left,
    Paragraph,
    Piece,
    Placeholder,
    joined,
)
from gateway.minimise.documents.visible import WHITE, Colour, colour_of, holds_base64, searchable

_CONTAINERS: Final = frozenset({
    "w:ins", "w:moveTo", "w:smartTag", "w:customXml", "w:hyperlink", "w:fldSimple", "w:dir", "w:sdtContent",
    "m:oMath", "m:oMathPara", "w:ruby", "w:rubyBase",
})  # fmt: skip
_DELETED: Final = frozenset({"w:del", "w:moveFrom"})
_COUNTED: Final = {
    "w:bookmarkStart": Left.BOOKMARKS,
    "w:altChunk": Left.EMBEDDED_OBJECTS,
    "w:subDoc": Left.EMBEDDED_OBJECTS,
    "w:instrText": Left.FIELD_CODES,
    "w:delText": Left.DELETED_TEXT,
    "w:rt": Left.HIDDEN_TEXT,
}
_TEXTS: Final = frozenset({"w:t", "m:t"})
_SIGNS: Final = {
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:br": "\n",
    "w:cr": "\n",
    "w:noBreakHyphen": "\u2011",
    "w:softHyphen": "\u00ad",
}
_ONE_LINE: Final = str.maketrans("\n\r\t", "   ")
# Ticked and empty boxes carry meaning in forms; every other sign of a symbol font becomes an empty box.
_SYMBOLS: Final = {"A8": "\u2610", "6F": "\u2610", "FD": "\u2612", "FE": "\u2611", "FC": "\u2713", "B7": "\u2022"}
_OBJECTS: Final = ("c:chart", "dgm:relIds", "o:OLEObject", "w:control")
_PICTURES: Final = ("pic:pic", "a:blip", "a:t", "v:imagedata", "v:textpath", "w:contentPart")
_ALTERNATIVE_TEXTS: Final = ("descr", "title", "alt")
_GRAPHICS: Final = frozenset({"w:drawing", "w:pict", "w:object"})
_DEEPEST: Final = 200


@dataclass(slots=True, kw_only=True)
class _Line:
    """A paragraph while it is read: its pieces, and what stands beside them."""

    look: Look
    pieces: list[Piece] = field(default_factory=list)
    beside: list[Block] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Reading:
    """One walk through the parts of a document; `tables` reads a `w:tbl`, `refer` gives a note its number, or None."""

    styles: Styles
    lists: Lists
    left_behind: Counter[str]
    refer: Callable[[str, str], int | None]
    tables: Callable[["Reading", etree._Element, Colour | None], list[Block]]
    _fields: list[bool] = field(default_factory=list)
    """For each field that is open, whether its result has begun."""
    _depth: int = 0

    def story(self, root: etree._Element, ground: Colour | None = WHITE) -> tuple[Block, ...]:
        """Read a body, header, footer, note or text box, with fields of its own."""
        outer, self._fields = self._fields, []
        blocks = self.blocks(root, ground)
        self._fields = outer
        return tuple(blocks)

    def blocks(self, parent: etree._Element, ground: Colour | None) -> list[Block]:
        """Read the paragraphs and tables below an element, on that ground."""
        self._deeper()
        found = [block for element in parent for block in self.block(element, ground)]
        self._depth -= 1
        return found

    def block(self, element: etree._Element, ground: Colour | None) -> list[Block]:
        """Read one element of a story."""
        tag = tag_of(element)
        if tag == "w:p":
            return self._paragraph(element, ground)
        if tag == "w:tbl":
            return self.tables(self, element, ground)
        if tag == "w:sdt":
            return self._control(element, ground)
        if tag == "mc:AlternateContent":
            return self.blocks(alternative(element), ground)
        if tag in _CONTAINERS:
            return self.blocks(element, ground)
        self.left_out(element, tag)
        return [Placeholder(text=OBJECT_LEFT_OUT)] if tag == "w:altChunk" else []

    def left_out(self, element: etree._Element, tag: str) -> None:
        """Count what is not entered."""
        if tag in _DELETED:
            self.left_behind[Left.DELETED_TEXT] += 1
        elif tag in _COUNTED:
            self.left_behind[_COUNTED[tag]] += 1
        elif tag not in {"w:r", "w:sectPr"} and any(each.text for each in descendants(element, "w:t")):
            self.left_behind[Left.UNKNOWN_PARTS] += 1

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnreadableError(Trouble.TOO_LARGE)

    def _control(self, element: etree._Element, ground: Colour | None) -> list[Block]:
        content = child(element, "w:sdtContent")
        self._count_control(element)
        return [] if content is None else self.blocks(content, ground)

    def _count_control(self, element: etree._Element) -> None:
        properties = child(element, "w:sdtPr")
        if any(child(properties, name) is not None for name in ("w:alias", "w:tag", "w:dataBinding", "w:comboBox")):
            self.left_behind[Left.FORM_FIELDS] += 1

    # ---- Paragraphs ----------------------------------------------------------------------------------------------

    def _paragraph(self, element: etree._Element, ground: Colour | None) -> list[Block]:
        properties = child(element, "w:pPr")
        style = self.styles.paragraph(child_value(properties, "w:pStyle"))
        shade = shade_of(properties)
        shade = style.ground if shade is None else shade
        line = _Line(look=style.look)
        self._inline(element, line, ground if shade is None else ground_of(shade, ground))
        paragraph = Paragraph(
            pieces=self._cleaned(line.pieces),
            heading=heading_of(properties) or style.heading,
            item=self.lists.item(properties, style),
        )
        return [paragraph, *line.beside]

    def _cleaned(self, pieces: Iterable[Piece]) -> tuple[Piece, ...]:
        clean: list[Piece] = []
        for piece in joined(pieces):
            text, count = searchable(piece.text)
            self.left_behind[Left.HIDDEN_CHARACTERS] += count
            if text or piece.note is not None:
                clean.append(Piece(text, piece.emphasis, piece.note))
        if holds_base64("".join([piece.text for piece in clean])):
            raise UnreadableError(Trouble.NO_TEXT)
        return tuple(clean)

    def _inline(self, parent: etree._Element, line: _Line, ground: Colour | None) -> None:
        self._deeper()
        for element in parent:
            tag = tag_of(element)
            if tag in {"w:r", "m:r"}:
                self._run(element, line, ground)
            elif tag == "w:sdt":
                self._count_control(element)
                content = child(element, "w:sdtContent")
                if content is not None:
                    self._inline(content, line, ground)
            elif tag == "mc:AlternateContent":
                self._inline(alternative(element), line, ground)
            elif tag == "w:bdo":
                raise UnreadableError(Trouble.NO_TEXT)
            elif tag in _CONTAINERS or (tag.startswith("m:") and not tag.endswith("Pr")):
                self._count_target(element, tag)
                self._inline(element, line, ground)
            elif tag != "w:pPr":
                self.left_out(element, tag)
        self._depth -= 1

    def _count_target(self, element: etree._Element, tag: str) -> None:
        if tag == "w:hyperlink" and (value(element, "r:id") or value(element, "w:tooltip")):
            self.left_behind[Left.LINK_TARGETS] += 1
        elif tag == "w:fldSimple":
            self.left_behind[Left.FIELD_CODES] += 1

    # ---- Runs ----------------------------------------------------------------------------------------------------

    def _run(self, element: etree._Element, line: _Line, ground: Colour | None) -> None:
        properties = named(child(element, "w:rPr"))
        if "w:del" in properties or "w:moveFrom" in properties:
            self.left_behind[Left.DELETED_TEXT] += 1
            return
        style = value(properties.get("w:rStyle"))
        letters = self.styles.letters(style) if style else NOTHING_SET
        direct = look_by(properties)
        emphasis = emphasis_seen(line.look, letters, direct, ground)
        self._run_content(element, line, ground, emphasis=emphasis)

    def _run_content(
        self, parent: etree._Element, line: _Line, ground: Colour | None, *, emphasis: Emphasis | None
    ) -> None:
        """Read what stands in a run; without an emphasis nobody can see it."""
        for element in parent:
            tag = tag_of(element)
            if (text := _written(element, tag)) is not None:
                self._text(text, line, emphasis)
            elif tag == "w:fldChar":
                self._field(value(element, "w:fldCharType"))
            elif tag in {"w:footnoteReference", "w:endnoteReference"}:
                self._note(element, tag, line)
            elif tag == "mc:AlternateContent":
                self._run_content(alternative(element), line, ground, emphasis=emphasis)
            elif tag == "w:ruby":
                self._inline(element, line, ground)
            elif tag in _GRAPHICS:
                self._graphic(element, line, is_hidden=emphasis is None)
            elif tag != "w:rPr":
                self.left_out(element, tag)

    def _text(self, text: str, line: _Line, emphasis: Emphasis | None) -> None:
        if not all(self._fields):
            self.left_behind[Left.FIELD_CODES] += bool(text)
        elif emphasis is None:
            self.left_behind[Left.HIDDEN_TEXT] += bool(text)
        elif text:
            line.pieces.append(Piece(text, emphasis))

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self._fields.append(False)
            self.left_behind[Left.FIELD_CODES] += 1
        elif kind == "separate" and self._fields:
            self._fields[-1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _note(self, element: etree._Element, tag: str, line: _Line) -> None:
        note = self.refer(tag, value(element, "w:id"))
        if note is not None:
            line.pieces.append(Piece("", Emphasis.NONE, note))

    # ---- Graphics ------------------------------------------------------------------------------------------------

    def _graphic(self, element: etree._Element, line: _Line, *, is_hidden: bool) -> None:
        """Read the text boxes of a drawing; pictures and objects leave a sentence in their place."""
        drawn = list(_drawn(element))
        hidden = is_hidden or any(_is_hidden(each) for each in drawn)
        self.left_behind[Left.ALTERNATIVE_TEXTS] += sum(any(map(each.get, _ALTERNATIVE_TEXTS)) for each in drawn)
        tags = Counter(map(tag_of, drawn))
        if hidden:
            self.left_behind[Left.HIDDEN_TEXT] += tags["w:txbxContent"]
            return
        ground = _ground_of_box(drawn) if tags["w:txbxContent"] else None
        for each in drawn:
            if tag_of(each) == "w:txbxContent":
                line.beside += self.story(each, ground)
        if not tags.keys().isdisjoint(_OBJECTS):
            self.left_behind[Left.EMBEDDED_OBJECTS] += 1
            line.beside.append(Placeholder(text=OBJECT_LEFT_OUT))
        elif not tags.keys().isdisjoint(_PICTURES):
            self.left_behind[Left.IMAGES] += 1
            line.beside.append(Placeholder(text=IMAGE_LEFT_OUT))


def alternative(element: etree._Element) -> etree._Element:
    """Give the first choice of an `mc:AlternateContent`, its fallback when there is no choice, or else itself."""
    choice = child(element, "mc:Choice")
    fallback = child(element, "mc:Fallback")
    if choice is not None:
        return choice
    return element if fallback is None else fallback


def _drawn(element: etree._Element) -> Iterable[etree._Element]:
    """Give what a drawing consists of; not what stands in its text boxes, nor the fallbacks of its parts."""
    for each in element:
        yield each
        if tag_of(each) not in {"w:txbxContent", "mc:Fallback"}:
            yield from _drawn(each)


def _is_hidden(element: etree._Element) -> bool:
    style = element.get("style", "").replace(" ", "").lower()
    return element.get("hidden", "").lower() in {"1", "true"} or "visibility:hidden" in style or "display:none" in style


def _ground_of_box(drawn: Iterable[etree._Element]) -> Colour | None:
    """Give what is behind the text of a box: white, when nothing fills it; a fill in other words is not known."""
    fills = [value(each) for shape in drawn if tag_of(shape) == "wps:spPr" for each in descendants(shape, "a:srgbClr")]
    vml = [each.get("fillcolor", "") for each in drawn]
    written = [each for each in (*fills, *vml) if each]
    themed = any(
        True for shape in drawn if tag_of(shape) in {"wps:spPr", "wps:style"} for _ in descendants(shape, "a:schemeClr")
    )
    if themed or len(written) > 1:
        return None
    return colour_of(written[0]) if written else WHITE


def _written(element: etree._Element, tag: str) -> str | None:
    """Give what an element writes in its run; None when it is none that writes."""
    if tag in _TEXTS:
        return (element.text or "").translate(_ONE_LINE)
    if tag == "w:sym":
        return _symbol(element)
    return _SIGNS.get(tag)


def _symbol(element: etree._Element) -> str:
    code = value(element, "w:char").upper()
    if "DINGS" not in value(element, "w:font").upper() and (point := _code_point(code)):
        return chr(point)
    return _SYMBOLS.get(code.removeprefix("F0").zfill(2), "\u25a1")


def _code_point(code: str) -> int:
    """Read four hexadecimal digits that stand for a letter; 0 for anything else."""
    if len(code) == 4 and all(digit in "0123456789ABCDEF" for digit in code):  # noqa: PLR2004 -- ST_ShortHexNumber
        point = int(code, 16)
        return point if chr(point).isprintable() else 0
    return 0
