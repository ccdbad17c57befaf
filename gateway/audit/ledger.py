"""The ledger on disk: `ledger.sqlite` beside the log, an index that whoever may read the log makes and goes on with.

Rules, in order:
1. It is never evidence. A line that it names is read from the log and compared with the hash that was kept of it; when
   that does not fit, the index is made anew, from the lines as they are now.
2. An index that does not fit its log (`ledger_index`), or that SQLite can not read, is made anew beside the old one and
   takes its place whole.
3. One process writes the file at a time (flock on the folder that it lies in). Who may not write there, or has waited
   for `_WAIT_SECONDS`, copies what there is into memory and goes on with that; so does who meets a full or faulty disk.
   At each further look the file is tried again.
4. The file holds what the log holds, codes and pseudonyms, and may be read by whoever may read the log.
"""

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

from gateway.audit.ledger_index import Standing, fits, index_new_lines, make_tables, standing_of
from gateway.audit.tree import leaf_hash
from gateway.package.errors import Code, SluisError

LEDGER: Final = "ledger.sqlite"
_NEW: Final = ".ledger.sqlite.new"
_JOURNAL: Final = "-journal"
_FILE_MODE: Final = 0o640
_BUSY_SECONDS: Final = 30.0
_WAIT_SECONDS: Final = 120.0
_MOMENT_SECONDS: Final = 0.05
_PASSING: Final = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_PROTOCOL,
    )
)
_ODD: Final = (TypeError, ValueError, KeyError, OverflowError)
"""What reading a value raises that no line becomes, and that somebody else put into the file."""
T = TypeVar("T")


class LineChangedError(Exception):
    """A line of the log is not the one that was indexed."""


class Ledger:
    """The index over the log whose lines lie in `folder`. Use by one thread at a time, whichever.

    `with` opens it and indexes what the log has; `catch_up` indexes what came since. `distrustful` leaves the file that
    is there alone and indexes the whole log into memory. The tables are those of `ledger_rows`.
    """

    def __init__(self, folder: Path, *, distrustful: bool = False) -> None:
        self._folder = folder
        self._path = folder.parent / LEDGER
        self._distrustful = distrustful
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._names: dict[int, str] = {}

    def __enter__(self) -> Self:
        self.catch_up()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def standing(self) -> Standing:
        """How far the index is."""
        return standing_of(self._opened())

    @property
    def in_memory(self) -> bool:
        """Whether the file could not be used."""
        return self._file is None

    def catch_up(self) -> None:
        """Index what was written since. Raises SluisError `audit-unavailable`, `read-forbidden`."""
        with _reading_log():
            if self._distrustful:
                self._go_on_or(self._begin_in_memory)
            else:
                self._in_file(self._go_on_in_file)

    def make_anew(self) -> None:
        """Index all lines again, whatever there is. Raises as `catch_up` does."""
        with _reading_log():
            if self._file is None:
                self._begin_in_memory()
            else:
                self._in_file(self._replace_file, anew=True)

    def answer(self, work: Callable[[], T]) -> T:
        """Give what is made of rows; when these hold what no line becomes, of those of an index made anew, once.

        Raises as `catch_up` does, and what `work` raises.
        """
        try:
            return work()
        except _ODD:
            self.make_anew()
        except sqlite3.DatabaseError as error:
            if _is_passing(error):
                raise
            self.make_anew()
        return work()

    def each_row(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Iterator[sqlite3.Row]:
        """Ask the tables as `rows` does, without holding all of the answer: to be used up inside of `answer`.

        Raises sqlite3.DatabaseError when SQLite can not read its file any more; then `answer` makes it anew.
        """
        yield from self._opened().execute(query, parameters)

    def rows(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """Ask the tables. When SQLite can not read its file any more, or a text in it, that is made anew, once.

        Raises as `catch_up` does; sqlite3.OperationalError for a query that is none.
        """
        try:
            return self._opened().execute(query, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            if _is_passing(error):
                raise
            self.make_anew()
        return self._opened().execute(query, parameters).fetchall()

    def line_at(self, row: sqlite3.Row) -> bytes:
        """Read the line of an event from the log, by the columns `file`, `start` and `leaf` of its row.

        Raises LineChangedError when another one stands there now; then `make_anew` is due, and to ask again. Raises as
        `catch_up` does.
        """
        name = self._names.get(row["file"])
        if name is None:
            self._names = {row["number"]: row["name"] for row in self.rows("SELECT number, name FROM file")}
            name = self._names.get(row["file"])
        start = row["start"]
        if not isinstance(name, str) or type(start) is not int or start < 0:
            raise LineChangedError
        with _reading_log():
            try:
                with (self._folder / name).open("rb") as source:
                    if start > os.fstat(source.fileno()).st_size:
                        raise LineChangedError
                    source.seek(start)
                    line = source.readline()
            except FileNotFoundError as error:
                raise LineChangedError from error
        content: bytes = line.removesuffix(b"\n")
        if leaf_hash(content) != row["leaf"]:
            raise LineChangedError
        return content

    def close(self) -> None:
        """Let go of the file."""
        connection, self._connection, self._file = self._connection, None, None
        self._names = {}
        if connection is not None:
            connection.close()

    def _in_file(self, work: Callable[[], None], *, anew: bool = False) -> None:
        """Do what writes the file while nobody else does; in memory when that can not be.

        What is in memory already stays there until the file has come about, and is gone on with when it does not.
        """
        spare = None
        if self._file is None:
            spare, self._connection = self._connection, None
        if os.access(self._folder.parent, os.W_OK, effective_ids=True):
            with contextlib.suppress(sqlite3.OperationalError, OSError), _alone(self._folder.parent) as alone:
                if alone:
                    work()
                    if spare is not None:
                        spare.close()
                    return
        self.close()
        self._connection = spare
        self._go_on_or(partial(self._begin_in_memory, copied=None if anew else self._path))

    def _go_on_in_file(self) -> None:
        if self._connection is None or self._file != _identity(self._path):
            self.close()
            if self._path.exists():
                self._open_file()
        self._go_on_or(self._replace_file)

    def _go_on_or(self, begin: Callable[[], None]) -> None:
        """Index what is new into what is open, or begin anew when nothing is open, or nothing that fits."""
        try:
            if self._connection is not None and fits(self._connection, self._folder):
                index_new_lines(self._connection, self._folder)
                return
        except sqlite3.DatabaseError as error:
            if _is_passing(error):
                # It is busy, or the disk is full: nothing is wrong with what is in it.
                raise
            self.close()
        except _ODD:
            self.close()
        begin()

    def _replace_file(self) -> None:
        """Index all lines into a new file, and put that in the place of the old one."""
        self.close()
        new = self._path.with_name(_NEW)
        for left_over in (new, new.with_name(_NEW + _JOURNAL)):
            left_over.unlink(missing_ok=True)
        try:
            self._fill(new)
        except BaseException:
            # On a full disk the room is the log's.
            new.unlink(missing_ok=True)
            raise
        # What somebody began to write into the old file is not to be undone in the new one.
        self._path.with_name(LEDGER + _JOURNAL).unlink(missing_ok=True)
        new.rename(self._path)
        self._open_file()

    def _fill(self, new: Path) -> None:
        _create(new)
        with contextlib.closing(_connection(new)) as connection:
            # Nobody reads it before it is whole and flushed.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA journal_mode = OFF")
            # Pseudonyms come in no order: with the usual two megabytes most of them would be read and written again.
            connection.execute("PRAGMA cache_size = -131072")
            make_tables(connection, self._folder)
        _flush(new)

    def _open_file(self) -> None:
        self._file = _identity(self._path)
        self._connection = _connection(self._path)

    def _begin_in_memory(self, *, copied: Path | None = None) -> None:
        """Index into memory: go on with a copy of that file, or from the first line."""
        self.close()
        if copied is not None and copied.exists():
            with (
                contextlib.suppress(sqlite3.Error, *_ODD),
                contextlib.closing(_connection(copied, mode="ro")) as source,
            ):
                self._connection = _connection(None)
                source.backup(self._connection)
                if fits(self._connection, self._folder):
                    index_new_lines(self._connection, self._folder)
                    return
            self.close()
        self._connection = _connection(None)
        make_tables(self._connection, self._folder)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the ledger is closed")
        return self._connection


def _connection(path: Path | None, *, mode: str = "rw") -> sqlite3.Connection:
    name = ":memory:" if path is None else f"file:{quote(str(path))}?mode={mode}"
    connection = sqlite3.connect(
        name, uri=path is not None, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    # Somebody else may have put the file there: no function of its own making runs (sqlite.org/security.html).
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _is_passing(error: sqlite3.DatabaseError) -> bool:
    """Tell whether something else than what the file holds is the cause; a text that is none has no code at all."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.OperationalError) and code is not None and code & 0xFF in _PASSING


def _create(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, _FILE_MODE)
    try:
        os.fchmod(descriptor, _FILE_MODE)
        if os.geteuid() == 0:
            # An administrator who asks must not leave a file behind that the service can not write.
            owner = path.parent.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
    finally:
        os.close(descriptor)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_dev, state.st_ino


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Keep other writers of the index out; tell whether that came about in time. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        deadline = time.monotonic() + _WAIT_SECONDS
        while not (locked := _lock(descriptor)) and time.monotonic() < deadline:
            time.sleep(_MOMENT_SECONDS)
        yield locked
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def _reading_log() -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where="audit/log") from error
    except OSError as error:
        raise SluisError(Code.AUDIT_UNAVAILABLE, detail={"errno": error.errno or 0}) from error
