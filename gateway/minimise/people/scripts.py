"""Finds names in other than Latin letters: in a Dutch file they are hardly ever anything else.

Rules:
1. Whatever letter is not Latin counts, of any script, and so do letters in circles, squares and small capitals.
2. A row of up to five words is a name, more is a sentence in that language, which nobody here can search: it is taken
   out whole, and listed.
3. A word of two scripts is a name that is not certain: letters that look alike hide it from every list.
4. A letter that stands for a quantity (`kΩ`, `μmol`) makes no name.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.minimise.people.findings import Kind
from gateway.minimise.people.spots import Spot

_OTHER: Final = (
    # Small capitals, which stand among the Latin letters, and their like.
    "\u0262\u026a\u0274\u0276\u0280\u028f\u0299\u029b\u029c\u029f\ua730\ua731"
    # Every block of letters but the Latin ones, and none of punctuation, numbers, symbols and private use.
    "\u0370-\u1dff\u1f00-\u1fff\u2c00-\u2c5f\u2c80-\u2dff\u3040-\ua71f\ua800-\uab2f\uab70-\ud7ff\ufb07-\ufdff"
    "\ufe70-\ufefc\U00010000-\U0001cfff\U0001d800-\U0001efff\U00020000-\U0003ffff"
    # Letters in black circles and squares, which have no plain form.
    "\U0001f150-\U0001f169\U0001f170-\U0001f189"
)
_LETTERS: Final = re.compile(f"[{_OTHER}]+(?:[ '.\u00b7\u30fb-]{{1,2}}[{_OTHER}]+)*")
_ANY: Final = re.compile(f"[{_OTHER}]")
_QUANTITY: Final = re.compile("[\u0370-\u03ff][^\u0370-\u03ff]+|[^\u0370-\u03ff]+[\u0370-\u03ff]")
_MANY: Final = 5
_IDEOGRAPHS: Final = "\u3400"
_LONGEST_WORD: Final = 60


def find_other_scripts(text: str) -> Iterator[Spot]:
    """Find the rows of words of a normal text that are not, or not all, in Latin letters."""
    if text.isascii() or not _ANY.search(text):
        return
    ended = -1
    for found in _LETTERS.finditer(text):
        if found.start() < ended:
            continue
        row = found[0].rstrip(" .'-")
        first, last = found.start(), found.start() + len(row)
        start, end = _whole_word(text, first, last)
        ended = end
        if (start, end) != (first, last):
            if not _QUANTITY.fullmatch(text, start, end):
                yield Spot(start, end, Kind.NAME, certain=False)
        elif row[1:] or row >= _IDEOGRAPHS:
            # A Greek letter stands for a quantity, an ideograph for a word.
            yield Spot(start, end, Kind.NAME, certain=len(row.split()) <= _MANY)


def _whole_word(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in the letters right beside a row, of whatever script."""
    least, most = max(0, start - _LONGEST_WORD), min(len(text), end + _LONGEST_WORD)
    while start > least and _belongs(text[start - 1]):
        start -= 1
    while end < most and _belongs(text[end]):
        end += 1
    return start, end


def _belongs(sign: str) -> bool:
    return sign.isalpha() or _ANY.match(sign) is not None
