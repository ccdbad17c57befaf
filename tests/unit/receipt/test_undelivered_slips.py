"""What the slip of a package that reached nobody asks of its sender."""

import pytest

from gateway.package.errors import Code
from gateway.package.states import DeliveryState, PackageState
from gateway.receipt.slips import slip_of
from tests.unit.receipt.samples import delivering, shipped


@pytest.mark.parametrize(
    "code",
    [
        Code.MAIL_REFUSED,
        Code.MAIL_BOUNCED,
        Code.CHAIN_REFUSED,
        Code.POSTBUS_REFUSED,
        Code.POSTBUS_LOCKED,
        Code.POSTBUS_EXPIRED,
        Code.DELIVERY_EXPIRED,
        # Their remedies leave it to the slip, for they are told of packages that wait too.
        Code.DROP_NAME_TAKEN,
        Code.ADDRESS_INVALID,
        # What would pass by itself has no remedy of its own, once nothing is tried again.
        Code.MAIL_UNREACHABLE,
    ],
)
def test_a_slip_of_what_could_not_be_delivered_says_once_to_hand_it_in_again(code: Code) -> None:
    gone = DeliveryState.UNDELIVERABLE
    made = slip_of(delivering(PackageState.DONE, gone, gone, code=code.value), texts=shipped())

    assert 1 == " ".join(each.en.casefold() for each in made.now).count("hand the package in again")
    assert 1 == " ".join(each.nl.casefold() for each in made.now).count("opnieuw")
