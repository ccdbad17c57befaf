"""What the port `Spool` promises of parcels at the postbus: which are asked after, and which can be taken back."""

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel, DeliveryState, PackageState
from gateway.spool.port import DeliveryChange, NewDelivery, PackageRow, StateChange
from gateway.spool.sqlite import SqliteSpool

from .conftest import NOW, NewMaker
from .test_spool_contract import RECIPIENT, row_of


async def sent(
    spool: SqliteSpool,
    row: PackageRow,
    *,
    channel: Channel = Channel.POSTBUS,
    state: DeliveryState = DeliveryState.SENT,
    package: PackageState = PackageState.DONE,
) -> None:
    """Let a package have one delivery that has come to where a test says."""
    delivery = NewDelivery(recipient=RECIPIENT, channel=channel, name="ab" * 20, size=1, sha256="0" * 64, sealed=b"x")
    await spool.change(row.id, row.epoch, StateChange(state=PackageState.RELEASING, at=NOW, deliveries=(delivery,)))
    change = DeliveryChange(
        recipient=RECIPIENT, state=state, at=NOW, package=StateChange(state=package, at=NOW, slip=True)
    )
    await spool.change_delivery(row.id, row.epoch, change)


async def accepted(spool: SqliteSpool, new: NewMaker) -> PackageRow:
    made = new()
    await spool.accept(made)
    return await row_of(spool, made.id)


@pytest.mark.parametrize("package", [PackageState.DONE, PackageState.RELEASING])
async def test_a_package_whose_link_was_sent_is_asked_after_also_while_others_are_under_way(
    spool: SqliteSpool, new: NewMaker, package: PackageState
) -> None:
    row = await accepted(spool, new)
    await sent(spool, row, package=package)

    assert [row.id] == list(await spool.at_postbus())


@pytest.mark.parametrize(
    ("channel", "state", "package"),
    [
        (Channel.SECURE_MAIL, DeliveryState.SENT, PackageState.DONE),
        (Channel.POSTBUS, DeliveryState.DELIVERED, PackageState.DONE),
        (Channel.POSTBUS, DeliveryState.UNDELIVERABLE, PackageState.DONE),
        (Channel.POSTBUS, DeliveryState.WAITING, PackageState.RELEASING),
    ],
)
async def test_nothing_else_is_asked_after(
    spool: SqliteSpool, new: NewMaker, channel: Channel, state: DeliveryState, package: PackageState
) -> None:
    await sent(spool, await accepted(spool, new), channel=channel, state=state, package=package)

    assert [] == list(await spool.at_postbus())


async def test_what_was_sent_is_taken_back_at_the_postbus_and_nowhere_else(spool: SqliteSpool, new: NewMaker) -> None:
    row, mailed = await accepted(spool, new), await accepted(spool, new)
    await sent(spool, row)
    await sent(spool, mailed, channel=Channel.SECURE_MAIL)
    change = StateChange(state=PackageState.WITHDRAWN, at=NOW, slip=True)

    await spool.withdraw_deliveries(row.id, row.epoch, [RECIPIENT], change, told=())
    with pytest.raises(SluisError) as error:
        await spool.withdraw_deliveries(mailed.id, mailed.epoch, [RECIPIENT], change, told=())

    assert DeliveryState.WITHDRAWN is (await spool.deliveries(row.id))[0].state
    assert DeliveryState.SENT is (await spool.deliveries(mailed.id))[0].state
    assert Code.STATE_CONFLICT is error.value.code
