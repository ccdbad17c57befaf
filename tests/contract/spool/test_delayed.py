"""What the port `Spool` promises of the count of deliveries that were tried in vain: which, why, and since when."""

import datetime as dt

import pytest

from gateway.package.states import Channel, DeliveryState, PackageState
from gateway.spool.port import Delayed, DeliveryChange, PackageRow, StateChange
from gateway.spool.sqlite import SqliteSpool

from .conftest import NOW, Bench, NewMaker
from .test_spool_contract import RECIPIENT, delivery, released, row_of

HOUR = dt.timedelta(hours=1)
CODE = "mail-unreachable"


async def failed(
    spool: SqliteSpool, row: PackageRow, *, code: str = CODE, state: DeliveryState = DeliveryState.WAITING
) -> None:
    """Let the attempt under way fail, with another one an hour later."""
    change = DeliveryChange(recipient=RECIPIENT, state=state, at=NOW, code=code, due=NOW + HOUR)
    await spool.change_delivery(row.id, row.epoch, change)


async def tried_again(spool: SqliteSpool, row: PackageRow) -> None:
    change = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.SENDING, at=NOW + HOUR, intent=True)
    await spool.change_delivery(row.id, row.epoch, change)


def mail(count: int, code: str = CODE, *, since: dt.datetime = NOW) -> Delayed:
    return Delayed(channel=Channel.SECURE_MAIL, code=code, count=count, since=since)


async def test_of_a_spool_with_nothing_under_way_nothing_is_delayed(spool: SqliteSpool, new: NewMaker) -> None:
    await spool.accept(new())

    assert [] == list(await spool.delayed())


async def test_a_first_attempt_under_way_is_no_delay(spool: SqliteSpool, new: NewMaker) -> None:
    await released(spool, new())

    assert [] == list(await spool.delayed())


@pytest.mark.parametrize("state", [DeliveryState.WAITING, DeliveryState.UNCERTAIN])
async def test_what_failed_and_is_tried_again_is_counted_with_its_reason_since_its_first_attempt(
    spool: SqliteSpool, new: NewMaker, state: DeliveryState
) -> None:
    await failed(spool, await released(spool, new()), state=state)

    assert [mail(1)] == list(await spool.delayed())


async def test_deliveries_are_counted_together_by_channel_and_reason_since_the_oldest_of_them(
    spool: SqliteSpool, new: NewMaker
) -> None:
    early = NOW - HOUR
    package = new()
    await spool.accept(package)
    older = StateChange(state=PackageState.RELEASING, at=early, deliveries=(delivery(),), destroy_content=True)
    await spool.change(package.id, 1, older)
    await failed(spool, await row_of(spool, package.id))
    await failed(spool, await released(spool, new()))
    await failed(spool, await released(spool, new()), code="mail-deferred")
    await failed(spool, await released(spool, new(), channel=Channel.FILE_DROP), code="drop-unavailable")

    drop = Delayed(channel=Channel.FILE_DROP, code="drop-unavailable", count=1, since=NOW)
    found = sorted(await spool.delayed(), key=lambda each: (each.channel, each.code))

    assert [drop, mail(1, "mail-deferred"), mail(2, since=early)] == found


async def test_what_is_tried_again_at_this_moment_is_counted_without_a_reason_and_as_old_as_it_was(
    spool: SqliteSpool, new: NewMaker
) -> None:
    row = await released(spool, new())
    await failed(spool, row)

    await tried_again(spool, row)

    assert [mail(1, "")] == list(await spool.delayed())


@pytest.mark.parametrize("end", [DeliveryState.SENT, DeliveryState.UNDELIVERABLE])
async def test_what_has_ended_is_no_delay_any_more(spool: SqliteSpool, new: NewMaker, end: DeliveryState) -> None:
    row = await released(spool, new())
    await failed(spool, row)
    await tried_again(spool, row)

    await spool.change_delivery(row.id, row.epoch, DeliveryChange(recipient=RECIPIENT, state=end, at=NOW, code=CODE))

    assert [] == list(await spool.delayed())


async def test_what_was_withdrawn_while_it_waited_is_no_delay_any_more(spool: SqliteSpool, new: NewMaker) -> None:
    row = await released(spool, new())
    await failed(spool, row)

    withdrawn = StateChange(state=PackageState.WITHDRAWN, at=NOW, slip=True, destroy_content=True)
    await spool.withdraw_deliveries(row.id, row.epoch, [RECIPIENT], withdrawn, told=("gone",))

    assert [] == list(await spool.delayed())


async def test_a_delay_outlasts_a_restart_as_old_as_it_was(bench: Bench, spool: SqliteSpool, new: NewMaker) -> None:
    await failed(spool, await released(spool, new()))
    spool.close()

    again = bench.spool()
    await again.open()
    found = list(await again.delayed())
    again.close()

    assert [mail(1)] == found
