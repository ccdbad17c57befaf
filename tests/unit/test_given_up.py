"""What becomes of a delivery that is given up while its recipient may have it."""

import datetime as dt
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.deliver.settling import Settled
from gateway.package.encoding import Record
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, RecipientId
from gateway.package.states import Channel, DeliveryState, PackageState
from gateway.parts import Journey, Parts
from gateway.spool.port import DeliveryRow

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
PACKAGE, RECIPIENT = PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab"), RecipientId("ngo")


def delivery(state: DeliveryState, code: str = "", *, in_doubt: bool = False) -> DeliveryRow:
    return DeliveryRow(
        recipient=RECIPIENT,
        channel=Channel.SECURE_MAIL,
        state=state,
        name="name",
        size=3,
        sha256="0" * 64,
        sealed=None,
        file="",
        manifest=b"",
        signature=b"",
        attempt=2,
        first_tried_at=AT,
        due=None,
        code=code,
        in_doubt=in_doubt,
    )


@pytest.mark.parametrize(
    ("given", "in_doubt"),
    [
        (delivery(DeliveryState.UNDELIVERABLE, "mail-refused", in_doubt=True), True),
        (delivery(DeliveryState.UNDELIVERABLE, Code.POSTBUS_UNCONFIRMED.value), True),
        (delivery(DeliveryState.UNDELIVERABLE, "mail-refused"), False),
        (delivery(DeliveryState.DELIVERED, in_doubt=True), False),
    ],
)
def test_a_slip_is_told_of_each_recipient_who_may_have_what_was_given_up(given: DeliveryRow, *, in_doubt: bool) -> None:
    row = SimpleNamespace(id=PACKAGE, state=PackageState.DONE, code="", updated_at=AT)
    journey = Journey(row=cast("Any", row), record=Record(), deliveries=(given,))

    assert (RECIPIENT in journey.facts(None).in_doubt) is in_doubt


@pytest.mark.parametrize(("in_doubt", "state"), [(True, DeliveryState.UNCERTAIN), (False, DeliveryState.WAITING)])
async def test_what_may_have_arrived_never_waits_as_if_it_had_not_while_its_upload_folder_is_away(
    *, in_doubt: bool, state: DeliveryState
) -> None:
    async def take_back(*_: object, **__: object) -> bool:
        raise SluisError(Code.UPLOAD_FOLDER_UNAVAILABLE)

    given_up = Settled(state=DeliveryState.UNDELIVERABLE, code="basis-lapsed", in_doubt=in_doubt)
    parts = SimpleNamespace(
        take_back=take_back, now=lambda: AT, settings=SimpleNamespace(retry=SimpleNamespace(max_seconds=60))
    )

    settled = await Parts.without_leavings(
        cast("Any", parts), delivery(DeliveryState.SENDING), given_up, record=Record()
    )

    expected = Settled(
        state=state, code="upload-folder-unavailable", due=AT + dt.timedelta(seconds=60), in_doubt=in_doubt
    )
    assert expected == settled
