"""What a person moved counts for what a person uploads, and makes nothing else due."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.package.states import Channel, DeliveryState
from gateway.uploads import Uploading

PACKAGE, RECIPIENT = "01234567-89ab-cdef-0123-456789abcdef", "nidos"
FOLDER = f"{PACKAGE}.{RECIPIENT}"


@pytest.mark.parametrize(
    ("channel", "address", "due"),
    [
        (Channel.FILE_DROP, "bestandenpostbus:loket@nidos.example", {f"{FOLDER}.tar.pgp"}),
        (Channel.FILE_DROP, "drop:nidos", set()),
        (Channel.SECURE_MAIL, "loket@nidos.example", set()),
    ],
)
async def test_an_attack_with_a_folder_named_after_another_delivery_makes_nothing_due(
    channel: Channel, address: str, due: set[str]
) -> None:
    delivery = SimpleNamespace(
        name=f"{FOLDER}.tar.pgp", recipient=RECIPIENT, channel=channel, state=DeliveryState.WAITING
    )
    stored = SimpleNamespace(row=SimpleNamespace(id=PACKAGE, person="p"), deliveries=(delivery,))
    submitted: list[str] = []

    async def load(_package: str) -> object:
        return stored

    async def confirmed() -> frozenset[str]:
        return frozenset({FOLDER})

    async def overdue(*, seconds: float) -> tuple[str, ...]:
        return ()

    pipeline = SimpleNamespace(answered=set(), record_of=lambda _: SimpleNamespace(addresses={RECIPIENT: address}))
    parts = SimpleNamespace(
        spool=SimpleNamespace(load=load),
        dispatcher=SimpleNamespace(submit=lambda package, **_: submitted.append(package)),
    )
    uploads = SimpleNamespace(confirmed=confirmed, overdue=overdue)
    looking = Uploading(cast("Any", pipeline), cast("Any", parts), cast("Any", uploads), remind_seconds=1)

    assert [] == [each async for each in looking.look()]

    assert due == pipeline.answered
    assert len(due) == len(submitted)


async def test_one_that_meets_a_fault_of_our_own_keeps_no_other_waiting() -> None:
    other = FOLDER.replace("0", "1", 1)
    seen: list[str] = []

    async def load(package: str) -> None:
        seen.append(package)
        if package == PACKAGE:
            raise ZeroDivisionError

    async def confirmed() -> frozenset[str]:
        return frozenset({FOLDER, other})

    async def overdue(*, seconds: float) -> tuple[str, ...]:
        return ()

    parts = SimpleNamespace(spool=SimpleNamespace(load=load))
    pipeline = SimpleNamespace(answered=set())
    uploads = SimpleNamespace(confirmed=confirmed, overdue=overdue)
    looking = Uploading(cast("Any", pipeline), cast("Any", parts), cast("Any", uploads), remind_seconds=1)

    with pytest.raises(ZeroDivisionError):
        [each async for each in looking.look()]

    assert [PACKAGE, other.partition(".")[0]] == seen


async def test_of_what_lies_too_long_every_sender_is_told_though_one_can_not_be_and_another_can_not_be_brought() -> (
    None
):
    late, broken = FOLDER.replace("0", "1", 1), FOLDER.replace("0", "2", 1)

    async def load(package: str) -> object:
        if package in {PACKAGE, broken.partition(".")[0]}:
            raise ZeroDivisionError
        return SimpleNamespace(row=SimpleNamespace(id=package, person="p"), deliveries=())

    async def confirmed() -> frozenset[str]:
        return frozenset({FOLDER})

    async def overdue(*, seconds: float) -> tuple[str, ...]:
        return (broken, late)

    parts = SimpleNamespace(spool=SimpleNamespace(load=load))
    uploads = SimpleNamespace(confirmed=confirmed, overdue=overdue)
    looking = Uploading(cast("Any", None), cast("Any", parts), cast("Any", uploads), remind_seconds=1)
    told: list[str] = []

    async def look() -> None:
        async for each in looking.look():
            told.append(each.package)  # noqa: PERF401 - what was told before the fault counts.

    with pytest.raises(ZeroDivisionError):
        await look()

    assert [late.partition(".")[0]] == told
