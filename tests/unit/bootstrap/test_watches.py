"""What is looked at again and again goes on, whatever a look meets: the outside's faults and our own."""

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from gateway.bootstrap.checkpoint_copies import CheckpointCopies
from gateway.bootstrap.log_exports import LogExport
from gateway.bootstrap.logbook import Logbook
from gateway.bootstrap.watch import report_look
from gateway.bootstrap.witnesses import KnownWitness, Witnesses
from gateway.package.errors import Code, SluisError


class Broken:
    """A part with a fault of our own in it; it knows when it was asked for the second time, by whatever thread."""

    def __init__(self) -> None:
        self.twice = asyncio.Event()
        self._asked = 0
        self._loop = asyncio.get_running_loop()

    def checkpoint(self) -> Any:
        self._loop.call_soon_threadsafe(self._count)
        raise ZeroDivisionError

    def _count(self) -> None:
        self._asked += 1
        if self._asked > 1:
            self.twice.set()


def _export(part: Broken) -> Coroutine[Any, Any, None]:
    nothing = cast("Any", None)
    return LogExport(
        name="siem",
        audit=cast("Any", part),
        folder=Path(),
        place=Path(),
        target=nothing,
        checkpoints=False,
        every_seconds=0.01,
        late_seconds=0,
        now=nothing,
    ).run()


def _copies(part: Broken) -> Coroutine[Any, Any, None]:
    return CheckpointCopies(
        audit=cast("Any", part), own=cast("Any", None), folder=Path(), every_seconds=0, late_seconds=0
    ).run()


def _witnesses(part: Broken) -> Coroutine[Any, Any, None]:
    class Key:
        name = "witness"

    known = KnownWitness(key=cast("Any", Key()), url="https://witness.example", context=cast("Any", None))
    return Witnesses(audit=cast("Any", part), known=[known], every_seconds=0, late_seconds=0).run()


def _logbook(part: Broken) -> Coroutine[Any, Any, None]:
    nothing = cast("Any", None)

    return Logbook(
        open_places=part.checkpoint,
        size=nothing,
        post=nothing,
        purpose_of=nothing,
        register=nothing,
        now=lambda: dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
        batch_events=1,
        look_seconds=0,
        late_seconds=0,
    ).run()


@pytest.mark.parametrize("run", [_export, _copies, _witnesses, _logbook])
async def test_a_fault_of_our_own_ends_nothing_that_goes_elsewhere_from_the_audit_log(
    run: Callable[[Broken], Coroutine[Any, Any, None]],
) -> None:
    part = Broken()
    task = asyncio.create_task(run(part))
    waiting = asyncio.create_task(part.twice.wait())

    done, _ = await asyncio.wait([task, waiting], timeout=10, return_when=asyncio.FIRST_COMPLETED)

    waiting.cancel()
    task.cancel()
    assert {waiting} == done


@pytest.mark.parametrize(
    ("error", "code"),
    [(ValueError(), "internal-error"), (OSError(), None), (SluisError(Code.DISK_FULL), None)],
)
def test_only_a_fault_of_our_own_is_logged_as_such(error: Exception, code: str | None) -> None:
    with capture_logs() as lines:
        report_look("keys-not-looked-at", error)

    assert [code] == [each.get("code") for each in lines]
