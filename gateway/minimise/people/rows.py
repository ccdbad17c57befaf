"""Reads lists of people: which dates in them are birth dates. What a head says of a column is told in `columns`.

A date right behind a name on a line of its own is a birth date when what follows tells who it is, when the lines beside
it are built alike, or when it is older than what else the text speaks of. Every date is looked at once, and no further
than its line.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from gateway.minimise.people.cueing import Cue, cue_of

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


def births_in_rows(text: str, dates: Sequence[tuple[int, int, str]], *, after_names: frozenset[int]) -> frozenset[int]:
    """Give where the birth dates of lists begin. `dates`: start, end and ISO value; `after_names`: ends."""
    if not dates:
        return frozenset()
    ends = sorted(after_names)
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    newest = max(value[:4] for _, _, value in dates)
    behind = [(start, end, value) for start, end, value in dates if _stands_behind_name(text, start, ends)]
    closed = {start for start, end, _ in behind if _LINE_END.match(text, end) or _BEHIND.match(text, end)}
    alike = len({bisect_right(lines, start) for start in closed}) >= _LEAST_ROWS
    return frozenset(
        start
        for start, end, value in behind
        if _tells_who(text, end)
        or (start in closed and alike and (value[:4] < newest or len(behind) == len(dates)))
        or (start in closed and (int(value[:4]) + _LONG_AGO <= int(newest) or _SEX.search(text, start - _JUST, start)))
        or (int(value[:4]) + _OLDER <= int(newest) and _is_item(text[_line_of(start, lines) : start][:_NEAR]))
    )


def _line_of(at: int, lines: Sequence[int]) -> int:
    return lines[bisect_right(lines, at) - 1]


def _stands_behind_name(text: str, start: int, ends: Sequence[int]) -> bool:
    at = bisect_right(ends, start) - 1
    return at >= 0 and start - ends[at] < _NEAR and _BETWEEN.fullmatch(text, ends[at], start) is not None


def _tells_who(text: str, end: int) -> bool:
    behind = _BEHIND.match(text, end)
    return behind is not None and cue_of(behind["who"].lower()) in {Cue.KIN, Cue.SUBJECT}


def _is_item(line: str) -> bool:
    """Tell whether a line, as far as a date in it, is an item of a list."""
    return re.match(r"\s*(?:[-*\u2022|]|\d{1,2}[.)])\s", line) is not None or "|" in line or "\t" in line
