"""What the port `Spool` promises of packages that wait, are withdrawn, or come to an end by time."""

import datetime as dt
import sqlite3

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.holding import HoldStage
from gateway.package.states import DeliveryState, PackageState
from gateway.spool import schema
from gateway.spool.port import DeliveryChange, NewPackage, PackageRow, StateChange
from gateway.spool.sqlite import SqliteSpool

from .conftest import NOW, Bench, NewMaker
from .test_spool_contract import RECIPIENT, released, row_of

DAY = dt.timedelta(days=1)
WITHDRAWN = StateChange(state=PackageState.WITHDRAWN, at=NOW + DAY, slip=True, destroy_content=True)


async def held(spool: SqliteSpool, new: NewPackage) -> PackageRow:
    await spool.accept(new)
    await spool.change(new.id, 1, StateChange(state=PackageState.HELD, at=NOW))
    return await row_of(spool, new.id)


async def due(spool: SqliteSpool, stage: HoldStage, *, now: dt.datetime = NOW + DAY) -> list[PackageRow]:
    return list(await spool.due_holds(stage, since=now - DAY, told=now - DAY, now=now))


@pytest.mark.parametrize("state", [PackageState.INCOMPLETE, PackageState.RECEIVED])
async def test_whoever_worked_on_a_stopped_package_has_lost_it_and_its_content_is_gone(
    spool: SqliteSpool, new: NewMaker, state: PackageState
) -> None:
    package = new(state=state)
    await spool.accept(package)

    await spool.stop(package.id, 1, WITHDRAWN, told=("gone",))
    with pytest.raises(SluisError) as late:
        await spool.change(package.id, 1, StateChange(state=PackageState.RELEASING, at=NOW))
    with pytest.raises(SluisError) as again:
        await spool.stop(package.id, 2, WITHDRAWN, told=("gone",))
    row = await row_of(spool, package.id)

    assert (Code.EPOCH_LOST, Code.STATE_CONFLICT) == (late.value.code, again.value.code)
    assert (PackageState.WITHDRAWN, None, True) == (row.state, row.content_key, row.slip_due)
    assert () == await spool.payloads(package.id)


async def test_what_is_sealed_is_not_stopped_whole(spool: SqliteSpool, new: NewMaker) -> None:
    row = await released(spool, new())

    with pytest.raises(SluisError) as refused:
        await spool.stop(row.id, row.epoch, WITHDRAWN, told=("gone",))

    assert Code.STATE_CONFLICT is refused.value.code
    assert PackageState.RELEASING is (await row_of(spool, row.id)).state


async def test_a_delivery_that_waits_is_withdrawn_for_good_and_its_ciphertext_is_gone(
    spool: SqliteSpool, new: NewMaker
) -> None:
    row = await released(spool, new())
    waits = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.WAITING, at=NOW)
    await spool.change_delivery(row.id, row.epoch, waits)

    await spool.withdraw_deliveries(row.id, row.epoch, [RECIPIENT], WITHDRAWN, told=("gone",))
    after = await row_of(spool, row.id)
    with pytest.raises(SluisError) as late:
        await spool.change_delivery(row.id, after.epoch, waits)
    (delivery,) = await spool.deliveries(row.id)

    assert Code.EPOCH_LOST is late.value.code
    assert row.epoch < after.epoch
    assert (DeliveryState.WITHDRAWN, None) == (delivery.state, delivery.sealed)


async def test_a_delivery_under_way_is_not_withdrawn_and_then_nothing_is(spool: SqliteSpool, new: NewMaker) -> None:
    row = await released(spool, new())

    with pytest.raises(SluisError) as refused:
        await spool.withdraw_deliveries(row.id, row.epoch, [RECIPIENT], WITHDRAWN, told=("gone",))
    (delivery,) = await spool.deliveries(row.id)

    assert Code.STATE_CONFLICT is refused.value.code
    assert (DeliveryState.SENDING, b"abc") == (delivery.state, delivery.sealed)
    assert PackageState.RELEASING is (await row_of(spool, row.id)).state


async def test_people_are_told_of_a_hold_once_for_each_stage_and_it_stays_as_old_as_it_is(
    spool: SqliteSpool, new: NewMaker
) -> None:
    row = await held(spool, new())
    found = await due(spool, HoldStage.WAITING)

    await spool.tell_hold(row.id, row.epoch, HoldStage.REMINDED, at=NOW + DAY, told=("told",))
    with pytest.raises(SluisError) as twice:
        await spool.tell_hold(row.id, row.epoch, HoldStage.REMINDED, at=NOW + DAY, told=("told",))
    after = await row_of(spool, row.id)

    assert [row.id] == [each.id for each in found]
    assert Code.STATE_CONFLICT is twice.value.code
    assert (HoldStage.REMINDED, NOW + DAY, NOW, True) == (
        after.hold_stage,
        after.hold_told_at,
        after.updated_at,
        after.slip_due,
    )
    assert [] == await due(spool, HoldStage.WAITING)
    assert [] == await due(spool, HoldStage.REMINDED)
    assert [row.id] == [each.id for each in await due(spool, HoldStage.REMINDED, now=NOW + 2 * DAY)]
    assert {HoldStage.REMINDED: 1} == await spool.hold_counts()


async def test_a_hold_that_was_told_of_in_time_to_come_is_found_all_the_same(spool: SqliteSpool, new: NewMaker) -> None:
    row = await held(spool, new())
    await spool.tell_hold(row.id, row.epoch, HoldStage.REMINDED, at=NOW + 900 * DAY, told=("told",))

    assert [row.id] == [each.id for each in await due(spool, HoldStage.REMINDED)]


async def test_a_decision_on_a_hold_begins_its_waiting_anew(spool: SqliteSpool, new: NewMaker) -> None:
    row = await held(spool, new())
    await spool.tell_hold(row.id, row.epoch, HoldStage.REMINDED, at=NOW, told=("told",))

    await spool.change_held(row.id, row.epoch, StateChange(state=PackageState.RECEIVED, at=NOW))
    after = await row_of(spool, row.id)

    assert (HoldStage.WAITING, None) == (after.hold_stage, after.hold_told_at)


async def test_submissions_that_wait_for_a_document_are_found_by_their_age(spool: SqliteSpool, new: NewMaker) -> None:
    package = new(state=PackageState.INCOMPLETE)
    await spool.accept(package)

    assert [package.id] == [each.id for each in await spool.unfinished(since=NOW)]
    assert [] == await spool.unfinished(since=NOW - DAY)


async def test_a_database_from_before_there_were_reminders_is_opened_and_loses_nothing(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    row = await held(spool, new())
    spool.close()
    with sqlite3.connect(bench.root / "spool.sqlite") as older:
        older.execute("DROP INDEX package_held")
        for column in schema.ADDED_COLUMNS:
            older.execute(f"ALTER TABLE package DROP COLUMN {column}")
    older.close()

    again = bench.spool()
    await again.open()
    found = await due(again, HoldStage.WAITING)
    again.close()

    assert [(row.id, HoldStage.WAITING)] == [(each.id, each.hold_stage) for each in found]


async def test_a_database_from_before_there_were_receipts_is_opened_and_loses_nothing(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    row = await released(spool, new())
    spool.close()
    with sqlite3.connect(bench.root / "spool.sqlite") as older:
        older.execute("DROP INDEX delivery_returned")
        for column in schema.ADDED_DELIVERY_COLUMNS:
            older.execute(f"ALTER TABLE delivery DROP COLUMN {column}")
    older.close()

    again = bench.spool()
    await again.open()
    (found,) = await again.deliveries(row.id)
    again.close()

    assert ("", b"abc") == (found.receipt, found.sealed)


@pytest.mark.parametrize(
    ("before", "in_doubt"),
    [
        (("secure-mail", 2, "sent", ""), True),
        (("secure-mail", 1, "sent", ""), False),
        (("file-drop", 2, "sent", ""), False),
        (("secure-mail", 2, "undeliverable", "mail-bounced"), True),
        (("secure-mail", 2, "undeliverable", "mail-refused"), True),
        (("secure-mail", 9, "undeliverable", "delivery-expired"), False),
        (("secure-mail", 1, "undeliverable", "mail-outcome-unknown"), True),
        (("file-drop", 1, "undeliverable", "drop-outcome-unknown"), True),
        (("secure-mail", 2, "waiting", "mail-deferred"), False),
    ],
)
async def test_what_may_have_gone_twice_before_the_spool_noted_doubts_is_in_doubt_after_the_upgrade(
    bench: Bench, spool: SqliteSpool, new: NewMaker, before: tuple[str | int, ...], *, in_doubt: bool
) -> None:
    row = await released(spool, new())
    spool.close()
    with sqlite3.connect(bench.root / "spool.sqlite") as older:
        older.execute("DROP INDEX delivery_returned")
        older.execute("ALTER TABLE delivery DROP COLUMN in_doubt")
        older.execute("UPDATE delivery SET channel = ?, attempt = ?, state = ?, code = ?", before)
    older.close()

    again = bench.spool()
    await again.open()
    (found,) = await again.deliveries(row.id)
    again.close()

    assert in_doubt is found.in_doubt


async def test_the_look_for_due_holds_reads_an_index_of_holds_alone(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    await held(spool, new())
    spool.close()

    with sqlite3.connect(bench.root / "spool.sqlite") as database:
        plan = database.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM package WHERE state = 'held' AND hold_stage = 0 AND updated_at <= 1"
        ).fetchall()
    database.close()

    assert ["package_held"] == [word for word in plan[0][3].split() if word.startswith("package_")]


async def test_the_oldest_package_under_way_is_neither_held_nor_done(spool: SqliteSpool, new: NewMaker) -> None:
    none = await spool.oldest_under_way()
    await held(spool, new())
    still_none = await spool.oldest_under_way()
    row = await released(spool, new())
    under_way = await spool.oldest_under_way()
    await spool.change(row.id, row.epoch, StateChange(state=PackageState.DONE, at=NOW))

    assert [None, None, row.received_at, None] == [none, still_none, under_way, await spool.oldest_under_way()]
