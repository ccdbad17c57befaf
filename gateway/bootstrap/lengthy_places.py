"""Who may do what takes long now: a few at a time, and nobody kept out by one who needs very long.

Rules:
1. So many places, first come first served.
2. One more is for whoever has waited for a while and has nothing in hand. So what one sender's packages need minutes
   for never keeps the others' waiting that long, and with a single sender no more is done at once than is good.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """Somebody who waits; `granted` tells whether the place is the one more of rule 2."""

    whose: str
    since: float
    granted: asyncio.Future[bool]


class LengthyPlaces:
    """The places, in one event loop."""

    def __init__(self, places: int, *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._free = places
        self._one_more = True
        self._patience_seconds = patience_seconds
        self._in_hand: Counter[str] = Counter()
        self._waiters: list[_Waiter] = []

    @asynccontextmanager
    async def taken_for(self, whose: str) -> AsyncIterator[bool]:
        """Wait for a place, keep it for a piece of work of this person's, and tell whether it is the one more."""
        one_more = await self._enter(whose)
        try:
            yield one_more
        finally:
            self._leave(whose, one_more=one_more)

    async def _enter(self, whose: str) -> bool:
        loop = asyncio.get_running_loop()
        waiter = _Waiter(whose, loop.time(), loop.create_future())
        self._waiters.append(waiter)
        self._serve()
        if waiter.granted.done():
            return waiter.granted.result()
        patience = loop.call_later(self._patience_seconds, self._serve)
        try:
            return await waiter.granted
        except asyncio.CancelledError:
            if waiter.granted.cancelled():
                self._serve()
            else:
                self._leave(whose, one_more=waiter.granted.result())
            raise
        finally:
            patience.cancel()

    def _leave(self, whose: str, *, one_more: bool) -> None:
        self._in_hand[whose] -= 1
        if not self._in_hand[whose]:
            del self._in_hand[whose]
        if one_more:
            self._one_more = True
        else:
            self._free += 1
        self._serve()

    def _serve(self) -> None:
        # Who was cancelled a moment ago has not left the row yet.
        self._waiters = [each for each in self._waiters if not each.granted.done()]
        while self._waiters and self._free:
            self._free -= 1
            self._grant(self._waiters[0], one_more=False)
        long_ago = asyncio.get_running_loop().time() - self._patience_seconds
        waiting = (each for each in self._waiters if each.since <= long_ago and not self._in_hand[each.whose])
        if self._one_more and (patient := next(waiting, None)):
            self._one_more = False
            self._grant(patient, one_more=True)

    def _grant(self, waiter: _Waiter, *, one_more: bool) -> None:
        self._waiters.remove(waiter)
        self._in_hand[waiter.whose] += 1
        waiter.granted.set_result(one_more)
