"""Puts a small file in place of another: after a crash the old or the new one is there, whole."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gateway.package.errors import Code, SluisError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def write_durably(path: Path, content: bytes, *, mode: int = 0o640) -> None:
    """Write aside, flush, rename, and flush the folder; a file that was there keeps its mode. Raises OSError."""
    with suppress(FileNotFoundError):
        mode = path.stat().st_mode & 0o777
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    part.rename(path)
    flush_folder(path.parent)


@contextmanager
def storing(place: str) -> Iterator[None]:
    """Say in our own words what the disk refuses. Raises SluisError `disk-full`, `spool-unavailable` at a place."""
    try:
        yield
    except OSError as error:
        code = Code.DISK_FULL if error.errno in _FULL else Code.SPOOL_UNAVAILABLE
        raise SluisError(code, where=place) from error


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
