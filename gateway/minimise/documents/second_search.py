"""The second search: looks in a new document, as another library reads it, for what was taken out of the old one.

Rules:
1. Every value that was taken out is looked for, as a row of words; of a name also each part of four letters and more;
   and every value that this recipient does not get. Words are folded (`gateway.package.folding`).
2. None may be there. What may stand there by right must at least stand somewhere in the text that was meant to go:
   words of the subject's own name and data, words of whoever else stays, ordinary Dutch words, a town, and numbers of
   at most four digits (years, house numbers). How often it stands there says nothing: another library may give a text
   twice, as it is read and as it is drawn.
3. Values of eight signs and more are also looked for with everything between their letters and digits taken out: a name
   that was broken over a line, a number that was grouped in another way.
4. What a reviewer added is looked for here as a name is, and once more, strictly, in all that leaves (`added.py`).
5. What is told is which kinds were found, and in which passages that were meant to go, where they stand in one; never
   what.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.minimise.documents.model import Passage
from gateway.minimise.people.findings import Finding, Kind
from gateway.package.folding import words_of

_PART_LETTERS: Final = 4
_LEAST_SQUEEZED: Final = 8
_MOST_FREE_DIGITS: Final = 4

# `/Lang`, `/Font`: how a library tells of a PDF's own words, which are people's names as well.
PDF_NAME: Final = re.compile(r"^/[A-Za-z0-9]+$", re.MULTILINE)

MOST_PLACES: Final = 10
"""So many places are told at most; whoever mends these is told the others then."""

_Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A value that was taken out."""

    text: str = field(repr=False)
    kind: Kind


def taken_values(texts: Sequence[str], gone: Sequence[Sequence[Finding]]) -> Iterator[Taken]:
    """Give the values that a search marked, of those passages."""
    for text, findings in zip(texts, gone, strict=True):
        for each in findings:
            yield Taken(text=text[each.start : each.end], kind=each.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What was found again: rows of words with their kinds, and those of them that were found squeezed together."""

    rows: Mapping[_Phrase, Kind] = field(repr=False)
    squeezed: Mapping[_Phrase, Kind] = field(repr=False)

    @property
    def kinds(self) -> frozenset[Kind]:
        """Give the kinds of all that was found."""
        return frozenset((*self.rows.values(), *self.squeezed.values()))

    def stands_in(self, text: str) -> bool:
        """Tell whether any of it stands in a text."""
        words = words_of(text)
        return bool(occurring(words, self.rows) or _squeezed_in(words, self.squeezed))


def places_of(passages: Sequence[Passage], meant: Iterable[str], again: Sequence[Again]) -> tuple[str, ...]:
    """Say where what was found again stands in the passages as they were meant to go; nothing when in none.

    `page 3`, `sheet 2`, or `paragraph 5` in a document that has neither; counted from 1, and never a word of it.
    """
    there = (number for number, text in enumerate(meant) if any(each.stands_in(text) for each in again))
    return tuple(dict.fromkeys(_place_of(passages[number], number) for number in there))[:MOST_PLACES]


def _place_of(passage: Passage, number: int) -> str:
    if not passage.page:
        return f"paragraph {number + 1}"
    return f"page {passage.page}" if passage.place is None else f"sheet {passage.page}"


def found_again(
    written: str,
    *,
    meant: Iterable[str],
    taken: Iterable[Taken],
    staying: Iterable[str],
    is_ordinary: Callable[[str], bool],
) -> Again:
    """Give what was found again in a text that was written; nothing is as it should be.

    `meant` are the passages as they were meant to go, `staying` values of people who stay. `is_ordinary` tells whether
    a folded word is one of the language.
    """
    free = frozenset(word for value in staying for word in words_of(value))
    strict: dict[_Phrase, Kind] = {}
    by_right: dict[_Phrase, Kind] = {}
    for phrase, kind in _phrases(taken):
        harmless = all(word in free or _is_free(word, is_ordinary) for word in phrase)
        (by_right if harmless or kind is Kind.TOWN else strict).setdefault(phrase, kind)
    words = words_of(written)
    there = occurring(words_of(PDF_NAME.sub("", written)), by_right)
    if there:
        for text in meant:
            there -= occurring(words_of(text), there)
    again = {phrase: strict[phrase] for phrase in occurring(words, strict)}
    return Again(rows=again | {phrase: by_right[phrase] for phrase in there}, squeezed=_squeezed_in(words, strict))


def _phrases(taken: Iterable[Taken]) -> Iterator[tuple[_Phrase, Kind]]:
    for each in taken:
        words = tuple(words_of(each.text))
        if words:
            yield words, each.kind
        if each.kind is Kind.NAME:
            yield from (((word,), each.kind) for word in words if len(word) >= _PART_LETTERS)


def _is_free(word: str, is_ordinary: Callable[[str], bool]) -> bool:
    return len(word) <= _MOST_FREE_DIGITS if word.isdigit() else is_ordinary(word)


def occurring(words: Sequence[str], phrases: Iterable[_Phrase]) -> set[_Phrase]:
    """Tell which rows of words stand in a text."""
    by_first: dict[str, list[_Phrase]] = defaultdict(list)
    for phrase in phrases:
        by_first[phrase[0]].append(phrase)
    return {
        phrase
        for at, word in enumerate(words)
        for phrase in by_first.get(word, ())
        if tuple(words[at : at + len(phrase)]) == phrase
    }


def _squeezed_in(words: Sequence[str], phrases: Mapping[_Phrase, Kind]) -> dict[_Phrase, Kind]:
    squeezed = "".join(words)
    long = ((phrase, "".join(phrase)) for phrase in phrases)
    return {phrase: phrases[phrase] for phrase, joined in long if len(joined) >= _LEAST_SQUEEZED and joined in squeezed}
