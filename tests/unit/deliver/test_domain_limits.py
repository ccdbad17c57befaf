import asyncio

import pytest

from gateway.deliver.domain_limits import DomainLimitError, DomainLimits


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def _take(limits: DomainLimits, address: str) -> bool:
    try:
        async with limits.turn(address):
            return True
    except DomainLimitError:
        return False


async def test_a_domain_gets_so_many_mails_in_any_minute_and_another_domain_its_own() -> None:
    clock = _Clock()
    limits = DomainLimits(at_once=None, per_minute=2, now=clock)

    taken = [await _take(limits, address) for address in ("a@x.example", "b@X.example", "c@x.example", "a@y.example")]
    clock.now += 59
    early = await _take(limits, "c@x.example")
    clock.now += 1
    late = await _take(limits, "c@x.example")

    assert [True, True, False, True] == taken
    assert (False, True) == (early, late)


async def test_a_domain_gets_so_many_at_once_and_the_next_one_waits_for_a_place() -> None:
    limits = DomainLimits(at_once=2, per_minute=None, now=_Clock())
    inside, most, go = 0, 0, asyncio.Event()

    async def deliver(address: str) -> None:
        nonlocal inside, most
        async with limits.turn(address):
            inside += 1
            most = max(most, inside)
            await go.wait()
            inside -= 1

    tasks = [asyncio.create_task(deliver("a@x.example")) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*tasks)

    assert 2 == most


async def test_a_waiter_that_is_cancelled_leaves_its_place_to_the_next() -> None:
    limits = DomainLimits(at_once=1, per_minute=None, now=_Clock())
    async with limits.turn("a@x.example"):
        waiter = asyncio.create_task(_take(limits, "a@x.example"))
        await asyncio.sleep(0)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter

    assert await _take(limits, "a@x.example")


async def test_domains_that_have_rested_are_forgotten() -> None:
    clock = _Clock()
    limits = DomainLimits(at_once=1, per_minute=5, now=clock)
    for number in range(50):
        await _take(limits, f"a@x{number}.example")
    clock.now += 60

    await _take(limits, "a@y.example")

    assert ["y.example"] == list(limits._domains)
