"""What intake needs from the house: a place that encrypts bytes at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStream:
    """One stream at rest: its plaintext size in bytes and its keyed digest (HMAC-SHA-256, hexadecimal)."""

    stream: str
    size: int
    digest: str


class Sink(Protocol):
    """Takes the plaintext of one package and encrypts it on the way to disk.

    An implementer promises: plaintext never touches the disk; nothing counts before the package is accepted;
    what is abandoned is removed.
    """

    def store(self, stream: str, chunks: Iterable[bytes], /) -> StoredStream:
        """Encrypt a whole stream under this name. Raises SluisError `disk-full` or `spool-unavailable`."""
        ...
