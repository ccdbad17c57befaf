"""Makes the tables of the ledger, tells whether they fit a log, and goes on with them; given an open database.

Rules, in order:
1. An index fits when its tables have the text that they have here (`ledger_rows`), the files before its last one are as
   they were, and its last line still stands where it stood. What does not fit is made anew by whoever asked.
2. Every complete line counts, signed or not, readable or not: leaving one out would be an answer too. A line whose
   number is not the one that is due is counted (`disorder`); what is wrong then is for `sluis audit verify` to say.
3. What was indexed at once is committed at once, with how far it came.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from gateway.audit.ledger_rows import EVENT_COLUMNS, INDEXES, TABLES, said_by
from gateway.audit.segments import segment_names
from gateway.audit.tree import leaf_hash

_BATCH: Final = 5_000
_FAR: Final = 1 << 62
_SCHEMA: Final = frozenset((*TABLES, *INDEXES))
_SIDES: Final = {
    "subject": "INSERT INTO event_subject (pseudonym, line) VALUES (?, ?)",
    "category": "INSERT INTO event_category (category, line) VALUES (?, ?)",
    "code": "INSERT INTO event_code (code, kind, line) VALUES (?, ?, ?)",
    "number": "INSERT INTO event_number (name, line, value) VALUES (?, ?, ?)",
}
_EVENT: Final = f"INSERT INTO event ({', '.join(EVENT_COLUMNS)}) VALUES ({', '.join('?' * len(EVENT_COLUMNS))})"  # noqa: S608 - names of our own columns
_UNREADABLE: Final = "INSERT INTO unreadable (line, seq, file, start) VALUES (?, ?, ?, ?)"
_FILE: Final = "INSERT OR REPLACE INTO file (number, name, size, modified) VALUES (?, ?, ?, ?)"
_DUE: Final = (
    "SELECT 1 + max(coalesce((SELECT max(line) FROM event), -1), coalesce((SELECT max(line) FROM unreadable), -1))"
)
_STANDING: Final = (
    "INSERT OR REPLACE INTO standing (one, lines, seq, disorder, unnamed, file, start, stop, leaf)"
    " VALUES (1, :lines, :seq, :disorder, :unnamed, :file, :start, :stop, :leaf)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far an index is: lines counted, the number that is due, places where the numbering was not as it has to be.

    `unnamed` counts lines that tell that something may have left, and not about whom. The last line stands in that
    `file` from `start` up to `stop`, its break included; `leaf` is its hash.
    """

    lines: int = 0
    seq: int = 0
    disorder: int = 0
    unnamed: int = 0
    file: int = 0
    start: int = 0
    stop: int = 0
    leaf: bytes = b""


class DamagedError(sqlite3.DatabaseError):
    """The index holds what no line of a log becomes."""


class _Line(NamedTuple):
    start: int
    content: bytes


def make_tables(connection: sqlite3.Connection, folder: Path) -> None:
    """Fill an empty database with all lines of the log in `folder`. Raises OSError, sqlite3.Error.

    The indexes come last, because that is faster.
    """
    for each in TABLES:
        connection.execute(each)
    index_new_lines(connection, folder)
    for each in INDEXES:
        connection.execute(each)


def fits(connection: sqlite3.Connection, folder: Path) -> bool:
    """Tell whether an index is of this form and of this log. Raises OSError, sqlite3.Error."""
    found = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}
    if found != _SCHEMA:
        return False
    files = connection.execute("SELECT name, size, modified FROM file ORDER BY number").fetchall()
    if [name for name, _, _ in files] != _names(folder)[: len(files)]:
        return False
    standing = standing_of(connection)
    if connection.execute(_DUE).fetchone()[0] != standing.lines:
        return False
    *closed, last = files or [None]
    if any(_state(folder / name) != (size, at) for name, size, at in closed):
        return False
    return last is None or _goes_on(folder / last[0], last[1], last[2], standing, len(closed))


def standing_of(connection: sqlite3.Connection) -> Standing:
    """Tell how far an index is. Raises sqlite3.Error, DamagedError."""
    names = Standing.__slots__
    row = connection.execute(f"SELECT {', '.join(names)} FROM standing").fetchone()  # noqa: S608 - our own names
    if row is None:
        return Standing()
    *numbers, leaf = row
    whole = all(type(each) is int and 0 <= each < _FAR for each in numbers) and isinstance(leaf, bytes)
    standing = Standing(**dict(zip(names, row, strict=True)))
    # Somebody else may have written it: a value of another kind would end whoever reads it.
    if not whole or standing.start > standing.stop or bool(standing.lines) != bool(leaf):
        raise DamagedError("a standing that no log has")
    return standing


def index_new_lines(connection: sqlite3.Connection, folder: Path) -> None:
    """Index what follows the last line, in one transaction. Raises OSError, sqlite3.Error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        standing, names = standing_of(connection), _names(folder)
        # The file that was the last one may have grown before there was another.
        known = connection.execute("SELECT count(*) FROM file").fetchone()[0]
        for number, name in islice(enumerate(names), max(0, known - 1), None):
            standing = _index_file(connection, folder / name, number, standing)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _names(folder: Path) -> list[str]:
    """List the log's files; before the first event there is no folder."""
    return segment_names(folder) if folder.exists() else []


def _state(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _goes_on(path: Path, size: int, modified: int, standing: Standing, number: int) -> bool:
    """Tell whether the last file only grew."""
    size_now, modified_now = _state(path)
    if size_now == size and modified_now != modified:
        return False
    if standing.file != number or not standing.leaf:
        return True
    if standing.stop > size_now:
        return False
    with path.open("rb") as source:
        source.seek(standing.start)
        line = source.read(standing.stop - standing.start)
    return line.endswith(b"\n") and leaf_hash(line[:-1]) == standing.leaf


def _index_file(connection: sqlite3.Connection, path: Path, number: int, standing: Standing) -> Standing:
    size, modified = _state(path)
    # What is written from now on is indexed next time: then size and time of the file tell what has been read.
    begin = standing.stop if standing.lines and standing.file == number else 0
    lines = _lines(path, begin, size)
    while batch := [*islice(lines, _BATCH)]:
        standing = _insert(connection, batch, number, standing)
    connection.execute(_STANDING, {name: getattr(standing, name) for name in Standing.__slots__})
    connection.execute(_FILE, (number, path.name, size, modified))
    return standing


def _lines(path: Path, begin: int, end: int) -> Iterator[_Line]:
    with path.open("rb") as source:
        source.seek(begin)
        for raw in source:
            if not raw.endswith(b"\n") or begin + len(raw) > end:
                return
            yield _Line(begin, raw[:-1])
            begin += len(raw)


def _insert(connection: sqlite3.Connection, batch: Sequence[_Line], file: int, standing: Standing) -> Standing:
    line, seq, disorder, unnamed = standing.lines, standing.seq, standing.disorder, standing.unnamed
    events: list[tuple[Any, ...]] = []
    unreadable: list[tuple[int, ...]] = []
    sides: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _SIDES}
    leaf = standing.leaf
    for start, content in batch:
        said, leaf = said_by(content), leaf_hash(content)
        if said is None:
            unreadable.append((line, seq, file, start))
        else:
            # The first line of a log whose beginning was deleted by rule may have any number.
            disorder += said.seq != seq and line > 0
            unnamed += said.unnamed
            seq = said.seq
            events.append((line, seq, *said.values, file, start, leaf))
            sides["subject"] += [(each, line) for each in said.subjects]
            sides["category"] += [(each, line) for each in said.categories]
            sides["code"] += [(code, kind, line) for code, kind in said.codes]
            sides["number"] += [(name, line, value) for name, value in said.numbers]
        line, seq = line + 1, seq + 1
    connection.executemany(_EVENT, events)
    connection.executemany(_UNREADABLE, unreadable)
    for name, rows in sides.items():
        connection.executemany(_SIDES[name], rows)
    start, last = batch[-1]
    stop = start + len(last) + 1
    return Standing(
        lines=line, seq=seq, disorder=disorder, unnamed=unnamed, file=file, start=start, stop=stop, leaf=leaf
    )
