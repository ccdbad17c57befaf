"""How text looks in ODT and HTML, as far as it comes along or hides something."""

from functools import lru_cache
from typing import Final, NamedTuple

from gateway.minimise.documents.rich_text import Emphasis
from gateway.minimise.documents.visible import Colour, melts_into, too_small

NOT_KNOWN: Final[Colour] = (-999, -999, -999)
"""A ground that is a picture, or a colour in words that nobody knows: no letters melt into it."""


class Look(NamedTuple):
    """What one place sets; None where it sets nothing."""

    bold: bool | None = None
    italic: bool | None = None
    underline: bool | None = None
    strike: bool | None = None
    hidden: bool | None = None
    points: float | None = None
    colour: Colour | None = None
    ground: Colour | None = None

    def under(self, over: "Look") -> "Look":
        """Lay another look over this one; what is hidden stays hidden."""
        if over == NOTHING_SET:
            return self
        look = Look._make(mine if theirs is None else theirs for mine, theirs in zip(self, over, strict=True))
        return look._replace(hidden=True) if self.hidden else look


NOTHING_SET: Final = Look()


@lru_cache(maxsize=4096)
def emphasis_seen(look: Look) -> Emphasis | None:
    """Give what comes along of how letters look; None when nobody can see them."""
    if look.hidden or too_small(look.points) or melts_into(look.colour, look.ground):
        return None
    flags = (
        (look.bold, Emphasis.BOLD),
        (look.italic, Emphasis.ITALIC),
        (look.underline, Emphasis.UNDERLINE),
        (look.strike, Emphasis.STRIKE),
    )
    result = Emphasis.NONE
    for is_set, flag in flags:
        if is_set:
            result |= flag
    return result
