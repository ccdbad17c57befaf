"""How what is asked of the log is read, and how its answer leaves for a spreadsheet."""

import csv
import datetime as dt
import io
from dataclasses import replace

import click
import pytest

from gateway.bootstrap.ledger_answers import Basis
from gateway.entrypoints.cli.audit_commands.asking import basis_as_json, csv_line, tell_basis
from gateway.entrypoints.cli.console.moments import Day, Moment
from gateway.package.states import Language


@pytest.mark.parametrize("cell", ["=1+1", "+31", "-1", "@SUM(A1)", " =cmd", "\uff1d1"])
def test_an_attack_by_a_cell_that_is_a_formula_stays_a_text(cell: str) -> None:
    [row] = csv.reader(io.StringIO(csv_line([cell, "gewoon", 'met "aanhaling", komma'])))

    assert ["'" + cell, "gewoon", 'met "aanhaling", komma'] == row


@pytest.mark.parametrize("cell", ["\x1b]0;x\x07", "\x9b2J", "a\rb", "\u202eexe", "\x1b=1+1"])
def test_an_attack_by_a_cell_that_commands_a_terminal_stays_a_text(cell: str) -> None:
    line = csv_line([cell, "twee\nregels"])

    assert [] == [char for char in line.removesuffix("\r\n") if not char.isprintable() and char != "\n"]
    assert not line.startswith("=")


def test_a_day_counts_from_its_first_to_its_last_moment_and_a_last_second_to_its_end() -> None:
    first, last = Moment(at_end=False), Moment(at_end=True)

    assert dt.datetime(2026, 11, 20, tzinfo=dt.UTC) == first.convert("2026-11-20", None, None)
    assert dt.datetime(2026, 11, 20, 23, 59, 59, 999_999, dt.UTC) == last.convert("2026-11-20", None, None)
    half_past_one = dt.datetime(2026, 11, 20, 13, 30, tzinfo=dt.UTC)
    at_its_end = half_past_one.replace(microsecond=999_999)
    for written in ("2026-11-20T14:30:00+01:00", "2026-11-20T13:30:00Z", "2026-11-20T13:30", "20261120T133000Z"):
        assert (half_past_one, at_its_end) == (first.convert(written, None, None), last.convert(written, None, None))
    for written in ("2026-11-20T13:30:00.000Z", "2026-11-20T13:30:00,000000", "20261120T133000.000Z"):
        assert half_past_one == last.convert(written, None, None)


@pytest.mark.parametrize("text", ["", "gisteren", "20-11-2026", "2026-13-01", "2026-02-30"])
def test_what_is_no_day_is_refused(text: str) -> None:
    for kind in (Moment(at_end=True), Day()):
        with pytest.raises(click.BadParameter):
            kind.convert(text, None, None)


KNOWN = Basis(
    lines=7,
    unreadable=0,
    disorder=0,
    changed=False,
    unsigned=False,
    first=300,
    since=dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC),
)


def test_who_asks_a_log_whose_beginning_was_deleted_hears_from_when_on_it_knows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_basis(KNOWN, Language.NL)
    tell_basis(KNOWN, Language.EN)
    tell_basis(replace(KNOWN, first=0), Language.EN)

    nl, en = capsys.readouterr().err.splitlines()
    assert "alleen van 2026-11-20 en later: wat voor regel 300 stond, is gewist" in nl
    assert "2026-11-20 and later alone: what stood before line 300 was deleted" in en
    assert (300, "2026-11-20T09:00:00.000000Z") == (basis_as_json(KNOWN)["firstLine"], basis_as_json(KNOWN)["firstAt"])
