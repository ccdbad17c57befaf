"""Reads of a workbook's styles what decides whether people see a cell, and what they see (ECMA-376 part 1, 18.8).

Rules:
1. Only the number format, the colour and size of the text, and the ground are read.
2. What is not there is the default: black on white. A style that does not exist makes the file damaged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from gateway.formats.ink import BLACK, WHITE, Colour, can_be_read, colour_of, tinted
from gateway.formats.number_formats import NumberFormat, built_in

_MAX_STYLES: Final = 100_000
_LONGEST_FORMAT: Final = 1_000
_SMALLEST_SIZE: Final = 2.0
"""Points; smaller letters are a way to hide."""
_FIRST_OF_PALETTE: Final = 8
_SYSTEM_INK, _SYSTEM_GROUND = 64, 65
_PALETTE: Final = (
    "000000FFFFFFFF000000FF000000FFFFFF00FF00FF00FFFF800000008000000080808000800080008080C0C0C0808080"
    "9999FF993366FFFFCCCCFFFF660066FF80800066CCCCCCFF000080FF00FFFFFF0000FFFF8000808000000080800000FF"
    "00CCFFCCFFFFCCFFCCFFFF9999CCFFFF99CCCC99FFFFCC993366FF33CCCC99CC00FFCC00FF9900FF6600666699969696"
    "003366339966003300333300993300993366333399333333"
)
# The order in which styles count the colours of a theme is not the one in which the theme writes them.
_THEME_ORDER: Final = (1, 0, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """How text is written: its colour (None as around it), and whether its letters are too small to read."""

    colour: Colour | None = None
    tiny: bool = False

    def seen_on(self, ground: Colour | None) -> bool:
        """Tell whether people can read it."""
        return not self.tiny and can_be_read(self.colour, ground)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellStyle:
    """How one cell is shown."""

    number_format: NumberFormat
    ink: Ink
    ground: Colour | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalStyle:
    """What a condition changes: each part is None when it leaves it as it is."""

    number_format: NumberFormat | None
    ink: Ink | None
    ground: Colour | None

    def hides(self, style: CellStyle) -> bool:
        """Tell whether a cell of this style could be hidden by it; text and any number, since both may stand there."""
        changed = self.number_format
        if changed is not None and not (changed.shows_text() and changed.shows_number(1.0)):
            return True
        ink, ground = self.ink or style.ink, self.ground or style.ground
        return not ink.seen_on(ground)


PLAIN: Final = CellStyle(number_format=built_in(0), ink=Ink(), ground=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """The colours that a workbook gives numbers."""

    theme: Sequence[Colour] = ()
    palette: Sequence[Colour] = tuple(colour_of(_PALETTE[at : at + 6]) or BLACK for at in range(0, len(_PALETTE), 6))

    def read(self, element: etree._Element | None) -> Colour | None:
        """Read a colour element: by its value, by the theme, or by the palette. None when it says nothing."""
        if element is None:
            return None
        found = colour_of(element.get("rgb")) or self._numbered(element)
        tint = element.get("tint")
        return tinted(found, float(tint)) if found is not None and tint else found

    def _numbered(self, element: etree._Element) -> Colour | None:
        if (theme := element.get("theme")) is not None:
            return self.theme[int(theme)] if 0 <= int(theme) < len(self.theme) else None
        indexed = element.get("indexed")
        if indexed is None:
            return None
        number = int(indexed)
        if number in (_SYSTEM_INK, _SYSTEM_GROUND):
            return BLACK if number == _SYSTEM_INK else WHITE
        # The first eight stand twice.
        number -= _FIRST_OF_PALETTE if number >= _FIRST_OF_PALETTE else 0
        return self.palette[number] if 0 <= number < len(self.palette) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Styles:
    """The styles of a workbook by the numbers that cells use; `colours` reads those written in the cells themselves."""

    cells: Sequence[CellStyle] = (PLAIN,)
    conditional: Sequence[ConditionalStyle] = ()
    colours: Colours = field(default_factory=Colours)


def read_styles(root: etree._Element | None, theme: etree._Element | None) -> Styles:
    """Read the parts `styles` and `theme`. Raises ValueError or IndexError for a style that is none."""
    colours = Colours(theme=_theme_colours(theme))
    if root is None:
        return Styles(colours=colours)
    palette = tuple(
        colour_of(each.get("rgb")) or BLACK for each in root.iterfind("{*}colors/{*}indexedColors/{*}rgbColor")
    )
    if palette:
        # A palette of a workbook's own counts from 0, with the first eight twice.
        colours = replace(colours, palette=palette[_FIRST_OF_PALETTE:] or palette)
    formats = {
        int(each.get("numFmtId", "0")): each.get("formatCode", "") for each in root.iterfind("{*}numFmts/{*}numFmt")
    }
    if any(len(code) > _LONGEST_FORMAT for code in formats.values()):
        raise ValueError("so long a format is nobody's")
    inks = [read_ink(each, colours) for each in _bounded(root.iterfind("{*}fonts/{*}font"))]
    grounds = [_ground(each, colours) for each in _bounded(root.iterfind("{*}fills/{*}fill"))]
    cells = [_cell_style(each, formats, inks, grounds) for each in _bounded(root.iterfind("{*}cellXfs/{*}xf"))]
    conditional = [read_conditional(each, colours) for each in _bounded(root.iterfind("{*}dxfs/{*}dxf"))]
    return Styles(cells=cells or (PLAIN,), conditional=conditional, colours=colours)


def read_ink(font: etree._Element | None, colours: Colours) -> Ink:
    """Read a `font`, or the properties of a run in a cell."""
    if font is None:
        return Ink()
    size = font.find("{*}sz")
    tiny = size is not None and float(size.get("val", "11")) < _SMALLEST_SIZE
    return Ink(colour=colours.read(font.find("{*}color")), tiny=tiny)


def read_conditional(element: etree._Element, colours: Colours) -> ConditionalStyle:
    """Read a `dxf`: of a pattern without a kind the ground is in `bgColor` there."""
    font, fill, number = element.find("{*}font"), element.find("{*}fill"), element.find("{*}numFmt")
    pattern = fill.find("{*}patternFill") if fill is not None else None
    ground = None
    if pattern is not None:
        ground = colours.read(pattern.find("{*}bgColor")) or colours.read(pattern.find("{*}fgColor"))
    says_ink = font is not None and (font.find("{*}color") is not None or font.find("{*}sz") is not None)
    return ConditionalStyle(
        number_format=NumberFormat(code=number.get("formatCode", "")) if number is not None else None,
        ink=read_ink(font, colours) if says_ink else None,
        ground=ground,
    )


def _bounded(elements: Iterable[etree._Element]) -> list[etree._Element]:
    found = list(elements)
    if len(found) > _MAX_STYLES:
        raise ValueError("so many styles are nobody's")
    return found


def _theme_colours(theme: etree._Element | None) -> tuple[Colour, ...]:
    scheme = theme.find("{*}themeElements/{*}clrScheme") if theme is not None else None
    if scheme is None:
        return (WHITE, BLACK)
    written = [_theme_colour(each) for each in scheme]
    return tuple(written[at] for at in _THEME_ORDER if at < len(written))


def _theme_colour(element: etree._Element) -> Colour:
    for each in element:
        found = colour_of(each.get("lastClr")) or colour_of(each.get("val"))
        if found is not None:
            return found
    return BLACK


def _ground(fill: etree._Element, colours: Colours) -> Colour | None:
    pattern = fill.find("{*}patternFill")
    if pattern is None or pattern.get("patternType") != "solid":
        return None
    return colours.read(pattern.find("{*}fgColor"))


def _cell_style(
    xf: etree._Element, formats: Mapping[int, str], inks: Sequence[Ink], grounds: Sequence[Colour | None]
) -> CellStyle:
    number, font, fill = (_index(xf, name) for name in ("numFmtId", "fontId", "fillId"))
    return CellStyle(
        number_format=NumberFormat(code=formats[number]) if number in formats else built_in(number),
        ink=inks[font] if inks else Ink(),
        ground=grounds[fill] if grounds else None,
    )


def _index(xf: etree._Element, name: str) -> int:
    number = int(xf.get(name, "0"))
    if number < 0:
        raise ValueError("numbers of styles count from 0")
    return number
