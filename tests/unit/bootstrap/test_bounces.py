"""Letters that come back, with a spool that fails for one of them, or that keeps what it is told."""

import datetime as dt
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.bounces import Returning
from gateway.package.encoding import Record
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.states import Channel, DeliveryState, PackageState, Source
from gateway.spool.port import DeliveryChange, DeliveryRow, PackageRow, Stored
from tests.unit.deliver.test_delivery_notices import report

_DAMAGED = "d" * 40 + "@sluis.example"
_UNKNOWN = "0" * 40 + "@sluis.example"


class _Box:
    """A maildir in memory."""

    def __init__(self, letters: dict[str, bytes]) -> None:
        self.letters = letters
        self.put_away: list[str] = []

    def waiting(self) -> list[str]:
        return sorted(self.letters)

    def read(self, name: str) -> bytes:
        return self.letters[name]

    def seen(self, name: str) -> None:
        self.put_away.append(name)

    def check(self) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


class _Spool:
    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    async def mailed(self, name: str) -> None:
        if name == _DAMAGED:
            raise self._fault


class _Keeping:
    """A spool with one package that is done, of one mail; `changes` are what it was told."""

    def __init__(self, delivery: DeliveryRow, *, code: str = "") -> None:
        self._delivery = delivery
        self._code = code
        self.changes: list[DeliveryChange] = []

    async def mailed(self, _name: str) -> PackageId:
        return _PACKAGE

    async def load(self, _package: PackageId) -> Stored:
        row = PackageRow(
            id=_PACKAGE,
            claim="",
            epoch=1,
            state=PackageState.DONE,
            source=Source.OUTBOX,
            person=PersonId("jansen"),
            organisation="DT&V",
            purpose="legal-support",
            recipients=(RecipientId("ngo"),),
            received_at=_AT,
            updated_at=_AT,
            content_digest="",
            content_key=None,
            record_key=None,
            record=None,
            code=self._code,
            attempt=0,
            due=None,
            slip_due=False,
        )
        return Stored(row=row, payloads=(), deliveries=(self._delivery,))

    async def change_delivery(self, _package: PackageId, _epoch: int, change: DeliveryChange, *, told: Any) -> None:
        assert told
        self.changes.append(change)


_PACKAGE = PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab")
_AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


def _mailed(*, in_doubt: bool, state: DeliveryState = DeliveryState.SENT, code: str = "") -> DeliveryRow:
    return DeliveryRow(
        recipient=RecipientId("ngo"),
        channel=Channel.SECURE_MAIL,
        state=state,
        name=_UNKNOWN,
        size=3,
        sha256="0" * 64,
        sealed=None,
        file="",
        manifest=b"",
        signature=b"",
        attempt=2,
        first_tried_at=_AT,
        due=None,
        code=code,
        in_doubt=in_doubt,
    )


def _letter(name: str, action: str = "failed") -> bytes:
    return report(
        about=f"Reporting-MTA: dns; mx.ngo.example\nOriginal-Envelope-Id: {name}\n",
        recipients=f"Final-Recipient: rfc822; loket@ngo.example\nAction: {action}\nStatus: 5.1.1\n",
    )


def _returning(box: _Box, code: Code) -> Returning:
    return _over(_Spool(SluisError(code)), box)


def _over(spool: Any, box: _Box) -> Returning:
    @asynccontextmanager
    async def turn(_package: str) -> Any:
        yield

    dispatcher = SimpleNamespace(submit=lambda *_, **__: None)
    parts: Any = SimpleNamespace(spool=spool, dispatcher=dispatcher, now=lambda: _AT)
    pipeline: Any = SimpleNamespace(record_of=lambda _row: Record(addresses={"ngo": "loket@ngo.example"}))
    endings: Any = SimpleNamespace(turn=turn)
    return Returning(pipeline, parts, endings, box=box)


async def test_a_letter_that_can_not_be_brought_to_its_delivery_waits_and_keeps_no_other_waiting() -> None:
    box = _Box({"1": _letter(_DAMAGED), "2": _letter(_UNKNOWN), "3": b"Subject: Afwezig\n\n"})

    with pytest.raises(SluisError) as caught:
        await _returning(box, Code.PAYLOAD_CORRUPT).look()

    assert Code.PAYLOAD_CORRUPT is caught.value.code
    assert ["2", "3"] == box.put_away


async def test_a_letter_that_meets_a_fault_of_our_own_waits_and_keeps_no_other_waiting() -> None:
    box = _Box({"1": _letter(_DAMAGED), "2": _letter(_UNKNOWN)})

    with pytest.raises(ZeroDivisionError):
        await _over(_Spool(ZeroDivisionError()), box).look()

    assert ["2"] == box.put_away


async def test_while_nothing_can_be_recorded_no_letter_is_put_away() -> None:
    box = _Box({"1": _letter(_DAMAGED), "2": _letter(_UNKNOWN)})

    with pytest.raises(SluisError):
        await _returning(box, Code.AUDIT_UNAVAILABLE).look()

    assert [] == box.put_away


async def test_letters_that_are_nobodys_are_counted_and_put_away() -> None:
    box = _Box({"1": _letter(_UNKNOWN), "2": b""})

    assert 2 == await _returning(box, Code.PAYLOAD_CORRUPT).look()
    assert ["1", "2"] == box.put_away


@pytest.mark.parametrize("in_doubt", [True, False])
async def test_a_mail_that_comes_back_never_arrived_unless_another_copy_of_it_may_have(*, in_doubt: bool) -> None:
    spool = _Keeping(_mailed(in_doubt=in_doubt))

    await _over(spool, _Box({"1": _letter(_UNKNOWN)})).look()

    [change] = spool.changes
    assert (DeliveryState.UNDELIVERABLE, not in_doubt) == (change.state, change.never_arrived)
    assert ("mail-copy-bounced" if in_doubt else "mail-bounced") == change.code


@pytest.mark.parametrize(("in_doubt", "told"), [(True, [(DeliveryState.DELIVERED, "")]), (False, [])])
async def test_a_receipt_for_one_copy_counts_after_another_came_back(
    *, in_doubt: bool, told: list[tuple[DeliveryState, str]]
) -> None:
    returned = _mailed(in_doubt=in_doubt, state=DeliveryState.UNDELIVERABLE, code="mail-bounced")
    spool = _Keeping(returned, code="mail-bounced")

    await _over(spool, _Box({"1": _letter(_UNKNOWN, "failed"), "2": _letter(_UNKNOWN, "delivered")})).look()

    assert told == [(each.state, each.package.code if each.package else "?") for each in spool.changes]
