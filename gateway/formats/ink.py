"""Tells whether people can see a text: its colour against what lies behind it.

Rules:
1. Below a contrast of 1.3 (WCAG 2.2; black on white has 21) nobody reads it: the "whitened" cells of the COA leak of
   2020 have 1.
2. A colour that is not known is black, and an unknown ground is white, which is how programs show them.
"""

import re
from functools import lru_cache
from typing import Final

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

BLACK: Final[Colour] = (0, 0, 0)
WHITE: Final[Colour] = (255, 255, 255)
_LEAST_CONTRAST: Final = 1.3
_HEX = re.compile(r"#?(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})\Z")
_LINEAR_BELOW: Final = 0.04045


def colour_of(text: str | None) -> Colour | None:
    """Read `RRGGBB`, `AARRGGBB` or `#RRGGBB`; None for anything else. Opacity does not count: programs ignore it."""
    found = _HEX.match(text or "")
    if found is None:
        return None
    red, green, blue = (int(each, 16) for each in found.groups())
    return red, green, blue


def tinted(colour: Colour, tint: float) -> Colour:
    """Make a colour lighter (tint up to 1) or darker (down to -1), as spreadsheets do with those of a theme."""
    tint = max(-1.0, min(1.0, tint))
    red, green, blue = (round(each * (1 + tint) if tint < 0 else each + (255 - each) * tint) for each in colour)
    return red, green, blue


@lru_cache(maxsize=4096)
def can_be_read(ink: Colour | None, ground: Colour | None) -> bool:
    """Tell whether text of this colour can be seen on this ground."""
    light, dark = sorted((_luminance(ink or BLACK), _luminance(ground or WHITE)), reverse=True)
    return (light + 0.05) / (dark + 0.05) >= _LEAST_CONTRAST


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(each / 255) for each in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= _LINEAR_BELOW else float(((part + 0.055) / 1.055) ** 2.4)
