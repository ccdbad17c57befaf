"""Wake-ups: events hurry the scan, the interval keeps the promise."""

import asyncio
import shutil
from contextlib import aclosing

import pytest

from gateway.intake import waking
from gateway.intake.waking import wake_ups
from tests.integration.intake.dropping import Site

FAR = 3600.0
SOON = 0.02


async def test_the_first_look_comes_at_once(site: Site) -> None:
    async with aclosing(wake_ups(site.outbox, seconds=FAR)) as wakes:
        await anext(wakes)


async def test_a_drop_wakes_long_before_the_interval(site: Site) -> None:
    async with aclosing(wake_ups(site.outbox, seconds=FAR)) as wakes:
        await anext(wakes)
        woken = asyncio.ensure_future(anext(wakes))
        number = 0
        while not woken.done():
            # The watch begins some time after it was asked for, so there is something new every now and then.
            site.drop(f"{number}.zip", b"x")
            number += 1
            await asyncio.wait({woken}, timeout=0.2)
        await woken


async def test_the_interval_wakes_when_nothing_happens(site: Site) -> None:
    async with aclosing(wake_ups(site.outbox, seconds=SOON)) as wakes:
        for _ in range(4):
            await anext(wakes)


async def test_a_folder_that_goes_away_and_comes_back_does_not_end_the_wake_ups(site: Site) -> None:
    async with aclosing(wake_ups(site.outbox, seconds=SOON)) as wakes:
        await anext(wakes)
        await anext(wakes)
        shutil.rmtree(site.send)
        for _ in range(3):
            await anext(wakes)
        site.send.mkdir()
        for _ in range(3):
            await anext(wakes)


async def test_a_system_without_watches_left_still_wakes_by_the_interval(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_where: object, **_how: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(waking, "awatch", refuse)
    async with aclosing(wake_ups(site.outbox, seconds=SOON)) as wakes:
        for _ in range(3):
            await anext(wakes)


async def test_a_cancelled_listener_stops_at_once(site: Site) -> None:
    async def listen() -> None:
        async for _ in wake_ups(site.outbox, seconds=FAR):
            listening.set()

    listening = asyncio.Event()
    task = asyncio.ensure_future(listen())
    await listening.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
