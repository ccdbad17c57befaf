"""Opens files that other people own: plain ones only, never through a link, and never one that changes meanwhile.

Rules, in order:
1. Opened by name in an open folder, following nothing and waiting for nothing (a FIFO would wait for ever).
2. A regular file with one name: another name (hard link) could be somebody else's file, or be written unseen.
3. Of the entry's owner: who hands a package in, hands in files of his own.
4. Where people are told apart by their files (`private`): nobody else may write to it. Who could rewrite a colleague's
   file would hand in as that colleague, and could then be the second person who releases it.
5. Nobody has it open for writing, and size, mtime and ctime are the same before and after reading.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from gateway.intake.access import others_may_write
from gateway.intake.leases import held_for_writing
from gateway.package.errors import Code, SluisError

_PIECE: Final = 64 * 1024
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_FOLDER = _FILE | os.O_DIRECTORY
_ACL = "system.posix_acl_access"
# No list on this file, or on this file system.
_NO_LIST = frozenset({errno.ENODATA, errno.ENOTSUP})
_NOT_PLAIN = frozenset({errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.ENOTDIR, errno.EISDIR})
_CHANGED = frozenset({errno.ENOENT, errno.EAGAIN, errno.ESTALE})


class PlainFile:
    """One opened file of an entry."""

    def __init__(self, descriptor: int, status: os.stat_result) -> None:
        self._descriptor = descriptor
        self.stamp = stamp(status)
        self.size = status.st_size

    def chunks(self) -> Iterator[bytes]:
        """Give the content in pieces of at most 64 KiB. Raises SluisError `package-changed`, `entry-unreadable`."""
        offset = 0
        while offset < self.size:
            piece = self._read(offset, _PIECE)
            if not piece:
                break
            offset += len(piece)
            yield piece
        self.check_unchanged()
        if offset != self.size:
            raise SluisError(Code.PACKAGE_CHANGED)

    def read_at(self, offset: int, size: int, /) -> bytes:
        """Read exactly so many bytes. Raises SluisError `package-changed`, `entry-unreadable`."""
        parts, missing = [], size
        while missing:
            part = self._read(offset + size - missing, missing)
            if not part:
                raise SluisError(Code.PACKAGE_CHANGED)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def check_unchanged(self) -> None:
        """Raise SluisError `package-changed` when somebody has written to the file since it was opened."""
        with reading():
            now = os.fstat(self._descriptor)
        if stamp(now) != self.stamp:
            raise SluisError(Code.PACKAGE_CHANGED)

    def _read(self, offset: int, size: int) -> bytes:
        with reading():
            return os.pread(self._descriptor, size, offset)


def stamp(status: os.stat_result) -> tuple[int, ...]:
    """Give what changes when somebody writes to a file, or puts another one in its place."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@contextmanager
def opened_file(
    name: str, *, owner: int, leases: bool, private: bool, folder: int | None = None
) -> Iterator[PlainFile]:
    """Open a plain file by its name in an open folder, or by its path.

    Raises SluisError `link-refused`, `submitter-unknown`, `entry-writable-by-others`, `package-changed`,
    `entry-unreadable`.
    """
    with _opened(name, _FILE, folder) as descriptor:
        status = _status(descriptor)
        check_plain(status, owner=owner)
        if private:
            _check_private(descriptor, status)
        if leases and held_for_writing(descriptor):
            raise SluisError(Code.PACKAGE_CHANGED)
        yield PlainFile(descriptor, status)


@contextmanager
def opened_folder(path: str, *, owner: int, private: bool) -> Iterator[int]:
    """Open a folder. Raises SluisError as `opened_file`."""
    with _opened(path, _FOLDER, None) as descriptor:
        status = _status(descriptor)
        _check_owner(status, owner)
        if private:
            _check_private(descriptor, status)
        yield descriptor


def check_plain(status: os.stat_result, *, owner: int) -> None:
    """Check rules 2 and 3. Raises SluisError `link-refused`, `submitter-unknown`, `package-changed`."""
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        raise SluisError(Code.LINK_REFUSED)
    if status.st_nlink == 0:
        raise SluisError(Code.PACKAGE_CHANGED)
    _check_owner(status, owner)


def _check_owner(status: os.stat_result, owner: int) -> None:
    if status.st_uid != owner:
        raise SluisError(Code.SUBMITTER_UNKNOWN, where="owners")


def _check_private(descriptor: int, status: os.stat_result) -> None:
    """Check rule 4. Raises SluisError `entry-writable-by-others`, `entry-unreadable`."""
    try:
        acl: bytes | None = os.getxattr(descriptor, _ACL)
    except OSError as error:
        if error.errno not in _NO_LIST:
            raise SluisError(Code.ENTRY_UNREADABLE) from None
        acl = None
    if others_may_write(status.st_mode, acl, trusted={status.st_uid, os.geteuid(), 0}):
        raise SluisError(Code.ENTRY_WRITABLE_BY_OTHERS)


@contextmanager
def reading() -> Iterator[None]:
    """Turn what the operating system says into our errors; its own words hold file names and are cut off."""
    try:
        yield
    except OSError as error:
        _refuse(error.errno)


def _refuse(number: int | None) -> NoReturn:
    if number in _NOT_PLAIN:
        raise SluisError(Code.LINK_REFUSED) from None
    if number in _CHANGED:
        raise SluisError(Code.PACKAGE_CHANGED) from None
    raise SluisError(Code.ENTRY_UNREADABLE) from None


@contextmanager
def _opened(name: str, flags: int, folder: int | None) -> Iterator[int]:
    with reading():
        descriptor = os.open(name, flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _status(descriptor: int) -> os.stat_result:
    with reading():
        return os.fstat(descriptor)
