"""Connections that rest between two parcels: used again when there is another, dismissed when they rest too long."""

import asyncio
from typing import Generic, Protocol, TypeVar


class Resting(Protocol):
    """A connection that may rest; `idle_since` is the event loop's time of its last release."""

    idle_since: float

    def dismiss(self) -> None:
        """Say goodbye and close, without waiting for the answer."""
        ...

    async def quit(self) -> None:
        """Say goodbye, wait a moment for the answer, and close."""
        ...


_C = TypeVar("_C", bound=Resting)


class IdleConnections(Generic[_C]):
    """Holds what rests; after `idle_seconds` it is dismissed."""

    def __init__(self, *, idle_seconds: float) -> None:
        self._idle_seconds = idle_seconds
        self._idle: list[_C] = []
        self._sweep: asyncio.TimerHandle | None = None

    def take(self) -> _C | None:
        """Give the one that was used last; None when nothing rests."""
        return self._idle.pop() if self._idle else None

    def keep(self, connection: _C) -> None:
        """Let a connection rest."""
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(self._idle_seconds, self._dismiss)

    async def aclose(self) -> None:
        """Close all of them."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        idle, self._idle = self._idle, []
        async with asyncio.TaskGroup() as group:
            for connection in idle:
                group.create_task(connection.quit())

    def _dismiss(self) -> None:
        """Dismiss what has rested too long, and come back when the next one has."""
        loop = asyncio.get_running_loop()
        since = loop.time() - self._idle_seconds
        rested = [each for each in self._idle if each.idle_since <= since]
        self._idle = [each for each in self._idle if each.idle_since > since]
        for connection in rested:
            connection.dismiss()
        self._sweep = None
        if self._idle:
            self._sweep = loop.call_later(self._idle[0].idle_since - since, self._dismiss)
