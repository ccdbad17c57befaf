"""Cuts a normal text into words, with what stands between them."""

import re
from dataclasses import dataclass, field
from typing import ClassVar, Final

from gateway.minimise.people import cues
from gateway.minimise.people.one_of import OneOf

_WORD: Final = re.compile(r"v/d[rn]?(?= )|(?:'(?=[tsnTSN]\b))?[^\W\d_]+(?:['-][^\W\d_]+)*")
_OPENING: Final = " \"'([{\u201c\u201e\u00ab*_"
_ENDS: Final = frozenset(".!?:;\t\n\u2022\u2013\u2014|/<>}#\u2026\u201d")
_LONG_INITIALS: Final = frozenset(
    {"th", "ch", "chr", "ph", "joh", "jac", "fr", "wm", "ij", "st", "gh", "yu", "sj", "kh", "sh", "abd"}
)
_FOREIGN: Final = re.compile(r"[^\x00-\u02ff\u1e00-\u1eff\u2000-\u206f\u20a0-\u20cf'-]")
_WIDE: Final = re.compile(r"^ {0,80}: {0,80}$|^ ?(?:\.{3,80}|_{3,80}|\u2026{1,20}) ?:? {0,3}$")
"""Between a label and its value in a form: a colon with spaces around it, or a row of dots."""
_TIGHT: Final = frozenset({"", " ", ", ", ". ", ": ", " (", ") ", "-", "/", ".", "; "})
"""Nothing can be taken away from these, which are nearly all."""
_LOOSE: Final = re.compile(r"^ {1,2}([.,;]) {0,2}$")
_PROSE: Final = re.compile(r"[a-z]{2,40} (?=[a-z]{2,40}[ ,.])")
_LEAST_PROSE: Final = 2
_LONGEST_LINE: Final = 400
_LONGEST: Final = 60
"""Of a longer row of letters no name consists."""


class Shape(OneOf):
    """How a word is written."""

    LOWER: ClassVar["Shape"]
    CAPITAL: ClassVar["Shape"]
    UPPER: ClassVar["Shape"]
    INITIAL: ClassVar["Shape"]
    """A letter, or what stands for a name, with a full stop."""
    OTHER: ClassVar["Shape"]
    """Not in Latin letters."""


@dataclass(slots=True)
class Token:
    """A word of a normal text. `gap` is what stands before it, after the word before."""

    start: int
    end: int
    text: str = field(repr=False)
    shape: Shape
    gap: str = field(repr=False)
    opens: bool
    """It begins a sentence, a line or a field."""


def tokens_of(text: str) -> list[Token]:
    """Give the words of a normal text in order."""
    tokens: list[Token] = []
    at = 0
    for found in _WORD.finditer(text):
        start, end = found.span()
        gap = text[at:start]
        shape = _shape(found[0], text[end : end + 1])
        gap = _tight(text, at, start, gap)
        opens = _opens(gap, first=not tokens) and not (tokens and gap[:1] == "." and _abbreviated(tokens[-1]))
        tokens.append(Token(start, end, found[0], shape, gap, opens))
        at = end
    return tokens


def _tight(text: str, at: int, start: int, gap: str) -> str:
    """Give what stands between two words as it is written without room: `Naam    : `, `was  er .`, `Naam .....`."""
    if gap in _TIGHT or "\n" in gap:
        return gap
    if _WIDE.search(gap):
        return ": "
    if found := _LOOSE.search(gap):
        return f"{found[1]} "
    if gap in {"  ", "  (", " ( ", "  ( "} and _is_prose(text, at, start):
        return " (" if "(" in gap else " "
    return gap


def _is_prose(text: str, at: int, start: int) -> bool:
    """Tell whether a line has sentences and no columns, so that two spaces are one that was read badly."""
    end = text.find("\n", start)
    line = text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else None][:_LONGEST_LINE]
    return "   " not in line.strip() and len(_PROSE.findall(line)) >= _LEAST_PROSE


def _opens(gap: str, *, first: bool) -> bool:
    if gap == " ":
        return first
    bare = gap.rstrip(_OPENING)
    return (first and not bare) or (bool(bare) and bare[-1] in _ENDS) or "\n" in gap or "  " in gap.strip("\n")


def _abbreviated(token: Token) -> bool:
    """Tell whether the full stop after a word ends the word and not the sentence: `dhr.`, `nr.`, `A.`."""
    return token.shape is Shape.INITIAL or token.text.lower() in cues.ABBREVIATIONS


def _shape(word: str, after: str) -> Shape:
    if not word.isascii() and _FOREIGN.search(word[:_LONGEST]):
        return Shape.OTHER
    if word.islower():
        return Shape.LOWER
    head = word.lstrip("'")
    if after == "." and (len(head) == 1 or head.lower() in _LONG_INITIALS) and head[0].isupper():
        return Shape.INITIAL
    if len(head) > 1 and word.isupper():
        return Shape.UPPER
    if not head[0].isupper():
        # `d'Hondt` and `al-Masri` are names that begin small.
        return Shape.CAPITAL if _hidden_capital(word) else Shape.LOWER
    return Shape.CAPITAL


def _hidden_capital(word: str) -> bool:
    for sign in "'-":
        head, _, tail = word.partition(sign)
        if tail[:1].isupper() and head.lower() in {
            "al",
            "el",
            "ul",
            "ad",
            "ar",
            "as",
            "ash",
            "at",
            "an",
            "az",
            "d",
            "o",
            "l",
            "abd",
            "abdul",
            "ibn",
            "bin",
        }:
            return True
    return False
