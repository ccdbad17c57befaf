"""The maildir into which mail servers put what comes back to the sender of our mails.

Rules: names come from `new/` alone; nothing is followed that is no plain file; a file is moved to `cur/` as seen when
what it says is durable, and never removed: an administrator may want to read it.
"""

import os
import stat
from pathlib import Path

from gateway.deliver.delivery_notices import MAX_BYTES
from gateway.package.errors import Code, SluisError

_AT_ONCE = 10_000
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class NoticeMaildir:
    """Implements the port `NoticeBox` by one maildir; each method raises `bounces-unreadable` when it is not let."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def check(self) -> None:
        """Look whether it can be read, and seen mail be put away."""
        for name in ("new", "cur"):
            if not os.access(self._folder / name, os.R_OK | os.W_OK | os.X_OK):
                raise SluisError(Code.BOUNCES_UNREADABLE, where="mail.bounces.maildir")

    def waiting(self) -> list[str]:
        """Name what has come, the oldest first; at most 10,000."""
        try:
            return sorted(path.name for path in (self._folder / "new").iterdir())[:_AT_ONCE]
        except OSError as error:
            raise SluisError(Code.BOUNCES_UNREADABLE, where="mail.bounces.maildir") from error

    def read(self, name: str) -> bytes:
        """Read one; what is no plain file, or larger than any report, is empty."""
        try:
            descriptor = os.open(self._folder / "new" / name, _FLAGS)
        except OSError:
            return b""
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                return b""
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(MAX_BYTES)
        finally:
            os.close(descriptor)

    def seen(self, name: str) -> None:
        """Put one away."""
        try:
            (self._folder / "new" / name).rename(self._folder / "cur" / f"{name}:2,S")
        except OSError as error:
            raise SluisError(Code.BOUNCES_UNREADABLE, where="mail.bounces.maildir") from error

    def close(self) -> None:
        """See the port; a folder has no connections."""

    def abandon(self) -> None:
        """See the port; a folder lets nobody wait."""
