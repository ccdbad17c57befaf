"""The port `AuditLog`: evidence, durable before the act that it announces."""

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
