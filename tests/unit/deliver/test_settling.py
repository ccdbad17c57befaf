"""When a failed delivery certainly never arrived, and when somebody may have it all the same."""

import datetime as dt

import pytest

from gateway.deliver.settling import Attempt
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult

AT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("outcome", "in_doubt", "expected"),
    [
        (DeliveryOutcome.PERMANENT, False, False),
        (DeliveryOutcome.TRANSIENT, False, False),
        (DeliveryOutcome.UNCERTAIN, False, True),
        (DeliveryOutcome.SENT, False, True),
        (DeliveryOutcome.DELIVERED, False, True),
        (DeliveryOutcome.PERMANENT, True, True),
        (DeliveryOutcome.TRANSIENT, True, True),
    ],
)
def test_only_a_clear_failure_without_an_earlier_doubt_never_arrived(
    outcome: DeliveryOutcome, in_doubt: bool, expected: bool
) -> None:
    attempt = Attempt(number=2, first_tried_at=AT, at=AT, in_doubt=in_doubt, resend_when_uncertain=True)
    assert expected is attempt.may_have_arrived(DeliveryResult(outcome=outcome))
