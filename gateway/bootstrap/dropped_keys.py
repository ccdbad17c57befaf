"""Counts what the operational log left out, by reading what was added to it: every process of the service writes there.

Rules:
1. Counted is what came after the service's start. When the file was moved aside or cut, it is read from its beginning.
2. A file that can not be read counts nothing more: it is help, and no evidence.
"""

import os
import re
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

_DROPPED: Final = re.compile(rb'"log\.dropped_keys":([0-9]{1,9})')


class DroppedKeys:
    """Follows one operational log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._total = 0
        self._reading = threading.Lock()
        self._inode = self._offset = 0
        with suppress(OSError):
            found = path.stat()
            self._inode, self._offset = found.st_ino, found.st_size

    def count(self) -> int:
        """Give how many keys were left out since the start; blocking."""
        with self._reading, suppress(OSError), self._path.open("rb") as source:
            found = os.fstat(source.fileno())
            if found.st_ino != self._inode or found.st_size < self._offset:
                self._inode, self._offset = found.st_ino, 0
            source.seek(self._offset)
            for line in source:
                if not line.endswith(b"\n"):
                    # Still being written; the next look reads it whole.
                    break
                self._offset += len(line)
                self._total += sum(map(int, _DROPPED.findall(line)))
        return self._total
