"""Folds text to words that can be compared, however they were written.

Rules:
1. Case, composed or decomposed letters (NFC, NFD), compatibility forms (NFKC), diacritics, soft hyphens, zero-width and
   other format characters, kinds of digits and kinds of spaces make no difference. This errs towards finding.
2. Folding goes character by character, so that a text may be cut anywhere and gives the same letters.
3. A word is a run of letters, or a run of digits: `3511AB` and `3511 AB` are the same two words. Signs that are neither
   letter, digit, space nor punctuation count as letters.
"""

import re
import unicodedata

_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_WORD = re.compile("[a-z\x80-\U0010ffff]+|[0-9]+")
_VANISH = frozenset({"Mn", "Me", "Cf"})
_DOTLESS_I = "\u0131"
# Up to here one pass for each changing character is faster than looking up every character.
_FEW = 64


class _Folded(dict[int, str]):
    """What each character beyond ASCII becomes, worked out when first met; Unicode bounds its size."""

    def __missing__(self, number: int) -> str:
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(number)).casefold())
        self[number] = "".join(map(_fold_part, folded))
        return self[number]


def _fold_part(char: str) -> str:
    category = unicodedata.category(char)
    if category in _VANISH:
        return ""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char == _DOTLESS_I:
        return "i"
    return " " if category[0] in "ZPC" else char


_FOLDED = _Folded()


def words_of(text: str) -> list[str]:
    """Give the words of a text in order, folded."""
    lower = text.lower()
    return _WORD.findall(lower if lower.isascii() else _fold(lower))


def _fold(text: str) -> str:
    beyond = set("".join(set(_BEYOND_ASCII.findall(text))))
    changing = sorted(char for char in beyond if _FOLDED[ord(char)] != char)
    if len(changing) > _FEW:
        return text.translate({ord(char): _FOLDED[ord(char)] for char in changing})
    for char in changing:
        text = text.replace(char, _FOLDED[ord(char)])
    return text
