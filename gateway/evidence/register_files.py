"""Registers as local files: the embedded default where no other system is connected.

Rules:
1. Read again whenever the file has changed; a file that can not be read, or says something unknown, makes its register
   unreachable. Half a register would let through what the other half forbids. Of two rows about one thing the graver
   counts: the earliest withdrawal, the heaviest standing; their order in the file says nothing.
2. The snapshot of the bar register has a note beside it (`NAME.json`) with its day and SHA-256. One that does not fit,
   or is older than the site allows, counts as unreachable.
3. A reference is the sender's text: it is only ever looked up part by part, and can not leave the folder.
"""

import csv
import datetime as dt
import hashlib
import io
import json
import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from gateway.package.errors import Code, SluisError
from gateway.package.facts import Filing, Standing

T = TypeVar("T")
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_PARTS = 8
_MOST_FILES = 500
_PIECE = 1024 * 1024
# From light to grave.
_STATUSES = {each.value: each for each in (Standing.REGISTERED, Standing.SUSPENDED, Standing.STRUCK_OFF)}
_FORMAT = "sluis-bar-register/1"


class CaseFolder:
    """A folder with one subfolder for each case, `IS-TV/2026/118`, in which its documents lie."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def filing(self, reference: str, /, *, sha256: str) -> Filing:
        """See the port `CaseSystem`."""
        parts = reference.split("/")
        if len(parts) > _MOST_PARTS or not all(map(_PART.fullmatch, parts)):
            return Filing.NOT_FILED
        try:
            if not self._root.is_dir():
                return Filing.UNREACHABLE
            return Filing.FILED if _lies_in(self._root.joinpath(*parts), sha256) else Filing.NOT_FILED
        except (FileNotFoundError, NotADirectoryError):
            return Filing.NOT_FILED
        except OSError:
            return Filing.UNREACHABLE


class WithdrawalFile:
    """A CSV file with the columns `caseReference` and `withdrawnOn` (YYYY-MM-DD)."""

    def __init__(self, path: Path) -> None:
        self._file = _Reread(path, _read_withdrawals)

    def withdrawn(self, reference: str, /, *, on: dt.date) -> bool | None:
        """See the port `WithdrawalRegister`."""
        known = self._file.current()
        if known is None:
            return None
        since = known.get(reference.strip().casefold())
        return since is not None and since <= on

    def check(self) -> None:
        """Look whether the file can be read. Raises SluisError `register-unreachable`."""
        _require(self._file.current() is not None, "registers.withdrawals")


class BarSnapshot:
    """A CSV file with the columns `number` and `status` (registered, suspended, struck-off), and its note."""

    def __init__(self, path: Path, *, max_age: dt.timedelta) -> None:
        self._snapshot = _Reread(path, _read_snapshot)
        self._max_age = max_age

    def standing(self, number: str, /, *, on: dt.date) -> Standing:
        """See the port `BarRegister`."""
        known = self._snapshot.current()
        if known is None or not dt.timedelta(0) <= on - known[0] <= self._max_age:
            return Standing.UNREACHABLE
        return known[1].get(number, Standing.NOT_FOUND)

    def check(self) -> None:
        """Look whether the snapshot and its note can be read. Raises SluisError `register-unreachable`."""
        _require(self._snapshot.current() is not None, "registers.bar")


def _require(readable: bool, where: str) -> None:  # noqa: FBT001 - one word about one file.
    if not readable:
        raise SluisError(Code.REGISTER_UNREACHABLE, where=where)


class _Reread(Generic[T]):
    """A file's meaning, worked out again whenever the file is another one; None while it can not be read."""

    def __init__(self, path: Path, read: Callable[[Path], T]) -> None:
        self._path = path
        self._read = read
        self._stamp: tuple[int, ...] = ()
        self._known: T | None = None

    def current(self) -> T | None:
        """Give what the file says now."""
        try:
            status = self._path.stat()
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            if stamp != self._stamp:
                self._known, self._stamp = self._read(self._path), stamp
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, csv.Error):
            self._known, self._stamp = None, ()
        return self._known


def _read_withdrawals(path: Path) -> Mapping[str, dt.date]:
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")), strict=True)
    if rows.fieldnames != ["caseReference", "withdrawnOn"]:
        raise ValueError("the columns caseReference and withdrawnOn expected")
    known: dict[str, dt.date] = {}
    for row in rows:
        if None in row:
            raise ValueError("two columns expected")
        reference, day = row["caseReference"].strip().casefold(), dt.date.fromisoformat(row["withdrawnOn"])
        known[reference] = min(day, known.get(reference, day))
    return known


def _read_snapshot(path: Path) -> tuple[dt.date, Mapping[str, Standing]]:
    content = path.read_bytes()
    note = json.loads(path.with_name(f"{path.name}.json").read_bytes())
    if note["format"] != _FORMAT or note["sha256"] != hashlib.sha256(content).hexdigest():
        raise ValueError("a note with this snapshot's SHA-256 expected")
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
    if rows.fieldnames is None or rows.fieldnames[:2] != ["number", "status"]:
        raise ValueError("the columns number and status expected")
    known: dict[str, Standing] = {}
    for row in rows:
        number, said = row["number"], _STATUSES[row["status"]]
        known[number] = max(said, known.get(number, said), key=list(_STATUSES.values()).index)
    return dt.date.fromisoformat(note["takenOn"]), known


def _lies_in(folder: Path, sha256: str) -> bool:
    """Tell whether a plain file of this digest lies in a folder."""
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number >= _MOST_FILES:
                raise OSError("too many files in one case")
            if stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode) and _digest_of(Path(entry.path)) == sha256:
                return True
    return False


def _digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as source:
        while piece := source.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
