"""What one attempt means for its delivery: its next state, and when to try again. Pure."""

import datetime as dt
from dataclasses import dataclass
from typing import assert_never

from gateway.deliver.retry import RetryPolicy, next_attempt
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code
from gateway.package.states import Channel, DeliveryState

ENDED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.UNDELIVERABLE, DeliveryState.WITHDRAWN})
"""States in which nothing more is tried."""
IN_DOUBT = frozenset({DeliveryState.SENDING, DeliveryState.UNCERTAIN})
"""States in which an attempt was made of which nobody knows whether it arrived."""


_DOUBTS = {
    Channel.CHAIN_FACILITY: Code.CHAIN_OUTCOME_UNKNOWN,
    Channel.FILE_DROP: Code.DROP_OUTCOME_UNKNOWN,
    Channel.POSTBUS: Code.POSTBUS_OUTCOME_UNKNOWN,
    Channel.SECURE_MAIL: Code.MAIL_OUTCOME_UNKNOWN,
}


def doubt_of(channel: Channel) -> Code:
    """Give the code of a delivery over a channel that ended in doubt."""
    return _DOUBTS[channel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The attempt that was made.

    `number` counts from 1. `in_doubt` tells that an earlier attempt may have arrived: that doubt never goes away by a
    later failure. `resend_when_uncertain` tells whether doubt means trying again or waiting for a person.
    `doubt` is the code of a delivery that ended in doubt.
    """

    number: int
    first_tried_at: dt.datetime
    at: dt.datetime
    in_doubt: bool
    resend_when_uncertain: bool
    doubt: Code = Code.MAIL_OUTCOME_UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Where a delivery stands now; `due` None means not again by itself.

    `in_doubt` tells that its recipient may have it all the same, by this attempt or an earlier one.
    """

    state: DeliveryState
    code: str
    due: dt.datetime | None = None
    in_doubt: bool = False

    @property
    def never_arrived(self) -> bool:
        """Tell whether it is over and nobody can have it."""
        return self.state is DeliveryState.UNDELIVERABLE and not self.in_doubt


def settle(result: DeliveryResult, *, attempt: Attempt, policy: RetryPolicy, jitter: float) -> Settled:
    """Tell where a delivery stands after an attempt; `jitter` is chance in [0, 1)."""
    match result.outcome:
        case DeliveryOutcome.SENT:
            return Settled(state=DeliveryState.SENT, code="")
        case DeliveryOutcome.DELIVERED:
            return Settled(state=DeliveryState.DELIVERED, code="")
        case DeliveryOutcome.PERMANENT:
            return Settled(state=DeliveryState.UNDELIVERABLE, code=result.code, in_doubt=attempt.in_doubt)
        case DeliveryOutcome.TRANSIENT | DeliveryOutcome.UNCERTAIN:
            in_doubt = attempt.in_doubt or result.outcome is DeliveryOutcome.UNCERTAIN
            if in_doubt and not attempt.resend_when_uncertain:
                return Settled(state=DeliveryState.UNCERTAIN, code=result.code, in_doubt=True)
            return _again(result, attempt, policy, in_doubt=in_doubt, jitter=jitter)
        case _:
            assert_never(result.outcome)


def _again(result: DeliveryResult, attempt: Attempt, policy: RetryPolicy, *, in_doubt: bool, jitter: float) -> Settled:
    due = next_attempt(
        policy, attempt=attempt.number, first_tried_at=attempt.first_tried_at, now=attempt.at, jitter=jitter
    )
    if due is None:
        ending = attempt.doubt if in_doubt else Code.DELIVERY_EXPIRED
        return Settled(state=DeliveryState.UNDELIVERABLE, code=ending.value, in_doubt=in_doubt)
    due = max(due, attempt.at + _asked_for(result, attempt, policy))
    state = DeliveryState.UNCERTAIN if in_doubt else DeliveryState.WAITING
    return Settled(state=state, code=result.code, due=due, in_doubt=in_doubt)


def _asked_for(result: DeliveryResult, attempt: Attempt, policy: RetryPolicy) -> dt.timedelta:
    """Give the wait that the far side asks for: never longer than our longest, and never past the deadline."""
    until_deadline = attempt.first_tried_at + dt.timedelta(seconds=policy.give_up_after_seconds) - attempt.at
    asked = dt.timedelta(seconds=min(result.retry_after_seconds, policy.max_seconds))
    return min(asked, until_deadline)
