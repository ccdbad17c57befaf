"""Looks at an entry as it lies there: everything that changes when somebody writes to it, and who holds it open."""

import os
import stat
from typing import Final, NamedTuple

from gateway.intake.leases import file_held

_MAX_NAMES: Final = 5000
_MAX_DEPTH: Final = 8
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

# Relative name, regular or not, inode, size, mtime and ctime in nanoseconds.
_Inside = tuple[str, bool, int, int, int, int]


class Tree(NamedTuple):
    """What is seen of one entry; equal trees have not been written to in between.

    `identity` stays when an entry is moved; `times` may not. `inside` is what a folder holds, names ignored elsewhere
    too: while a `.part` grows, its folder is not finished. `owner` is a user id.
    """

    mode: int
    owner: int
    identity: tuple[int, ...]
    times: tuple[int, ...]
    inside: tuple[_Inside, ...]


def look(path: str) -> Tree:
    """Look at an entry by its path. Raises OSError when it is not there."""
    return tree_of(path, os.lstat(path))


def tree_of(path: str, status: os.stat_result) -> Tree:
    """Look at an entry of which the status is known."""
    if stat.S_ISDIR(status.st_mode):
        times = (status.st_mtime_ns, status.st_ctime_ns)
        return Tree(status.st_mode, status.st_uid, (status.st_ino,), times, _inside(path))
    identity = (status.st_ino, status.st_size, status.st_mtime_ns)
    return Tree(status.st_mode, status.st_uid, identity, (status.st_ctime_ns,), ())


def moved_unchanged(before: Tree, after: Tree) -> bool:
    """Tell whether a moved entry is what was seen before the move; moving changes its own ctime only."""
    return before.identity == after.identity and before.inside == after.inside


def tree_held(path: str, tree: Tree) -> bool:
    """Tell whether somebody has a file of the entry open for writing; only where leases can be believed."""
    if stat.S_ISREG(tree.mode):
        return file_held(path)
    names = [name for name, regular, *_ in tree.inside if regular and "/" not in name]
    if not names:
        return False
    try:
        # From the open folder, never by a path that somebody may turn into a link meanwhile.
        folder = os.open(path, _FOLDER)
    except OSError:
        return False
    try:
        return any(file_held(name, folder=folder) for name in names)
    finally:
        os.close(folder)


def _inside(path: str) -> tuple[_Inside, ...]:
    """List a folder with its subfolders, to a bounded depth and number: such a package is refused anyhow."""
    found: list[_Inside] = []
    pending = [("", 0)]
    while pending and len(found) < _MAX_NAMES:
        prefix, depth = pending.pop()
        try:
            pending += _list(path, prefix, depth, found)
        except OSError as error:
            # Part of what is seen: it may be another one next time. Reading it will say what is wrong.
            found.append((prefix, False, 0, error.errno or 0, 0, 0))
    found.sort()
    return tuple(found)


def _list(path: str, prefix: str, depth: int, found: list[_Inside]) -> list[tuple[str, int]]:
    below = []
    with os.scandir(f"{path}/{prefix}") as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            name = prefix + entry.name
            regular = stat.S_ISREG(status.st_mode)
            found.append((name, regular, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
            if len(found) >= _MAX_NAMES:
                break
            if not regular and stat.S_ISDIR(status.st_mode) and depth < _MAX_DEPTH:
                below.append((f"{name}/", depth + 1))
    return below
