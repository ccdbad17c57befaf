"""The port `AuditLog`: evidence, durable before the act that it announces; and who is told of what it holds."""

import datetime as dt
from typing import Protocol

from gateway.audit.events import Event


class AuditLog(Protocol):
    """Takes events in order and makes them durable.

    An implementer promises: `record` returns only when the line is on disk; concurrent callers share one flush;
    after a failed write every later `record` fails too, until the log has been reopened and checked.
    """

    async def record(self, event: Event, /) -> str:
        """Write one event; give the SHA-256 of its line in hexadecimal. Raises SluisError `audit-unavailable`."""
        ...


class Listener(Protocol):
    """Is told of every event once its line is on disk, and of every failure to write.

    An implementer promises to be quick, to raise nothing and to call nothing of the log: its writer waits meanwhile.
    """

    def wrote(self, event: Event, at: dt.datetime, /) -> None:
        """Take note of an event that was written at this time."""
        ...

    def failed(self) -> None:
        """Take note that the log could not be written."""
        ...
