"""The doors of the pick-up service: so many connections in all and for one address, and none that stands still.

Rules, in order:
1. A connection over a limit is closed before anything is read of it, the TLS handshake included.
2. A TLS handshake has 60 s (asyncio's own), a request's head 10 s; a connection on which nothing is asked has 5 s.
3. Who does not take what is sent to them, some tens of KiB in a minute, is cut off: a download goes on where it was.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.entrypoints.api.punctual import PunctualProtocol
from gateway.entrypoints.pickup.visitors import network_of, plain_address


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """How many connections there may be at once, in all and for one address.

    `exempt` are the proxies: behind one, all recipients have the same address.
    """

    in_all: int
    for_one: int
    exempt: frozenset[str] = frozenset()


class GuardedListener(socket.socket):
    """A listening socket that takes no more connections than it may. Raises OSError where it can not listen."""

    def __init__(self, address: tuple[str, int], *, limits: ConnectionLimits, backlog: int) -> None:
        super().__init__(fileno=socket.create_server(address, backlog=backlog).detach())
        self._limits = limits
        self._open: Counter[str] = Counter()

    def accept(self) -> tuple[socket.socket, Any]:
        """Take the next connection. Raises ConnectionAbortedError for one too many, as the kernel for one that left."""
        taken, address = super().accept()
        peer = plain_address(str(address[0]))
        one = network_of(peer)
        full = self._open.total() >= self._limits.in_all
        if full or (self._open[one] >= self._limits.for_one and peer not in self._limits.exempt):
            taken.close()
            raise ConnectionAbortedError
        self._open[one] += 1
        return _Counted(taken.detach(), ended=lambda: self._forget(one)), address

    def _forget(self, one: str) -> None:
        self._open[one] -= 1
        if not self._open[one]:
            # Kept for nobody: else every address that ever came would stay in memory.
            del self._open[one]


class _Counted(socket.socket):
    """One connection; `ended` is called once, when it is closed."""

    def __init__(self, number: int, *, ended: Callable[[], None]) -> None:
        super().__init__(fileno=number)
        self._ended: Callable[[], None] | None = ended

    def close(self) -> None:
        """Close it."""
        super().close()
        if self._ended is not None:
            self._ended()
            self._ended = None


class PickupProtocol(PunctualProtocol):
    """One connection of the pick-up service."""

    header_seconds = 10.0
    stall_seconds = 60.0
    _stalled: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._forget_stall()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give the far side its time to take what waits."""
        super().pause_writing()
        self._forget_stall()
        self._stalled = self.loop.call_later(self.stall_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        self._forget_stall()
        super().resume_writing()

    def _forget_stall(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
