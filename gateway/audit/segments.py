"""The files of the log: one per day, appended to and flushed, never rewritten but for what was never acknowledged.

Rules, in order:
1. One process writes: the folder is locked (flock) for as long as the log is open.
2. What counts is what was flushed. `append` writes one group and flushes it once; when either fails the descriptor is
   given up, because a second fsync on it may say yes while the data is gone (PostgreSQL's lesson of 2018).
3. Opening again cuts back to the last byte that was flushed; at a start, to the last line break. Complete lines
   are never cut, also when they can not be read: they stay as evidence, keep their number, and are counted.
4. Days go forward only, also when the clock goes back, so that file names are in the order of the log.
5. The file of a day that has ended is made read-only, for people and for programs that open it by mistake.
6. Whole files are removed from the beginning of the log only, never the last one; who may do so is said elsewhere
   (`gateway.audit.deletions`).
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from gateway.audit.tree import leaf_hash

SUFFIX = ".jsonl"
_FILE_MODE = 0o640
_CLOSED_MODE = 0o440
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
            _close_files(self._folder, names[:-1])
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

    def remove_before(self, end: int) -> int:
        """Remove the files of which each line has a number below `end`, and tell how many; the last one stays.

        Raises OSError; what was not removed by then can be removed later.
        """
        if self._lock is None:
            raise OSError(errno.EBADF, "the log is closed")
        gone = [*takewhile(lambda span: span.end <= end, spans_of(self._folder))]
        for span in gone:
            (self._folder / span.name).unlink()
        if gone:
            os.fsync(self._lock)
        return len(gone)

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
        before, self._name, self._flushed = self._name, name, 0
        self._file = _open_or_create(self._folder / name)
        self._flushed = os.fstat(self._file).st_size
        os.fsync(self._lock)
        if before and before != name and (self._folder / before).exists():
            _close_files(self._folder, [before])
        return self._file

    def _refuse_replaced_file(self, descriptor: int) -> None:
        """Refuse to write where nobody would ever look: the file was removed or replaced under our hands."""
        ours = os.fstat(descriptor)
        theirs = (self._folder / self._name).lstat()
        if (ours.st_dev, ours.st_ino) != (theirs.st_dev, theirs.st_ino):
            raise OSError(errno.ESTALE, "the log file was replaced")

    def _cut_torn_line(self) -> int:
        self._give_up_file()
        path = self._folder / self._name
        if not path.stat().st_mode & stat.S_IWUSR:
            # Every file behind it is gone. Whether it may be the last one is for the checkpoints to say.
            path.chmod(_FILE_MODE)
        self._file = os.open(path, _FLAGS)
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


class Span(NamedTuple):
    """A file whose lines bear the numbers from `first` up to `end`, which is that of the next file's first line."""

    name: str
    first: int
    end: int


def spans_of(folder: Path) -> list[Span]:
    """Tell which lines stand in which file, oldest first. Raises OSError.

    The last file is left out, since it still grows, and so is all that no line which can be read stands behind.
    """
    names = segment_names(folder)
    firsts = [_first_in(folder, names[place:]) for place in range(len(names))]
    spans = zip(names, pairwise(firsts), strict=False)
    return [Span(name, first, end) for name, (first, end) in spans if first is not None and end is not None]


def first_index(folder: Path) -> int:
    """Give the number of the first line that is there, as the lines themselves say; 0 when none says so.

    What they say is no evidence; the tree over all lines is. Raises OSError.
    """
    return _first_in(folder, segment_names(folder)) or 0


def _first_in(folder: Path, names: Sequence[str]) -> int | None:
    """Give the number of the first line in these files; lines that can not be read take a number each."""
    unreadable = 0
    for name in names:
        with (folder / name).open("rb") as source:
            for line in source:
                sequence = sequence_of(line[:-1]) if line.endswith(b"\n") else None
                if sequence is not None:
                    return max(0, sequence - unreadable)
                unreadable += line.endswith(b"\n")
    return None


def last_leaves(folder: Path, count: int) -> list[bytes]:
    """Give the leaf hashes of the last `count` lines of the log, oldest first, or of all. Raises OSError.

    No line is kept: of a log of years that lost its tree, all lines would not fit into memory.
    """
    found = (leaf_hash(line) for name in reversed(segment_names(folder)) for line in _lines_from_end(folder / name))
    return [*islice(found, count)][::-1]


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sequence_of(line: bytes) -> int | None:
    """Read the sequence number of one line; None when the line can not be read as a record."""
    try:
        record: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    sequence = record.get("event.sequence") if isinstance(record, dict) else None
    return sequence if type(sequence) is int else None


def _close_files(folder: Path, names: Sequence[str]) -> None:
    for name in names:
        if (folder / name).stat().st_mode & 0o222:
            (folder / name).chmod(_CLOSED_MODE)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=_FOLDER_MODE)
    flush_folder(folder.parent)


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
