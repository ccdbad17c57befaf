"""The dispatcher: everything that is due gets its turn, and nothing two turns at once."""

import asyncio
import contextlib
import datetime as dt
from collections import Counter

import pytest

from gateway.package.ids import PackageId
from gateway.spool.dispatching import LocalDispatcher


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def ids(count: int) -> list[PackageId]:
    return [PackageId(f"package-{n}") for n in range(count)]


def ignore(_package: PackageId, _error: Exception) -> None:
    raise AssertionError("no handler was expected to fail")


async def run_until(dispatcher: LocalDispatcher, handler: object, done: asyncio.Event) -> None:
    task = asyncio.create_task(dispatcher.run(handler))  # type: ignore[arg-type]  # each test gives a fitting one
    async with asyncio.timeout(10):
        await done.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_each_package_gets_one_turn_for_one_submission() -> None:
    dispatcher = LocalDispatcher(workers=4, now=now, failed=ignore)
    seen: Counter[PackageId] = Counter()
    done = asyncio.Event()

    async def handler(package: PackageId) -> None:
        await asyncio.sleep(0)
        seen[package] += 1
        if len(seen) == 50:
            done.set()

    for package in ids(50):
        dispatcher.submit(package)
        dispatcher.submit(package)
    await run_until(dispatcher, handler, done)

    assert Counter(ids(50)) == seen


async def test_a_package_asked_for_while_it_is_worked_on_gets_another_turn_and_never_two_at_once() -> None:
    dispatcher = LocalDispatcher(workers=4, now=now, failed=ignore)
    package = PackageId("one")
    running, turns, done = 0, 0, asyncio.Event()

    async def handler(_package: PackageId) -> None:
        nonlocal running, turns
        running += 1
        assert 1 == running
        turns += 1
        if turns < 5:
            dispatcher.submit(package)
        await asyncio.sleep(0.001)
        running -= 1
        if turns == 5:
            done.set()

    dispatcher.submit(package)
    await run_until(dispatcher, handler, done)

    assert 5 == turns


async def test_asking_again_brings_a_later_turn_forward() -> None:
    dispatcher = LocalDispatcher(workers=1, now=now, failed=ignore)
    done = asyncio.Event()

    async def handler(_package: PackageId) -> None:
        done.set()

    dispatcher.submit(PackageId("one"), at=now() + dt.timedelta(hours=1))
    dispatcher.submit(PackageId("one"))
    await run_until(dispatcher, handler, done)

    assert 0 == dispatcher.waiting()


async def test_a_failing_handler_stops_nobody_else() -> None:
    failed: list[PackageId] = []
    dispatcher = LocalDispatcher(workers=2, now=now, failed=lambda package, _error: failed.append(package))
    seen: set[PackageId] = set()
    done = asyncio.Event()

    async def handler(package: PackageId) -> None:
        seen.add(package)
        if len(seen) == 6:
            done.set()
        if package.endswith(("1", "3")):
            raise RuntimeError

    for package in ids(6):
        dispatcher.submit(package)
    await run_until(dispatcher, handler, done)

    assert {"package-1", "package-3"} == set(failed)


async def test_a_busy_package_does_not_keep_a_later_one_from_its_turn() -> None:
    dispatcher = LocalDispatcher(workers=2, now=now, failed=ignore)
    release, done = asyncio.Event(), asyncio.Event()

    async def handler(package: PackageId) -> None:
        if package == "slow" and not release.is_set():
            dispatcher.submit(PackageId("slow"))
            dispatcher.submit(PackageId("later"), at=now() + dt.timedelta(milliseconds=20))
            await release.wait()
        elif package == "later":
            release.set()
            done.set()

    dispatcher.submit(PackageId("slow"))
    await run_until(dispatcher, handler, done)

    assert done.is_set()


async def test_a_flood_of_one_sender_that_takes_for_ever_does_not_keep_another_waiting() -> None:
    dispatcher = LocalDispatcher(workers=4, now=now, failed=ignore)
    release, done = asyncio.Event(), asyncio.Event()

    async def handler(package: PackageId) -> None:
        if package == "other":
            done.set()
        await release.wait()

    for package in ids(50):
        dispatcher.submit(package, sender="anna")
    dispatcher.submit(PackageId("other"), sender="bram")
    await run_until(dispatcher, handler, done)

    assert done.is_set()


async def test_of_two_senders_the_one_with_less_in_hand_is_next() -> None:
    dispatcher = LocalDispatcher(workers=3, now=now, failed=ignore)
    seen: list[PackageId] = []

    async def handler(package: PackageId) -> None:
        seen.append(package)
        await asyncio.sleep(60)

    for package in ids(3):
        dispatcher.submit(package, sender="anna")
    dispatcher.submit(PackageId("other"), sender="bram")
    task = asyncio.create_task(dispatcher.run(handler))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert ["package-0", "other"] == seen


async def test_it_ends_when_it_is_cancelled_also_while_a_handler_swallows_that() -> None:
    dispatcher = LocalDispatcher(workers=1, now=now, failed=ignore)
    begun = asyncio.Event()

    async def handler(_package: PackageId) -> None:
        begun.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

    dispatcher.submit(PackageId("one"))
    task = asyncio.create_task(dispatcher.run(handler))
    await begun.wait()
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=10)

    assert {task} == done
