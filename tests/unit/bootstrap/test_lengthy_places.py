"""Places for what takes long: first come first served, and nobody kept out by one who needs very long."""

import asyncio

from gateway.bootstrap.lengthy_places import LengthyPlaces


class Work:
    """Pieces of work that last until they are told to end."""

    def __init__(self, places: LengthyPlaces) -> None:
        self.begun: list[str] = []
        self._places = places
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, *names: str) -> None:
        for name in names:
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._do(name))
        await asyncio.sleep(0.01)

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await self._tasks[name]
        await asyncio.sleep(0.01)

    async def cancel(self, name: str) -> None:
        self._tasks[name].cancel()
        await asyncio.gather(self._tasks[name], return_exceptions=True)
        await asyncio.sleep(0.01)

    async def _do(self, name: str) -> None:
        async with self._places.taken_for(name[0]):
            self.begun.append(name)
            await self._ends[name].wait()


async def test_first_come_is_first_served() -> None:
    work = Work(LengthyPlaces(2))
    await work.ask("a1", "a2", "a3", "b1")
    await work.end("a1")
    await work.end("a2")

    assert ["a1", "a2", "a3", "b1"] == work.begun


async def test_one_senders_long_work_does_not_keep_anothers_waiting() -> None:
    work = Work(LengthyPlaces(2, patience_seconds=0.05))
    await work.ask("a1", "a2", "a3", "b1")
    await asyncio.sleep(0.1)

    assert ["a1", "a2", "b1"] == work.begun


async def test_who_has_something_in_hand_gets_no_more_than_the_places() -> None:
    work = Work(LengthyPlaces(2, patience_seconds=0.05))
    await work.ask("a1", "a2", "a3")
    await asyncio.sleep(0.1)

    assert ["a1", "a2"] == work.begun


async def test_the_one_more_is_only_one_and_comes_back() -> None:
    work = Work(LengthyPlaces(2, patience_seconds=0.05))
    await work.ask("a1", "a2", "b1", "b2", "c1")
    await asyncio.sleep(0.1)
    assert ["a1", "a2", "b1"] == work.begun

    await work.end("b1")
    assert ["a1", "a2", "b1", "b2"] == work.begun


async def test_who_stops_waiting_leaves_the_place_to_the_next() -> None:
    work = Work(LengthyPlaces(1))
    await work.ask("a1", "b1", "c1")
    await work.cancel("b1")
    await work.end("a1")

    assert ["a1", "c1"] == work.begun


async def test_who_is_cancelled_in_the_middle_gives_the_place_back() -> None:
    work = Work(LengthyPlaces(1))
    await work.ask("a1", "b1")
    await work.cancel("a1")

    assert ["a1", "b1"] == work.begun


async def test_who_is_cancelled_in_the_moment_a_place_comes_free_takes_none_along() -> None:
    places = LengthyPlaces(1)
    first, waiting = asyncio.Event(), asyncio.Event()

    async def hold(end: asyncio.Event) -> None:
        async with places.taken_for("a"):
            await end.wait()

    holder = asyncio.create_task(hold(first))
    await asyncio.sleep(0)
    waiter = asyncio.create_task(hold(waiting))
    await asyncio.sleep(0)
    first.set()
    waiter.cancel()
    await asyncio.gather(holder, waiter, return_exceptions=True)

    async with asyncio.timeout(5), places.taken_for("b") as one_more:
        assert not one_more
    assert holder.exception() is None
