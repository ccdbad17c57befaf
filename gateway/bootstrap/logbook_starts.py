"""Finds when the action that a line tells of began: the intent stands some lines before it in the log.

The same line must always give the same time, also when it is sent again after a restart. So an intent counts when it
stands in the same file, at most `REACH` bytes before; an action whose intent is further away began and ended when its
line was written.
"""

import io
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.audit.events import EventAction
from gateway.bootstrap.log_following import LogLine

REACH: Final = 4 * 1024 * 1024
_MOST: Final = 10_000
_Attempt = tuple[object, object, object]


class Starts:
    """Follows the lines of one log and remembers intents. Not safe for use by two threads at once."""

    def __init__(self, folder: Path, *, reach: int = REACH) -> None:
        self._folder = folder
        self._reach = reach
        self._file = ""
        self._offset = 0
        self._intents: dict[_Attempt, tuple[int, str]] = {}

    def start_of(self, line: LogLine) -> str:
        """Give the time of the intent that a line ends, or nothing; lines come in order. Raises OSError."""
        begin = line.end - len(line.line) - 1
        if (line.file, begin) != (self._file, self._offset):
            self._look_back(line.file, begin)
        self._file, self._offset = line.file, line.end
        return self._take(line.line, begin)

    def _take(self, line: bytes, begin: int) -> str:
        """Remember an intent, or find that of the line."""
        try:
            record: Any = orjson.loads(line)
            attempt = (record["gateway.package.id"], record["gateway.recipient.id"], record["gateway.attempt"])
            started = record["event.action"] == EventAction.PACKAGE_RELEASE_STARTED
            time = str(record["@timestamp"])
            hash(attempt)
        except (ValueError, TypeError, KeyError):
            return ""
        if not started:
            offset, found = self._intents.get(attempt, (-self._reach, ""))
            return found if begin - offset <= self._reach else ""
        self._intents[attempt] = (begin, time)
        if len(self._intents) > _MOST:
            self._intents = {key: each for key, each in self._intents.items() if begin - each[0] <= self._reach}
        return ""

    def _look_back(self, file: str, begin: int) -> None:
        """Read what stands before a line as far as it counts."""
        self._intents = {}
        offset = max(0, begin - self._reach)
        with (self._folder / file).open("rb") as source:
            source.seek(offset)
            for line in io.BytesIO(source.read(begin - offset)):
                self._take(line[:-1], offset)
                offset += len(line)
