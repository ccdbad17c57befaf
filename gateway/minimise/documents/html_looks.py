"""How text in an HTML file looks, as far as it comes along or hides something: attributes, and the file's own styles.

This is no engine for CSS. A rule counts for whatever fits its last part (`div.a > p.b` for `p.b`): what any rule could
hide counts as hidden and is not carried over. What is not seen to be hidden is carried over, and searched as
all text is.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from gateway.minimise.documents.looks import NOT_KNOWN, NOTHING_SET, Look
from gateway.minimise.documents.model import Trouble, UnreadableError
from gateway.minimise.documents.visible import BLACK, WHITE, Colour, colour_of

_MOST_SELECTORS: Final = 20_000
_LONGEST_SELECTOR: Final = 300
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_COMBINATORS: Final = re.compile(r"[\s>+~]+")
_NAMES: Final = re.compile(r"[.#][\w-]+")
_LAST_PART: Final = re.compile(
    r"(?P<tag>[a-z][a-z0-9]*|\*)?(?P<rest>(?:[.#][\w-]+)*)(?:::?[\w-]+(?:\([^)]*\))?|\[[^\]]*\])*\Z", re.IGNORECASE
)
_NAMED: Final = {"white": WHITE, "black": BLACK, "red": (255, 0, 0), "snow": WHITE, "ivory": (255, 255, 240)}
_RGB: Final = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+(\d{0,3}(?:\.\d{1,6})?%?))?\s*\)")
_LENGTH: Final = re.compile(r"(-?[0-9]{0,6}(?:\.[0-9]{1,6})?)(px|pt|em|rem|%|ex|ch|cm|mm|in|pc|vw|vh)?\Z")
_POINTS: Final = {
    "px": 0.75,
    "pt": 1.0,
    "em": 12.0,
    "rem": 12.0,
    "%": 0.12,
    "cm": 28.35,
    "mm": 2.835,
    "in": 72.0,
    "pc": 12.0,
}
_NUMBER: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?|\.[0-9]{1,6})(%)?\Z")
_HARDLY: Final = 0.1
_OUT_OF_SIGHT: Final = -300
_BOLD: Final = frozenset({"bold", "bolder", "600", "700", "800", "900"})
_BY_TAG: Final = {
    **dict.fromkeys(("b", "strong", "th"), Look(bold=True)),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), Look(italic=True)),
    **dict.fromkeys(("u", "ins"), Look(underline=True)),
    **dict.fromkeys(("s", "strike"), Look(strike=True)),
    "mark": Look(ground=NOT_KNOWN),
}
_HIDDEN: Final = Look(hidden=True)


@dataclass(slots=True, kw_only=True)
class Sheet:
    """The declarations of a file's own styles, by tag, class or id."""

    by_name: dict[str, list[tuple[frozenset[str], str]]] = field(default_factory=dict)

    def declarations(self, element: etree._Element) -> Iterator[str]:
        """Give what the styles and the element itself declare, the strongest last."""
        tag = str(element.tag)
        classes = {f".{each}" for each in (element.get("class") or "").split()[:100]}
        own = {tag, "*", *classes, f"#{element.get('id')}"}
        for name in ("*", tag, *sorted(classes), f"#{element.get('id')}"):
            for wanted, declared in self.by_name.get(name, ()):
                if wanted <= own:
                    yield declared
        yield element.get("style") or ""


def read_sheet(styles: Iterable[str]) -> Sheet:
    """Read the `style` elements of a file. Raises UnreadableError TOO_LARGE for more selectors than any page has."""
    sheet = Sheet()
    count = 0
    for style in styles:
        for rule in _COMMENT.sub(" ", style).split("}"):
            # What stands before an inner brace is a condition, such as `@media`.
            *before, declared = rule.split("{")
            selectors = before[-1].split(",") if before else []
            count += len(selectors)
            if count > _MOST_SELECTORS:
                raise UnreadableError(Trouble.TOO_LARGE)
            for selector in selectors:
                _add(sheet, selector.strip()[-_LONGEST_SELECTOR:], declared)
    return sheet


def _add(sheet: Sheet, selector: str, declared: str) -> None:
    found = _LAST_PART.match(_COMBINATORS.split(selector)[-1])
    if not found:
        return
    tag = (found["tag"] or "").lower()
    names = frozenset(_NAMES.findall(found["rest"])) | ({tag} if tag else frozenset())
    if names:
        # Filed under its rarest name: an id, else a class, else a tag.
        filed = max(names, key=lambda name: ("*.#".find(name[0]), name))
        sheet.by_name.setdefault(filed, []).append((names, declared))


def look_of(element: etree._Element, sheet: Sheet) -> Look:
    """Give what an element sets. Raises UnreadableError NO_TEXT for letters that are shown turned around."""
    tag = str(element.tag)
    if tag == "bdo":
        raise UnreadableError(Trouble.NO_TEXT)
    look = _BY_TAG.get(tag, NOTHING_SET)
    if not element.attrib and not sheet.by_name:
        return _HIDDEN if tag == "dialog" else look
    look = look.under(_by_attributes(element))
    declared: dict[str, str] = {}
    for text in sheet.declarations(element):
        for each in text.split(";"):
            name, _, written = each.partition(":")
            declared[name.strip().lower()] = written.replace("!important", "").strip().lower()
    return look.under(_by_declarations(declared)) if declared else look


def _by_attributes(element: etree._Element) -> Look:
    if element.get("hidden") is not None or (element.tag == "dialog" and element.get("open") is None):
        return _HIDDEN
    colour, ground = element.get("color"), element.get("bgcolor")
    points = 1.0 if element.tag == "font" and element.get("size") == "0" else None
    return Look(
        colour=_colour(colour.lower()) if colour else None,
        ground=_colour(ground.lower()) if ground else NOT_KNOWN if element.get("background") else None,
        points=points,
    )


def _by_declarations(declared: dict[str, str]) -> Look:
    if "bidi-override" in declared.get("unicode-bidi", "") or "isolate-override" in declared.get("unicode-bidi", ""):
        raise UnreadableError(Trouble.NO_TEXT)
    weight, style = declared.get("font-weight"), declared.get("font-style")
    line = declared.get("text-decoration-line") or declared.get("text-decoration") or ""
    colour = declared.get("-webkit-text-fill-color") or declared.get("color")
    ground = declared.get("background-color") or declared.get("background")
    is_hidden = _is_hidden(declared) or (colour is not None and _is_clear(colour))
    return Look(
        bold=None if weight is None else weight in _BOLD,
        italic=None if style is None else style in {"italic", "oblique"},
        underline=True if "underline" in line else None,
        strike=True if "line-through" in line else None,
        hidden=True if is_hidden else None,
        points=_points(declared.get("font-size", "")),
        colour=None if colour is None else _colour(colour),
        ground=_ground(ground),
    )


def _is_hidden(declared: dict[str, str]) -> bool:
    if declared.get("display") == "none" or declared.get("visibility") in {"hidden", "collapse"}:
        return True
    if declared.get("content-visibility") == "hidden" or declared.get("clip", "").startswith("rect"):
        return True
    if "inset(" in declared.get("clip-path", "") or "scale(0" in declared.get("transform", ""):
        return True
    if _share(declared.get("opacity", "")) < _HARDLY or declared.get("line-height") in {"0", "0px", "0pt"}:
        return True
    places = (
        _points(declared.get(name, "")) for name in ("left", "top", "right", "text-indent", "margin-left", "margin-top")
    )
    if any(place is not None and place < _OUT_OF_SIGHT for place in places):
        return True
    sizes = (_points(declared.get(name, "")) for name in ("height", "width", "max-height", "max-width"))
    return any(size is not None and size < 2 for size in sizes)  # noqa: PLR2004 -- no letter fits in two points


def _points(written: str) -> float | None:
    """Give a length in points; relative ones as if letters were of twelve points."""
    found = _LENGTH.match(written)
    if not found or found[1] in {"", "-", "."}:
        return None
    return float(found[1]) * _POINTS.get(found[2] or "px", 12.0)


def _is_clear(written: str) -> bool:
    found = _RGB.match(written)
    return written == "transparent" or (found is not None and _share(found[4] or "") < _HARDLY)


def _share(written: str) -> float:
    """Read an opacity: a number to 1 or a percentage; 1 for anything else."""
    number = _NUMBER.match(written)
    return float(number[1]) * (0.01 if number[2] else 1.0) if number else 1.0


def _ground(written: str | None) -> Colour | None:
    if written is None or written in {"transparent", "none", "inherit", "initial", "unset", ""}:
        return None
    return _colour(written)


def _colour(written: str) -> Colour:
    """Read a colour; what is in other words is not known, and no letters melt into it."""
    if written in _NAMED:
        return _NAMED[written]
    if found := _RGB.match(written):
        red, green, blue = (min(int(found[number]), 255) for number in (1, 2, 3))
        return red, green, blue
    digits = written.removeprefix("#")
    if written.startswith("#") and len(digits) in {3, 4}:
        digits = "".join(2 * digit for digit in digits[:3])
    return colour_of(digits[:6]) or NOT_KNOWN
