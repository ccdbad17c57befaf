"""`sluis audit search`: the newest events that fit what is asked."""

import sys
from pathlib import Path
from typing import Any, Final

import click

from gateway.bootstrap.ledger_answers import open_answers
from gateway.entrypoints.cli.audit_commands.asking import (
    asked_site,
    basis_as_json,
    csv_option,
    distrustful_option,
    filter_of,
    filter_options,
    print_csv,
    proofs_option,
    tell_basis,
    tell_proofs,
    write_proofs,
)
from gateway.entrypoints.cli.audit_commands.event_columns import CSV_HEADS, csv_cells, heads, shown_cells
from gateway.entrypoints.cli.audit_commands.nothing_found import never_found, tell_nothing
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table

_MORE: Final = (
    "Er zijn er meer. Vraag ze met --limit, of maak de vraag nauwer.",
    "There are more. Ask for them with --limit, or ask for less.",
)


@local_command("search")
@filter_options
@click.option(
    "--limit",
    type=click.IntRange(min=1, max=100_000),
    metavar="NUMBER",
    default=50,
    show_default=True,
    help="At most so many.",
)
@csv_option
@proofs_option
@distrustful_option
def search(
    invocation: Invocation, *, limit: int, as_csv: bool, proofs: Path | None, distrustful: bool, **given: Any
) -> int:
    """Find events by everything that is given, newest first. With none, the newest of all.

    Exit 0, also when there are none.
    """
    site = asked_site(invocation)
    with open_answers(site, distrustful=distrustful) as answers:
        found = answers.search(filter_of(given), limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        proved = write_proofs(answers, found, proofs)
        basis = answers.basis()
        if not (found or invocation.as_json):
            tell_nothing(answers, site, given, invocation.language)
    records = [each.record() for each in found]
    if invocation.as_json:
        body = {
            "format": "sluis-audit-search/1",
            **basis_as_json(basis),
            "neverFound": () if records else never_found(given),
        }
        print_json({**body, "more": more, "events": records})
        return Exit.DONE
    if as_csv:
        print_csv(CSV_HEADS, map(csv_cells, records))
    elif records:
        console_for(sys.stdout).print(table(*heads(invocation.language), rows=map(shown_cells, records)))
    tell_proofs(proved, proofs, invocation.language)
    if more:
        console_for(sys.stderr).print(printable(in_language(*_MORE, language=invocation.language)))
    tell_basis(basis, invocation.language)
    return Exit.DONE
