"""Writes the numbers of a spreadsheet as people see them, as far as it matters for what they are.

Rules:
1. A date or time is ISO 8601, with no more of it than its format shows.
2. A number has the 15 digits that spreadsheets keep, without the noise of binary fractions, and without an exponent.
3. A format of digits and fixed text alone is carried out: by `0000000000` a V-number keeps its zeros, and by
   `06-00000000` a telephone number is found as one. Other formats (currency, percent) do not change the number.
4. A format may hide what stands in a cell (`;;;`): ECMA-376 part 1, 18.8.31.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

_BUILT_IN: Final = {
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 47, 55, 56), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm:ss",
    46: "[h]:mm:ss",
    49: "@",
}
_FIXED_TEXT = re.compile(r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].', re.DOTALL)
_IN_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_HALF_DAYS = re.compile(r"AM/PM|A/P", re.IGNORECASE)
_WHITE = re.compile(r"\[(?:white|color ?2)\]", re.IGNORECASE)
_SEPARATOR = re.compile(r'"[^"]*"|\\.|(;)', re.DOTALL)
_DIGITS_ALONE = re.compile(r"[0 ./:()+-]*0[0 ./:()+-]*\Z")
_PLACES: Final = frozenset("0#?@") | frozenset("ymdhsYMDHS")
_SECONDS_A_DAY: Final = 86_400
_LAST_DAY: Final = 2_958_465
_DAYS_TO_1904: Final = 1_462
_TEXT_SECTION: Final = 3
_KEPT_DIGITS: Final = 15
_EXACT: Final = 1e15
_PLACEHOLDER: Final = "\ue000"
_PHANTOM_DAY: Final = 60
"""29 February 1900, which the 1900 system counts and no calendar has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """How a cell is shown; `code` as in the file."""

    code: str

    def shows_text(self) -> bool:
        """Tell whether a text in such a cell can be seen."""
        sections = _sections(self.code)
        if len(sections) == 1:
            return bool(sections[0])
        return len(sections) <= _TEXT_SECTION or _has_places(sections[_TEXT_SECTION], "@")

    def shows_number(self, value: float) -> bool:
        """Tell whether a number in such a cell can be seen."""
        section = self._section(value)
        return "general" in section.casefold() or _has_places(section, "")

    def number_text(self, raw: str, *, from_1904: bool = False) -> tuple[str, bool]:
        """Give a number's text, and whether it still is that number. Raises ValueError when it is none."""
        value = float(raw)
        if value in (float("inf"), float("-inf")) or value != value:  # noqa: PLR0124 - the one value that is not itself
            raise ValueError("a finite number expected")
        plain = str(int(value)) if abs(value) < _EXACT and value.is_integer() else _plain(value)
        section = self._section(value)
        if section == "General":
            return plain, True
        is_date, is_time, is_elapsed = _moment_parts(section)
        if is_elapsed and 0 <= value <= _LAST_DAY:
            return _duration(value), False
        last = _LAST_DAY - _DAYS_TO_1904 if from_1904 else _LAST_DAY
        if (is_date or is_time) and 0 <= value < last + 1:
            return _moment(value, is_date=is_date, is_time=is_time, from_1904=from_1904), False
        shown = _filled_in(section, plain)
        return (plain, True) if shown is None or shown == plain else (shown, False)

    def _section(self, value: float) -> str:
        sections = _sections(self.code)
        if len(sections) == 1 or value > 0 or (value == 0 and len(sections) < _TEXT_SECTION):
            return sections[0]
        return sections[1] if value < 0 else sections[2]


def built_in(number: int) -> NumberFormat:
    """Give a format that files name by its number alone (ECMA-376 part 1, 18.8.30)."""
    return NumberFormat(code=_BUILT_IN.get(number, "General"))


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[str, ...]:
    """Cut a format at its semicolons; a section that writes in white is one that shows nothing."""
    parts, begin = [], 0
    for found in _SEPARATOR.finditer(code):
        if found[1]:
            parts.append(code[begin : found.start()])
            begin = found.end()
    parts.append(code[begin:])
    if len(parts) == 1 and not parts[0].strip():
        return ("General",)
    return tuple("" if _WHITE.search(part) else part for part in parts[: _TEXT_SECTION + 1])


@lru_cache(maxsize=1024)
def _has_places(section: str, wanted: str) -> bool:
    bare = _IN_BRACKETS.sub("", _FIXED_TEXT.sub("", _ELAPSED.sub("h", section)))
    return any(each in (wanted or _PLACES) for each in bare) or (bool(wanted) and "general" in section.casefold())


@lru_cache(maxsize=1024)
def _moment_parts(section: str) -> tuple[bool, bool, bool]:
    """Tell whether a format shows a date, a time of the day, or a time that passed."""
    bare = _FIXED_TEXT.sub("", section)
    is_elapsed = bool(_ELAPSED.search(bare))
    bare = _HALF_DAYS.sub("h", _IN_BRACKETS.sub("", bare)).casefold().replace("general", "")
    is_time = "h" in bare or "s" in bare
    is_date = "y" in bare or "d" in bare or ("m" in bare and not is_time)
    return is_date, is_time, is_elapsed


def _plain(value: float) -> str:
    text = format(Decimal(format(value, f".{_KEPT_DIGITS}g")), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _moment(value: float, *, is_date: bool, is_time: bool, from_1904: bool) -> str:
    # Rounded within the day: a second before midnight is no next day.
    days = int(value)
    seconds = min(round((value - days) * _SECONDS_A_DAY), _SECONDS_A_DAY - 1)
    minutes, seconds = divmod(seconds, 60)
    time = dt.time(minutes // 60, minutes % 60, seconds).isoformat()
    if not is_date:
        return time
    first = dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 31 if days < _PHANTOM_DAY else 30)
    date = (first + dt.timedelta(days=days)).isoformat()
    return f"{date}T{time}" if is_time else date


def _duration(value: float) -> str:
    minutes, seconds = divmod(round(value * _SECONDS_A_DAY), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def _filled_in(section: str, plain: str) -> str | None:
    """Carry out a format of zeros and fixed text on a whole number; None when the format is none, or says nothing."""
    if not plain.isdecimal() or _PLACEHOLDER in section:
        return None
    fixed: list[str] = []
    bare = _FIXED_TEXT.sub(lambda found: _kept(found, fixed), _IN_BRACKETS.sub("", section))
    pattern = bare.replace(_PLACEHOLDER, "")
    if not (_DIGITS_ALONE.match(pattern) and "." not in pattern and "/" not in pattern and ":" not in pattern):
        return None
    digits = list(plain)
    shown: list[str] = []
    first = bare.index("0")
    for at in range(len(bare) - 1, -1, -1):
        if bare[at] == _PLACEHOLDER:
            shown.append(fixed.pop())
        elif bare[at] != "0":
            shown.append(bare[at])
        else:
            shown.append(digits.pop() if digits else "0")
            if at == first:
                shown.append("".join(digits))
    return "".join(reversed(shown))


def _kept(found: re.Match[str], fixed: list[str]) -> str:
    text = found["quoted"] or found["escaped"] or ""
    fixed.append(text)
    # One character of the private use area stands for it, so that its letters are not taken for places.
    return _PLACEHOLDER
