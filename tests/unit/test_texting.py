"""Codes go as text messages one by one: what is wrong with one keeps no other waiting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.endings import AT_POSTBUS
from gateway.package.ids import PackageId
from gateway.spool.port import DeliveryRow, Stored
from gateway.texting import Texting


class Looks(Texting):
    """Looks at two recipients of each of two packages, of whom one is broken; keeps who was looked at."""

    def __init__(self, broken: str) -> None:
        async def at_postbus() -> list[PackageId]:
            return [PackageId("a"), PackageId("b")]

        async def load(package: str) -> object:
            channel, state = AT_POSTBUS
            lying = [SimpleNamespace(recipient=f"{package}{number}", channel=channel, state=state) for number in "01"]
            return SimpleNamespace(row=SimpleNamespace(id=package), deliveries=lying)

        @asynccontextmanager
        async def turn(_package: str) -> AsyncIterator[None]:
            yield

        nobody, parts = cast("Any", None), SimpleNamespace(spool=SimpleNamespace(at_postbus=at_postbus, load=load))
        endings = SimpleNamespace(turn=turn)
        super().__init__(nobody, cast("Any", parts), cast("Any", endings), messages=nobody, write=nobody)
        self._broken = broken
        self.looked: list[str] = []

    async def _text(self, _stored: Stored, delivery: DeliveryRow) -> None:
        self.looked.append(delivery.recipient)
        if delivery.recipient == self._broken:
            raise ZeroDivisionError


@pytest.mark.parametrize("broken", ["a0", "b0"])
async def test_a_code_that_fails_keeps_no_other_of_its_package_or_of_another_from_going_and_is_told(
    broken: str,
) -> None:
    looks = Looks(broken)
    with pytest.raises(ZeroDivisionError):
        await looks.look()

    assert ["a0", "a1", "b0", "b1"] == looks.looked
