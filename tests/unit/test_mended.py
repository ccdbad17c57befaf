"""A hold is put on its way once for each mending: a wrong guess is no circle, and one bad package keeps no other."""

import asyncio
import datetime as dt
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from gateway.mended import Mended
from gateway.package.encoding import Record
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import PackageId
from gateway.package.states import PackageState
from gateway.policy.policy_set import PolicySet
from gateway.spool.port import StateChange
from tests.unit.policy.building import make_folders

FIRST, SECOND = PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab"), PackageId("0198f0de-7e21-7c3a-9d52-0123456789ac")


class _House:
    """Packages that are held, undecided, for a key; each is held again for the same as soon as it has gone."""

    def __init__(self, policy: PolicySet, *codes: str) -> None:
        self.health, self.policy = KeyHealth.EXPIRED, policy
        self.went: list[tuple[PackageId, PackageState]] = []
        self.again: list[PackageId] = []
        self.broken: PackageId | None = None
        recipient = next(each for each in policy.recipients.values() if each.channels[0].keys)
        self._rows = [
            SimpleNamespace(id=each, epoch=1, state=PackageState.HELD, person="jansen", recipients=(recipient.id,))
            for each in (SECOND, FIRST)
        ]
        parts = SimpleNamespace(
            spool=self,
            dispatcher=self,
            settings=SimpleNamespace(zone=ZoneInfo("Europe/Amsterdam")),
            policy=lambda: self.policy,
            policy_in_force=lambda: self.policy,
            key_health=lambda _key: self.health,
            now=lambda: dt.datetime(2026, 11, 27, tzinfo=dt.UTC),
        )
        self.unreadable: PackageId | None = None
        pipeline = SimpleNamespace(record_of=lambda row: self._record(row, codes))
        endings = SimpleNamespace(turn=lambda _package: asyncio.Lock())
        self.mended = Mended(
            cast("Any", pipeline), cast("Any", parts), endings=cast("Any", endings), forget=lambda _package: None
        )

    def _record(self, row: Any, codes: tuple[str, ...]) -> Record:
        if row.id == self.unreadable:
            raise ValueError("a record of another version")
        return Record(codes=codes)

    def submit(self, package: PackageId, **_more: object) -> None:
        self.again.append(package)

    async def page(self, *, before: PackageId | None, **_more: object) -> list[Any]:
        return [each for each in self._rows if before is None or each.id < before]

    async def load(self, package: PackageId) -> Any:
        if package == self.broken:
            raise SluisError(Code.PAYLOAD_CORRUPT)
        return SimpleNamespace(row=next(each for each in self._rows if each.id == package), payloads=())

    async def change_held(self, package: PackageId, _epoch: int, change: StateChange) -> None:
        self.went.append((package, change.state))


@pytest.fixture(name="shipped", scope="module")
def _shipped(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    return make_folders(tmp_path_factory.mktemp("shipped")).load()


async def test_what_is_held_again_for_the_same_waits_for_the_next_mending(shipped: PolicySet) -> None:
    house = _House(shipped, "key-expired")
    await house.mended.look()
    before = len(house.went)

    house.health = KeyHealth.USABLE
    await house.mended.look()
    await house.mended.look()
    once = list(house.went)
    house.health = KeyHealth.EXPIRED
    await house.mended.look()
    house.health = KeyHealth.USABLE
    await house.mended.look()

    assert 0 == before
    assert [(SECOND, PackageState.RECEIVED), (FIRST, PackageState.RECEIVED)] == once
    assert 4 == len(house.went)
    assert [SECOND, FIRST] * 2 == house.again


async def test_what_a_person_alone_may_settle_or_the_sender_has_to_mend_is_never_put_on_its_way(
    shipped: PolicySet,
) -> None:
    for codes in (("special.second-person",), ("data-unreadable",), ()):
        house = _House(shipped, *codes)
        house.health = KeyHealth.USABLE
        await house.mended.look()
        assert [] == house.went


async def test_a_package_that_can_not_be_read_keeps_no_other_from_going(shipped: PolicySet) -> None:
    house = _House(shipped, "key-missing")
    house.health, house.broken = KeyHealth.USABLE, SECOND

    with pytest.raises(SluisError):
        await house.mended.look()

    assert [FIRST] == house.again


async def test_a_record_of_another_version_keeps_no_other_package_from_going(shipped: PolicySet) -> None:
    house = _House(shipped, "key-missing")
    house.health, house.unreadable = KeyHealth.USABLE, SECOND

    await house.mended.look()

    assert [FIRST] == house.again


async def test_a_look_that_is_asked_for_comes_at_once(shipped: PolicySet) -> None:
    mended = _House(shipped).mended
    mended.look_soon()
    async with asyncio.timeout(5):
        await mended.wanted(seconds=3600)
    await mended.wanted(seconds=0.01)
