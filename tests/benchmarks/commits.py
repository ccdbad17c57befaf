"""Peer for acknowledgements: bare SQLite, one row a commit, as durable as the spool (WAL, synchronous=FULL)."""

import sqlite3
import time
from pathlib import Path

from tests.benchmarks.measures import Result, own_seconds

_ROW_BYTES = 1024


def run(folder: Path, *, commits: int) -> Result:
    """Commit so many rows one after another; nothing shares a flush."""
    folder.mkdir(parents=True)
    database = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE package (id INTEGER PRIMARY KEY, record BLOB NOT NULL)")
    row = bytes(_ROW_BYTES)
    before, begin = own_seconds(), time.perf_counter()
    for number in range(commits):
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO package VALUES (?, ?)", (number, row))
        database.execute("COMMIT")
    result = Result(wall_seconds=time.perf_counter() - begin, cpu_seconds=own_seconds() - before, sent=commits)
    database.close()
    return result
