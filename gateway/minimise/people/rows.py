"""Reads lists and tables of people: which dates in them are birth dates, and which towns are homes.

Rules:
1. Below a head such as "Geboren" or "Geb.datum" stand birth dates, in the same column; below "Woonplaats" homes.
2. A date right behind a name on a line of its own is a birth date when what follows tells who it is, when the lines
   beside it are built alike, or when it is older than what else the text speaks of.
Every date is looked at once, and no further than its line; a line without cells ends a table.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from gateway.minimise.people.runs import Cue, cue_of

_SIGNS: Final = ("|", "\t", ";")
_BIRTH_HEAD: Final = re.compile(r"^\W*(?:geb|geboren|geboorte\w*|d\.?o\.?b|date of birth|birth ?date)\b", re.IGNORECASE)
_HOME_HEAD: Final = re.compile(
    r"^\W*(?:woonplaats|woonadres|verblijf(?:plaats|sadres)?|adres|plaats|gemeente|stad)\W*$", re.IGNORECASE
)
_BETWEEN: Final = re.compile(
    r"\s{0,3}(?:,|;|\||-|\u2013|\t|\s{2,})[\s|]{0,4}(?:gr(?:oep)?\.? ?\d\w? ?[-,|] ?|[A-Za-z]{1,12} ?[-,;|] ?)?$"
)
_SEX: Final = re.compile(r"\b(?:man|vrouw|m|v|jongen|meisje)\b", re.IGNORECASE)
_BEHIND: Final = re.compile(r"\s{0,3}(?:[,;|)\t-]|\u2013|\s{2,})\s{0,3}(?P<who>[A-Za-z-]{2,20})")
_LINE_END: Final = re.compile(r"\s{0,3}[.|;,]?\s*(?:\n|$)")
_NEAR: Final = 70
_OLDER: Final = 3
_LONG_AGO: Final = 9
_JUST: Final = 12
_LEAST_ROWS: Final = 2
_LEAST_CELLS: Final = 3


def births_in_rows(text: str, dates: Sequence[tuple[int, int, str]], *, after_names: frozenset[int]) -> frozenset[int]:
    """Give where the birth dates of lists and tables begin. `dates`: start, end and ISO value; `after_names`: ends."""
    if not dates:
        return frozenset()
    in_columns = {
        start
        for first, last in cells_below(text, _BIRTH_HEAD)
        for start, end, _ in dates
        if first <= start and end <= last
    }
    ends = sorted(after_names)
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    newest = max(value[:4] for _, _, value in dates)
    behind = [(start, end, value) for start, end, value in dates if _stands_behind_name(text, start, ends)]
    closed = {start for start, end, _ in behind if _LINE_END.match(text, end) or _BEHIND.match(text, end)}
    alike = len({bisect_right(lines, start) for start in closed}) >= _LEAST_ROWS
    told = {
        start
        for start, end, value in behind
        if _tells_who(text, end)
        or (start in closed and alike and (value[:4] < newest or len(behind) == len(dates)))
        or (start in closed and (int(value[:4]) + _LONG_AGO <= int(newest) or _SEX.search(text, start - _JUST, start)))
        or (int(value[:4]) + _OLDER <= int(newest) and _is_item(text[_line_of(start, lines) : start][:_NEAR]))
    }
    return frozenset(in_columns | told)


def _line_of(at: int, lines: Sequence[int]) -> int:
    return lines[bisect_right(lines, at) - 1]


def homes_in_rows(text: str) -> Iterator[tuple[int, int]]:
    """Give the cells of the columns that tell where people live."""
    yield from cells_below(text, _HOME_HEAD)


def cells_below(text: str, head: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Give the cells of each column whose head fits, from where they begin to where they end."""
    for sign in _SIGNS:
        if sign in text:
            yield from _cells(text, sign, head)


def _cells(text: str, sign: str, head: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    columns: list[int] = []
    width = at = 0
    for line in text.split("\n"):
        cells = line.split(sign)
        begins = [*accumulate((len(cell) + 1 for cell in cells), initial=at)]
        at = begins[-1]
        if len(cells) == _LEAST_CELLS - 1 and head.search(cells[0]):
            # A form: what is asked, and what was filled in.
            yield begins[1], begins[1] + len(cells[1])
        heads = [number for number, cell in enumerate(cells) if head.search(cell)]
        if heads and len(cells) >= _LEAST_CELLS and not any(map(str.isdigit, line)):
            columns, width = heads, len(cells)
            continue
        if len(cells) != width:
            columns = []
        for number in columns:
            yield begins[number], begins[number] + len(cells[number])


def _stands_behind_name(text: str, start: int, ends: Sequence[int]) -> bool:
    at = bisect_right(ends, start) - 1
    return at >= 0 and start - ends[at] < _NEAR and _BETWEEN.fullmatch(text, ends[at], start) is not None


def _tells_who(text: str, end: int) -> bool:
    behind = _BEHIND.match(text, end)
    return behind is not None and cue_of(behind["who"].lower()) in {Cue.KIN, Cue.SUBJECT}


def _is_item(line: str) -> bool:
    """Tell whether a line, as far as a date in it, is an item of a list."""
    return re.match(r"\s*(?:[-*\u2022|]|\d{1,2}[.)])\s", line) is not None or "|" in line or "\t" in line
