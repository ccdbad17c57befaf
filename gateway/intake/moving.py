"""Moves entries between the outbox's folders without ever overwriting, and removes them whole."""

import ctypes
import errno
import os
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_NOT_HERE = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP})
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def move_without_overwriting(source: Path, target: Path) -> None:
    """Move a file or folder on one file system. Raises FileExistsError when the name is taken, OSError."""
    number = _rename_noreplace(os.fsencode(source), os.fsencode(target))
    if number in _NOT_HERE:
        _move_in_two_steps(source, target)
    elif number:
        raise OSError(number, os.strerror(number))


def _rename_noreplace(source: bytes, target: bytes) -> int:
    """Call renameat2(2); give its error number, 0 for success."""
    library = _c_library()
    if not hasattr(library, "renameat2"):
        return errno.ENOSYS
    done = library.renameat2(_AT_FDCWD, source, _AT_FDCWD, target, ctypes.c_uint(_RENAME_NOREPLACE))
    return ctypes.get_errno() if done else 0


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _move_in_two_steps(source: Path, target: Path) -> None:
    """Do the same where the file system does not know RENAME_NOREPLACE: a link or a new folder takes the name."""
    if stat.S_ISDIR(source.lstat().st_mode):
        target.mkdir(mode=0o700)
        # Rename replaces an empty folder only: if somebody has put something in it, this fails and nothing is lost.
        source.rename(target)
    else:
        os.link(source, target, follow_symlinks=False)
        source.unlink()


def flush_folder(folder: Path) -> None:
    """Make what happened to a folder's names durable. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_whole(path: Path) -> None:
    """Remove a file, or a folder of any depth, also where it is read-only; links are removed, never followed.

    What is gone already is fine. Raises OSError.
    """
    with suppress(FileNotFoundError):
        if not stat.S_ISDIR(path.lstat().st_mode):
            path.unlink()
            return
        folder = _opened(str(path))
        try:
            _clear(folder)
        finally:
            os.close(folder)
        path.rmdir()


def _opened(name: str, *, folder: int | None = None) -> int:
    """Open a folder and make it writable for its owner."""
    try:
        descriptor = os.open(name, _FOLDER, dir_fd=folder)
    except PermissionError:
        os.chmod(name, 0o700, dir_fd=folder)
        descriptor = os.open(name, _FOLDER, dir_fd=folder)
    with suppress(PermissionError):
        # Of another owner: then its permissions are what they are.
        os.fchmod(descriptor, 0o700)
    return descriptor


def _clear(top: int) -> None:
    """Empty a folder; a subfolder's own folders are lifted to the top, so that depth costs neither stack nor files."""
    number = 0
    while subfolders := _unlink_files(top):
        for name in subfolders:
            lower = _opened(name, folder=top)
            try:
                for each in _unlink_files(lower):
                    number += 1
                    os.close(_opened(each, folder=lower))
                    os.rename(each, f".removed-{number}", src_dir_fd=lower, dst_dir_fd=top)
            finally:
                os.close(lower)
            os.rmdir(name, dir_fd=top)


def _unlink_files(folder: int) -> list[str]:
    """Unlink everything in a folder but its subfolders; give their names."""
    with os.scandir(folder) as listed:
        entries = list(listed)
    subfolders = []
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            subfolders.append(entry.name)
        else:
            os.unlink(entry.name, dir_fd=folder)
    return subfolders
