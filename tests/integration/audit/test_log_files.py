import asyncio
import datetime as dt
import os
import stat
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.audit.events import Event, EventAction
from gateway.audit.findings import Fault, Finding
from gateway.audit.reading import read_events, verify_sequence
from gateway.audit.segments import segment_names
from gateway.audit.tree import leaf_hash
from gateway.audit.tree_files import CHECKPOINTS
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId
from tests.integration.audit.conftest import Clock, Opener

EVENT = Event(action=EventAction.PACKAGE_SEALED, package=PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab"))
EXPIRED = Event(action=EventAction.PACKAGE_EXPIRED)


def attempt(number: int) -> Event:
    return Event(action=EventAction.PACKAGE_RELEASE_STARTED, attempt=number)


def lines(folder: Path) -> list[bytes]:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("*.jsonl"))).splitlines()


def put_aside(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def put_back(folder: Path) -> None:
    assert not folder.exists()
    folder.with_name("elsewhere").rename(folder)


def recoveries(folder: Path) -> list[dict[str, Any]]:
    return [event for event in read_events(folder) if event["event.action"] == "audit-log-recovered"]


class CountedFlushes:
    """Counts flushes and lets chosen ones fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.descriptors: list[int] = []
        self.failing = False
        self._real = os.fdatasync
        monkeypatch.setattr(os, "fdatasync", self)

    def __call__(self, descriptor: int) -> None:
        self.descriptors.append(descriptor)
        if self.failing:
            raise OSError(5, "input/output error")
        self._real(descriptor)


@pytest.fixture
def flushes(monkeypatch: pytest.MonkeyPatch) -> CountedFlushes:
    return CountedFlushes(monkeypatch)


async def test_an_acknowledged_event_lies_in_the_file_of_its_day_under_its_digest(
    open_log: Opener, folder: Path
) -> None:
    digest = await open_log().record(EVENT)
    (line,) = (folder / "2026-11-20.jsonl").read_bytes().splitlines()
    assert digest == leaf_hash(line).hex()
    assert "package-sealed" == orjson.loads(line)["event.action"]


async def test_nobody_but_owner_and_group_can_read_the_log(open_log: Opener, folder: Path) -> None:
    await open_log().record(EVENT)
    assert 0o640 == stat.S_IMODE((folder / "2026-11-20.jsonl").stat().st_mode)


async def test_events_that_come_together_share_a_flush_and_keep_their_order(
    open_log: Opener, folder: Path, flushes: CountedFlushes
) -> None:
    log = open_log()
    digests = await asyncio.gather(*(log.record(attempt(number)) for number in range(500)))
    assert list(range(500)) == [event["gateway.attempt"] for event in read_events(folder)]
    assert digests == [leaf_hash(line).hex() for line in lines(folder)]
    assert len(flushes.descriptors) < 50


async def test_an_event_is_answered_only_after_its_flush(open_log: Opener, flushes: CountedFlushes) -> None:
    log = open_log()
    for count in range(1, 4):
        await log.record(EVENT)
        assert count == len(flushes.descriptors)


async def test_the_numbering_goes_on_without_a_gap_after_a_restart_and_a_new_day(
    open_log: Opener, folder: Path, clock: Clock
) -> None:
    for _ in range(3):
        log = open_log()
        await log.record(EVENT)
        clock.now += dt.timedelta(days=1)
        await log.record(EXPIRED)
        log.close()
    assert list(range(6)) == [event["event.sequence"] for event in read_events(folder)]
    assert 4 == len(segment_names(folder))
    assert not list(verify_sequence(folder))


async def test_a_clock_that_goes_back_does_not_put_events_in_an_older_file(
    open_log: Opener, folder: Path, clock: Clock
) -> None:
    log = open_log()
    await log.record(EVENT)
    clock.now -= dt.timedelta(days=30)
    await log.record(EXPIRED)
    assert ["2026-11-20.jsonl"] == segment_names(folder)
    assert [0, 1] == [event["event.sequence"] for event in read_events(folder)]


async def test_a_torn_last_line_recovers_at_every_cut_point_and_says_so(open_log: Opener, folder: Path) -> None:
    log = open_log()
    await log.record(attempt(1))
    signed = (folder.parent / CHECKPOINTS).read_bytes()
    await log.record(attempt(2))
    log.close()
    path = folder / "2026-11-20.jsonl"
    whole = path.read_bytes()
    first_end = whole.index(b"\n") + 1
    for cut in range(first_end + 1, len(whole)):
        path.write_bytes(whole[:cut])
        (folder.parent / CHECKPOINTS).write_bytes(signed)
        open_log().close()
        (recovery,) = recoveries(folder)
        assert (cut - first_end, 1) == (recovery["gateway.counts.bytes_cut"], recovery["event.sequence"])
        assert whole[:first_end] == path.read_bytes()[:first_end]
        assert not list(verify_sequence(folder))


async def test_a_torn_first_line_of_a_new_day_leaves_the_numbering_of_the_day_before(
    open_log: Opener, folder: Path
) -> None:
    log = open_log()
    await log.record(EVENT)
    log.close()
    (folder / "2026-11-21.jsonl").write_bytes(b'{"event.sequence": 1, "ev')
    open_log().close()
    assert [0, 1] == [event["event.sequence"] for event in read_events(folder)]
    assert not list(verify_sequence(folder))


async def test_a_complete_line_that_can_not_be_read_is_kept_counted_and_named(open_log: Opener, folder: Path) -> None:
    log = open_log()
    await log.record(EVENT)
    log.close()
    path = folder / "2026-11-20.jsonl"
    with path.open("ab") as target:
        target.write(bytes(100) + b"\n")
    open_log().close()
    assert [Fault(Finding.UNREADABLE, path.name, 2, expected=1)] == list(verify_sequence(folder))
    (recovery,) = recoveries(folder)
    assert (1, 2) == (recovery["gateway.counts.unreadable_lines"], recovery["event.sequence"])
    assert bytes(100) in path.read_bytes()


async def test_a_clean_start_writes_no_recovery(open_log: Opener, folder: Path) -> None:
    log = open_log()
    await log.record(EVENT)
    log.close()
    open_log().close()
    assert not recoveries(folder)


async def test_a_failed_flush_fails_everybody_who_waits_and_nothing_of_it_counts(
    open_log: Opener, folder: Path, flushes: CountedFlushes
) -> None:
    log = open_log(retry_seconds=3600.0)
    await log.record(attempt(0))
    flushes.failing = True
    answers = await asyncio.gather(*(log.record(attempt(number)) for number in range(1, 9)), return_exceptions=True)
    assert {Code.AUDIT_UNAVAILABLE} == {answer.code for answer in answers if isinstance(answer, SluisError)}
    assert 8 == len(answers)
    flushes.failing = False
    with pytest.raises(SluisError, match="audit-unavailable"):
        await log.record(attempt(9))
    with pytest.raises(SluisError, match="audit-unavailable"):
        log.check()


async def test_after_a_failed_flush_the_log_cuts_what_did_not_count_says_so_and_goes_on(
    open_log: Opener, folder: Path, flushes: CountedFlushes
) -> None:
    log = open_log(retry_seconds=3600.0)
    await log.record(attempt(0))
    flushes.failing = True
    with pytest.raises(SluisError, match="audit-unavailable"):
        await log.record(attempt(1))
    lost = len(lines(folder)[1]) + 1
    flushes.failing = False
    await log.reopen()
    log.check()
    await log.record(attempt(2))
    assert [0, None, 2] == [event.get("gateway.attempt") for event in read_events(folder)]
    assert [lost] == [event["gateway.counts.bytes_cut"] for event in recoveries(folder)]
    assert not list(verify_sequence(folder))


async def test_a_descriptor_whose_flush_failed_is_never_flushed_again(
    open_log: Opener, flushes: CountedFlushes
) -> None:
    log = open_log()
    await log.record(EVENT)
    failed = os.dup(flushes.descriptors[-1])
    flushes.failing = True
    with pytest.raises(SluisError):
        await log.record(EVENT)
    identity = os.fstat(failed)
    os.close(failed)
    flushes.failing = False
    reopened: list[int] = []
    real_open = os.open

    def watched(*arguments: Any, **more: Any) -> int:
        descriptor = real_open(*arguments, **more)
        if (os.fstat(descriptor).st_dev, os.fstat(descriptor).st_ino) == (identity.st_dev, identity.st_ino):
            reopened.append(descriptor)
        return descriptor

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", watched)
        await log.record(EVENT)
    assert reopened[-1] == flushes.descriptors[-1]


async def test_a_failing_log_is_opened_again_by_itself_when_somebody_calls(
    open_log: Opener, folder: Path, flushes: CountedFlushes
) -> None:
    log = open_log(retry_seconds=0.0)
    flushes.failing = True
    for _ in range(3):
        with pytest.raises(SluisError):
            await log.record(EVENT)
    flushes.failing = False
    await log.record(EVENT)
    assert ["audit-log-recovered", "package-sealed"] == [event["event.action"] for event in read_events(folder)]


async def test_a_failing_log_is_not_opened_again_at_every_call(open_log: Opener, flushes: CountedFlushes) -> None:
    log = open_log(retry_seconds=3600.0)
    flushes.failing = True
    for _ in range(20):
        with pytest.raises(SluisError):
            await log.record(EVENT)
    assert 1 == len(flushes.descriptors)


async def test_a_log_file_that_was_removed_is_never_written_on_in_the_dark(open_log: Opener, folder: Path) -> None:
    log = open_log()
    await log.record(EVENT)
    removed = (folder / "2026-11-20.jsonl").rename(folder.parent / "removed")
    with pytest.raises(SluisError, match="audit-unavailable"):
        await log.record(EVENT)
    for _ in range(2):
        with pytest.raises(SluisError, match="audit-changed"):
            await log.record(EVENT)
    removed.rename(folder / "2026-11-20.jsonl")
    await log.record(EVENT)
    assert not list(verify_sequence(folder))


async def test_a_log_folder_that_is_gone_is_not_made_anew_under_our_hands(open_log: Opener, folder: Path) -> None:
    log = open_log()
    await log.record(EVENT)
    put_aside(folder)
    for _ in range(2):
        with pytest.raises(SluisError, match="audit-unavailable"):
            await log.record(EVENT)
    put_back(folder)
    await log.record(EVENT)
    assert not list(verify_sequence(folder))


async def test_a_second_process_can_not_write_the_same_log(open_log: Opener) -> None:
    open_log()
    with pytest.raises(SluisError, match="site-in-use"):
        open_log()


def test_a_log_that_can_not_be_opened_says_so_and_holds_nothing(folder: Path, open_log: Opener) -> None:
    folder.write_text("a file where the folder belongs")
    with pytest.raises(SluisError, match="audit-unavailable"):
        open_log()
    folder.unlink()
    open_log().check()


async def test_an_event_that_carries_what_it_may_not_fails_alone(open_log: Opener, folder: Path) -> None:
    log = open_log()
    answers = await asyncio.gather(
        log.record(attempt(1)),
        log.record(Event(action=EventAction.PACKAGE_HELD, codes=("0123456789",))),
        log.record(attempt(2)),
        return_exceptions=True,
    )
    assert isinstance(answers[1], ValueError)
    assert [1, 2] == [event["gateway.attempt"] for event in read_events(folder)]
    log.check()


async def test_a_fault_of_our_own_is_told_to_the_caller_and_the_thread_lives(
    open_log: Opener, clock: Clock, folder: Path
) -> None:
    log = open_log()
    clock.broken = True
    with pytest.raises(RuntimeError, match="broken clock"):
        await log.record(EVENT)
    clock.broken = False
    await log.record(EVENT)
    assert 1 == len(lines(folder))


async def test_a_caller_who_gives_up_does_not_undo_the_event(open_log: Opener, folder: Path) -> None:
    log = open_log()
    task = asyncio.create_task(log.record(attempt(1)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await log.record(attempt(2))
    assert [1, 2] == [event["gateway.attempt"] for event in read_events(folder)]


async def test_closing_writes_what_waits(open_log: Opener, folder: Path) -> None:
    log = open_log()
    tasks = [asyncio.create_task(log.record(attempt(number))) for number in range(50)]
    await asyncio.sleep(0)
    await asyncio.to_thread(log.close)
    await asyncio.gather(*tasks)
    assert 50 == len(lines(folder))
    with pytest.raises(SluisError, match="audit-unavailable"):
        await log.record(EVENT)


async def test_events_are_found_by_package_and_from_a_number_on(open_log: Opener, folder: Path) -> None:
    log = open_log()
    other = Event(action=EventAction.PACKAGE_SEALED, package=PackageId("0198f0de-7e21-7c3a-9d52-00000000000a"))
    for event in (EVENT, other, EVENT):
        await log.record(event)
    assert [0, 2] == [event["event.sequence"] for event in read_events(folder, package=EVENT.package)]
    assert [1, 2] == [event["event.sequence"] for event in read_events(folder, first=1)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((0, 1, 2), []),
        ((0, 2), [Fault(Finding.MISSING, "2026-11-20.jsonl", 2, 1, 2)]),
        ((1, 2), [Fault(Finding.MISSING, "2026-11-20.jsonl", 1, 0, 1)]),
        ((0, 1, 1, 2), [Fault(Finding.REPEATED, "2026-11-20.jsonl", 3, 2, 1)]),
        (
            (0, 2, 1),
            [
                Fault(Finding.MISSING, "2026-11-20.jsonl", 2, 1, 2),
                Fault(Finding.REPEATED, "2026-11-20.jsonl", 3, 3, 1),
            ],
        ),
    ],
)
async def test_a_removed_doubled_or_swapped_line_is_found(
    open_log: Opener, folder: Path, order: tuple[int, ...], expected: list[Fault]
) -> None:
    log = open_log()
    for number in range(3):
        await log.record(attempt(number))
    log.close()
    written = lines(folder)
    (folder / "2026-11-20.jsonl").write_bytes(b"".join(written[number] + b"\n" for number in order))
    assert expected == list(verify_sequence(folder))


async def test_a_line_that_is_still_being_written_is_not_read(open_log: Opener, folder: Path) -> None:
    log = open_log()
    await log.record(EVENT)
    with (folder / "2026-11-20.jsonl").open("ab") as target:
        target.write(b'{"event.sequence": 1')
    assert 1 == len(list(read_events(folder)))
    assert not list(verify_sequence(folder))


def test_a_log_that_can_not_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(SluisError, match="audit-unavailable"):
        list(read_events(tmp_path / "nowhere"))


def test_a_log_is_opened_once(open_log: Opener) -> None:
    log = open_log()
    with pytest.raises(RuntimeError):
        log.open()


# ---- Announcements of whoever commits ----------------------------------------------------------------------------


async def test_announcements_are_on_disk_in_their_order_with_one_digest_each(folder: Path, open_log: Opener) -> None:
    log = open_log()
    first = await log.record(EVENT)
    digests = log.write([(EVENT, EXPIRED), (EVENT,)])
    written = [leaf_hash(line).hex() for line in lines(folder)]

    assert [first, written[2], written[3]] == [written[0], *digests]
    assert not list(verify_sequence(folder))


async def test_an_announcement_with_an_event_that_may_not_be_written_is_refused_alone(open_log: Opener) -> None:
    refused, written = open_log().write(
        [(EVENT, Event(action=EventAction.PACKAGE_HELD, codes=("0123456789",))), (EVENT,)]
    )

    assert isinstance(refused, ValueError)
    assert isinstance(written, str)


async def test_nothing_is_announced_when_the_log_is_gone_and_it_goes_on_when_it_is_back(
    folder: Path, open_log: Opener
) -> None:
    log = open_log()
    log.write([(EVENT,)])
    put_aside(folder)
    answers = log.write([(EVENT,), (EVENT, EVENT)])
    put_back(folder)
    (again,) = log.write([(EVENT,)])

    assert [Code.AUDIT_UNAVAILABLE] * 2 == [each.code for each in answers if isinstance(each, SluisError)]
    assert isinstance(again, str)


def test_a_closed_log_takes_no_announcement(open_log: Opener) -> None:
    log = open_log()
    log.close()
    (answer,) = log.write([(EVENT,)])

    assert isinstance(answer, SluisError)
