"""DOCX: read by what Word shows, written anew with paragraphs, lists, tables, notes and headers only.

Rules:
1. The body, the headers and footers that some page shows, and the notes that the text refers to are read. Comments,
   properties, the glossary, data of forms and everything else in the file are not.
2. A file with macros is ACTIVE. What is embedded or linked stays behind, is counted, and leaves a sentence.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from lxml import etree

from gateway.minimise.documents.docx_lists import read_lists
from gateway.minimise.documents.docx_looks import read_styles
from gateway.minimise.documents.docx_parts import (
    Parts,
    child,
    child_value,
    descendants,
    read_parts,
    switch,
    tag_of,
    value,
)
from gateway.minimise.documents.docx_reading import Reading
from gateway.minimise.documents.docx_tables import read_table
from gateway.minimise.documents.docx_writing import (
    FIXED_PARTS,
    MEDIA_TYPE,
    OWN_NAMES,
    OWN_VALUES,
    parts_that_follow_from,
    write_docx,
)
from gateway.minimise.documents.model import Opened, Tools, Trouble, UnreadableError
from gateway.minimise.documents.rich_text import Block, Blocks, Left, Note, OpenedRichText, Place, RichText, Section
from gateway.minimise.documents.visible import WHITE, Colour, colour_of

_PLACES: Final = {str(place): place for place in Place}
_NOTE_PARTS: Final = {"w:footnoteReference": "footnotes", "w:endnoteReference": "endnotes"}
_SEPARATING: Final = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_BREAKS: Final = {"p": "\n", "br": "\n", "tab": "\t"}


def open_document(content: bytes, tools: Tools) -> Opened:
    """Read a file. Raises UnreadableError, and nothing else."""
    parts = read_parts(content, tools.limits)
    root = parts.xml(parts.main)
    body = child(root, "w:body")
    if root is None or tag_of(root) != "w:document" or body is None:
        raise UnreadableError(Trouble.DAMAGED)
    return OpenedRichText(
        document=_read(parts, root, body),
        write=write_docx,
        suffix=".docx",
        media_type=MEDIA_TYPE,
        left_behind=parts.left_behind,
    )


@dataclass(slots=True, kw_only=True)
class _Notes:
    """The notes of a document, and those that the text refers to, in that order."""

    elements: Mapping[tuple[str, str], etree._Element]
    """By element of the reference and id."""
    used: dict[tuple[str, str], int] = field(default_factory=dict)
    are_read: bool = False

    def refer(self, tag: str, name: str) -> int | None:
        """Give a note its number; none within notes, and none for a note that is not there."""
        if self.are_read or (tag, name) not in self.elements:
            return None
        return self.used.setdefault((tag, name), len(self.used))


def _read(parts: Parts, root: etree._Element, body: etree._Element) -> RichText:
    left_behind = parts.left_behind
    settings = parts.related("settings")
    _count_what_is_not_read(parts, settings)
    notes = _Notes(elements=_note_elements(parts))
    reading = Reading(
        styles=read_styles(parts.related("styles")),
        lists=read_lists(parts.related("numbering"), left_behind),
        left_behind=left_behind,
        refer=notes.refer,
        tables=read_table,
    )
    shows_ground = switch(settings, "w:displayBackgroundShape")
    ground = (colour_of(child_value(root, "w:background", "w:color")) or WHITE) if shows_ground else WHITE
    sections = tuple(_sections(parts, reading, body, ground, has_even=bool(switch(settings, "w:evenAndOddHeaders"))))
    notes.are_read = True
    read = tuple(
        Note(blocks=reading.story(notes.elements[tag, name], ground), at_the_end=tag == "w:endnoteReference")
        for tag, name in notes.used
    )
    left_behind[Left.HIDDEN_TEXT] += len(notes.elements) - len(read)
    left_behind[Left.EMBEDDED_OBJECTS] = max(left_behind[Left.EMBEDDED_OBJECTS], parts.embedded)
    return RichText(sections=sections, notes=read)


def _note_elements(parts: Parts) -> dict[tuple[str, str], etree._Element]:
    found: dict[tuple[str, str], etree._Element] = {}
    for kind in ("footnote", "endnote"):
        root = parts.related(f"{kind}s")
        for each in () if root is None else descendants(root, f"w:{kind}"):
            if value(each, "w:type") not in _SEPARATING:
                found[f"w:{kind}Reference", value(each, "w:id")] = each
    return found


# ---- Sections ------------------------------------------------------------------------------------------------------


def _sections(
    parts: Parts, reading: Reading, body: etree._Element, ground: Colour | None, *, has_even: bool
) -> Iterator[Section]:
    """Cut the body after each paragraph that ends a section, and read each with its headers and footers."""
    elements = list(_top_level(body))
    ends = [_section_end(each) for each in elements]
    has_first = any(switch(end, "w:titlePg") for end in ends)
    shown = {Place.DEFAULT, *([Place.FIRST] if has_first else []), *([Place.EVEN] if has_even else [])}
    blocks: list[Block] = []
    is_ended = False
    for element, end in zip(elements, ends, strict=True):
        if tag_of(element) != "w:sectPr":
            blocks += reading.block(element, ground)
            is_ended = False
        if end is not None:
            yield _section(parts, reading, blocks, end, shown)
            blocks, is_ended = [], True
    if not is_ended:
        yield Section(blocks=tuple(blocks))


def _top_level(parent: etree._Element) -> Iterator[etree._Element]:
    """Give what the body consists of; a content control only as a whole when no section ends in it."""
    for each in parent:
        content = child(each, "w:sdtContent") if tag_of(each) == "w:sdt" else None
        if content is not None and any(True for _ in descendants(content, "w:sectPr")):
            yield from _top_level(content)
        else:
            yield each


def _section_end(element: etree._Element) -> etree._Element | None:
    return element if tag_of(element) == "w:sectPr" else child(child(element, "w:pPr"), "w:sectPr")


def _section(
    parts: Parts, reading: Reading, blocks: list[Block], end: etree._Element, shown: AbstractSet[Place]
) -> Section:
    stories: dict[str, dict[Place, Blocks]] = {"header": {}, "footer": {}}
    for each in end:
        kind = tag_of(each).removeprefix("w:").removesuffix("Reference")
        if kind not in stories:
            continue
        place = _PLACES.get(value(each, "w:type"), Place.DEFAULT)
        _, name = parts.targets.get(value(each, "r:id"), ("", ""))
        root = parts.xml(name)
        if root is not None and place in shown:
            stories[kind][place] = reading.story(root)
        else:
            reading.left_behind[Left.HIDDEN_TEXT] += 1
    return Section(
        blocks=tuple(blocks),
        headers=stories["header"],
        footers=stories["footer"],
        landscape=child_value(end, "w:pgSz", "w:orient") == "landscape",
        continuous=child_value(end, "w:type") == "continuous",
    )


def _count_what_is_not_read(parts: Parts, settings: etree._Element | None) -> None:
    for kind, element in (("comments", "w:comment"), ("settings", "w:docVar")):
        root = settings if kind == "settings" else parts.related(kind)
        if root is not None:
            counted = Left.COMMENTS if kind == "comments" else Left.VARIABLES
            parts.left_behind[counted] += sum(1 for _ in descendants(root, element))


# ---- The second reading ----------------------------------------------------------------------------------------------


def second_text(content: bytes) -> str:
    """Give all text of a file that was written here, as expat reads it: of every part, with attributes and names.

    Left out is what can not come from any document: parts that are the same in every file or follow from the names of
    the parts, small numbers, and the few words that the writer puts in attributes.
    """
    lines: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        lines += [
            archive.comment.decode("utf-8", "replace"),
            *(each for each in names if not OWN_NAMES.fullmatch(each)),
        ]
        same_in_every_file = {*FIXED_PARTS, *parts_that_follow_from(names)}
        for name in names:
            part = archive.read(name).decode("utf-8")
            if part not in same_in_every_file:
                lines += _lines(ET.fromstring(part))  # noqa: S314 -- what we wrote ourselves, which has no DTD
    return "\n".join(line for line in lines if line)


def _lines(root: ET.Element) -> Iterator[str]:
    """Give the text of a part, a line for each paragraph; then every attribute that is not the writer's own."""
    text: list[str] = []
    attributes: list[str] = []
    for element in root.iter():
        text += (_BREAKS.get(element.tag.rpartition("}")[2], ""), element.text or "", element.tail or "")
        attributes += (each for each in element.attrib.values() if not OWN_VALUES.fullmatch(each))
    yield "".join(text).removeprefix("\n")
    yield from attributes
