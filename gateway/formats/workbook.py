"""Reads a workbook (XLSX, ECMA-376) as what people see of it: the visible sheets, cell by cell, as values.

Rules, in order:
1. A workbook by its content types, without macros, embedded objects, or links that start another program: those make it
   ACTIVE. Parts are found by their relationships alone, the way every program finds them.
2. Only the parts `workbook`, `sharedStrings`, `styles`, `theme` and the visible worksheets are read. Every other part
   is counted by kind, and never opened but to see whether it starts a program.
3. A sheet that is hidden, or hidden so that no menu shows it, is counted and not read.
4. What is in a sheet: `gateway.formats.workbook_sheet`.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from gateway.formats.areas import MAX_CELLS, MAX_CHARACTERS, Room
from gateway.formats.hardened_xml import XmlFaultError, parse_xml
from gateway.formats.unreadable import Trouble, UnreadableError
from gateway.formats.workbook_sheet import Sheet, SheetSource, read_sheet, shared_texts, unescaped
from gateway.formats.workbook_styles import Styles, read_styles

_MAX_SHEETS: Final = 1_000
_MAX_RELATIONS: Final = 10_000
_WORKBOOK_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_ACTIVE_TYPE = re.compile(
    r"macro|vba|activex|ole-?object|dialogsheet|attachedtoolbars|\.package\Z|signed", re.IGNORECASE
)
_ACTIVE_PART = re.compile(r"vbaproject|/embeddings/|/activex/|/macrosheets/|/dialogsheets/|/ctrlprops/", re.IGNORECASE)
_STARTS_PROGRAM = re.compile(rb"<(?:\w+:)?(?:ddeLink|oleLink)\b")
_KINDS: Final = (
    (re.compile(r"/(?:threadedcomments?|comments?|persons?)\b", re.IGNORECASE), "comments"),
    (re.compile(r"/pivotcache/", re.IGNORECASE), "pivot-caches"),
    (re.compile(r"/pivottables/", re.IGNORECASE), "pivot-tables"),
    (re.compile(r"/externallinks/", re.IGNORECASE), "external-links"),
    (re.compile(r"/(?:media|drawings|diagrams|charts|chartsheets)/", re.IGNORECASE), "drawings"),
    (re.compile(r"/tables/", re.IGNORECASE), "tables"),
    (re.compile(r"^/docprops/", re.IGNORECASE), "properties"),
    (re.compile(r"/(?:connections\.xml|querytables/)", re.IGNORECASE), "connections"),
    (re.compile(r"/printersettings/", re.IGNORECASE), "printer-settings"),
    (re.compile(r"/_rels/|^/\[content_types\]\.xml\Z|/calcchain\.xml\Z", re.IGNORECASE), ""),
)
_SHEET_KINDS: Final = {"worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """The visible sheets in order, and a count by kind of what is not among them."""

    sheets: tuple[Sheet, ...]
    left_behind: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Relation:
    """What one part says of another: its kind is the last word of the type, its target the part's name."""

    kind: str
    target: str
    is_outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Main:
    """The part `workbook`, and what it points to."""

    name: str
    root: etree._Element
    relations: Mapping[str, _Relation]

    def related(self, kind: str) -> str | None:
        """Give the part of this kind; of two the file is damaged."""
        found = {each.target for each in self.relations.values() if each.kind == kind and not each.is_outside}
        if len(found) > 1:
            raise UnreadableError(Trouble.DAMAGED)
        return found.pop() if found else None


def read_workbook(parts: Mapping[str, bytes]) -> Workbook:
    """Read a workbook out of the members of its zip, which a guard has checked. Raises UnreadableError only."""
    try:
        return _read(parts)
    except XmlFaultError as error:
        raise UnreadableError(Trouble.ACTIVE if error.doctype else Trouble.DAMAGED) from None
    except (ValueError, LookupError, OverflowError):
        # Numbers that are none, and styles, texts or parts that are not there.
        raise UnreadableError(Trouble.DAMAGED) from None


def _read(parts: Mapping[str, bytes]) -> Workbook:
    _check_types(parts)
    main = _main(parts)
    used = {main.name}
    styles = _styles(parts, main, used)
    strings = main.related("sharedStrings")
    texts = shared_texts(parts[strings], styles, most=MAX_CELLS) if strings else []
    used |= {strings or ""}
    properties = main.root.find("{*}workbookPr")
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    left_behind = Counter({"names": len(main.root.findall("{*}definedNames/{*}definedName"))})
    sheets: list[Sheet] = []
    room = Room(cells=MAX_CELLS, characters=MAX_CHARACTERS)
    for name, part in _visible_sheets(main, left_behind, used):
        source = SheetSource(styles=styles, texts=texts, from_1904=from_1904, room=room)
        sheets.append(read_sheet(parts[part], name=unescaped(name), source=source))
        left_behind.update(sheets[-1].unseen)
    _count_parts(parts, used, left_behind)
    return Workbook(sheets=tuple(sheets), left_behind=+left_behind)


# ---- Parts ---------------------------------------------------------------------------------------------------------


def _check_types(parts: Mapping[str, bytes]) -> None:
    types = parse_xml(parts["[Content_Types].xml"])
    declared = [each.get("ContentType", "") for each in types]
    names = [f"/{name}" for name in parts]
    if any(map(_ACTIVE_TYPE.search, declared)) or any(map(_ACTIVE_PART.search, names)):
        raise UnreadableError(Trouble.ACTIVE)
    if declared.count(_WORKBOOK_TYPE) != 1:
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    for name in parts:
        if "/externallinks/" in f"/{name}".casefold() and _STARTS_PROGRAM.search(parts[name]):
            raise UnreadableError(Trouble.ACTIVE)


def _main(parts: Mapping[str, bytes]) -> _Main:
    starts = [each for each in _relations(parts, "").values() if each.kind == "officeDocument"]
    if len(starts) != 1 or starts[0].is_outside:
        raise UnreadableError(Trouble.DAMAGED)
    name = starts[0].target
    root = parse_xml(parts[name])
    if etree.QName(root).localname != "workbook":
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    return _Main(name=name, root=root, relations=_relations(parts, name))


def _relations(parts: Mapping[str, bytes], part: str) -> dict[str, _Relation]:
    folder, name = posixpath.split(part)
    content = parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    if content is None:
        return {}
    elements = parse_xml(content).findall("{*}Relationship")
    if len(elements) > _MAX_RELATIONS:
        raise UnreadableError(Trouble.TOO_LARGE)
    relations = {each.get("Id", ""): _relation(each, folder) for each in elements}
    if len(relations) != len(elements):
        raise UnreadableError(Trouble.DAMAGED)
    return relations


def _relation(element: etree._Element, folder: str) -> _Relation:
    target = element.get("Target", "")
    path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
    return _Relation(
        kind=element.get("Type", "").rsplit("/", 1)[-1],
        target=path,
        is_outside=element.get("TargetMode") == "External",
    )


def _styles(parts: Mapping[str, bytes], main: _Main, used: set[str]) -> Styles:
    names = main.related("styles"), main.related("theme")
    used |= {name for name in names if name}
    styles, theme = (parse_xml(parts[name]) if name else None for name in names)
    return read_styles(styles, theme)


def _visible_sheets(main: _Main, left_behind: Counter[str], used: set[str]) -> list[tuple[str, str]]:
    """Give the name and part of each visible worksheet, and count the others."""
    visible: list[tuple[str, str]] = []
    sheets = main.root.findall("{*}sheets/{*}sheet")
    if len(sheets) > _MAX_SHEETS:
        raise UnreadableError(Trouble.TOO_LARGE)
    for each in sheets:
        relation = main.relations[_relation_id(each)]
        if relation.kind not in _SHEET_KINDS or relation.is_outside or relation.target in used:
            raise UnreadableError(Trouble.DAMAGED)
        used.add(relation.target)
        if each.get("state", "visible") != "visible":
            left_behind["hidden-sheets"] += 1
        elif relation.kind == "worksheet":
            visible.append((each.get("name", ""), relation.target))
        else:
            left_behind["drawings"] += 1
    return visible


def _relation_id(sheet: etree._Element) -> str:
    found = [value for key, value in sheet.items() if str(key).endswith("}id")]
    if len(found) != 1:
        raise UnreadableError(Trouble.DAMAGED)
    return str(found[0])


def _count_parts(parts: Mapping[str, bytes], used: set[str], left_behind: Counter[str]) -> None:
    for name in parts:
        if name not in used:
            kind = next((kind for pattern, kind in _KINDS if pattern.search(f"/{name}")), "other-parts")
            left_behind.update({kind: 1} if kind else {})
