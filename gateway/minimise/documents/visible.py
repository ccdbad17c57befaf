"""What a reader of a document can see: characters that hide, letters too small or in the colour of their ground.

Rules:
1. Hidden text is content: it is never carried over, and it is counted. The sender never saw that it was there.
2. Characters that nobody sees, and in which whole words can be written (tag characters, variation selectors, invisible
   fillers), are taken out. Soft hyphens and joiners stay: Persian and Arabic need them, and the search for people
   looks through them.
3. Text that is shown in another order than it is stored can not be searched: Unicode technical report 36.
4. Long blocks of base64 are content in disguise.
"""

import re
from typing import Final

from gateway.minimise.documents.model import Trouble, UnreadableError

_NEVER_SEEN: Final = (
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202c\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_TURNING: Final = "\u202d\u202e"
_CONTROLS: Final = "\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"
_PRIVATE: Final = "\ue000-\uf8ff\U000f0000-\U0010ffff"
HIDING_CHARACTERS: Final = re.compile(f"[{_CONTROLS}{_NEVER_SEEN}{_TURNING}{_PRIVATE}]")
"""What plain text never needs; in it each of these makes the whole unsearchable."""
_TAKEN_OUT: Final = re.compile(f"[{_CONTROLS}{_NEVER_SEEN}\ufffe\uffff]")
_TURNED: Final = re.compile(f"[{_TURNING}]")
_UNKNOWN_SIGNS: Final = re.compile(f"[{_PRIVATE}]")
_UNKNOWN_SIGN: Final = "\u25a1"
# The second form begins at a line of its own and can not run through a page of words, which have spaces.
_BASE64: Final = re.compile(r"[A-Za-z0-9+/=_-]{256}|(?:(?:^|\n)[A-Za-z0-9+/]{60,80}\r?(?=\n)){3}")
_SMALLEST_POINTS: Final = 2.0
# D9D9D9 on white is still read, E7E6E6 hardly; and yellow on white is seen, though it is as light as its ground.
_NEAREST_COLOUR: Final = 32
_HEX_COLOUR: Final = re.compile(r"#?([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})\Z")

Colour = tuple[int, int, int]
WHITE: Final[Colour] = (255, 255, 255)
BLACK: Final[Colour] = (0, 0, 0)


def searchable(text: str) -> tuple[str, int]:
    """Take out what nobody sees; give the text and how many characters that were.

    Signs of private fonts become an empty box. Raises UnreadableError NO_TEXT for text that is shown turned around.
    """
    if text.isascii():
        return (text, 0) if text.isprintable() else _TAKEN_OUT.subn("", text)
    if _TURNED.search(text):
        raise UnreadableError(Trouble.NO_TEXT)
    clean, count = _TAKEN_OUT.subn("", text)
    return _UNKNOWN_SIGNS.sub(_UNKNOWN_SIGN, clean), count


def holds_base64(text: str) -> bool:
    """Tell whether a block of base64 stands in a text: 256 of its characters in a row, or three full lines."""
    return _BASE64.search(text) is not None


def colour_of(value: str) -> Colour | None:
    """Read six hexadecimal digits; None for anything else, such as `auto`."""
    found = _HEX_COLOUR.match(value)
    return (int(found[1], 16), int(found[2], 16), int(found[3], 16)) if found else None


def too_small(points: float | None) -> bool:
    """Tell whether letters of this size are there to be overlooked."""
    return points is not None and points < _SMALLEST_POINTS


def melts_into(letters: Colour | None, ground: Colour | None) -> bool:
    """Tell whether letters have the colour of what is behind them. Unknown colours melt into nothing."""
    if letters is None or ground is None:
        return False
    return all(abs(one - other) <= _NEAREST_COLOUR for one, other in zip(letters, ground, strict=True))
