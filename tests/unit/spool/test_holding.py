"""When a hold is told of again and when it ends: steps in order, with days between them, whatever the clock does."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.holding import HoldStage, HoldTimes

SINCE = dt.datetime(2026, 11, 25, 9, 30, tzinfo=dt.UTC)
TIMES = HoldTimes(remind_days=2, escalate_days=5, expire_days=30)
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
MOMENTS = st.timedeltas(min_value=-400 * DAY, max_value=400 * DAY).map(lambda each: SINCE + each)
DAYS = st.lists(st.integers(1, 365), min_size=3, max_size=3, unique=True).map(sorted)


@pytest.mark.parametrize(
    ("stage", "days"), [(HoldStage.WAITING, 2), (HoldStage.REMINDED, 5), (HoldStage.ESCALATED, 30)]
)
def test_each_step_comes_on_its_day_and_not_a_second_sooner(stage: HoldStage, days: int) -> None:
    due = SINCE + days * DAY

    assert due == TIMES.step_at(stage, since=SINCE, told_at=None)
    assert TIMES.is_due(stage, since=SINCE, told_at=None, now=due)
    assert not TIMES.is_due(stage, since=SINCE, told_at=None, now=due - SECOND)


def test_what_was_told_late_puts_off_what_comes_after_it() -> None:
    late = SINCE + 100 * DAY

    assert late + 25 * DAY == TIMES.expires_at(HoldStage.ESCALATED, since=SINCE, told_at=late)
    assert not TIMES.is_due(HoldStage.ESCALATED, since=SINCE, told_at=late, now=late + 24 * DAY)


def test_a_clock_that_was_ahead_when_people_were_told_does_not_keep_a_hold_for_ever() -> None:
    ahead = SINCE + 3650 * DAY

    assert TIMES.is_due(HoldStage.REMINDED, since=SINCE, told_at=ahead, now=SINCE + 5 * DAY)


@given(days=DAYS, looks=st.lists(MOMENTS, max_size=30))
def test_no_clock_makes_a_step_come_twice_or_one_be_skipped(days: list[int], looks: list[dt.datetime]) -> None:
    times = HoldTimes(remind_days=days[0], escalate_days=days[1], expire_days=days[2])
    stage, told_at, ended = HoldStage.WAITING, None, False
    for now in looks:
        if ended or not times.is_due(stage, since=SINCE, told_at=told_at, now=now):
            continue
        assert now >= SINCE + days[stage] * DAY
        if told_at is not None and told_at <= now:
            assert now - told_at >= (days[stage] - days[stage - 1]) * DAY
        ended = stage is HoldStage.ESCALATED
        stage, told_at = HoldStage(min(stage + 1, HoldStage.ESCALATED)), now


@given(days=DAYS, stage=st.sampled_from(HoldStage), told=st.none() | MOMENTS, now=MOMENTS)
def test_the_look_at_the_rows_finds_whatever_is_due(
    days: list[int], stage: HoldStage, told: dt.datetime | None, now: dt.datetime
) -> None:
    times = HoldTimes(remind_days=days[0], escalate_days=days[1], expire_days=days[2])

    found = SINCE <= now - times.ends(stage) and (told is None or told <= now - times.lasts(stage) or told > now)

    assert found == times.is_due(stage, since=SINCE, told_at=told, now=now)
