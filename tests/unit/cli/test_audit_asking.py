"""How what is asked of the log is read, and how its answer leaves for a spreadsheet."""

import csv
import datetime as dt
import io

import click
import pytest

from gateway.entrypoints.cli.audit_commands.asking import csv_line
from gateway.entrypoints.cli.console.moments import Day, Moment


@pytest.mark.parametrize("cell", ["=1+1", "+31", "-1", "@SUM(A1)", " =cmd", "\uff1d1"])
def test_an_attack_by_a_cell_that_is_a_formula_stays_a_text(cell: str) -> None:
    [row] = csv.reader(io.StringIO(csv_line([cell, "gewoon", 'met "aanhaling", komma'])))

    assert ["'" + cell, "gewoon", 'met "aanhaling", komma'] == row


def test_a_day_counts_from_its_first_to_its_last_moment_and_a_moment_as_it_is() -> None:
    first, last = Moment(at_end=False), Moment(at_end=True)

    assert dt.datetime(2026, 11, 20, tzinfo=dt.UTC) == first.convert("2026-11-20", None, None)
    assert dt.datetime(2026, 11, 20, 23, 59, 59, 999_999, dt.UTC) == last.convert("2026-11-20", None, None)
    assert dt.datetime(2026, 11, 20, 13, 30, tzinfo=dt.UTC) == last.convert("2026-11-20T14:30:00+01:00", None, None)
    assert dt.datetime(2026, 11, 20, 14, 30, tzinfo=dt.UTC) == last.convert("2026-11-20T14:30", None, None)


@pytest.mark.parametrize("text", ["", "gisteren", "20-11-2026", "2026-13-01", "2026-02-30"])
def test_what_is_no_day_is_refused(text: str) -> None:
    for kind in (Moment(at_end=True), Day()):
        with pytest.raises(click.BadParameter):
            kind.convert(text, None, None)
