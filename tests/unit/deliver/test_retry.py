import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deliver.retry import RetryPolicy, next_attempt, wait_seconds

_FIRST = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)

policies = st.builds(
    lambda first, more, factor, deadline, fraction: RetryPolicy(
        first_seconds=first,
        factor=factor,
        max_seconds=first + more,
        give_up_after_seconds=deadline,
        jitter_fraction=fraction,
    ),
    st.floats(0.001, 3600),
    st.floats(0, 86_400),
    st.one_of(st.just(1.0), st.floats(1.001, 10)),
    st.floats(0, 3e7),
    st.floats(0, 0.99),
)
attempts = st.integers(1, 10**9)
jitters = st.floats(0, 1, exclude_max=True)
elapsed = st.timedeltas(dt.timedelta(days=-2), dt.timedelta(days=400))


@given(policies, attempts, jitters, elapsed)
def test_no_attempt_is_due_in_the_past_or_past_the_deadline(
    policy: RetryPolicy, attempt: int, jitter: float, passed: dt.timedelta
) -> None:
    now = _FIRST + passed
    deadline = _FIRST + dt.timedelta(seconds=policy.give_up_after_seconds)

    due = next_attempt(policy, attempt=attempt, first_tried_at=_FIRST, now=now, jitter=jitter)

    assert (due is None) == (now >= deadline)
    assert due is None or now <= due <= deadline


@given(policies, attempts, jitters)
def test_no_wait_is_longer_than_the_cap_or_shorter_than_chance_may_make_it(
    policy: RetryPolicy, attempt: int, jitter: float
) -> None:
    longest = wait_seconds(policy, attempt=attempt)
    due = next_attempt(
        RetryPolicy(
            first_seconds=policy.first_seconds,
            factor=policy.factor,
            max_seconds=policy.max_seconds,
            jitter_fraction=policy.jitter_fraction,
            give_up_after_seconds=10**8,
        ),
        attempt=attempt,
        first_tried_at=_FIRST,
        now=_FIRST,
        jitter=jitter,
    )

    assert due is not None
    waited = (due - _FIRST).total_seconds()
    assert longest * (1 - policy.jitter_fraction) - 1e-5 <= waited <= policy.max_seconds + 1e-5


@given(policies, attempts)
def test_waits_grow_until_the_cap(policy: RetryPolicy, attempt: int) -> None:
    sooner, later = wait_seconds(policy, attempt=attempt), wait_seconds(policy, attempt=attempt + 1)

    assert policy.first_seconds <= sooner <= later <= policy.max_seconds


def test_the_default_waits_are_30_60_120_and_at_most_3600_seconds() -> None:
    waits = [wait_seconds(RetryPolicy(), attempt=attempt) for attempt in (1, 2, 3, 7, 8, 9, 1000)]

    assert waits == [30, 60, 120, 1920, 3600, 3600, 3600]


def test_the_last_attempt_falls_on_the_deadline_and_there_is_none_after_it() -> None:
    policy = RetryPolicy(give_up_after_seconds=100)
    deadline = _FIRST + dt.timedelta(seconds=100)

    last = next_attempt(policy, attempt=3, first_tried_at=_FIRST, now=_FIRST + dt.timedelta(seconds=90), jitter=0)

    assert last == deadline
    assert next_attempt(policy, attempt=4, first_tried_at=_FIRST, now=deadline, jitter=0) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_seconds": 0},
        {"first_seconds": 10, "max_seconds": 5},
        {"factor": 0.5},
        {"jitter_fraction": 1},
        {"give_up_after_seconds": -1},
    ],
)
def test_a_policy_that_could_never_work_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        RetryPolicy(**wrong)


@pytest.mark.parametrize(("attempt", "jitter"), [(0, 0.0), (1, 1.0), (1, -0.1)])
def test_an_attempt_or_jitter_out_of_range_is_misuse(attempt: int, jitter: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        next_attempt(RetryPolicy(), attempt=attempt, first_tried_at=_FIRST, now=_FIRST, jitter=jitter)
