"""Reads the log back: its events in order, and whether any is missing, doubled or unreadable.

Reading never changes a file and needs no lock: what stands behind the last line break is still being written.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from gateway.audit.findings import Fault, Finding
from gateway.audit.segments import first_index, segment_names, sequence_of
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId


def read_events(directory: Path, *, first: int = 0, package: PackageId | None = None) -> Iterator[dict[str, Any]]:
    """Give the events from a sequence number on, oldest first, all or those of one package.

    A line that can not be read as an event is left out here; `verify_sequence` names it. Raises SluisError
    `audit-unavailable` when a file can not be read.
    """
    for _, _, line in lines_of(directory):
        sequence = sequence_of(line)
        if sequence is None or sequence < first:
            continue
        record: dict[str, Any] = orjson.loads(line)
        if package is None or record.get("gateway.package.id") == package:
            yield record


def find_event(directory: Path, event_id: str) -> dict[str, Any] | None:
    """Find one event by its id. Raises SluisError `audit-unavailable` when a file can not be read."""
    found = find_line(directory, event_id)
    record: dict[str, Any] | None = orjson.loads(found[1]) if found else None
    return record


def find_line(directory: Path, event_id: str) -> tuple[int, bytes] | None:
    """Find the line of one event by its id, and its number. Raises as `find_event`."""
    needle = f'"event.id":"{event_id}"'.encode()
    for index, (_, _, line) in enumerate(lines_of(directory), first_number(directory)):
        if needle in line and sequence_of(line) is not None:
            return index, line
    return None


def find_numbered_line(directory: Path, number: int) -> bytes | None:
    """Find the line with this number; None when there is none, or when it was deleted. Raises as `find_event`."""
    place = number - first_number(directory)
    return next((line for _, _, line in islice(lines_of(directory), place, place + 1)), None) if place >= 0 else None


def first_number(directory: Path) -> int:
    """Give the number of the first line that is there. Raises as `find_event`."""
    try:
        return first_index(directory)
    except OSError as error:
        raise SluisError(Code.AUDIT_UNAVAILABLE, detail={"errno": error.errno or 0}) from error


def verify_sequence(directory: Path, *, first: int = 0) -> Iterator[Fault]:
    """Give every place where the numbering from `first` on has a gap or a repetition, or a line can not be read.

    An unreadable line takes one number. Raises SluisError `audit-unavailable` when a file can not be read.
    """
    expected = first
    for file, number, line in lines_of(directory):
        found = sequence_of(line)
        if found is None:
            yield Fault(Finding.UNREADABLE, file, number, expected)
        elif found != expected:
            finding = Finding.MISSING if found > expected else Finding.REPEATED
            yield Fault(finding, file, number, expected, found)
        expected = (expected if found is None else found) + 1


def lines_of(folder: Path) -> Iterator[tuple[str, int, bytes]]:
    """Give every complete line, oldest first: its file, its number there (from 1), and its bytes without the break.

    Raises SluisError `audit-unavailable` when a file can not be read.
    """
    try:
        for name in segment_names(folder):
            with (folder / name).open("rb") as source:
                for number, line in enumerate(source, 1):
                    if line.endswith(b"\n"):
                        yield name, number, line[:-1]
    except OSError as error:
        raise SluisError(Code.AUDIT_UNAVAILABLE, detail={"errno": error.errno or 0}) from error
