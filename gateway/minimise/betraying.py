"""Decides what betrays a stripped value: which terms the search for residue looks for, and which it leaves alone.

A search that finds everything holds every letter; one that finds too little lets a value out. The choice:
1. A value of at most six words (a name, an address, a diagnosis) is betrayed by each of its words of four letters or
   more; by the whole, when none of its words tells anything. A single word of three letters counts.
2. A longer value (a remark, a strategy) is betrayed by any five words in a row, and by its words of eight letters or
   more.
3. Digits, and signs beyond the Latin alphabet, betray by any six in a row, separators left aside: no ordinary wording
   explains those away. A number of fewer digits (a year, an age, a house number) tells nothing by itself.
4. A date betrays as a whole, also as 01-05-1990 or 1 mei 1990.
5. General wording (`common_words`) betrays nothing. Nor does what the recipient gets anyway: a value that equals a
   permitted value (a date in any notation); a word or a row of words that stands in a permitted value of at most six
   words; a part of a permitted number.
6. A permitted value is searched too, because people copy a diagnosis into a remark. A long one is searched like a
   document; a short one for guarded values as a whole, and by rule 3.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.minimise.common_words import COMMON_WORDS
from gateway.minimise.stripped import Value, Values, Words
from gateway.minimise.terms import PART, Terms, as_phrase, parts_of, terms_of

SHORT_VALUE: Final = 6
_WORD: Final = 4
_SINGLE_WORD: Final = 3
_PROSE_WORD: Final = 8
_IN_A_ROW: Final = 5
_ROW_LETTERS: Final = 20
_MONTHS: Final = (
    ("januari", "january"),
    ("februari", "february"),
    ("maart", "march"),
    ("april", "april"),
    ("mei", "may"),
    ("juni", "june"),
    ("juli", "july"),
    ("augustus", "august"),
    ("september", "september"),
    ("oktober", "october"),
    ("november", "november"),
    ("december", "december"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Residue:
    """What may not occur: `anywhere` in documents and long permitted values, `in_short_values` in short ones."""

    anywhere: Terms = field(repr=False)
    in_short_values: Terms = field(repr=False)


def is_short(words: Sequence[str]) -> bool:
    """Tell whether a value is short enough to be a name, a number, an address, and not a text."""
    return len(words) <= SHORT_VALUE


def residue_of(values: Values) -> Residue:
    """Work out what betrays the stripped values and does not go to the recipient anyway."""
    known = _Known.of(values)
    hidden = [value for value in values.stripped if value.words and not known.has_whole(value)]
    parts = frozenset(part for value in hidden if value.date is None for part in parts_of(value.words)) - known.parts
    words = {word for value in hidden for word in _telling_words(value) if not known.has_word(word)}
    rows = [row for value in hidden for row in _telling_rows(value, words) if not known.has_row(row)]
    guarded = [whole for value in hidden if value.guarded for whole in _wholes(value)]
    return Residue(
        anywhere=terms_of(words, rows, parts),
        in_short_values=terms_of(
            (each[0] for each in guarded if len(each) == 1), (e for e in guarded if len(e) > 1), parts
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the recipient gets anyway."""

    whole: frozenset[Words]
    dates: frozenset[dt.date]
    words: frozenset[str]
    text: str
    rows: str
    parts: frozenset[str]

    @classmethod
    def of(cls, values: Values) -> "_Known":
        short = [value.words for value in values.permitted if is_short(value.words)]
        words = frozenset(word for each in short for word in each)
        return cls(
            whole=frozenset(value.words for value in values.permitted),
            dates=frozenset(value.date for value in values.permitted if value.date is not None),
            words=words,
            text="\n".join(words),
            rows="\n".join(map(as_phrase, short)),
            parts=frozenset(part for each in short if _is_number(each) for part in parts_of(each)),
        )

    def has_whole(self, value: Value) -> bool:
        return value.words in self.whole or value.date in self.dates

    def has_word(self, word: str) -> bool:
        return word in self.words or (len(word) >= PART and word in self.text)

    def has_row(self, row: Sequence[str]) -> bool:
        return as_phrase(row) in self.rows


def _is_number(words: Words) -> bool:
    return all(not ("a" <= word[0] <= "z") for word in words)


def _telling_words(value: Value) -> Iterator[str]:
    if value.date is not None:
        return
    least = _least_letters(value.words)
    for word in value.words:
        if len(word) >= least and not word.isdecimal() and word not in COMMON_WORDS:
            yield word


def _least_letters(words: Words) -> int:
    if len(words) == 1:
        return _SINGLE_WORD
    return _WORD if is_short(words) else _PROSE_WORD


def _telling_rows(value: Value, telling: set[str]) -> Iterator[Words]:
    if value.date is not None:
        yield from _spellings(value.date)
    elif not is_short(value.words):
        yield from _rows_of_prose(value.words)
    elif telling.isdisjoint(value.words):
        yield from _wholes(value)


def _rows_of_prose(words: Words) -> Iterator[Words]:
    for at in range(len(words) - _IN_A_ROW + 1):
        row = words[at : at + _IN_A_ROW]
        if sum(map(len, row)) >= _ROW_LETTERS and any(len(word) >= _WORD and word not in COMMON_WORDS for word in row):
            yield row


def _wholes(value: Value) -> Iterator[Words]:
    """Give the spellings of a whole short value, if it tells anything as a whole."""
    if value.date is not None:
        yield from _spellings(value.date)
        return
    words = value.words
    letters = sum(map(len, words))
    tells = not all(word.isdecimal() or word in COMMON_WORDS for word in words)
    if tells and is_short(words) and letters >= (_SINGLE_WORD if len(words) == 1 else _WORD):
        yield words


def _spellings(day: dt.date) -> Iterator[Words]:
    year, month, number = str(day.year), str(day.month), str(day.day)
    for written_month in {month, f"{day.month:02d}"}:
        for written_day in {number, f"{day.day:02d}"}:
            yield year, written_month, written_day
            yield written_day, written_month, year
    yield (day.strftime("%Y%m%d"),)
    yield (day.strftime("%d%m%Y"),)
    for name in dict.fromkeys(_MONTHS[day.month - 1]):
        yield number, name, year
        yield name, number, year
