"""Brings a text into one form to search, and remembers where every character came from.

Rules:
1. What is not seen vanishes: soft hyphens, zero-width characters, marks of direction, control characters.
2. Kinds of spaces, quotes and hyphens become one of each; decomposed letters, ligatures and full-width forms become
   what people read. A word that was broken with a hyphen at the end of a line is one word again.
3. A span of the normal form gives the span of the original that covers it, in code points; the original is never
   changed.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

_SPACES: Final = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t"
_UNSEEN: Final = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufffe"
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\U000e0000-\U000e01ef"
)
_COMPATIBLE: Final = (
    "\uf900-\ufaff\ufb00-\ufdff\ufe20-\ufefc\uff01-\uff9f\u2126\u212a\u212b\U0001d400-\U0001d7ff"
    # Letters in circles and squares, and those of mathematics.
    "\u24b6-\u24e9\U0001f130-\U0001f149\u210b-\u2113\u2115\u2119-\u211d\u2124\u2128\u212c-\u2139\u2145-\u2149"
)
_ODD: Final = re.compile(
    rf"(?P<composed>[^\W\d_][\u0300-\u036f]+)|(?P<unseen>[{_UNSEEN}]+)|(?P<space>[{_SPACES}])"
    r"|(?P<quote>[\u2018\u2019\u201b\u02bc\u02b9\u00b4\u0060])|(?P<hyphen>[\u2010\u2011\u2212])|(?P<line>\r\n?"
    r"|[\x0b\x0c\x85\u2028\u2029])"
    rf"|(?P<compatible>[{_COMPATIBLE}])"
)
_SINGLE: Final = {"space": " ", "quote": "'", "hyphen": "-", "line": "\n", "unseen": ""}
_SPACED: Final = re.compile(r"(?<=[\w)]) {1,30}(?=[:,;](?:\s|$))|(?<=[a-z] ) (?=[^\W\d_])")
"""`Naam   : Ria , Post`, `buurman  Post`: how programs that read pictures and forms space their words."""
_LEAST_SENTENCE: Final = 60
_LEAST_WORDS: Final = 4
"""Of a sentence; a field of a form begins with fewer."""
_SHORT_PARTICLE: Final = re.compile(r"(?<![\w./-])[vV](?:/|\. ?| )d(?:\.(?= ?[A-Z]))?(?![\w./])")
_SHORT_PARTICLES: Final = ("v/d", "v.d", "v. d", "v d", "V/d", "V.d", "V. d")
"""`v/d Berg`, `v.d. Berg`: the two letters of `van de`."""
_BROKEN: Final = re.compile(r"(?<=[^\W\d_])-[ ]{0,20}\n[ ]{0,20}(?=[^\W\d_])")
_BROKEN_NUMBER: Final = re.compile(r"(?<=[0-9])-[ ]{0,20}\n[ ]{0,20}(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Normal:
    """The normal form of a text. Character `i` of it came from `starts[i]` to `ends[i]` of the original."""

    text: str = field(repr=False)
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)

    def outside(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the original for a span of the normal form that is not empty."""
        return self.starts[start], self.ends[end - 1]

    def inside(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the normal form that a span of the original touches; it may be empty."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)


def normalise(text: str) -> Normal:
    """Bring a text into normal form."""
    normal = Normal(text, range(len(text)), range(1, len(text) + 1))
    normal = _rewritten(normal, _ODD, _plain)
    if "  " in normal.text or " :" in normal.text or " ," in normal.text:
        normal = _rewritten(normal, _SPACED, lambda found: " " if _divides(found) else "")
    if any(each in normal.text for each in _SHORT_PARTICLES):
        normal = _rewritten(normal, _SHORT_PARTICLE, lambda _: "vd")
    if "-" in normal.text:
        normal = _rewritten(normal, _BROKEN, _joined)
        normal = _rewritten(normal, _BROKEN_NUMBER, lambda _: "-")
    return normal


def _plain(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    if kind in _SINGLE:
        return _SINGLE[kind]
    return unicodedata.normalize("NFC" if kind == "composed" else "NFKC", found[0])


def _divides(found: re.Match[str]) -> bool:
    """Tell whether a second space divides two columns: behind a word in small letters it is one that was misread."""
    text, at = found.string, found.start()
    if text[found.end()] in ":,;":
        return False
    line = text.rfind("\n", max(0, at - _LEAST_SENTENCE), at) + 1
    if len(text[line:at].split()) < _LEAST_WORDS:
        return True
    word = text[max(text.rfind(" ", 0, at - 1), text.rfind("\n", 0, at - 1)) + 1 : at - 1]
    return not (word.isalpha() and word.islower())


def _joined(found: re.Match[str]) -> str:
    """Keep the hyphen where it belongs to the word (`Al-` `Masri`), drop it where the line broke the word."""
    text, after = found.string, found.end()
    keeps = text[after].isupper() or text[found.start() - 1].isupper()
    return "-" if keeps else ""


def _rewritten(normal: Normal, pattern: re.Pattern[str], rewrite: Callable[[re.Match[str]], str]) -> Normal:
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for found in pattern.finditer(normal.text):
        start, end = found.span()
        new = rewrite(found)
        parts += (normal.text[at:start], new)
        starts += normal.starts[at:start]
        ends += normal.ends[at:start]
        starts += [normal.starts[start]] * len(new)
        ends += [normal.ends[end - 1]] * len(new)
        at = end
    if not at:
        return normal
    parts.append(normal.text[at:])
    starts += normal.starts[at:]
    ends += normal.ends[at:]
    return Normal("".join(parts), starts, ends)
