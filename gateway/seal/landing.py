"""A file of ciphertext that appears whole or not at all.

Rules: written under another name with mode 0600; fsynced; linked to its own name, which never overwrites anything
(`link(2)` fails where `rename(2)` would replace); the folder fsynced too. On any failure both names are gone: a
message cut short by a failing disk or reader may still decrypt and even verify, so it must not exist.

A large piece is digested by a thread of its own while it is written, and the next ones are made by another: reading,
encrypting, digesting and writing take about as long as each other. Only so many are made ahead that memory stays flat.
"""

import errno
import hashlib
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.package.errors import Code, SluisError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PIECE = 1024 * 1024
_LARGE = 256 * 1024
_MADE_AHEAD = 4


@dataclass(frozen=True, slots=True)
class FileCiphertext:
    """Ciphertext in a finished, fsynced file; satisfies `Ciphertext`. `size` in bytes, `sha256` hexadecimal."""

    path: Path = field(repr=False)
    size: int
    sha256: str

    def chunks(self) -> Iterator[bytes]:
        """Give the ciphertext from its beginning, in pieces of at most 1 MiB."""
        with self.path.open("rb", buffering=0) as source:
            while piece := source.read(_PIECE):
                yield piece

    def discard(self) -> None:
        """Remove the file: its package does not go after all."""
        self.path.unlink(missing_ok=True)


class Landing:
    """Takes the bytes of one new file; a context that leaves nothing behind unless `finish` was reached.

    Raises SluisError `disk-full`, or `seal-failed` for any other failure of the disk, an absent folder and a name
    that is taken.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        self._part = output.with_name(f"{output.name}.part")
        self._digest = hashlib.sha256()
        self._beside = ThreadPoolExecutor(max_workers=1)
        self._size = 0
        self._descriptor = -1

    def __enter__(self) -> Self:
        try:
            if self._output.exists():
                raise FileExistsError(errno.EEXIST, "the name is taken")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            self._descriptor = os.open(self._part, flags, 0o600)
        except OSError as error:
            raise _translated(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
        self._beside.shutdown()
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    def write(self, piece: memoryview) -> None:
        """Write and digest the next bytes."""
        self._size += len(piece)
        if len(piece) < _LARGE:
            self._digest.update(piece)
            self._write(piece)
            return
        digested = self._beside.submit(self._digest.update, piece)
        try:
            self._write(piece)
        finally:
            # The view is valid for this call only.
            digested.result()

    def finish(self) -> FileCiphertext:
        """Make the file durable under its own name."""
        try:
            os.fsync(self._descriptor)
            os.link(self._part, self._output)
            self._part.unlink()
            _sync_folder(self._output.parent)
        except OSError as error:
            raise _translated(error) from error
        return FileCiphertext(self._output, self._size, self._digest.hexdigest())

    def _write(self, piece: memoryview) -> None:
        try:
            while piece:
                piece = piece[os.write(self._descriptor, piece) :]
        except OSError as error:
            raise _translated(error) from error


def landed(pieces: Iterable[bytes], output: Path) -> FileCiphertext:
    """Write ciphertext that comes in pieces, made in another thread. Raises as `Landing`, and what the pieces raise."""
    with Landing(output) as landing, closing(_ahead(pieces)) as coming:
        for piece in coming:
            landing.write(memoryview(piece))
        return landing.finish()


def _ahead(pieces: Iterable[bytes]) -> Generator[bytes, None, None]:
    """Give the pieces on, each made ahead of time; what one raises is raised in its place, and no further one is used.

    The thread that makes them has ended when this does: nobody closes a source that is still being read.
    """
    source = iter(pieces)
    beside = ThreadPoolExecutor(max_workers=1)
    try:
        coming = deque(beside.submit(next, source, None) for _ in range(_MADE_AHEAD))
        while (piece := coming.popleft().result()) is not None:
            coming.append(beside.submit(next, source, None))
            yield piece
    finally:
        beside.shutdown(cancel_futures=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _translated(error: OSError) -> SluisError:
    return SluisError(Code.DISK_FULL if error.errno in _FULL else Code.SEAL_FAILED)
