"""The forms in which events leave the log for other programs. A further form is a further row in `FORMATS`.

Each gives the text of all events that it is given, in pieces, and holds none of them longer than it has to.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Final

import orjson

from gateway.audit.exports.forms import ExportForm, formatted
from gateway.bootstrap.ledger_answers import FoundEvent
from gateway.entrypoints.cli.audit_commands.asking import csv_line
from gateway.entrypoints.cli.audit_commands.event_columns import CSV_HEADS, csv_cells

Format = Callable[[Iterable[FoundEvent]], Iterator[bytes]]


def as_lines(events: Iterable[FoundEvent]) -> Iterator[bytes]:
    """Give the lines as they stand in the log, byte for byte: what `.tlog-proof` files prove."""
    return (each.line + b"\n" for each in events)


def as_csv(events: Iterable[FoundEvent]) -> Iterator[bytes]:
    """Give what a spreadsheet can hold of each event, a row each, under a row of heads."""
    rows = (csv_cells(each.record()) for each in events)
    return (csv_line(row).encode() for row in chain((CSV_HEADS,), rows))


def as_json(events: Iterable[FoundEvent], *, never: Sequence[str] = ()) -> Iterator[bytes]:
    """Give one object with all events; each stands in it byte for byte. Of none, by what none is `never` found."""
    yield b'{"format":"sluis-audit-export/1","events":['
    found = False
    for each in events:
        yield (b"," if found else b"") + each.line
        found = True
    yield b'],"neverFound":' + orjson.dumps(() if found else never) + b"}\n"


def _as(form: ExportForm, events: Iterable[FoundEvent]) -> Iterator[bytes]:
    """Give the events as tools of a security team read them, a line each."""
    return (formatted(each.line, form) + b"\n" for each in events)


FORMATS: Final[Mapping[str, Format]] = {
    "jsonl": as_lines,
    "csv": as_csv,
    "json": as_json,
    **{form.value: partial(_as, form) for form in ExportForm if form is not ExportForm.JSONL},
}
