"""When a failed delivery certainly never arrived, when somebody may have it all the same, and when to try again."""

import datetime as dt

import pytest

from gateway.deliver.retry import RetryPolicy
from gateway.deliver.settling import Attempt, doubt_of, settle
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code
from gateway.package.states import Channel, DeliveryState

AT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("outcome", "in_doubt", "expected"),
    [
        (DeliveryOutcome.PERMANENT, False, True),
        (DeliveryOutcome.TRANSIENT, False, True),
        (DeliveryOutcome.UNCERTAIN, False, False),
        (DeliveryOutcome.SENT, False, False),
        (DeliveryOutcome.DELIVERED, False, False),
        (DeliveryOutcome.PERMANENT, True, False),
        (DeliveryOutcome.TRANSIENT, True, False),
    ],
)
def test_only_a_clear_failure_without_an_earlier_doubt_never_arrived(
    outcome: DeliveryOutcome, in_doubt: bool, expected: bool
) -> None:
    late = AT + dt.timedelta(days=6)
    attempt = Attempt(number=2, first_tried_at=AT, at=late, in_doubt=in_doubt, resend_when_uncertain=True)

    settled = settle(DeliveryResult(outcome=outcome, code="code"), attempt=attempt, policy=RetryPolicy(), jitter=0)

    assert expected is settled.never_arrived


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(0, 30), (10, 30), (600, 600), (10**9, 3600)],
    ids=["nothing", "less than we wait", "more than we wait", "more than we ever wait"],
)
def test_a_far_side_is_left_alone_for_as_long_as_it_asks_up_to_our_longest_wait(asked: float, expected: float) -> None:
    attempt = Attempt(number=1, first_tried_at=AT, at=AT, in_doubt=False, resend_when_uncertain=True)
    result = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.CHAIN_DEFERRED, retry_after_seconds=asked)

    settled = settle(result, attempt=attempt, policy=RetryPolicy(), jitter=0)

    assert (DeliveryState.WAITING, AT + dt.timedelta(seconds=expected)) == (settled.state, settled.due)


def test_a_far_side_that_asks_for_more_than_is_left_gets_a_last_attempt_at_the_deadline() -> None:
    policy = RetryPolicy(give_up_after_seconds=1000)
    at = AT + dt.timedelta(seconds=900)
    attempt = Attempt(number=3, first_tried_at=AT, at=at, in_doubt=False, resend_when_uncertain=True)
    result = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.CHAIN_DEFERRED, retry_after_seconds=3000)

    assert AT + dt.timedelta(seconds=1000) == settle(result, attempt=attempt, policy=policy, jitter=0).due


def test_a_chain_partner_that_fails_for_days_ends_in_its_own_words() -> None:
    late = AT + dt.timedelta(days=6)
    attempt = Attempt(
        number=90,
        first_tried_at=AT,
        at=late,
        in_doubt=True,
        resend_when_uncertain=True,
        doubt=doubt_of(Channel.CHAIN_FACILITY),
    )
    result = DeliveryResult(outcome=DeliveryOutcome.UNCERTAIN, code=Code.CHAIN_OUTCOME_UNKNOWN)

    settled = settle(result, attempt=attempt, policy=RetryPolicy(), jitter=0)

    assert (DeliveryState.UNDELIVERABLE, Code.CHAIN_OUTCOME_UNKNOWN) == (settled.state, settled.code)


def test_doubt_is_told_in_the_words_of_its_channel() -> None:
    expected = {
        Channel.CHAIN_FACILITY: Code.CHAIN_OUTCOME_UNKNOWN,
        Channel.FILE_DROP: Code.DROP_OUTCOME_UNKNOWN,
        Channel.POSTBUS: Code.POSTBUS_OUTCOME_UNKNOWN,
        Channel.SECURE_MAIL: Code.MAIL_OUTCOME_UNKNOWN,
    }

    assert expected == {channel: doubt_of(channel) for channel in Channel}
