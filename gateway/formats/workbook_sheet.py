"""Reads one sheet of a workbook: what people see of it, and a count of what they do not (ECMA-376 part 1, 18.3).

Rules, in order:
1. Rows and cells go on: one that stands before another, or twice, makes the file damaged. At most so many cells.
2. A cell is its value: of a formula the one that was calculated last, never the formula. One that was never calculated
   has none.
3. Not seen are hidden rows and columns, those too narrow to show anything, white or tiny text, what a number format
   hides, what a condition may hide, and what lies under a merged cell. It is counted and given to nobody.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lxml import etree

from gateway.formats.areas import Area, Cell, Room, cells_outside
from gateway.formats.hardened_xml import forget, xml_events
from gateway.formats.unreadable import Trouble, UnreadableError
from gateway.formats.workbook_styles import PLAIN, CellStyle, ConditionalStyle, Ink, Styles, read_conditional, read_ink

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})\Z")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_TRUE: Final = frozenset({"1", "true", "on"})
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_NARROWEST: Final = 1.0
"""Characters; a narrower column shows no letter."""
_LOWEST: Final = 2.0
"""Points."""
_COUNTED: Final = {
    "dataValidation": "validations",
    "hyperlink": "links",
    "headerFooter": "headers-and-footers",
    "legacyDrawing": "comments",
    "oleObject": "objects",
    "control": "objects",
    "protectedRange": "protected-ranges",
    "scenario": "scenarios",
}
_READ_TAGS: Final = ("worksheet", "sheetFormatPr", "col", "row", "mergeCell", "conditionalFormatting", *_COUNTED)


_TEXTS: Final = ("s", "inlineStr", "str")


class Run(NamedTuple):
    """A piece of a text, and how it is written; `ink` is None when as the cell."""

    text: str
    ink: Ink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What people see of one sheet, row by row; `unseen` counts what they do not, by kind."""

    name: str = field(repr=False)
    cells: Sequence[Cell] = field(repr=False)
    unseen: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSource:
    """What a sheet is read with; `texts` are the shared ones."""

    styles: Styles
    texts: Sequence[tuple[Run, ...]] = field(repr=False)
    from_1904: bool
    room: Room


def read_sheet(content: bytes, *, name: str, source: SheetSource) -> Sheet:
    """Read a worksheet. Raises UnreadableError, XmlFaultError, and ValueError or LookupError for what is no sheet."""
    reading = _Reading(source)
    tags = tuple(f"{{*}}{tag}" for tag in _READ_TAGS)
    for event, element in xml_events(content, events=("start", "end"), tags=tags):
        tag = etree.QName(element).localname
        if event == "start":
            if tag == "worksheet":
                reading.begun = reading.begun or element.getparent() is None
            continue
        reading.take(tag, element)
        if tag != "worksheet":
            forget(element)
    if not reading.begun:
        raise UnreadableError(Trouble.DAMAGED)
    cells = list(cells_outside(reading.found, reading.areas, reading.unseen))
    return Sheet(name=name, cells=cells, unseen=reading.unseen)


def shared_texts(content: bytes, styles: Styles, *, most: int) -> list[tuple[Run, ...]]:
    """Read the part `sharedStrings`. Raises as `read_sheet`."""
    texts: list[tuple[Run, ...]] = []
    for _, element in xml_events(content, events=("end",), tags=("{*}si",)):
        if len(texts) >= most:
            raise UnreadableError(Trouble.TOO_LARGE)
        texts.append(runs_of(element, styles))
        forget(element)
    return texts


def runs_of(element: etree._Element, styles: Styles) -> tuple[Run, ...]:
    """Read a text with its runs; readings in small letters above it (phonetic runs) are none of it."""
    runs: list[Run] = []
    for each in element.iterchildren("*"):
        tag = each.tag[each.tag.rfind("}") + 1 :]
        if tag == "t":
            runs.append(Run(unescaped(each.text or ""), None))
        elif tag == "r":
            properties = each.find("{*}rPr")
            ink = read_ink(properties, styles.colours) if properties is not None else None
            runs.append(Run("".join(unescaped(text.text or "") for text in each.iterfind("{*}t")), ink))
    return tuple(runs)


def unescaped(text: str) -> str:
    """Write out `_x0041_`, by which a file can spell any character (ECMA-376 part 1, 22.9.2.19).

    A line ends in a line feed; other control characters become a space, since no XML can hold them.
    """
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        # Two of them can spell one character; half a character alone spells none.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


class _Reading:
    """A sheet that is being read."""

    def __init__(self, source: SheetSource) -> None:
        self.begun = False
        self.found: list[tuple[Cell, CellStyle]] = []
        self.areas: list[Area[CellStyle]] = []
        self.unseen: Counter[str] = Counter()
        self._source = source
        self._hidden_columns: set[int] = set()
        self._rows_are_hidden = False
        self._narrow = False
        self._seen_columns: set[int] = set()
        self._row = 0

    def take(self, tag: str, element: etree._Element) -> None:
        """Take an element that has ended."""
        if tag == "row":
            parent = element.getparent()
            if parent is not None and etree.QName(parent).localname == "sheetData":
                self._take_row(element)
        elif tag == "sheetFormatPr":
            height = float(element.get("defaultRowHeight", "15"))
            self._rows_are_hidden = element.get("zeroHeight") in _TRUE or height < _LOWEST
            self._narrow = float(element.get("defaultColWidth", "9")) < _NARROWEST
        elif tag == "col":
            self._take_column(element)
        elif tag == "mergeCell":
            self.areas += (Area(*each, None) for each in _areas(element.get("ref", "")))
        elif tag == "conditionalFormatting":
            self._take_conditions(element)
        elif tag in _COUNTED:
            self.unseen[_COUNTED[tag]] += 1

    def _take_column(self, element: etree._Element) -> None:
        first, last = int(element.get("min", "0")), int(element.get("max", "0"))
        if not 1 <= first <= last <= _LAST_COLUMN:
            raise UnreadableError(Trouble.DAMAGED)
        hidden = element.get("hidden") in _TRUE or float(element.get("width", "9")) < _NARROWEST
        columns = range(first, last + 1)
        self._seen_columns.update(columns)
        if hidden:
            self._hidden_columns.update(columns)

    def _take_row(self, element: etree._Element) -> None:
        number = int(element.get("r", self._row + 1))
        if not self._row < number <= _LAST_ROW:
            raise UnreadableError(Trouble.DAMAGED)
        self._row = number
        hidden = self._is_hidden_row(element)
        column = filled = 0
        cell_tag = element.tag[: -len("row")] + "c"
        for each in element.iterchildren(cell_tag):
            column = self._column(each, column)
            filled += self._take_cell(each, column, row_is_hidden=hidden)
        self.unseen.update({"hidden-rows": 1} if hidden and filled else {})

    def _is_hidden_row(self, element: etree._Element) -> bool:
        hidden, height = element.get("hidden"), element.get("ht")
        if hidden is not None:
            return hidden in _TRUE or float(height or "15") < _LOWEST
        return float(height) < _LOWEST if height is not None else self._rows_are_hidden

    def _column(self, cell: etree._Element, before: int) -> int:
        reference = cell.get("r")
        if reference is None:
            column = before + 1
        else:
            row, column = _place(reference)
            if row != self._row:
                raise UnreadableError(Trouble.DAMAGED)
        if not before < column <= _LAST_COLUMN:
            raise UnreadableError(Trouble.DAMAGED)
        return column

    def _take_cell(self, element: etree._Element, column: int, *, row_is_hidden: bool) -> bool:
        """Read one cell; tell whether there is anything in it."""
        parts = {each.tag[each.tag.rfind("}") + 1 :]: each for each in element.iterchildren("*")}
        if not parts:
            return False
        style = self._style(element)
        text, is_number, seen = self._value(element.get("t", "n"), parts, style)
        if "f" in parts:
            self.unseen["formulas" if text else "formulas-without-a-value"] += 1
        if not text and seen:
            return False
        self._source.room.take(text)
        narrow = column in self._hidden_columns or (self._narrow and column not in self._seen_columns)
        if row_is_hidden or narrow:
            self.unseen["hidden-cells"] += 1
        elif text:
            self.found.append((Cell(self._row, column, text, is_number), style))
        return True

    def _style(self, element: etree._Element) -> CellStyle:
        number = int(element.get("s", "0"))
        styles = self._source.styles.cells
        if number == 0 and not styles:
            return PLAIN
        if not 0 <= number < len(styles):
            raise UnreadableError(Trouble.DAMAGED)
        return styles[number]

    def _value(self, kind: str, parts: Mapping[str, etree._Element], style: CellStyle) -> tuple[str, bool, bool]:
        """Give the text that is seen, whether it is a number, and whether all of it is seen."""
        raw = (parts["v"].text or "") if "v" in parts else ""
        if kind in _TEXTS:
            return self._text(kind, parts, raw, style)
        if not raw:
            return "", False, True
        text, is_number, seen = raw, False, True
        if kind == "n":
            text, is_number = style.number_format.number_text(raw, from_1904=self._source.from_1904)
            seen = style.number_format.shows_number(float(raw))
        elif kind == "b":
            text = "TRUE" if raw.strip() in _TRUE else "FALSE"
        elif kind not in ("e", "d"):
            raise UnreadableError(Trouble.DAMAGED)
        if seen and style.ink.seen_on(style.ground):
            return text, is_number, True
        self.unseen["invisible-text"] += 1
        return "", False, False

    def _text(
        self, kind: str, parts: Mapping[str, etree._Element], raw: str, style: CellStyle
    ) -> tuple[str, bool, bool]:
        runs: tuple[Run, ...] = ()
        if kind == "inlineStr":
            runs = runs_of(parts["is"], self._source.styles) if "is" in parts else ()
        elif raw:
            runs = self._source.texts[_counting(raw)] if kind == "s" else (Run(unescaped(raw), None),)
        shown = style.number_format.shows_text()
        seen = [run for run in runs if shown and (run.ink or style.ink).seen_on(style.ground)]
        hidden = len(seen) < len(runs) and any(run.text.strip() for run in runs if run not in seen)
        if hidden:
            self.unseen["invisible-text"] += 1
        return "".join(run.text for run in seen), False, not hidden

    def _take_conditions(self, element: etree._Element) -> None:
        """Remember where a condition could hide what is written; whether it is met is not looked at."""
        squares = element.get("sqref") or element.findtext("{*}sqref") or ""
        for rule in element.iterfind("{*}cfRule"):
            style = self._conditional_style(rule)
            silent = any(each.get("showValue") in ("0", "false") for each in rule)
            if silent:
                self.areas += (Area(*each, _always) for each in _areas(squares))
            elif style is not None:
                self.areas += (Area(*each, style.hides) for each in _areas(squares))
        self.unseen["conditional-formats"] += 1

    def _conditional_style(self, rule: etree._Element) -> ConditionalStyle | None:
        inline, number = rule.find("{*}dxf"), rule.get("dxfId")
        styles = self._source.styles
        if inline is not None:
            return read_conditional(inline, styles.colours)
        return styles.conditional[_counting(number)] if number is not None else None


def _always(_style: CellStyle) -> bool:
    return True


def _counting(text: str) -> int:
    number = int(text)
    if number < 0:
        raise UnreadableError(Trouble.DAMAGED)
    return number


def _place(reference: str) -> tuple[int, int]:
    found = _REFERENCE.match(reference)
    if found is None:
        raise UnreadableError(Trouble.DAMAGED)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _areas(squares: str) -> Iterator[tuple[int, int, int, int]]:
    for square in squares.split():
        first, _, last = square.partition(":")
        corners = _place(first), _place(last or first)
        yield (
            min(each[0] for each in corners),
            min(each[1] for each in corners),
            max(each[0] for each in corners),
            max(each[1] for each in corners),
        )
