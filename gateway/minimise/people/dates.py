"""Tells birth dates from the ordinary dates of a file, which stay.

Rules:
1. A date is a birth date beside a word that says so, in brackets right after a name, or in a row that lists people.
   Parts may be 00.
2. The date that the package gives as the subject's is the subject's wherever it stands.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.births import births_beside, is_birthday
from gateway.minimise.people.findings import Kind
from gateway.minimise.people.lists import folded
from gateway.minimise.people.spots import Spot

_MONTH: Final = r"[A-Za-zÀ-ÿşŞıİğĞ]{3,10}"
_DATE: Final = re.compile(
    rf"(?<![\w])(?:(?P<d1>\d{{1,2}}) ?[-/.] ?(?P<m1>\d{{1,2}}|[IVX]{{1,4}}) ?[-/.] ?(?P<y1>\d{{4}}|'?\d{{2}})"
    rf"|(?P<y2>\d{{4}})[-/.](?P<m2>\d{{1,2}})[-/.](?P<d2>\d{{1,2}})"
    rf"|(?P<d3>\d{{1,2}})(?:e|de|ste|\.)?[ -](?P<m3>{_MONTH})\.?[ -](?P<y3>\d{{4}}|'\d{{2}})"
    rf"|(?P<m4>{_MONTH}) (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y4>\d{{4}})"
    r"|(?P<d5>\d{2})(?P<m5>\d{2})(?P<y5>(?:19|20)\d{2})|(?P<y6>(?:19|20)\d{2})(?P<m6>\d{2})(?P<d6>\d{2})"
    r"|(?P<d7>\d{1,2}) (?P<m7>\d{2}) (?P<y7>(?:19|20)\d{2}))(?![\w])"
)
_BOXED: Final = re.compile(
    r"(?<![\w])([\dlO] ?[\dlO]) ?[-/.] ?([01lO] ?[\dlO]) ?[-/.] ?([12l] ?[09O] ?[\dlO] ?[\dlO])(?![\w])"
)
"""A date whose digits stand in the boxes of a form, or were misread: `2 9 - 1 1 - 1 9 5 8`, `30.0l.1977`."""
_READ_AS: Final = str.maketrans("lO", "10")
_DAY: Final = re.compile(
    r"(?<![\w.,/-])(?:\d{1,2}(?:e|de|ste)? (?P<day>[A-Za-zéû]{3,9})(?![\w])(?!\.? (?:'\d\d|\d{4}))"
    r"|(?P<month>[A-Za-z]{3,9}) (?:19|20)\d\d(?![\w]))"
)
_BIRTH: Final = re.compile(
    # The last word that says so counts: the one before it has a date of its own.
    r"(?s:.*)(?:\bgeboren\b|\bgeb\b|\bgeb\.|\bgeboorte(?:datum|dag|data|dd)?\b|\bgbd\b|\bgeb\.? ?(?:dat|dd)\b"
    r"|\bd\.?o\.?b\b|\bdate of birth\b|\bborn\b"
    r"|\bbirthday\b|\bn[ée]e? le\b|\bbeviel\b|\bbevallen\b|\bverjaardag\b"
    r"|\bverjaart\b|\bjarig\b|\bter wereld\b|\u00b0"
    r"|(?:^|[\s(])\*)"
    r"(?P<between>(?:[^\n?]{0,60}\?\s{0,2}\n(?:- )?(?:Antwoord|Antw|A)\.?:? ?)?[^\n]{0,60})$",
    re.IGNORECASE,
)
_THEN_BORN: Final = re.compile(
    r"[\w./-]{1,12}(?: [\w.]{1,10} \d{4})? (?:(?:te|in) (?:[\w-]{2,20} ){1,3})?(?:geboren|ter wereld)\b"
)
_ON_IT_BORN: Final = re.compile(
    r" (?:(?:is|werd|zijn|werden|kwam|kwamen)\b[^\n.;]{0,60}\b(?:geboren|ter wereld)"
    r"|(?:is \w[^\n.;]{0,40} )?be(?:viel|vallen))\b"
)
_MONTHS: Final = 12
_DAYS: Final = 31
_REACH: Final = 80
_AGAIN: Final = re.compile(
    r"^\W{0,4}(?:dat is|oftewel|ofwel|=)\W{0,3}$|\b(?:die|dat|en die|en dat) van\b[^\n.;]{0,60}$"
    r"|^[^\w]{0,3}(?:en|,|/)[^\w]{0,3}$",
    re.IGNORECASE,
)
_IN_TURN: Final = re.compile(r"^\W{0,3}(?:;|,|en\b)[^.\n]{0,70}(?:\b(?:op|van)|:|,|\() ?$")
_OTHER_ACT: Final = re.compile(
    r"\b(?:ingereisd|aangevraagd|ingediend|afgegeven|overleden|gehuwd|getrouwd|vertrokken|aangekomen|geldig"
    r"|gehoord|verleend|verklaard|aangetroffen|gevlucht|tot|sinds|vanaf|d\.d\.|dd)\b",
    re.IGNORECASE,
)


def find_dates(text: str, columns: str, *, after_names: frozenset[int], birth_date: str) -> Iterator[tuple[Spot, bool]]:
    """Find birth dates in a normal text, each with whether it is the subject's by its value.

    `columns`: the same text with its tabs.
    `after_names`: where names end. `birth_date`: the subject's, ISO, parts may be 00, or empty.
    """
    last_birth = -_REACH
    dates = sorted(dates_of(text))
    beside = births_beside(columns, dates, after_names=after_names)
    for start, end, value in dates:
        own = bool(birth_date) and value == birth_date
        if (
            own
            or start in beside
            or _is_birth(text, start, end, after_names=after_names)
            or _follows(text, last_birth, start, after_names)
        ):
            yield Spot(start, end, Kind.BIRTH_DATE), own
            last_birth = end
    for start, end in _days_of(text, [date[:2] for date in dates]):
        if is_birthday(text, start, end) or _is_birth(text, start, end, after_names=frozenset()):
            yield Spot(start, end, Kind.BIRTH_DATE), False


def _is_birth(text: str, start: int, end: int, *, after_names: frozenset[int]) -> bool:
    before = text[max(0, start - _REACH) : start]
    if (
        (found := _BIRTH.match(before))
        and not _DATE.search(found["between"])
        and not _OTHER_ACT.search(found["between"])
    ):
        return True
    if _THEN_BORN.match(text, start) or (before.endswith(("op ", "Op ")) and _ON_IT_BORN.match(text, end)):
        return True
    opened = text.rfind("(", max(0, start - 8), start)
    return (
        opened > 0
        and any(opened - gap in after_names for gap in (0, 1))
        and not text[opened + 1 : start].strip(" *°\u2020")
    )


def _follows(text: str, last: int, start: int, after_names: frozenset[int]) -> bool:
    """Tell whether a date comes in a row after a birth date: `die van zijn moeder is …`, `zijn zoon Yonas op …`."""
    if last < 0 or start - last > _REACH:
        return False
    between = text[last:start]
    if _AGAIN.search(between):
        return True
    named = any(at in after_names for at in range(last, start))
    return named and _IN_TURN.search(between) is not None and not _OTHER_ACT.search(between)


def _value(found: re.Match[str]) -> str | None:
    for number in "1234567":
        if (day := found[f"d{number}"]) is None:
            continue
        month, year = found[f"m{number}"], found[f"y{number}"].lstrip("'")
        count = int(month) if month.isdigit() else cues.MONTHS.get(folded(month), -1)
        if len(year) < len("1985"):
            year = ("19" if year > "30" else "20") + year
        if not (0 <= count <= _MONTHS and int(day) <= _DAYS and "1300" <= year <= "2099"):
            return None
        return f"{year}-{count:02}-{int(day):02}"
    return None


def _days_of(text: str, dates: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Give every day without its year, and every month without its day, outside the dates of a normal text."""
    for found in _DAY.finditer(text):
        at = bisect_right(dates, found.start(), key=lambda date: date[0])
        within = at > 0 and found.start() < dates[at - 1][1]
        if not within and folded(found["day"] or found["month"]) in cues.MONTHS:
            yield found.span()


def dates_of(text: str) -> Iterator[tuple[int, int, str]]:
    """Give every date of a normal text: where it stands, and its value in ISO form; not in order."""
    for found in _DATE.finditer(text):
        value = _value(found)
        if value is not None:
            yield *found.span(), value
    for found in _BOXED.finditer(text):
        day, month, year = (part.replace(" ", "").translate(_READ_AS) for part in found.groups())
        plain = found[1] + found[2] + found[3] == day + month + year
        if not plain and int(month) <= _MONTHS and int(day) <= _DAYS:
            yield *found.span(), f"{year}-{month}-{day}"
