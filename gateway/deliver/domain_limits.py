"""How much mail one domain gets at a time: a receiving server that is flooded defers, and then blocks, its sender.

Rules:
1. At most so many transactions at once for one domain; the next one waits for a place.
2. At most so many begun in any minute; what is over that is not begun and comes again later.
3. Domains are told apart without regard to case (RFC 5321 section 2.4).
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_MINUTE = 60.0


class DomainLimitError(Exception):
    """This domain has had as much as it gets in a minute."""


@dataclass(slots=True)
class _Turns:
    places: asyncio.Semaphore | None
    users: int = 0
    begun: deque[float] = field(default_factory=deque)


class DomainLimits:
    """Counts per domain; None means no limit. `now` is a monotonic clock in seconds."""

    def __init__(self, *, at_once: int | None, per_minute: int | None, now: Callable[[], float]) -> None:
        self._at_once = at_once
        self._per_minute = per_minute
        self._now = now
        self._domains: dict[str, _Turns] = {}

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Take the turn of a checked address's domain, and give it back. Raises DomainLimitError at once."""
        if self._at_once is None and self._per_minute is None:
            yield
            return
        domain = address.rpartition("@")[2].casefold()
        self._forget_rested()
        turns = self._domains.setdefault(domain, _Turns(asyncio.Semaphore(self._at_once) if self._at_once else None))
        self._count(turns)
        turns.users += 1
        try:
            if turns.places is None:
                yield
            else:
                async with turns.places:
                    yield
        finally:
            turns.users -= 1

    def _count(self, turns: _Turns) -> None:
        if self._per_minute is None:
            return
        self._drop_old(turns)
        if len(turns.begun) >= self._per_minute:
            raise DomainLimitError
        turns.begun.append(self._now())

    def _drop_old(self, turns: _Turns) -> None:
        while turns.begun and turns.begun[0] <= self._now() - _MINUTE:
            turns.begun.popleft()

    def _forget_rested(self) -> None:
        """Keep no list of all domains that ever got mail."""
        for domain, turns in list(self._domains.items()):
            self._drop_old(turns)
            if not turns.users and not turns.begun:
                del self._domains[domain]
