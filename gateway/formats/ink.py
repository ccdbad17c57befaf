"""Tells whether people can see a text: its colour against what lies behind it.

Rules:
1. Letters of nearly the colour of their ground are read by nobody: the "whitened" cells of the COA leak of 2020. Light
   grey (D9D9D9) on white is still read, E7E6E6 hardly; yellow on white is seen, though it is as light.
2. A colour that is not known is black, and an unknown ground is white, which is how programs show them.
"""

import re
from typing import Final

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

BLACK: Final[Colour] = (0, 0, 0)
WHITE: Final[Colour] = (255, 255, 255)
_NEAREST: Final = 32
_HEX = re.compile(r"#?(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})\Z")


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


def can_be_read(ink: Colour | None, ground: Colour | None) -> bool:
    """Tell whether text of this colour can be seen on this ground."""
    return any(abs(one - other) > _NEAREST for one, other in zip(ink or BLACK, ground or WHITE, strict=True))
