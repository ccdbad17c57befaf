"""A fault of our own in one of the things that the service looks at again and again ends nothing else."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from gateway.bootstrap import outbox_door, running
from gateway.bootstrap.build import open_house
from gateway.bootstrap.running import run_house
from gateway.package.encoding import Record, decode_record
from gateway.package.ids import PackageId, PersonId
from gateway.package.states import Submitter
from gateway.pipeline import Pipeline
from gateway.spool.candidates import Candidate
from gateway.spool.port import PackageRow
from tests.scenarios.test_reviews import with_health
from tests.scenarios.world import World, manifest, new_world, until


@pytest.fixture(scope="module")
def site() -> Iterator[World]:
    with new_world() as world:
        yield world


async def test_a_fault_of_our_own_in_every_look_ends_neither_the_looks_nor_the_service(
    site: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def failing(name: str) -> Any:
        async def look(*_: object, **__: object) -> None:
            looked.append(name)
            raise ValueError(name)

        return look

    def fails_at_once(**_: object) -> AsyncIterator[None]:
        looked.append("holds")
        raise ValueError

    def of_keys() -> None:
        looked.append("keys")
        raise ValueError

    async with open_house(site.site) as house:
        empty = house.door.empty
        once = iter([failing("outbox")])

        async def empty_after_one_fault() -> float | None:
            for fails in once:
                await fails()
            return await empty()

        monkeypatch.setattr(house.door, "empty", empty_after_one_fault)
        monkeypatch.setattr(house.endings, "forget_lapsed", failing("retention"))
        monkeypatch.setattr(house.endings, "pass_time", fails_at_once)
        monkeypatch.setattr(house.notices, "send", failing("notices"))
        monkeypatch.setattr(house.gateway.delays, "look", failing("delays"))
        monkeypatch.setattr(house.gateway.key_watch, "look", of_keys)
        monkeypatch.setattr(house.audit, "reopen", failing("audit"))
        monkeypatch.setattr(house.policy, "look", failing("policy"))
        for pause in ("_RETENTION_SECONDS", "_AUDIT_SECONDS", "_DELAY_SECONDS", "_KEYS_SECONDS"):
            monkeypatch.setattr(running, pause, 0.2)
        work = asyncio.create_task(run_house(house))
        site.drop_file("toch.json", manifest())
        await asyncio.to_thread(until, lambda: work.done() or (site.slips("toch.json") and looked.count("keys") > 1))
        ended = work.done()
        work.cancel()
        await asyncio.wait([work])

    assert not ended
    expected = {"outbox", "retention", "holds", "notices", "delays", "keys", "audit", "policy"}
    assert expected == set(looked)
    assert all(looked.count(each) > 1 for each in ("retention", "delays", "keys", "audit"))


async def test_an_entry_that_meets_a_fault_of_our_own_each_time_goes_back_and_keeps_no_other_waiting(
    site: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_door, "_AGAIN_SECONDS", 0.1)
    async with open_house(site.site) as house:
        accept = house.pipeline.accept

        async def accept_but_one(candidate: Candidate) -> object:
            if candidate.entry == "vreemd.json":
                raise ZeroDivisionError
            return await accept(candidate)

        monkeypatch.setattr(house.pipeline, "accept", accept_but_one)
        work = asyncio.create_task(run_house(house))
        for entry in ("vreemd.json", "gewoon.json"):
            site.drop_file(entry, manifest())
        odd, plain = [await asyncio.to_thread(site.slip, entry) for entry in ("vreemd.json", "gewoon.json")]
        work.cancel()
        await asyncio.wait([work])

    assert "internal-error" in json.dumps(odd)
    assert "done" == plain["state"]


DAY = 86_400.0
MEMBER = Submitter(person=PersonId("medewerker"), organisation="DT&V", roles=())


async def two_held_and_time_has_passed(world: World) -> tuple[PackageId, PackageId]:
    """Hold two packages, and let the site's clock stand a hundred days later."""
    world.set(None, environment="test")
    async with open_house(world.site) as house:
        work = asyncio.create_task(run_house(house))
        for entry in ("een.json", "twee.json"):
            world.drop_file(entry, with_health())
        slips = [await asyncio.to_thread(world.slip, entry, "held") for entry in ("een.json", "twee.json")]
        work.cancel()
        await asyncio.wait([work])
    world.set("testClock", aheadSeconds=100 * DAY)
    first, second = sorted(PackageId(slip["id"]) for slip in slips)
    return first, second


def unreadable(of: Callable[[PackageRow], Record], package: PackageId) -> Callable[[PackageRow], Record]:
    """Read records as a version does that does not know what another one kept of a package."""

    def record_of(row: PackageRow) -> Record:
        return decode_record(b'{"codes": {}}') if row.id == package else of(row)

    return record_of


async def test_a_hold_whose_record_another_version_wrote_keeps_no_other_from_being_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with new_world() as world:
        first, second = await two_held_and_time_has_passed(world)
        async with open_house(world.site) as house:
            for odd, other in ((first, second), (second, first)):
                monkeypatch.setattr(house.pipeline, "record_of", unreadable(Pipeline(house.parts).record_of, odd))
                told = [each.package async for each in house.endings.pass_time(unfinished_since=house.parts.now())]
                assert [other] == told


async def test_a_record_that_another_version_wrote_is_forgotten_in_time_as_the_others_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with new_world() as world:
        first, second = await two_held_and_time_has_passed(world)
        async with open_house(world.site) as house:
            for package in (first, second):
                await house.endings.withdraw(package, by=MEMBER)
            monkeypatch.setattr(house.pipeline, "record_of", unreadable(Pipeline(house.parts).record_of, first))
            later = house.parts.now() + dt.timedelta(days=1)
            forgotten = await house.endings.forget_lapsed(content_before=later, record_before=later)

    assert 2 == forgotten
