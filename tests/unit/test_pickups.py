"""Parcels at the postbus are followed one by one: what is wrong with one keeps no other from being asked after."""

import datetime as dt
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.deliver.port import Pickups
from gateway.package.errors import Code, SluisError, code_of
from gateway.package.ids import PackageId
from gateway.pickups import Collecting, EndsSoon


class Looks(Collecting):
    """Looks at packages that are broken as a test says; keeps which were looked at."""

    def __init__(self, faults: list[Code | None]) -> None:
        async def at_postbus() -> list[PackageId]:
            return [PackageId(str(number)) for number in range(len(faults))]

        parts: Any = SimpleNamespace(pickups=object(), spool=SimpleNamespace(at_postbus=at_postbus))
        nobody = cast("Any", None)
        super().__init__(nobody, parts, nobody, remind_before=dt.timedelta())
        self._faults = faults
        self.looked: list[str] = []

    async def _look_at(self, _pickups: Pickups, package: PackageId) -> list[EndsSoon]:
        self.looked.append(package)
        fault = self._faults[int(package)]
        if fault is Code.INTERNAL_ERROR:
            raise ValueError
        if fault:
            raise SluisError(fault)
        return []


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
    ],
)
async def test_one_that_fails_keeps_no_other_from_being_followed_and_is_told(
    faults: list[Code | None], looked: str, told: Code | None
) -> None:
    looks, found = Looks(faults), None
    try:
        async for _ in looks.look():
            pass
    except (SluisError, ValueError) as error:
        found = code_of(error)

    assert (list(looked), told) == (looks.looked, found)
