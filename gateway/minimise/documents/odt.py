"""ODT: read by what LibreOffice shows, written anew with paragraphs, lists, tables, notes and headers only.

Rules:
1. The text, its notes, and the headers and footers of the pages that it uses are read. Comments, deleted text,
   metadata, scripts and everything else in the file are not.
2. A file with macros is ACTIVE. What is embedded or linked stays behind, is counted, and leaves a sentence.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from lxml import etree

from gateway.minimise.documents.looks import Look
from gateway.minimise.documents.model import Opened, Tools
from gateway.minimise.documents.odt_looks import Styles, list_labels, read_styles
from gateway.minimise.documents.odt_parts import MEDIA_TYPE, Parts, child, descendants, read_parts, value
from gateway.minimise.documents.odt_reading import Reading
from gateway.minimise.documents.odt_writing import FIXED_PARTS, OWN_NAMES, OWN_VALUES, write_odt
from gateway.minimise.documents.rich_text import Block, Blocks, Left, OpenedRichText, Place, RichText, Section
from gateway.minimise.documents.visible import WHITE

_PAGE: Final = Look(ground=WHITE)
_PLACES: Final = {"": Place.DEFAULT, "-left": Place.EVEN, "-first": Place.FIRST}
_BREAKS: Final = {"p": "\n", "h": "\n", "line-break": "\n", "tab": "\t"}


def open_document(content: bytes, tools: Tools) -> Opened:
    """Read a file. Raises UnreadableError, and nothing else."""
    parts = read_parts(content, tools.limits)
    common = child(parts.styles, "office:styles")
    in_text = child(parts.content, "office:automatic-styles")
    in_pages = child(parts.styles, "office:automatic-styles")
    reading = Reading(styles=read_styles(common, in_text), left_behind=parts.left_behind)
    parts.left_behind[Left.LIST_LABELS] += list_labels((common, in_text, in_pages))
    pages = _MasterPages(parts, read_styles(common, in_pages))
    sections = tuple(_sections(parts, reading, pages))
    return OpenedRichText(
        document=RichText(sections=sections, notes=tuple(reading.notes)),
        write=write_odt,
        suffix=".odt",
        media_type=MEDIA_TYPE,
        left_behind=parts.left_behind,
    )


def _sections(parts: Parts, reading: Reading, pages: "_MasterPages") -> Iterator[Section]:
    """Cut the text wherever a paragraph or table begins a page with another master."""
    blocks: list[Block] = []
    master = ""
    for element in parts.body:
        name = value(element, "text:style-name") or value(element, "table:style-name")
        begins = reading.styles.master_page(name)
        if begins and begins != master:
            if blocks:
                yield pages.section(master, reading, tuple(blocks))
                blocks = []
            master = begins
        blocks += reading.block(element, _PAGE)
    yield pages.section(master, reading, tuple(blocks))


class _MasterPages:
    """The headers and footers of a document, by the name of their master page."""

    def __init__(self, parts: Parts, styles: Styles) -> None:
        masters = child(parts.styles, "office:master-styles")
        found = [] if masters is None else descendants(masters, "style:master-page")
        self._masters = {value(each, "style:name"): each for each in found}
        layouts = [] if parts.styles is None else descendants(parts.styles, "style:page-layout")
        self._layouts = {value(each, "style:name"): each for each in layouts}
        self._styles = styles

    def section(self, name: str, reading: Reading, blocks: Blocks) -> Section:
        """Give a section on pages of that name, or of the standard one."""
        master = self._masters.get(name or "Standard")
        if master is None:
            return Section(blocks=blocks)
        text_styles, reading.styles = reading.styles, self._styles
        following = self._masters.get(value(master, "style:next-style-name"))
        stories = {kind: self._stories(kind, master, following, reading) for kind in ("header", "footer")}
        reading.styles = text_styles
        layout = self._layouts.get(value(master, "style:page-layout-name"))
        orientation = value(child(layout, "style:page-layout-properties"), "style:print-orientation")
        return Section(
            blocks=blocks,
            headers=stories["header"],
            footers=stories["footer"],
            landscape=orientation == "landscape",
        )

    def _stories(
        self, kind: str, master: etree._Element, following: etree._Element | None, reading: Reading
    ) -> dict[Place, Blocks]:
        found: dict[Place, Blocks] = {}
        for suffix, place in _PLACES.items():
            self._read(child(master, f"style:{kind}{suffix}"), place, found, reading)
        if following is not None and following is not master:
            if Place.DEFAULT in found:
                found.setdefault(Place.FIRST, found.pop(Place.DEFAULT))
            for suffix, place in _PLACES.items():
                if place not in found:
                    self._read(child(following, f"style:{kind}{suffix}"), place, found, reading)
        return found

    def _read(self, element: etree._Element | None, place: Place, found: dict[Place, Blocks], reading: Reading) -> None:
        if element is None:
            return
        if value(element, "style:display") == "false":
            reading.left_behind[Left.HIDDEN_TEXT] += len(element) > 0
        else:
            found[place] = tuple(reading.blocks(element, _PAGE))


# ---- The second reading ----------------------------------------------------------------------------------------------


def second_text(content: bytes) -> str:
    """Give all text of a file that was written here, as expat reads it: of every part, with attributes and names.

    Left out is what can not come from any document: parts that are the same in every file, small numbers, and the few
    words that the writer puts in attributes.
    """
    lines: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        lines += [
            archive.comment.decode("utf-8", "replace"),
            *(each for each in names if not OWN_NAMES.fullmatch(each)),
        ]
        for name in names:
            part = archive.read(name).decode("utf-8")
            if part not in FIXED_PARTS:
                root = ET.fromstring(part)  # noqa: S314 -- what we wrote ourselves, which has no DTD
                text: list[str] = []
                _collect(root, text, lines)
                lines.append("".join(text).removeprefix("\n"))
                lines += (
                    each
                    for element in root.iter()
                    for each in element.attrib.values()
                    if not OWN_VALUES.fullmatch(each)
                )
    return "\n".join(line for line in lines if line)


def _collect(element: ET.Element, text: list[str], notes: list[str]) -> None:
    """Read an element's text; that of a note is a text of its own, or it would cut the paragraph that refers to it."""
    name = element.tag.rpartition("}")[2]
    if name == "note":
        body: list[str] = []
        for each in element.iter():
            if each.tag.endswith("}note-body"):
                _collect(each, body, notes)
        notes.append("".join(body).removeprefix("\n"))
        return
    text.append(" " * int(next(iter(element.attrib.values()), "1")) if name == "s" else _BREAKS.get(name, ""))
    text.append(element.text or "")
    for each in element:
        _collect(each, text, notes)
        text.append(each.tail or "")
