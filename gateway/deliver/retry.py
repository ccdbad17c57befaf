"""When to try again: waits that double up to a cap, spread by chance, until the deadline.

Rules, in order:
1. An attempt is never due before now, and never later than the deadline.
2. The last attempt falls on the deadline itself; once that has passed there is none.
3. Chance only shortens a wait, so the cap holds; it is an argument, so the same input gives the same time.
"""

import datetime as dt
import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How long to go on trying; durations in seconds, `jitter_fraction` the part of a wait that chance may cut off.

    The defaults follow RFC 5321 section 4.5.4.1: at least four to five days, with growing waits.
    Raises ValueError for a policy that could never work.
    """

    first_seconds: float = 30
    factor: float = 2
    max_seconds: float = 3600
    give_up_after_seconds: float = 5 * 24 * 3600
    jitter_fraction: float = 0.2

    def __post_init__(self) -> None:
        if not 0 < self.first_seconds <= self.max_seconds:
            raise ValueError("a first wait above zero and up to the longest wait expected")
        if self.factor < 1 or not 0 <= self.jitter_fraction < 1 or self.give_up_after_seconds < 0:
            raise ValueError("a factor of at least 1, a jitter fraction below 1 and a deadline expected")


def next_attempt(
    policy: RetryPolicy, *, attempt: int, first_tried_at: dt.datetime, now: dt.datetime, jitter: float
) -> dt.datetime | None:
    """Tell when to try again, or None when it is time to give up.

    Args:
        policy: the waits and the deadline.
        attempt: how many attempts have been made, from 1.
        first_tried_at: when the first one was made.
        now: the time of asking.
        jitter: chance, from 0 up to but not including 1.

    Raises ValueError for an attempt below 1 or a jitter outside its range (misuse).
    """
    if attempt < 1 or not 0 <= jitter < 1:
        raise ValueError("an attempt from 1 and a jitter in [0, 1) expected")
    deadline = first_tried_at + dt.timedelta(seconds=policy.give_up_after_seconds)
    if now >= deadline:
        return None
    wait = wait_seconds(policy, attempt=attempt) * (1 - policy.jitter_fraction * jitter)
    return min(now + dt.timedelta(seconds=wait), deadline)


def wait_seconds(policy: RetryPolicy, *, attempt: int) -> float:
    """Give the longest wait after so many attempts: growing, never above the cap."""
    if policy.factor == 1:
        return policy.first_seconds
    # The number of steps up to the cap is known, so that a large attempt number can not overflow.
    steps = math.ceil(math.log(policy.max_seconds / policy.first_seconds, policy.factor))
    return min(policy.first_seconds * policy.factor ** min(attempt - 1, steps), policy.max_seconds)
