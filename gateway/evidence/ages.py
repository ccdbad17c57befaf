"""Ages on a day, as a pair of bounds: a birth date may be partly unknown, and 29 February has no day in most years.

Rules:
1. Whole years, counted on the day itself: the birthday already counts.
2. Both bounds are given; policy takes the one that lets less out under the rule at hand.
3. Someone born on 29 February becomes a year older on 1 March in a common year (the day of birth has no equal, so
   the year is full when 28 February has ended). Whoever reads it otherwise says 28 February. `youngest` counts by
   1 March, `oldest` by 28 February: neither reading can be used to let more out.
4. A birth date after the day is no birth date: no age is known then, and nothing may be concluded.
"""

import datetime as dt

from gateway.package.manifest import PartialDate

_LEAP_DAY = (2, 29)


def ages_on(day: dt.date, born: PartialDate | None) -> tuple[int | None, int | None]:
    """Give the youngest and the oldest age in whole years that the birth date allows on this day.

    (None, None) when there is no birth date, or when it lies after the day.
    """
    if born is None or born.earliest() > day:
        return None, None
    latest = min(born.latest(), day)
    return _years(latest, day, leap_birthday=(3, 1)), _years(born.earliest(), day, leap_birthday=(2, 28))


def _years(born: dt.date, day: dt.date, *, leap_birthday: tuple[int, int]) -> int:
    birthday = (born.month, born.day)
    if birthday == _LEAP_DAY and not _is_leap(day.year):
        birthday = leap_birthday
    return day.year - born.year - ((day.month, day.day) < birthday)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
