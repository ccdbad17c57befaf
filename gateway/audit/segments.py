"""The files of the log: one per day, appended to and flushed, never rewritten but for what was never acknowledged.

Rules, in order:
1. One process writes: the folder is locked (flock) for as long as the log is open.
2. What counts is what was flushed. `append` writes one group and flushes it once; when either fails the descriptor is
   given up, because a second fsync on it may say yes while the data is gone (PostgreSQL's lesson of 2018).
3. Opening again cuts back to the last byte that was flushed; at a start, to the last line break. Complete lines
   are never cut, also when they can not be read: they stay as evidence, keep their number, and are counted.
4. Days go forward only, also when the clock goes back, so that file names are in the order of the log.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from gateway.audit.tree import leaf_hash

SUFFIX = ".jsonl"
_FILE_MODE = 0o640
_FOLDER_MODE = 0o750
_BLOCK = 65_536
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Tail:
    """How the log's end was found: the next sequence number, bytes cut, and complete lines that can not be read."""

    next_sequence: int
    bytes_cut: int = 0
    unreadable_lines: int = 0


class Segments:
    """Appends groups of lines to the file of the day. Not safe for use by two threads at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: int | None = None
        self._file: int | None = None
        self._name = ""
        self._flushed = 0

    def open(self) -> Tail:
        """Lock the folder and find the end of the log, cutting a torn last line.

        Raises OSError; BlockingIOError when another process has the log open.
        """
        _make_folder(self._folder)
        self._lock = _lock(self._folder)
        names = segment_names(self._folder)
        cut = 0
        if names:
            self._name = names[-1]
            cut = self._cut_torn_line()
        sequence, unreadable = _find_sequence(self._folder, names)
        return Tail(next_sequence=sequence, bytes_cut=cut, unreadable_lines=unreadable)

    def reopen(self) -> int:
        """Open again, cut back to what was flushed, and tell how many bytes that were. Raises OSError.

        The folder is not made anew: when it is gone, a disk is missing, and the log must not go on elsewhere.
        """
        self.close()
        self._lock = _lock(self._folder)
        if not self._name or not (self._folder / self._name).exists():
            # What was flushed of it stays known: a file that somebody puts back is whole, and not cut.
            return 0
        self._file = os.open(self._folder / self._name, _FLAGS)
        size = os.fstat(self._file).st_size
        self._flushed = min(size, self._flushed)
        if self._flushed < size:
            os.ftruncate(self._file, self._flushed)
            os.fsync(self._file)
        return size - self._flushed

    def append(self, lines: list[bytes], *, day: str) -> None:
        """Write lines to the file of the day and flush them. Raises OSError; then `reopen` is due."""
        descriptor = self._turn_to(max(day + SUFFIX, self._name))
        self._refuse_replaced_file(descriptor)
        group = b"\n".join(lines) + b"\n"
        _write_all(descriptor, group)
        os.fdatasync(descriptor)
        self._flushed += len(group)

    def close(self) -> None:
        """Close the file and let go of the folder."""
        self._give_up_file()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _turn_to(self, name: str) -> int:
        """Open the file of this name, made durable when new, unless it is the one at hand."""
        if self._file is not None and name == self._name:
            return self._file
        if self._lock is None:
            raise OSError(errno.EBADF, "the log is closed")
        self._give_up_file()
        self._name, self._flushed = name, 0
        self._file = _open_or_create(self._folder / name)
        self._flushed = os.fstat(self._file).st_size
        os.fsync(self._lock)
        return self._file

    def _refuse_replaced_file(self, descriptor: int) -> None:
        """Refuse to write where nobody would ever look: the file was removed or replaced under our hands."""
        ours = os.fstat(descriptor)
        theirs = (self._folder / self._name).lstat()
        if (ours.st_dev, ours.st_ino) != (theirs.st_dev, theirs.st_ino):
            raise OSError(errno.ESTALE, "the log file was replaced")

    def _cut_torn_line(self) -> int:
        self._give_up_file()
        self._file = os.open(self._folder / self._name, _FLAGS)
        size = os.fstat(self._file).st_size
        whole = _end_of_last_line(self._file, size)
        if whole < size:
            os.ftruncate(self._file, whole)
            os.fsync(self._file)
        self._flushed = whole
        return size - whole

    def _give_up_file(self) -> None:
        descriptor, self._file = self._file, None
        if descriptor is not None:
            try:
                os.close(descriptor)
            except OSError:
                # The descriptor is gone either way (close(2)), and its data was flushed or never counted.
                return


def segment_names(folder: Path) -> list[str]:
    """List the log's files, oldest first. Raises OSError."""
    return sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(SUFFIX) and entry.is_file())


def last_leaves(folder: Path, count: int) -> list[bytes]:
    """Give the leaf hashes of the last `count` lines of the log, oldest first, or of all. Raises OSError.

    No line is kept: of a log of years that lost its tree, all lines would not fit into memory.
    """
    found = (leaf_hash(line) for name in reversed(segment_names(folder)) for line in _lines_from_end(folder / name))
    return [*islice(found, count)][::-1]


def sequence_of(line: bytes) -> int | None:
    """Read the sequence number of one line; None when the line can not be read as a record."""
    try:
        record: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    sequence = record.get("event.sequence") if isinstance(record, dict) else None
    return sequence if type(sequence) is int else None


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=_FOLDER_MODE)
    parent = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


def _lock(folder: Path) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _open_or_create(path: Path) -> int:
    try:
        descriptor = os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    except FileExistsError:
        return os.open(path, _FLAGS)
    os.fchmod(descriptor, _FILE_MODE)
    return descriptor


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _end_of_last_line(descriptor: int, size: int) -> int:
    """Find where the last complete line ends: just behind the last line break, or 0."""
    end = size
    while end:
        start = max(0, end - _BLOCK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _find_sequence(folder: Path, names: list[str]) -> tuple[int, int]:
    """Find the next sequence number; unreadable lines behind the last readable one count as one number each."""
    unreadable = 0
    for name in reversed(names):
        for line in _lines_from_end(folder / name):
            sequence = sequence_of(line)
            if sequence is not None:
                return sequence + unreadable + 1, unreadable
            unreadable += 1
    return unreadable, unreadable


def _lines_from_end(path: Path) -> Iterator[bytes]:
    """Give the complete lines of a file, last one first, reading it in blocks from its end."""
    with path.open("rb") as source:
        # What stands behind the last line break is no line; the break itself ends the last one.
        end = max(0, _end_of_last_line(source.fileno(), source.seek(0, os.SEEK_END)) - 1)
        rest = b""
        while end:
            start = max(0, end - _BLOCK)
            block = os.pread(source.fileno(), end - start, start) + rest
            rest, *lines = block.split(b"\n")
            yield from reversed(lines)
            end = start
        if rest:
            yield rest
