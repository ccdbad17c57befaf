"""How text in an ODT file looks, through all styles; and which styles hide what they are laid on.

OpenDocument 1.3 part 3, 16.2: a style stands on its parent, and all of a family on the default style.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from gateway.minimise.documents.looks import NOT_KNOWN, NOTHING_SET, Look
from gateway.minimise.documents.odt_parts import child, descendants, tag_of, value
from gateway.minimise.documents.rich_text import Numbering
from gateway.minimise.documents.visible import Colour, colour_of
from gateway.minimise.documents.vocabulary import number

_DEEPEST_STYLE: Final = 50
_POINTS: Final = {"pt": 1.0, "cm": 28.35, "mm": 2.835, "in": 72.0, "px": 0.75, "pc": 12.0}
_LENGTH: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(pt|cm|mm|in|px|pc|%)\Z")
_SMALLEST_PERCENT: Final = 10
_HARDLY_SEEN: Final = 90
_BOLD: Final = frozenset({"bold", "600", "700", "800", "900"})
_FORMATS: Final = {
    "1": Numbering.DECIMAL,
    "a": Numbering.LOWER_LETTER,
    "A": Numbering.UPPER_LETTER,
    "i": Numbering.LOWER_ROMAN,
    "I": Numbering.UPPER_ROMAN,
}
_PROPERTIES: Final = (
    "style:text-properties", "style:paragraph-properties", "style:table-cell-properties", "style:table-row-properties",
    "style:table-properties", "style:graphic-properties",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Styles:
    """The styles that one part of a document may use."""

    elements: dict[tuple[str, str], etree._Element] = field(repr=False)
    lists: dict[str, dict[int, Numbering]]
    _looks: dict[tuple[str, str], Look] = field(default_factory=dict)

    def look(self, family: str, name: str) -> Look:
        """Give how text in this style looks; `family` is `text`, `paragraph` or `table-cell`."""
        key = (family, name)
        if key not in self._looks:
            look = NOTHING_SET
            for style in reversed(self._chain(family, name)):
                look = look.under(_look(style))
            self._looks[key] = look
        return self._looks[key]

    def master_page(self, name: str) -> str:
        """Give the master page at which a paragraph or table of this style begins anew; empty for most."""
        families = ("paragraph", "table")
        names = (value(each, "style:master-page-name") for of in families for each in self._chain(of, name)[:1])
        return next((each for each in names if each), "")

    def hides(self, family: str, name: str) -> bool:
        """Tell whether a style of a table, section or drawing hides it."""
        chain = self._chain(family, name)
        shown = [value(each, "table:display") or value(each, "draw:visible") for style in chain for each in style]
        return "false" in shown

    def heading(self, name: str) -> int:
        """Give the level of a paragraph style that is a heading; 0 when it is none."""
        levels = (number(value(each, "style:default-outline-level")) for each in self._chain("paragraph", name))
        return next((min(max(level, 0), 6) for level in levels if level is not None), 0)

    def _chain(self, family: str, name: str) -> list[etree._Element]:
        chain: list[etree._Element] = []
        while (family, name) in self.elements and len(chain) < _DEEPEST_STYLE:
            chain.append(self.elements[family, name])
            name = value(chain[-1], "style:parent-style-name")
        default = self.elements.get((family, ""))
        return chain if default is None else [*chain, default]


def read_styles(*roots: etree._Element | None) -> Styles:
    """Read the styles below some elements; of two with one name the later one counts."""
    elements: dict[tuple[str, str], etree._Element] = {}
    lists: dict[str, dict[int, Numbering]] = {}
    for root in roots:
        for each in () if root is None else root:
            tag = tag_of(each)
            if tag in {"style:style", "style:default-style"}:
                elements[value(each, "style:family"), value(each, "style:name")] = each
            elif tag == "text:list-style":
                lists[value(each, "style:name")] = _levels(each)
    return Styles(elements=elements, lists=lists)


def list_labels(roots: Iterable[etree._Element | None]) -> int:
    """Count the levels of lists that write letters beside their numbers."""
    levels = (
        each
        for root in roots
        if root is not None
        for each in descendants(root, "text:list-level-style-number", "text:list-level-style-bullet")
    )
    names = ("style:num-prefix", "style:num-suffix", "text:bullet-char", "loext:num-list-format")
    return sum(any(re.search(r"[^\W\d_]{2}", value(each, name)) for name in names) for each in levels)


def _levels(element: etree._Element) -> dict[int, Numbering]:
    found: dict[int, Numbering] = {}
    for each in element:
        level = number(value(each, "text:level"))
        if level is not None:
            is_number = tag_of(each) == "text:list-level-style-number"
            found[level - 1] = (
                _FORMATS.get(value(each, "style:num-format")[:1], Numbering.DECIMAL) if is_number else Numbering.BULLET
            )
    return found


def _look(style: etree._Element) -> Look:
    look = NOTHING_SET
    for name in _PROPERTIES:
        properties = child(style, name)
        if properties is not None:
            look = look.under(_of(properties))
    return look


def _of(properties: etree._Element) -> Look:
    def given(name: str) -> str:
        return value(properties, name)

    points, is_tiny = _size(given("fo:font-size"))
    scale = number(given("style:text-scale").removesuffix("%"))
    transparent = number((given("loext:char-transparency") or given("fo:text-transparency")).removesuffix("%")) or 0
    hidden = given("text:display") == "none" or is_tiny or transparent > _HARDLY_SEEN
    return Look(
        bold=_is(given("fo:font-weight"), _BOLD),
        italic=_is(given("fo:font-style"), frozenset({"italic", "oblique"})),
        underline=_is_line(given("style:text-underline-style")),
        strike=_is_line(given("style:text-line-through-style")),
        hidden=True if hidden or (scale is not None and scale < _SMALLEST_PERCENT) else None,
        points=points,
        colour=NOT_KNOWN if given("style:use-window-font-color") == "true" else colour_of(given("fo:color")),
        ground=_ground(properties),
    )


def _is(written: str, wanted: frozenset[str]) -> bool | None:
    return written in wanted if written else None


def _is_line(written: str) -> bool | None:
    return written != "none" if written else None


def _size(written: str) -> tuple[float | None, bool]:
    """Give a size in points, and whether it is so small a part of its parent's that nobody can read it."""
    found = _LENGTH.match(written)
    if not found:
        return None, False
    if found[2] == "%":
        return None, float(found[1]) < _SMALLEST_PERCENT
    return float(found[1]) * _POINTS[found[2]], False


def _ground(properties: etree._Element) -> Colour | None:
    """Give what a style puts behind letters; None when nothing."""
    if child(properties, "style:background-image") is not None and len(properties[0].attrib):
        return NOT_KNOWN
    fill = value(properties, "draw:fill")
    if fill == "solid":
        return colour_of(value(properties, "draw:fill-color")) or NOT_KNOWN
    if fill and fill != "none":
        return NOT_KNOWN
    return colour_of(value(properties, "fo:background-color"))
