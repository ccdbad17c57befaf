"""Finds in a text the values that the package names: the subject's own, and what the recipient does not get.

Rules:
1. A value is found however it is written: case, diacritics, spaces, points and hyphens make no difference.
2. It is found as a whole: within a longer word or number it is something else.
3. Values too short to say anything (`ja`, `NL`) are not searched for: they would take out half of every text.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from gateway.package.folding import words_of

_LEAST_LETTERS: Final = 4
_LEAST_DIGITS: Final = 4
_BETWEEN: Final = r"[\W_]{0,3}"
_DOTLESS_I: Final = "\u0131"
_NOTHING: Final = re.compile(r"(?!)")


class _Flat(dict[int, str]):
    """One plain character for each character, so that positions stay what they are."""

    def __missing__(self, number: int) -> str:
        char = chr(number)
        plain = unicodedata.normalize("NFKD", char)[:1].casefold() or char
        self[number] = "i" if char == _DOTLESS_I else plain if len(plain) == 1 else char
        return self[number]


_FLAT: Final = _Flat()


def flat(text: str) -> str:
    """Fold a normal text for comparing, each character for itself."""
    return text.lower() if text.isascii() else text.translate(_FLAT)


def pattern_of(values: Iterable[str]) -> re.Pattern[str]:
    """Give a pattern that finds any of the values in a flat text."""
    forms = {form for value in values if (form := _form(value))}
    if not forms:
        return _NOTHING
    # The longest first, since the first that fits is taken.
    return re.compile("|".join(sorted(forms, key=len, reverse=True)))


def digits_of(value: str) -> str:
    """Give the letters and digits of a number as it is compared."""
    return "".join(words_of(value))


def _form(value: str) -> str:
    words = words_of(value)
    letters = sum(len(word) for word in words if not word[0].isdigit())
    digits = sum(len(word) for word in words if word[0].isdigit())
    if letters < _LEAST_LETTERS and digits < _LEAST_DIGITS:
        return ""
    if not letters:
        row = r"[ ./-]{0,2}".join("".join(words))
        return rf"(?<![\w.,-]){row}(?![\w])|(?<=[\w][-.]){row}(?![\w])"
    return r"(?<![^\W_])" + _BETWEEN.join(map(re.escape, words)) + r"(?:'?s)?(?![^\W_])"
