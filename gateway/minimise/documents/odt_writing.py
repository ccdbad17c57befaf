"""Writes an ODT file out of rich text: three parts, fixed styles, no metadata, the same bytes every time.

Everything that is not text of the document is a constant of this module or a small number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.minimise.documents.hardened_xml import escaped
from gateway.minimise.documents.odt_parts import MEDIA_TYPE, OASIS
from gateway.minimise.documents.packing import packed_anew
from gateway.minimise.documents.rich_text import (
    MOST_COLUMNS,
    Block,
    Blocks,
    Emphasis,
    ListItem,
    Numbering,
    Paragraph,
    Piece,
    Place,
    Placeholder,
    RichText,
    Section,
    Table,
)
from gateway.minimise.documents.table_layout import Placed, laid_out

_HEADER: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES: Final = (
    "".join(f' xmlns:{name}="{OASIS}{name}:1.0"' for name in ("office", "style", "text", "table"))
    + f' xmlns:fo="{OASIS}xsl-fo-compatible:1.0" office:version="1.3"'
)
_LOOKS: Final = (
    (Emphasis.BOLD, ' fo:font-weight="bold"'),
    (Emphasis.ITALIC, ' fo:font-style="italic"'),
    (Emphasis.UNDERLINE, ' style:text-underline-style="solid" style:text-underline-width="auto"'),
    (Emphasis.STRIKE, ' style:text-line-through-style="solid"'),
)
_ALL_LOOKS: Final = tuple(Emphasis(bits) for bits in range(16))
_NAMES: Final = {look: f"T{look.value}" for look in _ALL_LOOKS}
_TEXT_STYLES: Final = "".join(
    f'<style:style style:name="{_NAMES[look]}" style:family="text"><style:text-properties'
    + "".join(attribute for flag, attribute in _LOOKS if flag in look)
    + "/></style:style>"
    for look in _ALL_LOOKS
)
_CELL_STYLE: Final = (
    '<style:style style:name="C" style:family="table-cell"><style:table-cell-properties fo:padding="0.1cm"'
    ' fo:border="0.5pt solid #808080"/></style:style>'
)
_FORMATS: Final = {
    Numbering.DECIMAL: "1",
    Numbering.LOWER_LETTER: "a",
    Numbering.UPPER_LETTER: "A",
    Numbering.LOWER_ROMAN: "i",
    Numbering.UPPER_ROMAN: "I",
}
_COMMON_STYLES: Final = (
    '<office:styles><style:default-style style:family="paragraph"><style:paragraph-properties'
    ' fo:margin-bottom="0.2cm"/><style:text-properties fo:font-family="Arial" fo:font-size="11pt" fo:language="nl"'
    ' fo:country="NL"/></style:default-style>'
    '<style:style style:name="Standard" style:family="paragraph" style:class="text"/>'
    + "".join(
        f'<style:style style:name="Heading_{level}" style:family="paragraph" style:parent-style-name="Standard"'
        f' style:default-outline-level="{level}"><style:paragraph-properties fo:margin-top="0.4cm"'
        f' fo:keep-with-next="always"/><style:text-properties fo:font-weight="bold" fo:font-size="{17 - level}pt"/>'
        "</style:style>"
        for level in range(1, 7)
    )
    + "</office:styles>"
)
_LAYOUT: Final = (
    '<style:page-layout style:name="{}"><style:page-layout-properties fo:page-width="{}" fo:page-height="{}"'
    ' style:print-orientation="{}" fo:margin="2cm"/><style:header-style><style:header-footer-properties'
    ' fo:min-height="0.5cm"/></style:header-style><style:footer-style><style:header-footer-properties'
    ' fo:min-height="0.5cm"/></style:footer-style></style:page-layout>'
)
_LAYOUTS: Final = _LAYOUT.format("Portrait", "21cm", "29.7cm", "portrait") + _LAYOUT.format(
    "Landscape", "29.7cm", "21cm", "landscape"
)
_MANIFEST: Final = (
    f'{_HEADER}<manifest:manifest xmlns:manifest="{OASIS}manifest:1.0" manifest:version="1.3">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
# A single space behind a letter shows as it is (6.1.2).
_UNSEEN_SPACES: Final = re.compile(r"(?<![^ \t\n]) +| {2,}")
_PLACES: Final = ((Place.DEFAULT, ""), (Place.EVEN, "-left"), (Place.FIRST, "-first"))
FIXED_PARTS: Final = frozenset({MEDIA_TYPE, _MANIFEST})
"""What is the same in every file, and so says nothing about any document."""
OWN_NAMES: Final = re.compile(r"mimetype|META-INF/manifest\.xml|content\.xml|styles\.xml")
OWN_VALUES: Final = re.compile(
    r"-?[0-9]{1,5}|[0-9.]{1,4}(?:cm|pt)|1\.3|[TLSl][0-9]{1,5}|C|Standard|Heading_[1-6]|paragraph|text|table-cell|"
    r"bold|italic|solid|auto|always|label-alignment|listtab|-0\.6cm|"
    r"0\.5pt solid #808080|Arial|nl|NL|[Pp]ortrait|[Ll]andscape|Page[0-9]{1,4}|"
    r"n[0-9]{1,5}|footnote|endnote|[1aAiI.]|\u2022|true"
)
"""What attributes may hold beside words of the document, which no attribute should."""


@dataclass(slots=True, kw_only=True)
class _Writing:
    """One document while it is written: the lists that were met, and by number the last element of each."""

    document: RichText
    lists: dict[int, dict[int, Numbering]] = field(default_factory=dict)
    last_elements: dict[int, str] = field(default_factory=dict)
    elements: int = 0

    def blocks(self, blocks: Iterable[Block]) -> str:
        """Write blocks."""
        return "".join([text for block in blocks for text in self._block(block)])

    def _block(self, block: Block) -> Iterator[str]:
        if isinstance(block, Paragraph):
            yield self._paragraph(block)
        elif isinstance(block, Placeholder):
            yield f'<text:p text:style-name="Standard">{_span(Piece(block.text, Emphasis.ITALIC))}</text:p>'
        else:
            yield self._table(block)

    def _paragraph(self, paragraph: Paragraph) -> str:
        content = ""
        before = ""
        for piece in paragraph.pieces:
            content += self._piece(piece, before)
            before = piece.text[-1:] or before
        level = paragraph.heading
        if level:
            text = f'<text:h text:style-name="Heading_{level}" text:outline-level="{level}">{content}</text:h>'
        else:
            text = f'<text:p text:style-name="Standard">{content}</text:p>'
        return self._in_list(text, paragraph.item) if paragraph.item else text

    def _in_list(self, text: str, item: ListItem) -> str:
        """Write an item as a list of its own that goes on with the one before."""
        self.lists.setdefault(item.number, {}).setdefault(item.level, item.numbering)
        before = self.last_elements.get(item.number)
        self.elements += 1
        name = self.last_elements[item.number] = f"l{self.elements}"
        goes_on = f' text:continue-list="{before}"' if before else ""
        inner = "<text:list><text:list-item>" * item.level + text + "</text:list-item></text:list>" * item.level
        begin = f'<text:list xml:id="{name}"{goes_on} text:style-name="L{item.number}"><text:list-item>'
        return f"{begin}{inner}</text:list-item></text:list>"

    def _piece(self, piece: Piece, before: str) -> str:
        if piece.note is None:
            return _span(piece, before)
        note = self.document.notes[piece.note]
        kind = "endnote" if note.at_the_end else "footnote"
        body = self.blocks(note.blocks) or '<text:p text:style-name="Standard"/>'
        return (
            f'<text:note text:id="n{piece.note}" text:note-class="{kind}"><text:note-citation>{piece.note + 1}'
            f"</text:note-citation><text:note-body>{body}</text:note-body></text:note>"
        )

    # ---- Tables ----------------------------------------------------------------------------------------------------

    def _table(self, table: Table) -> str:
        placed = list(laid_out(table))
        width = min(max((sum(each.cell.columns for each in row) for row in placed), default=1), MOST_COLUMNS)
        rows = "".join([f"<table:table-row>{''.join(map(self._cell, row))}</table:table-row>" for row in placed])
        columns = f'<table:table-column table:number-columns-repeated="{width}"/>'
        return f"<table:table>{columns}{rows}</table:table>"

    def _cell(self, placed: Placed) -> str:
        columns = placed.cell.columns
        if placed.is_covered:
            return "<table:covered-table-cell/>" * columns
        spans = f' table:number-columns-spanned="{columns}" table:number-rows-spanned="{placed.rows}"'
        content = self.blocks(placed.cell.blocks) or '<text:p text:style-name="Standard"/>'
        attributes = spans if columns > 1 or placed.rows > 1 else ""
        covered = "<table:covered-table-cell/>" * (columns - 1)
        return f'<table:table-cell table:style-name="C"{attributes}>{content}</table:table-cell>{covered}'


def write_odt(document: RichText) -> bytes:
    """Write the file."""
    writing = _Writing(document=document)
    body = "".join(
        (f'<text:p text:style-name="S{index}"/>' if index else "") + writing.blocks(section.blocks)
        for index, section in enumerate(document.sections)
    )
    in_text = _list_styles(writing.lists)
    pages = "".join([_master_page(index, section, writing) for index, section in enumerate(document.sections)])
    sections = "".join(
        f'<style:style style:name="S{index}" style:family="paragraph" style:parent-style-name="Standard"'
        f' style:master-page-name="Page{index}"/>'
        for index in range(1, len(document.sections))
    )
    automatic = f"<office:automatic-styles>{_TEXT_STYLES}{_CELL_STYLE}"
    return packed_anew(
        {
            "mimetype": MEDIA_TYPE,
            "META-INF/manifest.xml": _MANIFEST,
            "content.xml": f"{_HEADER}<office:document-content{_SPACES}>{automatic}{sections}{in_text}"
            f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>",
            "styles.xml": f"{_HEADER}<office:document-styles{_SPACES}>{_COMMON_STYLES}{automatic}"
            f"{_list_styles(writing.lists)}{_LAYOUTS}</office:automatic-styles><office:master-styles>{pages}"
            "</office:master-styles></office:document-styles>",
        },
        stored=["mimetype"],
    )


def _master_page(index: int, section: Section, writing: _Writing) -> str:
    layout = "Landscape" if section.landscape else "Portrait"
    name = f"Page{index}" if index else "Standard"
    stories = _stories("header", section.headers, writing) + _stories("footer", section.footers, writing)
    return f'<style:master-page style:name="{name}" style:page-layout-name="{layout}">{stories}</style:master-page>'


def _stories(kind: str, stories: Mapping[Place, Blocks], writing: _Writing) -> str:
    """Write headers or footers: the one for all pages comes first, and must be there when another one is."""
    if not stories:
        return ""
    written = (
        f"<style:{kind}{suffix}>{writing.blocks(stories.get(place, ()))}</style:{kind}{suffix}>"
        for place, suffix in _PLACES
        if place in stories or place is Place.DEFAULT
    )
    return "".join(written)


def _list_styles(lists: dict[int, dict[int, Numbering]]) -> str:
    return "".join(
        f'<text:list-style style:name="L{number}">'
        + "".join(_level(level, levels.get(level, Numbering.DECIMAL)) for level in range(9))
        + "</text:list-style>"
        for number, levels in sorted(lists.items())
    )


def _level(level: int, numbering: Numbering) -> str:
    indent = (
        '<style:list-level-properties text:list-level-position-and-space-mode="label-alignment">'
        '<style:list-level-label-alignment text:label-followed-by="listtab"'
        f' fo:text-indent="-0.6cm" fo:margin-left="{0.6 * (level + 1):.1f}cm"/></style:list-level-properties>'
    )
    if numbering is Numbering.BULLET:
        kind = "bullet"
        label = 'text:bullet-char="\u2022"'
    else:
        kind = "number"
        label = f'style:num-format="{_FORMATS[numbering]}" style:num-suffix="."'
    return f'<text:list-level-style-{kind} text:level="{level + 1}" {label}>{indent}</text:list-level-style-{kind}>'


def _span(piece: Piece, before: str = "") -> str:
    """Write letters, after the character `before`; spaces that would not show in XML are counted in an element."""
    # What is put in front stands for a letter that the spaces follow.
    front = "" if before in {"", " ", "\t", "\n"} else "x"
    text = _UNSEEN_SPACES.sub(lambda found: f'<text:s text:c="{len(found[0])}"/>', front + escaped(piece.text))
    text = text.removeprefix(front).replace("\t", "<text:tab/>").replace("\n", "<text:line-break/>")
    return f'<text:span text:style-name="{_NAMES[piece.emphasis]}">{text}</text:span>' if text else ""
