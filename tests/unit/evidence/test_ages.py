import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.evidence.ages import ages_on
from gateway.package.manifest import PartialDate

_DAYS = st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2100, 12, 31))


@st.composite
def _born(draw: st.DrawFn) -> PartialDate:
    day = draw(_DAYS)
    known = draw(st.sampled_from(["year", "month", "day"]))
    return PartialDate(year=day.year, month=0 if known == "year" else day.month, day=day.day if known == "day" else 0)


@pytest.mark.parametrize(
    ("born", "day", "ages"),
    [
        ("2008-11-23", "2026-11-22", (17, 17)),
        ("2008-11-23", "2026-11-23", (18, 18)),
        ("2008-11-00", "2026-11-23", (17, 18)),
        ("2008-00-00", "2026-11-23", (17, 18)),
        ("2007-00-00", "2026-12-31", (19, 19)),
        ("2008-02-29", "2026-02-27", (17, 17)),
        ("2008-02-29", "2026-02-28", (17, 18)),
        ("2008-02-29", "2026-03-01", (18, 18)),
        ("2008-02-29", "2028-02-28", (19, 19)),
        ("2008-02-29", "2028-02-29", (20, 20)),
        ("2008-02-00", "2026-02-28", (17, 18)),
        ("2026-00-00", "2026-01-15", (0, 0)),
    ],
)
def test_an_age_is_counted_in_whole_years_between_two_bounds(born: str, day: str, ages: tuple[int, int]) -> None:
    assert ages_on(dt.date.fromisoformat(day), PartialDate.parse(born)) == ages


def test_a_birth_date_after_the_day_gives_no_age() -> None:
    assert ages_on(dt.date(2026, 11, 23), PartialDate.parse("2026-11-24")) == (None, None)
    assert ages_on(dt.date(2026, 11, 23), PartialDate.parse("9999-00-00")) == (None, None)


def test_without_a_birth_date_no_age_is_known() -> None:
    assert ages_on(dt.date(2026, 11, 23), None) == (None, None)


@given(born=_born(), day=_DAYS)
def test_the_youngest_age_is_never_above_the_oldest_and_never_below_zero(born: PartialDate, day: dt.date) -> None:
    youngest, oldest = ages_on(day, born)

    if born.earliest() > day:
        assert (youngest, oldest) == (None, None)
    else:
        assert youngest is not None
        assert oldest is not None
        assert 0 <= youngest <= oldest <= day.year - born.year


@given(born=_DAYS, day=_DAYS)
def test_every_reading_of_a_partial_date_lies_within_its_bounds(born: dt.date, day: dt.date) -> None:
    whole = ages_on(day, PartialDate(born.year, born.month, born.day))

    if whole != (None, None):
        for partial in (PartialDate(born.year, born.month, 0), PartialDate(born.year, 0, 0)):
            youngest, oldest = ages_on(day, partial)
            assert youngest is not None
            assert oldest is not None
            assert whole[0] is not None
            assert whole[1] is not None
            assert youngest <= whole[0]
            assert whole[1] <= oldest


@given(born=_born(), day=_DAYS)
def test_nobody_becomes_younger_overnight(born: PartialDate, day: dt.date) -> None:
    before, after = ages_on(day, born), ages_on(day + dt.timedelta(days=1), born)

    if before != (None, None):
        assert before[0] is not None
        assert before[1] is not None
        assert after[0] in {before[0], before[0] + 1}
        assert after[1] in {before[1], before[1] + 1}


@given(born=_DAYS, years=st.integers(min_value=0, max_value=100))
def test_on_a_birthday_that_exists_both_bounds_agree(born: dt.date, years: int) -> None:
    if (born.month, born.day) != (2, 29):
        birthday = born.replace(year=born.year + years)
        assert ages_on(birthday, PartialDate(born.year, born.month, born.day)) == (years, years)
