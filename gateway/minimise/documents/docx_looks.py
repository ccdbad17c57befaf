"""How text in a DOCX file looks, as far as it comes along or hides something: through all styles to the letters.

ISO/IEC 29500-1, 17.7.2: document defaults, table style, paragraph style, character style, direct formatting; what is
set directly wins, and switches in styles turn each other (17.7.3). For hiding it is enough that any style says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from lxml import etree

from gateway.minimise.documents.docx_parts import child, child_value, descendants, is_on, tag_of, value
from gateway.minimise.documents.rich_text import Emphasis
from gateway.minimise.documents.visible import BLACK, WHITE, Colour, colour_of, melts_into, too_small
from gateway.minimise.documents.vocabulary import number

_DEEPEST_STYLE: Final = 50
_SMALLEST_SCALE: Final = 10
_NEARLY_TRANSPARENT: Final = 90_000
_WHITE_THEMES: Final = frozenset({"background1", "light1"})
_HIGHLIGHTS: Final = {"black": "000000", "white": "FFFFFF"}


class Look(NamedTuple):
    """What one place sets; None where it sets nothing. Sizes in half points; colours as written."""

    bold: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    strike: bool | None = None
    hidden: bool | None = None
    size: int | None = None
    scale: int | None = None
    colour: str | None = None
    shade: str | None = None
    highlight: str | None = None

    def under(self, over: "Look") -> "Look":
        """Lay another look over this one."""
        return Look._make(mine if theirs is None else theirs for mine, theirs in zip(self, over, strict=True))

    @property
    def emphasis(self) -> Emphasis:
        """Give what of it comes along."""
        wanted = (self.bold, self.italic, self.underline, self.strike)
        flags = (Emphasis.BOLD, Emphasis.ITALIC, Emphasis.UNDERLINE, Emphasis.STRIKE)
        result = Emphasis.NONE
        for is_set, flag in zip(wanted, flags, strict=True):
            if is_set:
                result |= flag
        return result

    def hides(self, ground: Colour | None) -> bool:
        """Tell whether nobody can read letters that look like this on that ground (None: not known)."""
        if self.hidden or too_small(None if self.size is None else self.size / 2):
            return True
        if self.scale is not None and self.scale < _SMALLEST_SCALE:
            return True
        letters = colour_of(self.colour or "")
        if self.highlight and self.highlight != "none":
            # Black over black is how people think that they redact.
            ground = colour_of(_HIGHLIGHTS.get(self.highlight, ""))
            return melts_into(BLACK if letters is None and self.highlight == "black" else letters, ground)
        if self.shade is not None:
            ground = ground_of(self.shade, ground)
        return melts_into(letters, ground)


NOTHING_SET: Final = Look()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphStyle:
    """What a paragraph gets from its style: the look of its letters, its level as a heading, and its list."""

    look: Look = NOTHING_SET
    heading: int = 0
    list_id: str = ""
    list_level: str = ""
    ground: str | None = None


def ground_of(shade: str, below: Colour | None) -> Colour | None:
    """Give what is behind letters: a shade's own colour, or what lies below when it is clear."""
    return below if shade.lower() in {"auto", ""} else colour_of(shade)


def shade_of(properties: etree._Element | None) -> str | None:
    """Read the fill of a `w:shd`; None when there is none. A theme's colour is not known."""
    shading = child(properties, "w:shd")
    if shading is None:
        return None
    return _fill(shading)


def _fill(shading: etree._Element) -> str:
    return "theme" if value(shading, "w:themeFill") else value(shading, "w:fill") or "auto"


def look_of(properties: etree._Element | None) -> Look:
    """Read a `w:rPr`."""
    return look_by(named(properties))


def named(properties: etree._Element | None) -> Mapping[str, etree._Element]:
    """Give the first child of each name, in one pass: a long document has hundreds of thousands of these."""
    found: dict[str, etree._Element] = {}
    for each in () if properties is None else properties:
        found.setdefault(tag_of(each), each)
    return found


def look_by(found: Mapping[str, etree._Element]) -> Look:
    """Read the children of a `w:rPr`."""
    if not found:
        return NOTHING_SET
    underline, shading = found.get("w:u"), found.get("w:shd")
    transparent, text_fill = _text_fill(found.get("w14:textFill"))
    strike = _switched(found.get("w:strike"))
    return Look(
        bold=_switched(found.get("w:b")),
        italic=_switched(found.get("w:i")),
        underline=None if underline is None else value(underline) != "none",
        strike=_switched(found.get("w:dstrike")) if strike is None else strike,
        hidden=True if transparent else _switched(found.get("w:vanish")),
        size=number(value(found.get("w:sz"))),
        scale=number(value(found.get("w:w")).removesuffix("%")),
        colour=text_fill or _colour(found.get("w:color")),
        shade=None if shading is None else _fill(shading),
        highlight=value(found.get("w:highlight")) or None,
    )


def _switched(element: etree._Element | None) -> bool | None:
    return None if element is None else is_on(element)


def _colour(colour: etree._Element | None) -> str | None:
    if colour is None:
        return None
    written = value(colour) or "auto"
    is_white = written == "auto" and value(colour, "w:themeColor") in _WHITE_THEMES
    return "FFFFFF" if is_white else written


def _text_fill(fill: etree._Element | None) -> tuple[bool, str | None]:
    """Read Word's newer filling of letters: whether it is as good as none, and its colour."""
    if fill is None:
        return False, None
    if child(fill, "w14:noFill") is not None:
        return True, None
    alphas = [number(value(each, "w14:val")) or 0 for each in descendants(fill, "w14:alpha")]
    colours = [value(each, "w14:val") for each in descendants(fill, "w14:srgbClr")]
    return any(alpha >= _NEARLY_TRANSPARENT for alpha in alphas), colours[0] if len(colours) == 1 else None


@dataclass(slots=True, kw_only=True)
class Styles:
    """All styles of a document, looked up once each."""

    elements: Mapping[str, etree._Element] = field(repr=False)
    defaults: Look
    default_paragraph: str
    _paragraphs: dict[str, ParagraphStyle] = field(default_factory=dict)
    _letters: dict[str, Look] = field(default_factory=dict)
    _dark_tables: dict[str, bool] = field(default_factory=dict)

    def paragraph(self, name: str) -> ParagraphStyle:
        """Give a paragraph style by its id; the default one when it is empty or not there."""
        wanted = name if name in self.elements else self.default_paragraph
        if wanted not in self._paragraphs:
            self._paragraphs[wanted] = self._paragraph(wanted)
        return self._paragraphs[wanted]

    def letters(self, name: str) -> Look:
        """Give a character style by its id."""
        if name not in self._letters:
            look = NOTHING_SET
            for element in reversed(self._chain(name)):
                look = look.under(look_of(child(element, "w:rPr")))
            self._letters[name] = look
        return self._letters[name]

    def colours_ground(self, table_style: str) -> bool:
        """Tell whether a table style puts any colour behind text, so that white letters may well be read."""
        if table_style not in self._dark_tables:
            shades = (
                value(shading, "w:fill") for each in self._chain(table_style) for shading in descendants(each, "w:shd")
            )
            self._dark_tables[table_style] = any(not melts_into(colour_of(shade), WHITE) for shade in shades)
        return self._dark_tables[table_style]

    def _paragraph(self, name: str) -> ParagraphStyle:
        look, heading, list_id, list_level, ground = self.defaults, 0, "", "", None
        for element in reversed(self._chain(name)):
            own = look_of(child(element, "w:rPr"))
            look = look.under(own)
            properties = child(element, "w:pPr")
            numbers = child(properties, "w:numPr")
            heading = heading_of(properties) or _named_heading(element) or heading
            list_id = child_value(numbers, "w:numId") or list_id
            list_level = child_value(numbers, "w:ilvl") or list_level
            ground = shade_of(properties) or ground
        return ParagraphStyle(look=look, heading=heading, list_id=list_id, list_level=list_level, ground=ground)

    def _chain(self, name: str) -> list[etree._Element]:
        """Give a style and those that it stands on; a circle ends somewhere."""
        chain: list[etree._Element] = []
        while name in self.elements and len(chain) < _DEEPEST_STYLE:
            chain.append(self.elements[name])
            name = child_value(self.elements[name], "w:basedOn")
        return chain


def letters_over(paragraph: Look, letters: Look) -> Look:
    """Lay a character style over a paragraph's look: switches turn each other, but what hides once is hidden."""
    look = paragraph.under(letters)
    return look._replace(
        bold=look.bold and not (paragraph.bold and letters.bold),
        italic=look.italic and not (paragraph.italic and letters.italic),
        strike=look.strike and not (paragraph.strike and letters.strike),
        hidden=paragraph.hidden or letters.hidden,
    )


@lru_cache(maxsize=4096)
def emphasis_seen(paragraph: Look, letters: Look, direct: Look, ground: Colour | None) -> Emphasis | None:
    """Give how letters look, by their paragraph, their style and themselves; None when nobody can see them."""
    look = letters_over(paragraph, letters).under(direct)
    return None if look.hides(ground) else look.emphasis


def read_styles(root: etree._Element | None) -> Styles:
    """Read `styles.xml`, which may be absent."""
    elements = {} if root is None else {value(each, "w:styleId"): each for each in descendants(root, "w:style")}
    default = next(
        (
            name
            for name, each in elements.items()
            if value(each, "w:type") == "paragraph" and value(each, "w:default").lower() in {"1", "true", "on"}
        ),
        "",
    )
    defaults = child(child(child(root, "w:docDefaults"), "w:rPrDefault"), "w:rPr")
    return Styles(elements=elements, defaults=look_of(defaults), default_paragraph=default)


def heading_of(properties: etree._Element | None) -> int:
    """Read the outline level of a `w:pPr` as a heading from 1 to 6; 0 when it is none."""
    level = number(child_value(properties, "w:outlineLvl"))
    return min(level + 1, 6) if level is not None and 0 <= level < 9 else 0  # noqa: PLR2004 -- 9 is body text


def _named_heading(style: etree._Element) -> int:
    name = child_value(style, "w:name").lower()
    if name == "title":
        return 1
    level = number(name.removeprefix("heading ")) if name.startswith("heading ") else None
    return min(level, 6) if level and level > 0 else 0
