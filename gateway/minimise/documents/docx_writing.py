"""Writes a DOCX file out of rich text: few parts, fixed styles, no properties, the same bytes every time.

Everything that is not text of the document is a constant of this module or a small number.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from gateway.minimise.documents.hardened_xml import escaped
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

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HEADER: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPACES: Final = f'xmlns:w="{_W}" xmlns:r="{_OFFICE}"'
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_WORD_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_EMPHASES: Final = (
    (Emphasis.BOLD, "<w:b/>"),
    (Emphasis.ITALIC, "<w:i/>"),
    (Emphasis.STRIKE, "<w:strike/>"),
    (Emphasis.UNDERLINE, '<w:u w:val="single"/>'),
)
_PORTRAIT: Final = '<w:pgSz w:w="11906" w:h="16838"/>'
_LANDSCAPE: Final = '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
_MARGINS: Final = (
    '<w:pgMar w:top="1417" w:right="1417" w:bottom="1417" w:left="1417" w:header="708" w:footer="708" w:gutter="0"/>'
)
_TEXT_TWIPS: Final = 9000
_TEXT: Final = '<w:t xml:space="preserve">'
_NO_TEXT: Final = f"{_TEXT}</w:t>"
_BORDER: Final = 'w:val="single" w:sz="4" w:space="0" w:color="808080"'
_TABLE: Final = (
    '<w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>'
    + "".join(f"<w:{side} {_BORDER}/>" for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    + "</w:tblBorders></w:tblPr>"
)
_STYLES: Final = (
    f'{_HEADER}<w:styles {_SPACES}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial"'
    ' w:eastAsia="Arial" w:cs="Arial"/><w:sz w:val="22"/><w:szCs w:val="22"/>'
    '<w:lang w:val="nl-NL" w:eastAsia="nl-NL" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
    '<w:spacing w:after="120"/></w:pPr></w:pPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    + "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{level}"><w:name w:val="heading {level}"/>'
        '<w:basedOn w:val="Normal"/><w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="240"/>'
        f'<w:outlineLvl w:val="{level - 1}"/></w:pPr><w:rPr><w:b/><w:sz w:val="{34 - 2 * level}"/></w:rPr></w:style>'
        for level in range(1, 7)
    )
    + '<w:style w:type="character" w:styleId="NoteReference"><w:name w:val="footnote reference"/><w:rPr>'
    '<w:vertAlign w:val="superscript"/></w:rPr></w:style></w:styles>'
)
_SEPARATORS: Final = (
    '<w:{0} w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:{0}>'
    '<w:{0} w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:{0}>'
)
_SETTINGS: Final = (
    f"{_HEADER}<w:settings {_SPACES}>{{}}<w:compat><w:compatSetting w:name="
    '"compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
SETTINGS: Final = (_SETTINGS.format(""), _SETTINGS.format("<w:evenAndOddHeaders/>"))
_ROOTS: Final = (
    f'{_HEADER}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
    f' Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
FIXED_PARTS: Final = frozenset({_STYLES, _ROOTS, *SETTINGS})
"""What is the same in every file, and so says nothing about any document."""
OWN_NAMES: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|word/_rels/document\.xml\.rels|"
    r"word/(?:document|styles|settings|numbering|footnotes|endnotes|(?:header|footer)[0-9]{1,4})\.xml"
)
OWN_VALUES: Final = re.compile(
    r"-?[0-9]{1,5}|preserve|single|auto|808080|default|first|even|restart|continue|continuous|landscape|left|"
    r"(?:continuationS|s)eparator|hybridMultilevel|NoteReference|Heading[1-6]|rId-(?:header|footer)[0-9]{1,4}|"
    rf"%[1-9]\.|\u2022|{'|'.join(Numbering)}"
)
"""What attributes may hold beside words of the document, which no attribute should."""


@dataclass(slots=True, kw_only=True)
class _Writing:
    """One document while it is written: its further parts, and the lists that were met."""

    notes: dict[int, tuple[str, int]]
    """By number of the note, its element (`footnote` or `endnote`) and its id there."""
    parts: dict[str, str] = field(default_factory=dict)
    lists: dict[int, dict[int, Numbering]] = field(default_factory=dict)

    # ---- Blocks --------------------------------------------------------------------------------------------------

    def blocks(self, blocks: Iterable[Block]) -> str:
        """Write blocks; a table is followed by a paragraph, or the next table would be joined to it."""
        return "".join([text for block in blocks for text in self._block(block)])

    def _block(self, block: Block) -> Iterator[str]:
        if isinstance(block, Paragraph):
            yield self.paragraph(block)
        elif isinstance(block, Placeholder):
            yield f"<w:p>{_run(Piece(block.text, Emphasis.ITALIC))}</w:p>"
        else:
            yield self._table(block)
            yield "<w:p/>"

    def paragraph(self, paragraph: Paragraph, section: str = "") -> str:
        """Write a paragraph, which may be the last of a section."""
        style = f'<w:pStyle w:val="Heading{paragraph.heading}"/>' if paragraph.heading else ""
        numbers = self._list(paragraph.item) if paragraph.item else ""
        properties = f"<w:pPr>{style}{numbers}{section}</w:pPr>" if style or numbers or section else ""
        return f"<w:p>{properties}{''.join([self._piece(piece) for piece in paragraph.pieces])}</w:p>"

    def _list(self, item: ListItem) -> str:
        self.lists.setdefault(item.number, {}).setdefault(item.level, item.numbering)
        return f'<w:numPr><w:ilvl w:val="{item.level}"/><w:numId w:val="{item.number + 1}"/></w:numPr>'

    def _piece(self, piece: Piece) -> str:
        if piece.note is None:
            return _run(piece)
        element, number = self.notes[piece.note]
        style = '<w:rPr><w:rStyle w:val="NoteReference"/></w:rPr>'
        return f'<w:r>{style}<w:{element}Reference w:id="{number}"/></w:r>'

    # ---- Tables --------------------------------------------------------------------------------------------------

    def _table(self, table: Table) -> str:
        placed = list(laid_out(table))
        rows = [self._row(row) for row in placed]
        width = min(max((sum(each.cell.columns for each in row) for row in placed), default=1), MOST_COLUMNS)
        grid = f'<w:gridCol w:w="{_TEXT_TWIPS // max(width, 1)}"/>' * width
        return f"<w:tbl>{_TABLE}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"

    def _row(self, row: Iterable[Placed]) -> str:
        return f"<w:tr>{''.join([self._cell(each) for each in row])}</w:tr>"

    def _cell(self, placed: Placed) -> str:
        span = f'<w:gridSpan w:val="{placed.cell.columns}"/>' if placed.cell.columns > 1 else ""
        restart = '<w:vMerge w:val="restart"/>' if placed.rows > 1 else ""
        merged = '<w:vMerge w:val="continue"/>' if placed.is_covered else restart
        content = "" if placed.is_covered else self.blocks(placed.cell.blocks)
        return f"<w:tc><w:tcPr>{span}{merged}</w:tcPr>{content or '<w:p/>'}</w:tc>"

    # ---- Sections ------------------------------------------------------------------------------------------------

    def section(self, section: Section, *, is_last: bool) -> str:
        """Write a section: its end stands in its last paragraph, that of the last section after everything."""
        end = self._section_end(section)
        if is_last:
            return self.blocks(section.blocks) + end
        *before, last = section.blocks or (Paragraph(pieces=()),)
        if isinstance(last, Paragraph):
            return self.blocks(before) + self.paragraph(last, end)
        return self.blocks(section.blocks) + self.paragraph(Paragraph(pieces=()), end)

    def _section_end(self, section: Section) -> str:
        references = "".join(
            self._page_part(kind, place, stories[place])
            for kind, stories in (("header", section.headers), ("footer", section.footers))
            for place in sorted(stories)
        )
        kind = '<w:type w:val="continuous"/>' if section.continuous else ""
        size = _LANDSCAPE if section.landscape else _PORTRAIT
        title = "<w:titlePg/>" if Place.FIRST in {*section.headers, *section.footers} else ""
        return f"<w:sectPr>{references}{kind}{size}{_MARGINS}{title}</w:sectPr>"

    def _page_part(self, kind: str, place: Place, blocks: Blocks) -> str:
        number = len(self.parts) + 1
        element = "hdr" if kind == "header" else "ftr"
        content = self.blocks(blocks) or "<w:p/>"
        self.parts[f"{kind}{number}.xml"] = f"{_HEADER}<w:{element} {_SPACES}>{content}</w:{element}>"
        return f'<w:{kind}Reference w:type="{place}" r:id="{_id(f"{kind}{number}.xml")}"/>'


def write_docx(document: RichText) -> bytes:
    """Write the file."""
    writing = _Writing(notes=_note_ids(document))
    last = len(document.sections) - 1
    body = "".join([writing.section(section, is_last=index == last) for index, section in enumerate(document.sections)])
    parts = {"document.xml": f"{_HEADER}<w:document {_SPACES}><w:body>{body}</w:body></w:document>"}
    for element in ("footnote", "endnote"):
        parts[f"{element}s.xml"] = _notes(document, writing, element)
    parts["numbering.xml"] = _numbering(writing.lists)
    has_even = any(Place.EVEN in {*section.headers, *section.footers} for section in document.sections)
    parts["settings.xml"] = SETTINGS[has_even]
    parts["styles.xml"] = _STYLES
    parts |= writing.parts
    return packed_anew(
        {
            "[Content_Types].xml": _content_types(parts),
            "_rels/.rels": _ROOTS,
            "word/_rels/document.xml.rels": _relationships(parts),
            **{f"word/{name}": text for name, text in parts.items()},
        }
    )


def parts_that_follow_from(names: Iterable[str]) -> tuple[str, str]:
    """Give the relationships and the content types of a file, whose parts have these names in this order."""
    parts = [name.removeprefix("word/") for name in names if name.startswith("word/") and not name.endswith(".rels")]
    return _relationships(parts), _content_types(parts)


def _run(piece: Piece) -> str:
    """Write a run; tabs and line ends are elements, since a space is all that they are within `w:t`."""
    looks = "".join([element for flag, element in _EMPHASES if flag in piece.emphasis])
    properties = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    text = f"{_TEXT}{escaped(piece.text)}</w:t>"
    for sign, element in (("\t", "<w:tab/>"), ("\n", "<w:br/>")):
        text = text.replace(sign, f"</w:t>{element}{_TEXT}")
    return f"<w:r>{properties}{text.replace(_NO_TEXT, '')}</w:r>"


def _note_ids(document: RichText) -> dict[int, tuple[str, int]]:
    ids: dict[int, tuple[str, int]] = {}
    counts = {"footnote": 0, "endnote": 0}
    for index, note in enumerate(document.notes):
        element = "endnote" if note.at_the_end else "footnote"
        counts[element] += 1
        ids[index] = (element, counts[element])
    return ids


def _notes(document: RichText, writing: _Writing, element: str) -> str:
    notes = [
        f'<w:{element} w:id="{writing.notes[index][1]}">{writing.blocks(note.blocks) or "<w:p/>"}</w:{element}>'
        for index, note in enumerate(document.notes)
        if writing.notes[index][0] == element
    ]
    separators = _SEPARATORS.format(element)
    return f"{_HEADER}<w:{element}s {_SPACES}>{separators}{''.join(notes)}</w:{element}s>"


def _numbering(lists: dict[int, dict[int, Numbering]]) -> str:
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{number}"><w:multiLevelType w:val="hybridMultilevel"/>'
        + "".join(_level(level, levels.get(level, Numbering.DECIMAL)) for level in range(9))
        + "</w:abstractNum>"
        for number, levels in sorted(lists.items())
    )
    used = "".join(
        f'<w:num w:numId="{number + 1}"><w:abstractNumId w:val="{number}"/></w:num>' for number in sorted(lists)
    )
    return f"{_HEADER}<w:numbering {_SPACES}>{abstract}{used}</w:numbering>"


def _level(level: int, numbering: Numbering) -> str:
    label = "\u2022" if numbering is Numbering.BULLET else f"%{level + 1}."
    indent = 360 * (level + 1)
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{numbering}"/><w:lvlText w:val="{label}"/>'
        f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{indent}" w:hanging="360"/></w:pPr></w:lvl>'
    )


def _id(name: str) -> str:
    return f"rId-{name.removesuffix('.xml')}"


def _kind(name: str) -> str:
    return name.removesuffix(".xml").rstrip("0123456789")


def _relationships(parts: Iterable[str]) -> str:
    entries = "".join(
        f'<Relationship Id="{_id(name)}" Type="{_OFFICE}/{_kind(name)}" Target="{name}"/>'
        for name in parts
        if name != "document.xml"
    )
    return f'{_HEADER}<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _content_types(parts: Iterable[str]) -> str:
    entries = "".join(
        f'<Override PartName="/word/{name}" ContentType="{_WORD_TYPE}.'
        f'{"document.main" if name == "document.xml" else _kind(name)}+xml"/>'
        for name in parts
    )
    return (
        f'{_HEADER}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{entries}</Types>'
    )
