"""Parcels at the postbus are followed one by one: what is wrong with one keeps no other from being asked after."""

import asyncio
import datetime as dt
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.deliver.port import Pickups
from gateway.endings import AT_POSTBUS
from gateway.package.errors import Code, SluisError, code_of
from gateway.package.ids import PackageId, PersonId
from gateway.pickups import Collecting, EndsSoon
from gateway.spool.port import DeliveryRow, Stored


class Looks(Collecting):
    """Looks at the parcels of packages, each broken as a test says; keeps which were looked at."""

    def __init__(self, *packages: list[Code | None]) -> None:
        async def at_postbus() -> list[PackageId]:
            return [PackageId(str(number)) for number in range(len(packages))]

        async def load(package: str) -> object:
            channel, state = AT_POSTBUS
            parcels = [SimpleNamespace(channel=channel, state=state, code=code) for code in packages[int(package)]]
            return SimpleNamespace(row=SimpleNamespace(id=package), deliveries=parcels)

        spool = SimpleNamespace(at_postbus=at_postbus, load=load)
        parts: Any = SimpleNamespace(pickups=object(), spool=spool)
        endings: Any = SimpleNamespace(turn=lambda _package: asyncio.Lock())
        super().__init__(cast("Any", None), parts, endings, remind_before=dt.timedelta())
        self.looked: list[str] = []

    async def _follow(self, _pickups: Pickups, stored: Stored, delivery: DeliveryRow) -> EndsSoon | None:
        self.looked.append(stored.row.id)
        if delivery.code == Code.INTERNAL_ERROR:
            raise ValueError
        if delivery.code:
            raise SluisError(Code(delivery.code))
        return EndsSoon(package=stored.row.id, sender=PersonId("jansen"), until=dt.datetime.max.replace(tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("faults", "looked", "told"),
    [
        ([Code.PAYLOAD_CORRUPT, None, None], "012", Code.PAYLOAD_CORRUPT),
        ([Code.PAYLOAD_CORRUPT] * 4 + [None], "01234", Code.PAYLOAD_CORRUPT),
        ([Code.INTERNAL_ERROR, None, None], "012", Code.INTERNAL_ERROR),
        ([Code.INTERNAL_ERROR] * 4 + [None], "01234", Code.INTERNAL_ERROR),
        ([Code.POSTBUS_UNREACHABLE, None, Code.POSTBUS_UNREACHABLE, None], "0123", None),
        ([Code.POSTBUS_UNREACHABLE] * 4, "012", Code.POSTBUS_UNREACHABLE),
        ([Code.POSTBUS_NOT_ADMITTED] * 4, "012", Code.POSTBUS_NOT_ADMITTED),
        ([Code.AUDIT_UNAVAILABLE, None], "0", Code.AUDIT_UNAVAILABLE),
        ([Code.PAYLOAD_CORRUPT, Code.POSTBUS_UNREACHABLE], "01", Code.PAYLOAD_CORRUPT),
    ],
)
async def test_one_that_fails_keeps_no_other_from_being_followed_and_is_told(
    faults: list[Code | None], looked: str, told: Code | None
) -> None:
    looks, found = Looks(*([fault] for fault in faults)), None
    try:
        async for _ in looks.look():
            pass
    except (SluisError, ValueError) as error:
        found = code_of(error)

    assert (list(looked), told) == (looks.looked, found)


@pytest.mark.parametrize("fault", [Code.PAYLOAD_CORRUPT, Code.INTERNAL_ERROR])
async def test_one_parcel_that_fails_keeps_no_other_of_its_package_from_being_followed_and_its_sender_from_being_told(
    fault: Code,
) -> None:
    looks, told = Looks([None, fault, None], [None]), list[str]()

    async def look() -> None:
        async for soon in looks.look():
            told.append(soon.package)

    with pytest.raises((SluisError, ValueError)):
        await look()

    assert list("0001") == looks.looked
    assert list("001") == told


async def test_a_service_that_does_not_answer_is_not_asked_after_more_than_three_parcels_of_one_package() -> None:
    looks = Looks([Code.POSTBUS_UNREACHABLE] * 5, [None])
    with pytest.raises(SluisError):
        [each async for each in looks.look()]

    assert list("000") == looks.looked
