"""Follows the audit log for whoever sends its lines on: in order, none left out, and none that is not evidence yet.

Rules, in order:
1. Only lines that a checkpoint covers are given: what was not signed may still be cut back after a crash.
2. How far somebody is stands in a file of his own and is durable when `keep` returns; what was given and not kept is
   given again after a restart. Whoever receives lines must know a line that comes twice by its number.
3. A line that can not be read as a record takes its number and is given like any other: leaving it out is for nobody
   to decide here.
4. The last line that was kept still has to stand where it stood. If it does not, this is another log than the one that
   was followed, or it was set back: nothing is given, since nobody can say what has arrived.
5. When the file that is read next was removed, the oldest one that is left is gone on with, and its lines keep their
   own numbers: whoever compares sees the gap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.audit.segments import segment_names, sequence_of
from gateway.audit.tree import leaf_hash
from gateway.bootstrap.durable_files import write_durably
from gateway.package.errors import Code, SluisError

_START: Final = {"next": 0, "file": "", "offset": 0, "length": 0, "leaf": ""}
_LARGEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log without its line break, its number in the log, and where the one behind it begins."""

    index: int
    line: bytes
    file: str
    end: int


@dataclass(frozen=True, slots=True)
class _Position:
    """`offset` is where the next line begins; `length` and `leaf` are of the line before it, without its break."""

    index: int
    file: str
    offset: int
    length: int = 0
    leaf: str = ""


class LogFollower:
    """One follower of one log. Not safe for use by two threads at once.

    `folder` holds the log's files; `place` is the file in which this follower keeps how far it is.
    """

    def __init__(self, folder: Path, place: Path) -> None:
        self._folder = folder
        self._place = place
        self._position = _read_position(place)

    @property
    def next_index(self) -> int:
        """The number of the first line that was not kept."""
        return self._position.index

    def ahead(self, *, size: int, most: int) -> tuple[LogLine, ...]:
        """Give at most `most` lines after what was kept, of the first `size` lines of the log, oldest first.

        Raises SluisError `audit-unavailable` when a file can not be read, `audit-changed` for another log.
        """
        try:
            if self.is_of_another_log(size):
                raise SluisError(Code.AUDIT_CHANGED, where=self._place.name)
            return tuple(islice((each for each in self._lines() if each.index < size), most))
        except OSError as error:
            raise SluisError(Code.AUDIT_UNAVAILABLE, detail={"errno": error.errno or 0}) from error

    def is_of_another_log(self, size: int) -> bool:
        """Tell whether the log has fewer lines than were kept, or another one where the last stood. Raises OSError."""
        position = self._position
        if position.index > size:
            return True
        path = self._folder / position.file
        if not position.leaf or not path.is_file():
            return False
        with path.open("rb") as source:
            source.seek(max(0, position.offset - position.length - 1))
            line = source.read(position.length + 1)
        return not line.endswith(b"\n") or leaf_hash(line[:-1]).hex() != position.leaf

    def begin(self) -> None:
        """Keep a place from the first moment on: no line is deleted that somebody has not got. Raises OSError."""
        if not self._place.exists():
            self._write(self._position)

    def keep(self, last: LogLine) -> None:
        """Keep that all lines up to and with this one have arrived. Raises OSError."""
        position = _Position(last.index + 1, last.file, last.end, len(last.line), leaf_hash(last.line).hex())
        self._write(position)
        self._position = position

    def _write(self, position: _Position) -> None:
        content = {
            "next": position.index,
            "file": position.file,
            "offset": position.offset,
            "length": position.length,
            "leaf": position.leaf,
        }
        self._place.parent.mkdir(mode=0o750, exist_ok=True)
        write_durably(self._place, orjson.dumps(content))

    def _lines(self) -> Iterator[LogLine]:
        position = self._position
        names = segment_names(self._folder)
        if position.file and position.file not in names:
            position = _Position(position.index, "", 0)
        for name in names:
            if name < position.file:
                continue
            offset = position.offset if name == position.file else 0
            for line in _whole_lines(self._folder / name, offset, position.index):
                yield line
                position = _Position(line.index + 1, name, line.end)


def _whole_lines(path: Path, offset: int, index: int) -> Iterator[LogLine]:
    """Give the complete lines of a file from an offset on; the numbers go on from the first that says its own."""
    with path.open("rb") as source:
        source.seek(offset)
        for raw in source:
            if not raw.endswith(b"\n"):
                return
            offset += len(raw)
            said = sequence_of(raw[:-1])
            if said is not None and said < index:
                continue
            index = index if said is None else said
            yield LogLine(index, raw[:-1], path.name, offset)
            index += 1


def _read_position(place: Path) -> _Position:
    try:
        content: Any = orjson.loads(place.read_bytes())
    except FileNotFoundError:
        content = _START
    except (OSError, orjson.JSONDecodeError) as error:
        raise SluisError(Code.AUDIT_UNAVAILABLE, where=place.name) from error
    try:
        numbers = tuple(content[name] for name in ("next", "offset", "length"))
        position = _Position(numbers[0], str(content["file"]), numbers[1], numbers[2], str(content["leaf"]))
    except (KeyError, TypeError) as error:
        raise SluisError(Code.AUDIT_UNAVAILABLE, where=place.name) from error
    if not all(type(each) is int and 0 <= each <= _LARGEST for each in numbers):
        raise SluisError(Code.AUDIT_UNAVAILABLE, where=place.name)
    return position
