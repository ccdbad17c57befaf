"""Slips on their way to a worker: those that wait are written together, and what hangs keeps nobody waiting.

Rules:
1. One worker at a time writes slips. All slips of a site lie under its one outbox: where that is a share that has died,
   a second writer would hang as the first does; and an old slip that wakes up late would take a newer one's place.
2. Slips that are not written within the patience, and those that wait behind them, are given up: `slips-not-written`,
   which is told at once to who comes meanwhile. The spool knows that each is due, and asks for it again.
3. After that they are written one by one, then by more: a slow share is not given too much at once, and one slip that
   hangs takes few others with it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from gateway.package.errors import Code, SluisError
from gateway.receipt.port import SlipFacts

_TOGETHER = 16
_PATIENCE_SECONDS = 10.0

Work = Callable[[list[SlipFacts]], Awaitable[tuple[bool, Any]]]
"""Has slips written: True and what went wrong with each, or False and what went wrong with all."""


class SlipWriting:
    """The slips that wait; `keep` starts a task that ends whoever is cancelled meanwhile."""

    def __init__(self, work: Work, *, keep: Callable[[asyncio.Task[None]], asyncio.Task[None]]) -> None:
        self._work = work
        self._keep = keep
        self._waiting: list[tuple[SlipFacts, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._together = _TOGETHER
        self._hangs = False

    def hangs(self) -> bool:
        """Tell whether slips are not written now, and the administrator should look at the outbox's share."""
        return self._hangs

    async def write(self, facts: SlipFacts) -> None:
        """Have a slip written. Raises SluisError `slips-not-written`, `worker-lost`, and what went wrong with it."""
        if self._hangs:
            raise SluisError(Code.SLIPS_NOT_WRITTEN)
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((facts, written))
        if self._writer is None or self._writer.done():
            self._writer = self._keep(asyncio.create_task(self._write_all()))
        # Who is cancelled does not undo the slip: it is written, only the answer is dropped.
        await written

    async def _write_all(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[: self._together], self._waiting[self._together :]
            late = asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._give_up, together)
            failed = await self._faults_of([facts for facts, _ in together])
            late.cancel()
            self._together = 1 if self._hangs else min(2 * self._together, _TOGETHER)
            self._hangs = False
            for (_, written), fault in zip(together, failed, strict=True):
                if written.done():
                    continue
                if fault is None:
                    written.set_result(None)
                else:
                    written.set_exception(fault)

    def _give_up(self, together: Sequence[tuple[SlipFacts, asyncio.Future[None]]]) -> None:
        self._hangs = True
        behind, self._waiting = self._waiting, []
        for _, written in (*together, *behind):
            if not written.done():
                written.set_exception(SluisError(Code.SLIPS_NOT_WRITTEN))

    async def _faults_of(self, slips: list[SlipFacts]) -> Sequence[Exception | None]:
        """Have slips written; give what went wrong with each. One that ends its worker is no affair of the others."""
        try:
            done, result = await self._work(slips)
        except Exception as error:  # noqa: BLE001 - whatever it was, it belongs to those who wait for it.
            done, result = False, error
        if done:
            answers: Sequence[Exception | None] = result
            return answers
        if len(slips) == 1:
            return [result]
        return [fault for each in slips for fault in await self._faults_of([each])]
