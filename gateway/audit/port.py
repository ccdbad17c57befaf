"""The ports of the audit log: evidence, durable before the act that it announces; and whom it is about."""

from typing import Protocol

from gateway.audit.events import Event
from gateway.package.manifest import Subject


class AuditLog(Protocol):
    """Takes events in order and makes them durable.

    An implementer promises: `record` returns only when the line is on disk; concurrent callers share one flush;
    after a failed write every later `record` fails too, until the log has been reopened and checked.
    """

    async def record(self, event: Event, /) -> str:
        """Write one event; give the SHA-256 of its line in hexadecimal. Raises SluisError `audit-unavailable`."""
        ...


class Pseudonyms(Protocol):
    """Makes the pseudonyms of people in the log; see `gateway.audit.pseudonyms`.

    An implementer promises: the same person gives the same one until there is another key, and the key stays here.
    """

    def of_subject(self, subject: Subject, /) -> tuple[str, ...]:
        """Give one for each identifier that the manifest says."""
        ...

    def of_bsn(self, number: str, /) -> str:
        """Give the one of a BSN. Raises ValueError, which does not hold it, for what is none."""
        ...
