"""How fast the audit log takes events, against a file that is flushed after each line, and against pymerkle.

Each side writes the same lines to the disk and is answered when they are there. Ours has besides: the record made of an
event and checked value by value, the tree on disk, and a signed checkpoint for each group. pymerkle (GPL, and so never
a part of the product) keeps lines and hashes in SQLite, one commit a line, and signs nothing; its tree in memory keeps
nothing on a disk. Whether all trees come to the same root is asked before anything is measured.
"""

import datetime as dt
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pymerkle import InmemoryTree, SqliteTree
from rich.table import Table

from gateway.audit.log_files import AuditLogFiles
from gateway.audit.reading import lines_of
from gateway.audit.tree import Growing, leaf_hash
from tests.benchmarks.measures import Result, median_ratio, own_seconds
from tests.integration.audit.recording import RELEASED
from tests.integration.audit.signing import SIGNER

_GROUP = 32
_FLUSHED, _FLUSHED_TOGETHER = "a file, fdatasync for each line", f"a file, fdatasync for {_GROUP} lines"
_OURS, _OURS_TOGETHER = "Sluis, event by event", f"Sluis, {_GROUP} events that come together"
_SQLITE, _MEMORY = "pymerkle in SQLite, line by line", "pymerkle in memory, nothing on a disk"


def measure(folder: Path, *, events: int, rounds: int) -> Table:
    """Let all sides write in turns, and show their ratios."""
    folder.mkdir()
    lines = _checked_lines(folder / "first", events)
    sides: dict[str, Callable[[Path], None]] = {
        _FLUSHED: lambda path: _flush(path, lines, group=1),
        _OURS: lambda path: _record(path, events, group=1),
        _SQLITE: lambda path: _append(SqliteTree(str(path)), lines),
        _FLUSHED_TOGETHER: lambda path: _flush(path, lines, group=_GROUP),
        _OURS_TOGETHER: lambda path: _record(path, events, group=_GROUP),
        _MEMORY: lambda _: _append(InmemoryTree(), lines),
    }
    results: dict[str, list[Result]] = {name: [] for name in sides}
    for number in range(rounds):
        for place, (name, side) in enumerate(sides.items()):
            before, begin = own_seconds(), time.perf_counter()
            side(folder / f"{number}-{place}")
            spent, used = time.perf_counter() - begin, own_seconds() - before
            results[name].append(Result(wall_seconds=spent, cpu_seconds=used, sent=events))
    return _table(results, size=sum(map(len, lines)) // len(lines))


def _checked_lines(folder: Path, events: int) -> list[bytes]:
    """Give the lines that ours writes, when every side makes the same tree of them."""
    _record(folder, events, group=_GROUP)
    lines, growing, other = [line for _, _, line in lines_of(folder / "log")], Growing(), InmemoryTree()
    for line in lines:
        growing.add(leaf_hash(line))
        other.append_entry(line)
    if other.get_root() != growing.root():
        raise RuntimeError("Sluis and pymerkle do not agree on the root")
    return lines


def _record(folder: Path, events: int, *, group: int) -> None:
    folder.mkdir()
    log = AuditLogFiles(
        directory=folder / "log",
        signer=SIGNER,
        clock=lambda: dt.datetime.now(dt.UTC),
        random=os.urandom,
        version="0.1.0",
        host="gateway-1",
    )
    log.open()
    for _ in range(events // group):
        log.write([(RELEASED,)] * group)
    log.close()


def _flush(path: Path, lines: Sequence[bytes], *, group: int) -> None:
    with path.open("ab", buffering=0) as target:
        for place in range(0, len(lines), group):
            target.write(b"\n".join(lines[place : place + group]) + b"\n")
            os.fdatasync(target.fileno())


def _append(tree: InmemoryTree | SqliteTree, lines: Sequence[bytes]) -> None:
    for line in lines:
        tree.append_entry(line)


def _table(results: dict[str, list[Result]], *, size: int) -> Table:
    shown = Table(title=f"Audit events of {size} bytes written, and on the disk")
    for heading in ("who", "a second", "us an event", "x a file", "x pymerkle"):
        shown.add_column(heading, justify="left" if heading == "who" else "right")
    rates = {name: [each.rate for each in runs] for name, runs in results.items()}
    for name, found in rates.items():
        rate = statistics.median(found)
        file = _FLUSHED_TOGETHER if name in (_OURS_TOGETHER, _FLUSHED_TOGETHER) else _FLUSHED
        ratios = (median_ratio(found, rates[file]), median_ratio(found, rates[_SQLITE]))
        shown.add_row(name, f"{rate:.0f}", f"{1e6 / rate:.0f}", *ratios)
    return shown
