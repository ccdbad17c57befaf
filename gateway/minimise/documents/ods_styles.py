"""Reads of the styles of an ODS what decides whether people see something (OpenDocument 1.3, part 3, 16 and 20).

Rules:
1. Of a style count the colour and size of the text, the ground, whether it hides, and how broad or high it makes a
   column or row. What it does not say, its parent says, at most ten parents up.
2. A condition is not looked at: what a style could hide under it is hidden.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from gateway.formats.ink import Colour, can_be_read, colour_of

_MAX_STYLES: Final = 100_000
_MOST_PARENTS: Final = 10
_SMALLEST_SIZE: Final = 2.0
_NARROWEST: Final = 5.0
_LOWEST: Final = 2.0
_LENGTH = re.compile(r"([0-9]+(?:\.[0-9]+)?)(in|cm|mm|pt|pc|px)\Z")
_POINTS: Final = {"in": 72.0, "cm": 72 / 2.54, "mm": 72 / 25.4, "pt": 1.0, "pc": 12.0, "px": 0.75}
_HIDES_PROTECTED: Final = frozenset({"hidden-and-protected"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one style says by itself; None where it says nothing.

    `size` is of letters, `extent` the breadth of a column or the height of a row, both in points.
    """

    parent: str = ""
    ink: Colour | None = None
    size: float | None = None
    ground: Colour | None = None
    hides: bool | None = None
    extent: float | None = None
    conditional: tuple[str, ...] = ()

    def over(self, parent: "Look") -> "Look":
        """Give what it says together with what its parent says."""
        return replace(
            self,
            ink=self.ink if self.ink is not None else parent.ink,
            size=self.size if self.size is not None else parent.size,
            ground=self.ground if self.ground is not None else parent.ground,
            hides=self.hides if self.hides is not None else parent.hides,
            extent=self.extent if self.extent is not None else parent.extent,
            conditional=self.conditional or parent.conditional,
        )

    def is_seen(self) -> bool:
        """Tell whether text that looks so can be read."""
        tiny = self.size is not None and self.size < _SMALLEST_SIZE
        return not self.hides and not tiny and can_be_read(self.ink, self.ground)


PLAIN: Final = Look()


@dataclass(frozen=True, slots=True)
class Looks:
    """All styles by family and name; those of the content stand before the common ones."""

    _by_name: dict[tuple[str, str], Look] = field(default_factory=dict)
    _whole: dict[tuple[str, str], Look] = field(default_factory=dict)

    def add(self, style: etree._Element) -> None:
        """Take a `style:style` or `style:default-style`. Raises ValueError beyond what anybody needs."""
        if len(self._by_name) >= _MAX_STYLES:
            raise ValueError("so many styles are nobody's")
        family = _attribute(style, "family")
        self._by_name[family, _attribute(style, "name")] = _look(style)

    def of(self, family: str, name: str) -> Look:
        """Give a style with what its parents say; the default of its family stands behind all."""
        key = (family, name)
        if key not in self._whole:
            look = PLAIN
            for each in self._line(family, name):
                look = look.over(each)
            self._whole[key] = look
        return self._whole[key]

    def hides_cell(self, name: str) -> bool:
        """Tell whether a cell of this style can not be seen, or could be hidden by a condition."""
        look = self.of("table-cell", name)
        return not look.is_seen() or any(self.hides_under_condition(each, look) for each in look.conditional)

    def hides_under_condition(self, name: str, look: Look) -> bool:
        """Tell whether a style that a condition lays over a cell hides it."""
        return not self.of("table-cell", name).over(look).is_seen()

    def hides_run(self, name: str, cell: Look) -> bool:
        """Tell whether a piece of text within a cell can not be seen."""
        return not self.of("text", name).over(replace(cell, hides=None)).is_seen()

    def is_folded(self, family: str, name: str) -> bool:
        """Tell whether a column or row of this style is too narrow or low to show anything."""
        extent = self.of(family, name).extent
        return extent is not None and extent < (_NARROWEST if family == "table-column" else _LOWEST)

    def _line(self, family: str, name: str) -> Iterator[Look]:
        for _ in range(_MOST_PARENTS):
            look = self._by_name.get((family, name))
            if look is None:
                break
            yield look
            name = look.parent
            if not name:
                break
        yield self._by_name.get((family, ""), PLAIN)


def points(text: str) -> float | None:
    """Read a length; None when it is none."""
    found = _LENGTH.match(text)
    return float(found[1]) * _POINTS[found[2]] if found else None


def _look(style: etree._Element) -> Look:
    said: dict[str, str] = {}
    conditional: list[str] = []
    for each in style:
        tag = etree.QName(each).localname
        if tag == "map":
            conditional.append(_attribute(each, "apply-style-name"))
        elif tag.endswith("-properties") and tag not in ("graphic-properties", "paragraph-properties"):
            said.update((etree.QName(str(key)).localname, str(value)) for key, value in each.items())
    return Look(
        parent=_attribute(style, "parent-style-name"),
        ink=colour_of(said.get("color")),
        size=points(said.get("font-size", "")),
        ground=colour_of(said.get("background-color")),
        hides=_hides(said),
        extent=points(said.get("column-width", "") or said.get("row-height", "")),
        conditional=tuple(conditional),
    )


def _hides(said: Mapping[str, str]) -> bool | None:
    """Tell whether properties hide: `display` of a sheet is a truth, of a text the word none."""
    if said.get("display") in ("false", "none") or said.get("cell-protect") in _HIDES_PROTECTED:
        return True
    return False if "display" in said or "cell-protect" in said else None


def _attribute(element: etree._Element, name: str) -> str:
    """Give an attribute by its local name; names of attributes in these elements differ in that."""
    return next((str(value) for key, value in element.items() if etree.QName(str(key)).localname == name), "")
