"""What one attempt means for its delivery: its next state, and when to try again. Pure."""

import datetime as dt
from dataclasses import dataclass
from typing import assert_never

from gateway.deliver.retry import RetryPolicy, next_attempt
from gateway.package.errors import Code
from gateway.package.states import DeliveryOutcome, DeliveryResult, DeliveryState

ENDED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNDELIVERABLE, DeliveryState.WITHDRAWN})
"""States in which nothing more is tried."""
IN_DOUBT = frozenset({DeliveryState.SENDING, DeliveryState.UNCERTAIN})
"""States in which an attempt was made of which nobody knows whether it arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The attempt that was made: its number from 1, when the first one was made, and whether doubt means again."""

    number: int
    first_tried_at: dt.datetime
    at: dt.datetime
    resend_when_uncertain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Where a delivery stands now; `due` None means not again by itself."""

    state: DeliveryState
    code: str
    due: dt.datetime | None = None


def settle(result: DeliveryResult, *, attempt: Attempt, policy: RetryPolicy, jitter: float) -> Settled:
    """Tell where a delivery stands after an attempt; `jitter` is chance in [0, 1)."""
    match result.outcome:
        case DeliveryOutcome.SENT:
            return Settled(state=DeliveryState.SENT, code="")
        case DeliveryOutcome.DELIVERED:
            return Settled(state=DeliveryState.DELIVERED, code="")
        case DeliveryOutcome.PERMANENT:
            return Settled(state=DeliveryState.UNDELIVERABLE, code=result.code)
        case DeliveryOutcome.TRANSIENT:
            return _again(DeliveryState.WAITING, result.code, attempt, policy, jitter)
        case DeliveryOutcome.UNCERTAIN:
            if not attempt.resend_when_uncertain:
                return Settled(state=DeliveryState.UNCERTAIN, code=result.code)
            return _again(DeliveryState.UNCERTAIN, result.code, attempt, policy, jitter)
        case _:
            assert_never(result.outcome)


def _again(state: DeliveryState, code: str, attempt: Attempt, policy: RetryPolicy, jitter: float) -> Settled:
    due = next_attempt(
        policy, attempt=attempt.number, first_tried_at=attempt.first_tried_at, now=attempt.at, jitter=jitter
    )
    if due is None:
        return Settled(state=DeliveryState.UNDELIVERABLE, code=Code.DELIVERY_EXPIRED.value)
    return Settled(state=state, code=code, due=due)
