"""The port `Listener`: who is told what the audit log holds, once it is on disk."""

import datetime as dt
from typing import Protocol

from gateway.audit.events import Event


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
