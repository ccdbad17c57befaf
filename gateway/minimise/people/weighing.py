"""Weighs the signs around a date or a town: words and layout, each with a weight that was learnt.

Rules:
1. What is weighed is what the rules passed over. A weighing adds to what they found, and takes nothing away; what it
   adds is never certain.
2. A sign is an ordinary word, a mark or the layout around a spot: never the spot itself, and never a name.
3. The weights are a list that people can read, made out of the labelled documents by
   `python -m tests.redaction.learning`: the same documents give the same list.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.dates import dates_of
from gateway.minimise.people.findings import Finding, Kind
from gateway.minimise.people.merging import merged
from gateway.minimise.people.places import town_at
from gateway.minimise.people.spots import Spot
from gateway.minimise.people.weights import Weights
from gateway.minimise.people.words import Sort, Vocabulary

_LEAST_CHANCE: Final = {Kind.BIRTH_DATE: 0.3, Kind.TOWN: 0.35}
"""From where on a spot is taken: what is missed leads to somebody, and what is taken needlessly is only looked at."""
_WORD: Final = re.compile(r"[^\W_]+|[*\u00b0]")
_COLUMN: Final = re.compile(r"\S(?: {2,}|\t| \| |;)")
_YEAR: Final = re.compile(r"(?<!\d)20[23]\d(?!\d)")
_LEAST_YEAR: Final = 2020
"""No text is from before; its own year is the latest that it names."""
_NUMBERS: Final = re.compile(r"\d[-/. ]\d{1,2}[-/. ]\d{2}")
_TIME: Final = re.compile(r"[,.]? ?(?:om |at )?\d{1,2}[:.u]\d\d")
_LETTER_OR_DIGIT: Final = re.compile(r"\w")
_LETTER: Final = re.compile(r"[^\W\d_]+")
_END_OF_SENTENCE: Final = re.compile(r"[.;?!]\s")
_CAPITAL: Final = re.compile(r"(?<![\w-])(?=(?P<word>['A-Z][\w'-]{0,40}))")
_REACH: Final = 80
_REACH_OF_NAME: Final = 20
_LONGEST_LINE: Final = 160
_WORDS_BEFORE: Final = 4
_WORDS_BEHIND: Final = 3
_MOST: Final = 4
_AGES: Final = (1, 3, 8, 18, 45)
_ADDRESS_REACH: Final = 25


class Signs:
    """The signs in one normal text. `names` in order, apart; `addresses`: where addresses and postcodes end."""

    def __init__(
        self, text: str, *, names: Sequence[Finding], addresses: Sequence[int], vocabulary: Vocabulary
    ) -> None:
        self._text = text
        self._names = names
        self._starts = [name.start for name in names]
        self._addresses = addresses
        self._vocabulary = vocabulary
        self._year = max((int(found[0]) for found in _YEAR.finditer(text)), default=_LEAST_YEAR)

    def dates(self) -> Iterator[tuple[Spot, list[str]]]:
        """Give every date from before the year of the text, and its signs."""
        for start, end, value in sorted(dates_of(self._text)):
            year = int(value[:4])
            # In the year of the document itself too much else happens beside a name: that is left to the rules.
            if year < self._year:
                yield Spot(start, end, Kind.BIRTH_DATE, certain=False), self._of_date(start, end, year)

    def towns(self) -> Iterator[tuple[Spot, list[str]]]:
        """Give every town of the Netherlands that is not part of a name, and its signs."""
        reached = 0
        for found in _CAPITAL.finditer(self._text):
            start = found.start()
            if start < reached or not self._vocabulary.begins_town(found["word"]):
                continue
            end = town_at(self._text, start, self._vocabulary, casual=False)
            if end is not None and not self._text[start:end].isupper() and not self._is_named(start, end):
                reached = end
                if self._is_of_office(start):
                    continue
                yield Spot(start, end, Kind.TOWN, certain=False), self._of_town(start, end)

    def _is_of_office(self, start: int) -> bool:
        """Tell a town behind somebody who is named by what he does: `Arts: dr. Smit, Zwolle`, where he works."""
        at = bisect_left(self._starts, start)
        if not at or not self._names[at - 1].end > self._line(start, start)[0]:
            return False
        name = self._names[at - 1]
        before = _LETTER.findall(self._text, max(0, name.start - _REACH_OF_NAME), name.start)[-2:]
        return any(cue_of(word.lower()) in {Cue.ROLE, Cue.OFFICIAL} for word in before)

    def _of_date(self, start: int, end: int, year: int) -> list[str]:
        signs = [f"age {sum(self._year - year >= least for least in _AGES)}"]
        signs.append("form " + _LETTER.sub("a", re.sub(r"\d", "0", self._text[start:end])))
        signs += self._around(start, end)
        line = self._line(start, end)
        signs.append(f"dates {self._at_most(len(_NUMBERS.findall(self._text, *line)))}")
        if _TIME.match(self._text, end):
            signs.append("time behind")
        names = self._names[bisect_left(self._starts, line[0]) : bisect_left(self._starts, line[1])]
        signs.append(f"names {self._at_most(len(names))}")
        before = [name for name in names if name.end <= start]
        if before:
            between = self._text[before[-1].end : start]
            signs.append(f"words from name {self._at_most(len(_LETTER.findall(between)))}")
        return signs

    def _of_town(self, start: int, end: int) -> list[str]:
        signs = self._around(start, end)
        at = bisect_left(self._starts, start)
        if at:
            name = self._names[at - 1]
            begin = max(name.end, start - _REACH)
            between = self._text[begin:start]
            signs += [
                f"before name {word}" for word in self._words(max(0, name.start - _REACH_OF_NAME), name.start)[-2:]
            ]
            signs += [
                f"name before {name.whose.value}",
                f"name before {name.whose.value} {self._at_most(len(between) // 12)}",
                f"name before {name.whose.value} on another line" if "\n" in between else "name before on line",
            ]
            if not _LETTER.search(between):
                signs.append("name right before")
            if _END_OF_SENTENCE.search(between):
                signs.append("sentence between")
            signs += (f"between {word}" for word in self._words(begin, start)[-6:])
        if at < len(self._names):
            name = self._names[at]
            signs.append(f"name behind {name.whose.value} {self._at_most((name.start - end) // 12)}")
        nearest = bisect_left(self._addresses, start + 1)
        if nearest and start - self._addresses[nearest - 1] < _ADDRESS_REACH:
            signs.append("address before")
        return signs

    def _around(self, start: int, end: int) -> list[str]:
        """Give the words and the layout around a spot."""
        text = self._text
        first, last = self._line(start, end)
        before = self._words(max(0, start - _REACH), start)
        behind = self._words(end, end + _REACH)[:_WORDS_BEHIND]
        signs = [f"before {word}" for word in before[-6:]]
        signs += (f"before-{n} {word}" for n, word in enumerate(reversed(before[-_WORDS_BEFORE:]), start=1))
        signs += (f"behind-{n} {word}" for n, word in enumerate(behind, start=1))
        signs.append(f"columns {self._at_most(len(_COLUMN.findall(text, first, last)))}")
        if not text[first:start].strip(" -*\u2022>|\t"):
            signs.append("begins line")
        if not text[end:last].strip(" .|;\t"):
            signs.append("ends line")
        signs.append(f"mark before {_marks(text[max(0, start - 2) : start])}")
        signs.append(f"mark behind {_marks(text[end : end + 2])}")
        label, colon, _ = text[first:start].rpartition(":")
        if colon:
            signs.append("label " + " ".join(self._words(max(first, first + len(label) - 30), first + len(label))[-2:]))
        return signs

    def _words(self, start: int, end: int) -> list[str]:
        return [self._word(found[0]) for found in _WORD.finditer(self._text, start, min(end, len(self._text)))]

    def _word(self, word: str) -> str:
        """Say a word as a sign: an ordinary one itself, of another only how it is written."""
        if word.isdigit():
            return "0" * min(len(word), _MOST)
        lower = word.lower()
        if (
            word in "*\u00b0"
            or len(word) == 1
            or self._vocabulary.sort(lower) & Sort.WORD
            or lower in self._vocabulary.lists.english
        ):
            return lower
        return "x" if word[0].islower() else "Xx" if not word.isupper() else "XX"

    def _line(self, start: int, end: int) -> tuple[int, int]:
        """Give the line of a spot, or what of it is near."""
        begin, stop = max(0, start - _LONGEST_LINE), min(len(self._text), end + _LONGEST_LINE)
        first, last = self._text.rfind("\n", begin, start), self._text.find("\n", end, stop)
        return max(begin, first + 1), stop if last < 0 else last

    def _is_named(self, start: int, end: int) -> bool:
        at = bisect_left(self._starts, end)
        return at > 0 and self._names[at - 1].end > start

    @staticmethod
    def _at_most(count: int) -> int:
        return min(count, _MOST)


def _marks(text: str) -> str:
    """Say which marks stand there; a letter is only a letter, and a tab would divide the line of a list."""
    return _LETTER_OR_DIGIT.sub("w", text).replace("\n", "/").replace("\t", "  ")


def signs_of(text: str, found: Sequence[Finding], vocabulary: Vocabulary) -> Signs:
    """Look for the signs in a normal text, of which this was found so far."""
    ordered = merged(found)
    names = [each for each in ordered if each.kind is Kind.NAME]
    addresses = [each.end for each in ordered if each.kind in {Kind.ADDRESS, Kind.POSTCODE}]
    return Signs(text, names=names, addresses=addresses, vocabulary=vocabulary)


def weighed(spots: Iterable[tuple[Spot, list[str]]], weights: Weights) -> Iterator[Spot]:
    """Give the spots whose signs weigh enough."""
    for spot, signs in spots:
        if weights.chance(signs) >= _LEAST_CHANCE[spot.kind]:
            yield spot
