"""Reads a spreadsheet of LibreOffice (ODS, OpenDocument 1.3) as what people see of it: the visible sheets, as values.

Rules, in order:
1. An ODS by its first member, not encrypted, without macros, scripts, forms that call any, or embedded objects other
   than charts.
2. Only `content.xml` and `styles.xml` are read. Everything else is counted by kind.
3. Not seen are hidden sheets, rows, columns and groups, cells under merged ones, white or tiny text, what a condition
   may hide, and a value whose shown text is empty, which is how `;;;` is saved. It is counted and given to nobody.
4. A number is its value, unless it is shown with zeros, blanks or dashes of its own, as telephone numbers are; a date
   and a time are ISO 8601. Notes, shapes, fields and links within a cell are no part of it.
5. Repeated rows and cells count as often as they are repeated.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lxml import etree

from gateway.formats.areas import MAX_CELLS, MAX_CHARACTERS, Area, Cell, Room, cells_outside
from gateway.formats.hardened_xml import XmlFaultError, forget, parse_xml, xml_events
from gateway.formats.number_formats import built_in
from gateway.minimise.documents.model import Trouble, UnreadableError
from gateway.minimise.documents.ods_styles import Look, Looks

MIMETYPE: Final = "application/vnd.oasis.opendocument.spreadsheet"
_MAX_SHEETS: Final = 1_000
_MOST_BLANKS: Final = 40
_MAX_STEPS: Final = 1_000_000
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_CHART: Final = "application/vnd.oasis.opendocument.chart"
_OBJECT: Final = "application/vnd.oasis.opendocument."
_SCRIPT_FOLDERS = re.compile(r"(?:Basic|Scripts|Dialogs)/", re.IGNORECASE)
_OPENS_PROGRAM: Final = frozenset(
    {"script", "event-listener", "dde-link", "dde-source", "plugin", "applet", "object-ole"}
)
_COUNTED: Final = {
    "content-validation": "validations",
    "named-range": "names",
    "named-expression": "names",
    "database-range": "names",
    "data-pilot-table": "pivot-tables",
    "table-source": "external-links",
    "cell-range-source": "external-links",
    "tracked-changes": "tracked-changes",
    "annotation": "comments",
    "shapes": "drawings",
    "frame": "drawings",
    "custom-shape": "drawings",
    "scenario": "scenarios",
}
_KINDS: Final = (
    (re.compile(r"(?:Pictures|Object [^/]*|ObjectReplacements|media)/"), "drawings"),
    (re.compile(r"(?:meta\.xml|manifest\.rdf|Thumbnails/.*)\Z"), "properties"),
    (re.compile(r"(?:mimetype|content\.xml|styles\.xml|settings\.xml|META-INF/manifest\.xml)\Z"), ""),
    (re.compile(r"Configurations2/"), ""),
    (re.compile(r"META-INF/.*signatures"), "signatures"),
)
_GROUPS: Final = frozenset({"table-row-group", "table-column-group"})
_READ: Final = ("style", "default-style", "table", "table-column", "table-row", "conditional-format", *_GROUPS)
_DATE = re.compile(r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?Z?)?\Z")
_TIME = re.compile(r"-?PT(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:[.,][0-9]+)?S)?\Z")
_SPACED_DIGITS = re.compile(r"[0-9 ()/+-]+\Z")
_SPACES = re.compile(r"[ \t\r\n]+")
_RANGE = re.compile(r"\.\$?([A-Z]{1,3})\$?([0-9]{1,7})")


class OdsSheet(NamedTuple):
    """What people see of one sheet."""

    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class OdsContent:
    """The visible sheets in order, and a count by kind of what is not among them."""

    sheets: Sequence[OdsSheet] = field(repr=False)
    left_behind: Mapping[str, int]


def read_ods(parts: Mapping[str, bytes]) -> OdsContent:
    """Read the members of a zip that a guard has checked. Raises UnreadableError only."""
    try:
        _check_kind(parts)
        looks = _common_looks(parts)
        reading = _Reading(looks)
        tags = tuple(f"{{*}}{tag}" for tag in {*_READ, *_COUNTED, *_OPENS_PROGRAM})
        for event, element in xml_events(parts["content.xml"], events=("start", "end"), tags=tags):
            reading.take(event, element)
    except XmlFaultError as error:
        raise UnreadableError(Trouble.ACTIVE if error.doctype else Trouble.DAMAGED) from None
    except (ValueError, LookupError, OverflowError):
        raise UnreadableError(Trouble.DAMAGED) from None
    left_behind = reading.unseen
    for name in parts:
        kind = next((kind for pattern, kind in _KINDS if pattern.match(name)), "other-parts")
        left_behind.update({kind: 1} if kind else {})
    return OdsContent(sheets=reading.sheets, left_behind=+left_behind)


def _common_looks(parts: Mapping[str, bytes]) -> Looks:
    looks = Looks()
    if "styles.xml" in parts:
        tags = ("{*}style", "{*}default-style")
        for _, element in xml_events(parts["styles.xml"], events=("end",), tags=tags):
            looks.add(element)
            forget(element)
    return looks


def _check_kind(parts: Mapping[str, bytes]) -> None:
    if next(iter(parts), "") != "mimetype" or parts["mimetype"].strip() != MIMETYPE.encode():
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    if any(map(_SCRIPT_FOLDERS.match, parts)):
        raise UnreadableError(Trouble.ACTIVE)
    for entry in parse_xml(parts["META-INF/manifest.xml"]).iter("{*}file-entry"):
        if entry.find("{*}encryption-data") is not None:
            raise UnreadableError(Trouble.ENCRYPTED)
        said = {etree.QName(str(key)).localname: str(value) for key, value in entry.items()}
        media_type, path = said.get("media-type", ""), said.get("full-path", "")
        embedded = media_type.startswith(_OBJECT) and path.strip("/") and not media_type.startswith(_CHART)
        if embedded or "ole" in media_type or "script" in media_type:
            raise UnreadableError(Trouble.ACTIVE)


class _Columns:
    """The columns of a sheet: hidden ones, and the style of cells that say none."""

    def __init__(self) -> None:
        self.count = 0
        self._hidden: set[int] = set()
        self._lasts: list[int] = []
        self._styles: list[str] = []

    def add(self, repeated: int, *, hidden: bool, style: str) -> None:
        """Take so many columns. Raises UnreadableError beyond the last one that there can be."""
        if self.count + repeated > _LAST_COLUMN:
            raise UnreadableError(Trouble.DAMAGED)
        if hidden:
            self._hidden.update(range(self.count + 1, self.count + repeated + 1))
        self.count += repeated
        self._lasts.append(self.count)
        self._styles.append(style)

    def is_hidden(self, column: int) -> bool:
        """Tell whether a column is hidden."""
        return column in self._hidden

    def style(self, column: int) -> str:
        """Give the style of cells in a column that say none."""
        at = bisect_left(self._lasts, column)
        return self._styles[at] if at < len(self._styles) else ""


class _Reading:
    """Content that is being read."""

    def __init__(self, looks: Looks) -> None:
        self.sheets: list[OdsSheet] = []
        self.unseen: Counter[str] = Counter()
        self._looks = looks
        self._is_in_table = False
        self._steps = 0
        self._is_hidden_sheet = False
        self._hidden_groups = 0
        self._name = ""
        self._columns = _Columns()
        self._row = 0
        self._room = Room(cells=MAX_CELLS, characters=MAX_CHARACTERS)
        self._found: list[tuple[Cell, str]] = []
        self._areas: list[Area[str]] = []

    def take(self, event: str, element: etree._Element) -> None:
        """Take an element that begins or has ended."""
        tag = etree.QName(element).localname
        if tag in _OPENS_PROGRAM:
            raise UnreadableError(Trouble.ACTIVE)
        if tag in _GROUPS:
            hidden = _said(element, "display") == "false"
            self._hidden_groups += hidden if event == "start" else -hidden
        elif tag == "table":
            self._take_table(event, element)
        elif event == "end":
            self._take_whole(tag, element)

    def _take_table(self, event: str, element: etree._Element) -> None:
        if event == "start":
            if self._is_in_table:
                # A table within a cell or a shape: nothing that programs show.
                raise UnreadableError(Trouble.DAMAGED)
            self._begin_sheet(element)
        else:
            self._end_sheet()
            forget(element)
        self._is_in_table = event == "start"

    def _begin_sheet(self, element: etree._Element) -> None:
        if len(self.sheets) >= _MAX_SHEETS:
            raise UnreadableError(Trouble.TOO_LARGE)
        self._name = _said(element, "name")
        look = self._looks.of("table", _said(element, "style-name"))
        self._is_hidden_sheet = bool(look.hides) or _said(element, "display") == "false"
        self._columns, self._row, self._hidden_groups = _Columns(), 0, 0
        self._found, self._areas = [], []

    def _end_sheet(self) -> None:
        if self._is_hidden_sheet:
            self.unseen["hidden-sheets"] += 1
            return
        cells = tuple(cells_outside(self._found, self._areas, self.unseen))
        self.sheets.append(OdsSheet(self._name, cells))

    def _take_whole(self, tag: str, element: etree._Element) -> None:
        if tag in ("style", "default-style"):
            self._looks.add(element)
            forget(element)
        elif tag in _COUNTED:
            self.unseen[_COUNTED[tag]] += 1
        elif tag == "table-column":
            self._take_column(element)
        elif tag == "table-row":
            self._take_row(element)
            forget(element)
        elif tag == "conditional-format":
            self._take_conditions(element)

    def _take_column(self, element: etree._Element) -> None:
        hidden = (
            _said(element, "visibility") in ("collapse", "filter")
            or self._hidden_groups > 0
            or self._looks.is_folded("table-column", _said(element, "style-name"))
        )
        style = _said(element, "default-cell-style-name")
        self._columns.add(_repeated(element, "number-columns-repeated"), hidden=hidden, style=style)

    def _take_row(self, element: etree._Element) -> None:
        repeated = _repeated(element, "number-rows-repeated")
        first = self._row + 1
        self._row += repeated
        if self._row > _LAST_ROW:
            raise UnreadableError(Trouble.DAMAGED)
        hidden = (
            _said(element, "visibility") in ("collapse", "filter")
            or self._hidden_groups > 0
            or self._looks.is_folded("table-row", _said(element, "style-name"))
        )
        cells = list(self._cells(element, _said(element, "default-cell-style-name")))
        if self._is_hidden_sheet or not cells:
            return
        for cell, _ in cells:
            self._room.take(cell.text, repeated)
        if hidden:
            self.unseen.update({"hidden-rows": repeated, "hidden-cells": repeated * len(cells)})
            return
        for row in range(first, first + repeated):
            self._found += ((cell._replace(row=row), style) for cell, style in cells)

    def _cells(self, row: etree._Element, row_style: str) -> Iterator[tuple[Cell, str]]:
        """Give the filled cells of a row that are seen, as if it were row 1, and count the others."""
        column = 0
        for element in row.iterchildren("{*}table-cell", "{*}covered-table-cell"):
            first = column + 1
            column += _repeated(element, "number-columns-repeated")
            if column > _LAST_COLUMN:
                raise UnreadableError(Trouble.DAMAGED)
            if len(element) or _said(element, "value-type"):
                style = _said(element, "style-name") or row_style or self._columns.style(first)
                yield from self._filled(element, range(first, column + 1), style)

    def _filled(self, element: etree._Element, columns: range, style: str) -> Iterator[tuple[Cell, str]]:
        text, is_number, is_hidden = self._value(element, self._looks.of("table-cell", style))
        self.unseen["invisible-text"] += is_hidden
        self.unseen["formulas"] += bool(_said(element, "formula"))
        if not text:
            return
        self._steps += len(columns)
        if self._steps > _MAX_STEPS:
            raise UnreadableError(Trouble.TOO_LARGE)
        is_covered = etree.QName(element).localname == "covered-table-cell"
        for column in columns:
            if is_covered or self._columns.is_hidden(column):
                self.unseen["hidden-cells"] += 1
            elif self._looks.hides_cell(style):
                self.unseen["invisible-text"] += 1
            else:
                yield Cell(1, column, text, is_number), style

    def _value(self, element: etree._Element, look: Look) -> tuple[str, bool, bool]:
        """Give what is shown, whether it is a plain number, and whether something of it is hidden."""
        lines = element.findall("{*}p")
        pieces = [_Text(self._looks, look).of(line) for line in lines]
        shown = "\n".join(text for text, _ in pieces)
        hidden = any(each for _, each in pieces)
        kind = _said(element, "value-type")
        if kind in ("", "string"):
            value = _said(element, "string-value")
            if not lines:
                return value, False, False
            return shown, False, hidden or bool(value.strip() and value.strip() != shown.strip())
        if lines and not shown.strip():
            return "", False, True
        text, is_number = _number(kind, element, shown)
        return text, is_number, hidden

    def _take_conditions(self, element: etree._Element) -> None:
        self.unseen["conditional-formats"] += 1
        squares = _said(element, "target-range-address")
        corners = [_corner(found) for found in _RANGE.finditer(squares)]
        if len(corners) == 1:
            corners *= 2
        if len(corners) % 2:
            raise UnreadableError(Trouble.DAMAGED)
        names = [_said(each, "apply-style-name") for each in element.iter("{*}condition", "{*}date-is")]
        for (top, left), (bottom, right) in zip(corners[::2], corners[1::2], strict=True):
            for name in names:
                self._areas.append(Area(top, left, bottom, right, self._hider(name)))

    def _hider(self, condition: str) -> "_Hider":
        return _Hider(self._looks, condition)


@dataclass(frozen=True, slots=True)
class _Hider:
    """Tells of the style of a cell whether a condition's style would hide it."""

    looks: Looks
    condition: str

    def __call__(self, style: str) -> bool:
        return self.looks.hides_under_condition(self.condition, self.looks.of("table-cell", style))


@dataclass(frozen=True, slots=True)
class _Text:
    """Reads the text of a paragraph: what is written, blanks, tabs and line ends; nothing else that may stand there."""

    looks: Looks
    look: Look

    def of(self, element: etree._Element) -> tuple[str, bool]:
        """Give what is seen, and whether something is not."""
        parts = [_SPACES.sub(" ", element.text or "")]
        hidden = False
        for each in element.iterchildren("*"):
            tag = etree.QName(each).localname
            if tag == "s":
                parts.append(" " * min(_repeated(each, "c"), _MOST_BLANKS))
            elif tag in ("tab", "line-break"):
                parts.append("\t" if tag == "tab" else "\n")
            elif tag in ("span", "a"):
                text, inner = self.of(each)
                is_hidden = tag == "span" and self.looks.hides_run(_said(each, "style-name"), self.look)
                hidden |= inner or (is_hidden and bool(text.strip()))
                parts.append("" if is_hidden else text)
            else:
                hidden |= tag != "annotation"
            parts.append(_SPACES.sub(" ", each.tail or ""))
        return "".join(parts), hidden


def _number(kind: str, element: etree._Element, shown: str) -> tuple[str, bool]:
    if kind == "date":
        value = _said(element, "date-value")
        if not _DATE.match(value):
            raise UnreadableError(Trouble.DAMAGED)
        return value, False
    if kind == "time":
        return _time(_said(element, "time-value")), False
    if kind == "boolean":
        return _said(element, "boolean-value").upper(), False
    if kind not in ("float", "percentage", "currency"):
        raise UnreadableError(Trouble.DAMAGED)
    plain, _ = built_in(0).number_text(_said(element, "value"))
    shown = shown.strip()
    digits = "".join(re.findall("[0-9]", shown))
    is_spelled = bool(_SPACED_DIGITS.match(shown)) and shown != plain and digits.lstrip("0") == plain.lstrip("-0")
    if shown and (not digits or is_spelled):
        return shown, False
    return plain, True


def _time(value: str) -> str:
    found = _TIME.match(value)
    if found is None:
        raise UnreadableError(Trouble.DAMAGED)
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def _corner(found: re.Match[str]) -> tuple[int, int]:
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _said(element: etree._Element, name: str) -> str:
    """Give an attribute by its local name, of the tables' and the office's namespace before those of extensions."""
    for key, value in element.items():
        namespace, _, local = str(key).rpartition("}")
        if local == name and "calcext" not in namespace:
            return str(value)
    return next((str(value) for key, value in element.items() if str(key).endswith(f"}}{name}")), "")


def _repeated(element: etree._Element, name: str) -> int:
    count = int(_said(element, name) or 1)
    if not 1 <= count <= _LAST_ROW:
        raise UnreadableError(Trouble.DAMAGED)
    return count
