"""Letters that come back, with a spool that fails for one of them."""

from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.bounces import Returning
from gateway.package.errors import Code, SluisError
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
    def __init__(self, code: Code) -> None:
        self._code = code

    async def mailed(self, name: str) -> None:
        if name == _DAMAGED:
            raise SluisError(self._code)


def _letter(name: str) -> bytes:
    return report(about=f"Reporting-MTA: dns; mx.ngo.example\nOriginal-Envelope-Id: {name}\n")


def _returning(box: _Box, code: Code) -> Returning:
    @asynccontextmanager
    async def turn(_package: str) -> Any:
        yield

    parts: Any = SimpleNamespace(spool=_Spool(code))
    pipeline: Any = SimpleNamespace()
    endings: Any = SimpleNamespace(turn=turn)
    return Returning(pipeline, parts, endings, box=box)


async def test_a_letter_that_can_not_be_brought_to_its_delivery_waits_and_keeps_no_other_waiting() -> None:
    box = _Box({"1": _letter(_DAMAGED), "2": _letter(_UNKNOWN), "3": b"Subject: Afwezig\n\n"})

    with pytest.raises(SluisError) as caught:
        await _returning(box, Code.PAYLOAD_CORRUPT).look()

    assert Code.PAYLOAD_CORRUPT is caught.value.code
    assert ["2", "3"] == box.put_away


async def test_while_nothing_can_be_recorded_no_letter_is_put_away() -> None:
    box = _Box({"1": _letter(_DAMAGED), "2": _letter(_UNKNOWN)})

    with pytest.raises(SluisError):
        await _returning(box, Code.AUDIT_UNAVAILABLE).look()

    assert [] == box.put_away


async def test_letters_that_are_nobodys_are_counted_and_put_away() -> None:
    box = _Box({"1": _letter(_UNKNOWN), "2": b""})

    assert 2 == await _returning(box, Code.PAYLOAD_CORRUPT).look()
    assert ["1", "2"] == box.put_away
