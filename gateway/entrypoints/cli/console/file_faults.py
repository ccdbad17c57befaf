"""Tells an ordinary mistake with a file from a fault of our own, so that a person gets a sentence and no traceback.

Rules:
1. What the operating system refuses of a path that was typed, or of the site, is the mistake of whoever typed it. Any
   other path is ours, and so is a file that is not there in the site: those errors stay what they are.
2. Which right is missing the system does not say, so it is looked at afterwards.
"""

import errno
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from gateway.entrypoints.cli.console.speaking import to_speak
from gateway.package.errors import Code, SluisError

_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})
_OF_THE_DISK: Final[Mapping[int, str]] = {
    errno.ENOSPC: to_speak("a disk with room expected"),
    errno.EDQUOT: to_speak("a disk with room expected"),
    errno.EROFS: to_speak("a disk that can be written to expected"),
}
_OF_WHAT_WAS_TYPED: Final[Mapping[int, str]] = {
    errno.ENOTDIR: to_speak("a folder expected, and there is a file"),
    errno.EISDIR: to_speak("a file expected, and there is a folder"),
    errno.EEXIST: to_speak("a folder, or a name that is not taken, expected"),
    errno.ENOENT: to_speak("a place in a folder that exists expected"),
    errno.ENAMETOOLONG: to_speak("a shorter name expected"),
    errno.ELOOP: to_speak("a path without links in a circle expected"),
}


def problem_of_file(error: OSError, *, site: Path | None, words: Iterable[str]) -> SluisError | None:
    """Give the problem of a person's own making; None when it is none.

    Args:
        error: what the operating system refused.
        site: the folder of the site that was asked for, if any.
        words: what was typed.
    """
    if not isinstance(error.filename, str | bytes | os.PathLike):
        return None
    named = os.fsdecode(error.filename)
    path = Path(named).absolute()
    within = _within(path, site)
    where, number = within or named, error.errno or 0
    typed = [Path(each).absolute() for each in _values(words)]
    if within is None and not any(path.is_relative_to(each) or each.is_relative_to(path) for each in typed):
        return None
    if number in _FORBIDDEN:
        is_writing = _is_readable(path, hidden=within is None)
        return SluisError(Code.WRITE_FORBIDDEN if is_writing else Code.READ_FORBIDDEN, where=where)
    expected = _OF_THE_DISK.get(number)
    if within is None and any(each.is_relative_to(path) for each in typed):
        expected = expected or _OF_WHAT_WAS_TYPED.get(number)
    return SluisError(Code.PATH_UNUSABLE, faults=((where, expected),)) if expected else None


def _values(words: Iterable[str]) -> Iterator[str]:
    """Give each word, and of `--option=value` the value."""
    for word in words:
        yield word.partition("=")[2] if word.startswith("--") else word


def _within(path: Path, site: Path | None) -> str | None:
    """Name a path by its place in the site; None when it lies elsewhere."""
    for root in (site.absolute(), Path(os.path.realpath(site))) if site is not None else ():
        if path.is_relative_to(root):
            return str(path.relative_to(root))
    return None


def _is_readable(path: Path, *, hidden: bool) -> bool:
    """Tell whether reading was allowed, so that writing was not; `hidden` is the answer where nobody can tell."""
    if os.path.lexists(path):
        return os.access(path, os.R_OK, effective_ids=True)
    return hidden or os.access(path.parent, os.R_OK | os.X_OK, effective_ids=True)
