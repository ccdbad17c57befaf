"""The values of one package, apart by whether a recipient gets them: what the search for residue starts from."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pydantic import JsonValue

from gateway.package.folding import words_of
from gateway.package.manifest import Category
from gateway.package.paths import iter_leaves
from gateway.package.states import Data, FieldVerdict, Verdict

_YEAR_FIRST: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ][0-9:.+Z-]*)?\s*\Z")
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})\s*\Z")

Words = tuple[str, ...]


class Value(NamedTuple):
    """One leaf as folded words, and as a date when it is one.

    `guarded`: blocked, sensitive, internal or never classified. Its whole may not even stand inside a permitted value.
    """

    words: Words
    date: dt.date | None
    guarded: bool

    def __repr__(self) -> str:
        return "<Value>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The different values of one package, apart by whether this recipient gets them."""

    stripped: tuple[Value, ...] = field(repr=False)
    permitted: tuple[Value, ...] = field(repr=False)


def values_of(data: Data, verdicts: Iterable[FieldVerdict], *, released: frozenset[str]) -> Values:
    """Sort the leaves of the data. Whatever was not released is stripped, also what no verdict speaks of.

    Truth values, zero and nothing at all are no values to search for.
    """
    mild = {each.path for each in verdicts if each.category is Category.ORDINARY and each.verdict is not Verdict.BLOCK}
    stripped: dict[tuple[str, bool], Value] = {}
    permitted: dict[str, Value] = {}
    for path, text in _texts(data):
        if path in released:
            if text not in permitted:
                permitted[text] = _value(text, guarded=False)
        elif (text, guarded := path not in mild) not in stripped:
            stripped[text, guarded] = _value(text, guarded=guarded)
    return Values(stripped=tuple(stripped.values()), permitted=tuple(permitted.values()))


def text_of(leaf: JsonValue) -> str:
    """Give the text of a leaf as people would write it; empty when there is nothing to find."""
    if isinstance(leaf, str):
        return leaf
    return repr(leaf) if leaf and isinstance(leaf, int | float) and leaf is not True else ""


def _texts(data: Data) -> Iterable[tuple[str, str]]:
    for row in data.rows:
        for path, leaf in iter_leaves(row):
            text = text_of(leaf)
            if text:
                yield path, text


def _value(text: str, *, guarded: bool) -> Value:
    return Value(words=tuple(words_of(text)), date=_date(text), guarded=guarded)


def _date(text: str) -> dt.date | None:
    if not text[:1].isdigit():
        return None
    if found := _YEAR_FIRST.match(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.match(text):
        day, month, year = found.groups()
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
