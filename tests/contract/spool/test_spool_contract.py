"""The promises of the port `Spool`, kept by every adapter of it."""

import asyncio
import contextlib
import datetime as dt
import os
import sqlite3

import pytest

from gateway.package.encoding import Record
from gateway.package.errors import Code, SluisError
from gateway.package.history import NOTHING_SENT, History, SentBefore
from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.states import Channel, DeliveryState, PackageState, Source
from gateway.spool.fresh import Fresh
from gateway.spool.port import (
    IN_ROW,
    DeliveryChange,
    HistoryQuestion,
    NewDelivery,
    NewPackage,
    PackageRow,
    Payload,
    Sending,
    StateChange,
)
from gateway.spool.sqlite import SqliteSpool

from .conftest import NOW, Bench, NewMaker

RECIPIENT = RecipientId("gemeente-voorbeeld")


async def row_of(spool: SqliteSpool, package: PackageId) -> PackageRow:
    row = await spool.find(package)
    assert row is not None
    return row


def delivery(**changes: object) -> NewDelivery:
    values = {
        "recipient": RECIPIENT,
        "channel": Channel.SECURE_MAIL,
        "name": "m@x.example",
        "size": 3,
        "sha256": "0" * 64,
        "sealed": b"abc",
    }
    return NewDelivery(**{**values, **changes})  # type: ignore[arg-type]  # the test's own keyword arguments


async def released(spool: SqliteSpool, new: NewPackage, **changes: object) -> PackageRow:
    await spool.accept(new)
    change = StateChange(state=PackageState.RELEASING, at=NOW, deliveries=(delivery(**changes),), destroy_content=True)
    await spool.change(new.id, 1, change)
    return await row_of(spool, new.id)


async def test_an_accepted_package_is_there_after_the_spool_was_closed_and_opened(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    package = new(content=b"hello")
    assert await spool.accept(package) is None
    spool.close()

    again = bench.spool()
    await again.open()
    row = await row_of(again, package.id)
    contents = bench.vault.contents(row, await again.payloads(package.id))
    again.close()

    assert PackageState.RECEIVED is row.state
    assert b"hello" == contents.open_stream("manifest").read()


async def test_a_known_id_gives_the_row_that_is_there_and_changes_nothing(spool: SqliteSpool, new: NewMaker) -> None:
    first = new(digest="one")
    await spool.accept(first)

    row = await spool.accept(new(package=first.id, digest="two"))

    assert row is not None
    assert "one" == row.content_digest


async def test_a_claim_becomes_one_package_only(spool: SqliteSpool, new: NewMaker) -> None:
    first = new(claim="claim-1")
    await spool.accept(first)

    row = await spool.accept(new(claim="claim-1"))

    assert row is not None
    assert first.id == row.id
    assert row == await spool.find_claim("claim-1")


async def test_many_at_once_are_all_kept(spool: SqliteSpool, new: NewMaker) -> None:
    packages = [new() for _ in range(300)]

    await asyncio.gather(*(spool.accept(each) for each in packages))

    assert {PackageState.RECEIVED: 300} == await spool.counts()


async def test_one_failing_call_does_not_fail_those_that_share_its_flush(spool: SqliteSpool, new: NewMaker) -> None:
    good = [new() for _ in range(5)]
    wrong = spool.change(PackageId("nobody"), 1, StateChange(state=PackageState.HELD, at=NOW))

    *answers, failure = await asyncio.gather(*(spool.accept(each) for each in good), wrong, return_exceptions=True)

    assert [None] * 5 == answers
    assert isinstance(failure, SluisError)
    assert 5 == (await spool.counts())[PackageState.RECEIVED]


async def test_a_change_under_an_old_epoch_changes_nothing(spool: SqliteSpool, new: NewMaker) -> None:
    package = new()
    await spool.accept(package)
    await spool.take_over()

    with pytest.raises(SluisError) as caught:
        await spool.change(package.id, 1, StateChange(state=PackageState.HELD, at=NOW))

    assert Code.EPOCH_LOST is caught.value.code
    assert PackageState.RECEIVED is (await row_of(spool, package.id)).state


async def held(spool: SqliteSpool, new: NewPackage) -> PackageRow:
    await spool.accept(new)
    await spool.change(new.id, 1, StateChange(state=PackageState.HELD, at=NOW, due=NOW))
    return await row_of(spool, new.id)


async def test_a_decision_on_a_held_package_raises_its_epoch_so_that_whoever_had_it_loses(
    spool: SqliteSpool, new: NewMaker
) -> None:
    package = new()
    before = await held(spool, package)

    await spool.change_held(package.id, before.epoch, StateChange(state=PackageState.RECEIVED, at=NOW, record=b"r"))
    with pytest.raises(SluisError) as caught:
        await spool.change(package.id, before.epoch, StateChange(state=PackageState.HELD, at=NOW))
    spool.note_slip(before)

    row = await row_of(spool, package.id)
    assert Code.EPOCH_LOST is caught.value.code
    assert (PackageState.RECEIVED, before.epoch + 1, b"r") == (row.state, row.epoch, row.record)
    assert (1, 0) == (before.attempt, row.attempt)


async def test_of_two_decisions_on_one_hold_one_wins_and_the_other_changes_nothing(
    spool: SqliteSpool, new: NewMaker
) -> None:
    package = new()
    row = await held(spool, package)
    release, refuse = (StateChange(state=state, at=NOW) for state in (PackageState.RECEIVED, PackageState.REFUSED))

    answers = await asyncio.gather(
        spool.change_held(package.id, row.epoch, release),
        spool.change_held(package.id, row.epoch, refuse),
        return_exceptions=True,
    )

    assert answers[0] is None
    assert isinstance(answers[1], SluisError)
    assert Code.STATE_CONFLICT is answers[1].code
    assert PackageState.RECEIVED is (await row_of(spool, package.id)).state


@pytest.mark.parametrize("state", [each for each in PackageState if each is not PackageState.HELD])
async def test_only_what_is_held_can_be_decided_on(spool: SqliteSpool, new: NewMaker, state: PackageState) -> None:
    package = new()
    await spool.accept(package)
    await spool.change(package.id, 1, StateChange(state=state, at=NOW))

    with pytest.raises(SluisError) as caught:
        await spool.change_held(package.id, 1, StateChange(state=PackageState.RECEIVED, at=NOW))

    row = await row_of(spool, package.id)
    assert Code.STATE_CONFLICT is caught.value.code
    assert (state, 1) == (row.state, row.epoch)


async def test_a_decision_that_can_not_be_told_is_not_taken(spool: SqliteSpool, new: NewMaker) -> None:
    package = new()
    row = await held(spool, package)

    with pytest.raises(SluisError) as caught:
        await spool.change_held(
            package.id, row.epoch, StateChange(state=PackageState.RECEIVED, at=NOW), told=("unwritable",)
        )

    assert Code.AUDIT_UNAVAILABLE is caught.value.code
    assert row == await row_of(spool, package.id)


async def test_taking_over_lists_what_is_not_at_its_end(spool: SqliteSpool, new: NewMaker) -> None:
    received, refused = new(), new()
    await spool.accept(received)
    await spool.accept(refused)
    await spool.change(refused.id, 1, StateChange(state=PackageState.REFUSED, at=NOW))

    assert [received.id] == [each.id for each in await spool.take_over()]


async def test_a_slip_that_was_not_written_is_taken_over_too(spool: SqliteSpool, new: NewMaker) -> None:
    package = new()
    await spool.accept(package)
    await spool.change(package.id, 1, StateChange(state=PackageState.REFUSED, at=NOW, slip=True))
    assert [package.id] == [each.id for each in await spool.take_over()]

    spool.note_slip(await row_of(spool, package.id))

    assert [] == list(await spool.take_over())


async def test_a_slip_that_was_asked_for_while_another_was_written_stays_due(spool: SqliteSpool, new: NewMaker) -> None:
    package = new()
    await spool.accept(package)
    await spool.change(package.id, 1, StateChange(state=PackageState.DONE, at=NOW, slip=True))
    told = await row_of(spool, package.id)
    await spool.change(package.id, 1, StateChange(state=PackageState.DONE, at=NOW + dt.timedelta(seconds=1), slip=True))

    spool.note_slip(told)
    assert [package.id] == [each.id for each in await spool.take_over()]
    spool.note_slip(await row_of(spool, package.id))
    assert [] == list(await spool.take_over())


async def test_a_slip_of_before_people_were_told_of_a_hold_leaves_the_new_one_due(
    spool: SqliteSpool, new: NewMaker
) -> None:
    package = new()
    before = await held(spool, package)
    await spool.tell_hold(
        package.id, before.epoch, HoldStage.REMINDED, at=NOW + dt.timedelta(seconds=1), told=("told",)
    )

    spool.note_slip(before)

    assert [package.id] == [each.id for each in await spool.take_over()]


async def test_sealing_destroys_the_content_key_and_the_plaintext_streams(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    row = await released(spool, new())

    assert row.content_key is None
    assert () == await spool.payloads(row.id)
    with pytest.raises(SluisError):
        bench.vault.contents(row, ())


async def test_a_large_stream_rests_as_a_file_that_disappears_with_its_key(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    content = os.urandom(2 * IN_ROW)
    package = new(content=content)
    await spool.accept(package)
    row = await row_of(spool, package.id)
    (payload,) = await spool.payloads(package.id)
    assert payload.file
    with contextlib.closing(bench.vault.contents(row, (payload,)).open_stream("manifest")) as reader:
        assert content == reader.read()
    on_disk = bench.folder.path(payload.file).read_bytes()
    assert all(content[start : start + 16] not in on_disk for start in range(0, len(content), 4096))

    await spool.change(package.id, 1, StateChange(state=PackageState.DONE, at=NOW, destroy_content=True))

    assert not bench.folder.path(payload.file).exists()


async def test_what_a_crash_left_behind_is_swept_and_what_rows_name_is_kept(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    kept = new(content=os.urandom(2 * IN_ROW))
    await spool.accept(kept)
    new(content=os.urandom(2 * IN_ROW))  # encrypted, never accepted
    spool.close()

    again = bench.spool()
    swept = await again.open()
    (payload,) = await again.payloads(kept.id)
    again.close()

    assert 1 == swept
    assert bench.folder.path(payload.file).exists()


async def test_an_intent_counts_an_attempt_and_survives(bench: Bench, spool: SqliteSpool, new: NewMaker) -> None:
    row = await released(spool, new())
    intent = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.SENDING, at=NOW, intent=True)
    await spool.change_delivery(row.id, row.epoch, intent)
    spool.close()

    again = bench.spool()
    await again.open()
    (found,) = await again.deliveries(row.id)
    again.close()

    assert (DeliveryState.SENDING, 2, NOW) == (found.state, found.attempt, found.first_tried_at)
    assert b"abc" == found.sealed


async def test_a_kept_parcel_carries_the_intent_of_its_first_attempt(spool: SqliteSpool, new: NewMaker) -> None:
    row = await released(spool, new())

    (found,) = await spool.deliveries(row.id)

    assert (DeliveryState.SENDING, 1, NOW) == (found.state, found.attempt, found.first_tried_at)


async def test_slips_of_the_last_moments_before_a_crash_are_asked_for_again_and_after_a_clean_close_not(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    package = new(source=Source.OUTBOX)
    await spool.accept(package)
    await spool.change(package.id, 1, StateChange(state=PackageState.REFUSED, at=NOW))
    spool.close()
    clean = bench.spool()
    await clean.open()
    after_clean_close = list(await clean.take_over())
    clean.close()
    (bench.root / "closed-cleanly").unlink()

    crashed = bench.spool()
    await crashed.open()
    after_crash = [each.id for each in await crashed.take_over()]
    crashed.close()

    assert ([], [package.id]) == (after_clean_close, after_crash)


async def test_an_ended_delivery_keeps_its_evidence_but_not_its_ciphertext(spool: SqliteSpool, new: NewMaker) -> None:
    row = await released(spool, new())
    done = StateChange(state=PackageState.DONE, at=NOW, slip=True)
    result = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.SENT, at=NOW, package=done)

    await spool.change_delivery(row.id, row.epoch, result)

    (found,) = await spool.deliveries(row.id)
    assert (DeliveryState.SENT, "0" * 64, 3, None) == (found.state, found.sha256, found.size, found.sealed)
    ended = await row_of(spool, row.id)
    assert (PackageState.DONE, True) == (ended.state, ended.slip_due)


async def test_a_receipt_stays_with_the_delivery_also_when_nothing_else_does(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    row = await released(spool, new())
    done = StateChange(state=PackageState.DONE, at=NOW, slip=True)
    taken = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.UNCERTAIN, at=NOW, receipt="a.b.c")
    ended = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.DELIVERED, at=NOW, package=done)

    for change in (taken, ended):
        await spool.change_delivery(row.id, row.epoch, change)
    spool.close()
    again = bench.spool()
    await again.open()
    (found,) = await again.deliveries(row.id)
    again.close()

    assert (DeliveryState.DELIVERED, None, "a.b.c") == (found.state, found.sealed, found.receipt)


@pytest.mark.parametrize(
    ("ended", "in_doubt"),
    [(None, True), (DeliveryState.UNCERTAIN, True), (DeliveryState.WAITING, False)],
    ids=["a crash", "a broken connection", "a clean failure"],
)
async def test_an_attempt_that_follows_one_that_may_have_arrived_leaves_a_doubt_that_stays(
    spool: SqliteSpool, new: NewMaker, ended: DeliveryState | None, in_doubt: bool
) -> None:
    row = await released(spool, new())
    again = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.SENDING, at=NOW, intent=True)
    sent_now = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.SENT, at=NOW)
    first = () if ended is None else (DeliveryChange(recipient=RECIPIENT, state=ended, at=NOW),)

    for change in (*first, again, sent_now):
        await spool.change_delivery(row.id, row.epoch, change)

    (found,) = await spool.deliveries(row.id)
    assert (DeliveryState.SENT, in_doubt) == (found.state, found.in_doubt)

    back = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.UNDELIVERABLE, at=NOW, code="mail-bounced")
    await spool.change_delivery(row.id, row.epoch, back)

    assert (row.id if in_doubt else None) == await spool.mailed(found.name)


@pytest.mark.parametrize(
    ("tried", "never_arrived", "in_doubt"),
    [
        (DeliveryState.SENDING, False, True),
        (DeliveryState.UNCERTAIN, False, True),
        (DeliveryState.SENDING, True, False),
        (DeliveryState.WAITING, True, False),
    ],
)
async def test_what_is_given_up_while_it_may_have_arrived_stays_in_doubt(
    spool: SqliteSpool, new: NewMaker, tried: DeliveryState, *, never_arrived: bool, in_doubt: bool
) -> None:
    row = await released(spool, new())
    end = DeliveryChange(
        recipient=RECIPIENT, state=DeliveryState.UNDELIVERABLE, at=NOW, code="code", never_arrived=never_arrived
    )

    for change in (DeliveryChange(recipient=RECIPIENT, state=tried, at=NOW), end):
        await spool.change_delivery(row.id, row.epoch, change)

    (found,) = await spool.deliveries(row.id)
    assert in_doubt is found.in_doubt


async def test_a_document_is_added_once_and_the_last_one_completes(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    package = new(state=PackageState.INCOMPLETE)
    await spool.accept(package)
    payload: Payload = bench.vault.sink_of(await row_of(spool, package.id)).put("document-1", [b"text"])

    assert await spool.add_payload(package.id, payload, complete=True, at=NOW)
    assert not await spool.add_payload(package.id, payload, complete=True, at=NOW)
    assert PackageState.RECEIVED is (await row_of(spool, package.id)).state


async def test_a_complete_package_takes_no_more_documents(bench: Bench, spool: SqliteSpool, new: NewMaker) -> None:
    package = new()
    await spool.accept(package)
    payload: Payload = bench.vault.sink_of(await row_of(spool, package.id)).put("document-1", [b"text"])

    with pytest.raises(SluisError) as caught:
        await spool.add_payload(package.id, payload, complete=True, at=NOW)

    assert Code.STATE_CONFLICT is caught.value.code


async def test_pages_go_from_new_to_old_and_show_one_persons_packages(spool: SqliteSpool, new: NewMaker) -> None:
    packages = sorted([new().id for _ in range(5)], reverse=True)
    for package in packages:
        await spool.accept(new(package=package))

    first = await spool.page(state=None, before=None, person=None, limit=3)
    second = await spool.page(state=None, before=first[-1].id, person=None, limit=3)
    nobody = await spool.page(state=None, before=None, person=PersonId("other"), limit=3)

    assert packages == [row.id for row in (*first, *second)]
    assert [] == list(nobody)


async def test_forgetting_destroys_the_keys_and_leaves_the_bare_row(spool: SqliteSpool, new: NewMaker) -> None:
    package = new()
    await spool.accept(package)
    await spool.change(package.id, 1, StateChange(state=PackageState.REFUSED, at=NOW))
    later = NOW + dt.timedelta(days=1)
    assert [package.id] == [row.id for row in await spool.lapsed(content_before=later, record_before=NOW)]

    await spool.forget(package.id, content=True, record=True)

    row = await row_of(spool, package.id)
    assert (None, None, None) == (row.content_key, row.record_key, row.record)
    assert [] == list(await spool.lapsed(content_before=later, record_before=later))


async def test_a_token_is_found_until_it_expires(spool: SqliteSpool) -> None:
    await spool.keep_token("digest", person=PersonId("jansen"), scopes="packages:read", expires_at=NOW)

    assert ("jansen", "packages:read") == await spool.find_token("digest", at=NOW - dt.timedelta(seconds=1))
    assert await spool.find_token("digest", at=NOW) is None


async def test_a_second_service_on_one_spool_is_refused(bench: Bench, spool: SqliteSpool) -> None:
    assert spool.room()
    with pytest.raises(SluisError) as caught:
        await bench.spool().open()

    assert Code.SITE_IN_USE is caught.value.code


async def test_a_full_disk_is_refused_before_anything_is_acknowledged(bench: Bench, new: NewMaker) -> None:
    full = SqliteSpool(bench.root, folder=bench.folder, journal=bench.journal, min_free_bytes=2**62)
    await full.open()

    with pytest.raises(SluisError) as caught:
        await full.accept(new())

    assert Code.DISK_FULL is caught.value.code
    assert {} == await full.counts()
    full.close()


# ---- Announcements -----------------------------------------------------------------------------------------------


def event_of(bench: Bench, package: PackageId) -> str:
    with contextlib.closing(sqlite3.connect(bench.root / "spool.sqlite")) as connection:
        ((event,),) = connection.execute("SELECT event FROM package WHERE id = ?", (package,)).fetchall()
    return str(event)


async def test_a_row_names_the_last_event_that_announced_its_change(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    package = new()
    await spool.accept(package, told=("received",))
    await spool.change(package.id, 1, StateChange(state=PackageState.HELD, at=NOW), told=("evaluated", "held"))
    await spool.change(package.id, 1, StateChange(state=PackageState.RECEIVED, at=NOW))
    spool.close()

    assert [[("received",)], [("evaluated", "held")]] == bench.journal.groups
    assert "held" == event_of(bench, package.id)


async def test_changes_that_wait_together_are_announced_by_one_flush(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    await asyncio.gather(*(spool.accept(new(), told=(str(number),)) for number in range(50)))

    assert 50 == sum(map(len, bench.journal.groups))
    assert len(bench.journal.groups) < 50


async def test_no_record_no_change_and_the_neighbours_go_on(bench: Bench, spool: SqliteSpool, new: NewMaker) -> None:
    unannounced, announced, silent = new(), new(), new()
    failure, *accepted = await asyncio.gather(
        spool.accept(unannounced, told=("unwritable",)),
        spool.accept(announced, told=("received",)),
        spool.accept(silent),
        return_exceptions=True,
    )

    assert isinstance(failure, SluisError)
    assert Code.AUDIT_UNAVAILABLE is failure.code
    assert [None, None] == accepted
    assert await spool.find(unannounced.id) is None


@pytest.mark.parametrize("error", [SluisError(Code.AUDIT_UNAVAILABLE), RuntimeError("a fault of the journal's own")])
async def test_a_journal_that_fails_changes_nothing_and_the_spool_lives_on(
    bench: Bench, spool: SqliteSpool, new: NewMaker, error: Exception
) -> None:
    bench.journal.error = error
    package = new()
    with pytest.raises(type(error)):
        await spool.accept(package, told=("received",))
    lost = await spool.find(package.id)
    bench.journal.error = None

    assert lost is None
    assert await spool.accept(package, told=("received",)) is None


async def test_what_is_kept_fresh_equals_what_is_read_back(bench: Bench, spool: SqliteSpool, new: NewMaker) -> None:
    fresh, package = Fresh(), new(claim="claim-1", source=Source.OUTBOX)
    await spool.accept(package)
    fresh.put(package, Record())

    assert (await spool.load(package.id), Record()) == fresh.take(package.id)


# ---- Opening and closing -----------------------------------------------------------------------------------------


async def test_a_spool_that_another_service_holds_says_so_and_closes_all_the_same(
    bench: Bench, spool: SqliteSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.spool.sqlite._LOCK_SECONDS", 0.1)
    second = bench.spool()
    with pytest.raises(SluisError) as raised:
        await second.open()
    second.close()

    assert Code.SITE_IN_USE is raised.value.code


async def test_a_failed_start_after_a_crash_does_not_make_the_crash_forgotten(bench: Bench) -> None:
    bench.folder.prepare()
    (bench.root / "spool.sqlite").write_bytes(b"no database" * 100)
    failing = bench.spool()
    with pytest.raises(SluisError):
        await failing.open()
    failing.close()

    assert not (bench.root / "closed-cleanly").exists()


async def test_what_a_lost_worker_left_is_swept_once_nobody_has_written_to_it_for_long(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    package = new(content=os.urandom(IN_ROW * 2))
    await spool.accept(package)
    left = [bench.folder.staging / "left", bench.folder.path("left")]
    for path in left:
        path.write_bytes(b"x")
    fresh = await spool.sweep_stale(before=left[0].stat().st_mtime - 60)
    swept = await spool.sweep_stale(before=left[0].stat().st_mtime + 60)
    kept = await spool.payloads(package.id)

    assert (0, 2) == (fresh, swept)
    assert not any(path.exists() for path in left)
    assert all(bench.folder.path(each.file).exists() for each in kept if each.file)


# ---- History -------------------------------------------------------------------------------------------------


def asked(**changes: object) -> HistoryQuestion:
    values = {"organisation": "DT&V", "recipients": (RECIPIENT,), "subject": "s", "content": "c"}
    return HistoryQuestion(**{**values, **changes})  # type: ignore[arg-type]  # the test's own keyword arguments


async def sent(spool: SqliteSpool, new: NewPackage, *, at: dt.datetime = NOW, **changes: str) -> None:
    """Commit the intent to send a package, which makes it history."""
    values = {"recipient": RECIPIENT, "kind": "municipality", "organisation": "DT&V", "subject": "s", "content": "c"}
    sending = Sending(**{**values, "went": 1, **changes})  # type: ignore[arg-type]  # the test's own keyword arguments
    await spool.accept(new)
    parcel = delivery(recipient=sending.recipient)
    await spool.change(
        new.id, 1, StateChange(state=PackageState.RELEASING, at=at, deliveries=(parcel,), sendings=(sending,))
    )


async def test_what_goes_is_history_from_its_intent_on_and_still_after_a_restart(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    assert NOTHING_SENT == await spool.history(asked())
    await sent(spool, new())
    spool.close()
    again = bench.spool()
    await again.open()
    found = await again.history(asked())
    again.close()

    about = SentBefore(recipient=RECIPIENT, kind="municipality", same_data_at=NOW, same_data_went=1)
    assert History(about_subject=(about,), reached=(RECIPIENT,)) == found


async def test_history_tells_the_same_data_the_same_subject_and_the_same_recipient_apart(
    spool: SqliteSpool, new: NewMaker
) -> None:
    later = NOW + dt.timedelta(hours=1)
    await sent(spool, new())
    await sent(spool, new(), at=later)
    await sent(spool, new(), recipient="other", content="d")

    here = SentBefore(recipient=RECIPIENT, kind="municipality", same_data_at=later, same_data_went=1)
    there = SentBefore(recipient=RecipientId("other"), kind="municipality")
    assert (here, there) == (await spool.history(asked())).about_subject
    assert () == (await spool.history(asked(subject="t"))).about_subject
    assert (RECIPIENT,) == (await spool.history(asked(organisation="dt&v", recipients=(RECIPIENT, "new")))).reached
    assert () == (await spool.history(asked(organisation="IND"))).reached


async def test_a_change_that_loses_its_epoch_makes_no_history(spool: SqliteSpool, new: NewMaker) -> None:
    package = new()
    await spool.accept(package)
    await spool.take_over()
    with pytest.raises(SluisError):
        await sent(spool, package)

    assert NOTHING_SENT == await spool.history(asked())


async def test_a_journal_that_fails_makes_no_history(bench: Bench, spool: SqliteSpool, new: NewMaker) -> None:
    package = new()
    await spool.accept(package)
    sending = Sending(recipient=RECIPIENT, kind="municipality", organisation="DT&V", subject="s", content="c", went=1)
    change = StateChange(state=PackageState.RELEASING, at=NOW, sendings=(sending,))
    with pytest.raises(SluisError):
        await spool.change(package.id, 1, change, told=("unwritable",))

    assert NOTHING_SENT == await spool.history(asked())


@pytest.mark.parametrize("never_arrived", [True, False])
async def test_only_what_never_arrived_is_forgotten_with_its_failure(
    spool: SqliteSpool, new: NewMaker, never_arrived: bool
) -> None:
    package = new()
    await sent(spool, package)
    failed = DeliveryChange(recipient=RECIPIENT, state=DeliveryState.UNDELIVERABLE, at=NOW, never_arrived=never_arrived)
    await spool.change_delivery(package.id, 1, failed)

    assert never_arrived is (await spool.history(asked()) == NOTHING_SENT)


async def test_what_is_withdrawn_before_it_went_is_forgotten(spool: SqliteSpool, new: NewMaker) -> None:
    package = new()
    await sent(spool, package)
    await spool.change_delivery(
        package.id, 1, DeliveryChange(recipient=RECIPIENT, state=DeliveryState.WAITING, at=NOW, code="smtp-unreachable")
    )
    change = StateChange(state=PackageState.WITHDRAWN, at=NOW)
    await spool.withdraw_deliveries(package.id, 1, [RECIPIENT], change, told=("gone",))

    assert NOTHING_SENT == await spool.history(asked())


async def test_history_past_its_time_is_forgotten_and_the_rest_stays(spool: SqliteSpool, new: NewMaker) -> None:
    await sent(spool, new(), content="old")
    await sent(spool, new(), at=NOW + dt.timedelta(seconds=1), content="young")
    await spool.forget_history(before=NOW + dt.timedelta(seconds=1))

    found = {
        name: (await spool.history(asked(content=name))).about_subject[0].same_data_at for name in ("old", "young")
    }
    assert {"old": None, "young": NOW + dt.timedelta(seconds=1)} == found


async def test_a_spool_from_before_there_was_history_gains_it_and_keeps_its_packages(
    bench: Bench, spool: SqliteSpool, new: NewMaker
) -> None:
    package = new()
    await spool.accept(package)
    spool.close()
    with contextlib.closing(sqlite3.connect(bench.root / "spool.sqlite")) as database, database:
        database.execute("DROP TABLE history")
        database.execute("PRAGMA user_version = 1")
    again = bench.spool()
    await again.open()
    found = await again.history(asked())
    row = await row_of(again, package.id)
    again.close()

    assert (NOTHING_SENT, PackageState.RECEIVED) == (found, row.state)


async def test_a_spool_of_a_later_version_is_not_opened(bench: Bench, spool: SqliteSpool) -> None:
    spool.close()
    with contextlib.closing(sqlite3.connect(bench.root / "spool.sqlite")) as database, database:
        database.execute("PRAGMA user_version = 1000")
    again = bench.spool()
    with pytest.raises(SluisError) as caught:
        await again.open()
    again.close()

    assert Code.SPOOL_UNAVAILABLE is caught.value.code
