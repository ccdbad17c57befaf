"""`sluis audit prune`: has the oldest days of the audit log deleted, by two people."""

import datetime as dt
import sys

import click
import orjson

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.moments import Day
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, word

_PROPOSED = (
    (
        "Regel {first} tot en met {last} (dagen voor {until}) worden verwijderd als een privacy officer die niet u is "
        "dezelfde opdracht intypt. Beleid: {policy}."
    ),
    (
        "Lines {first} up to {last} (days before {until}) are deleted when a privacy officer who is not you types the "
        "same line. Policy: {policy}."
    ),
)
_DELETED = (
    (
        "Regel {first} tot en met {last} zijn verwijderd onder beleid {policy}: voorgesteld door {proposedBy}, "
        "goedgekeurd door {approvedBy}. Bewijzen die al zijn afgegeven, blijven geldig."
    ),
    (
        "Lines {first} up to {last} are deleted under policy {policy}: proposed by {proposedBy}, approved by "
        "{approvedBy}. Proofs that were given away still hold."
    ),
)


@console_command("prune")
@click.option(
    "--until",
    required=True,
    type=Day(),
    help="The first day that stays, such as 2026-01-01 (UTC).",
)
def prune(invocation: Invocation, until: dt.date) -> int:
    """Delete the days of the audit log before a day, as audit.retention in the settings allows.

    The first person, a privacy officer or an administrator, proposes it (exit 3). Another one, a privacy officer, types
    the same line: then the log says who deleted what, and the files go (exit 0). What was proved stays proved.
    """
    with connected(invocation) as client:
        body = client.post_once("/v1/audit/deletions", orjson.dumps({"until": until.isoformat()}))
    is_done = body["state"] == "deleted"
    if invocation.as_json:
        print_json({"format": "sluis-audit-prune/1", **body})
    else:
        told = in_language(*(_DELETED if is_done else _PROPOSED), language=invocation.language)
        console_for(sys.stdout).print(word("done" if is_done else "held", printable(told.format_map(body))))
    return Exit.DONE if is_done else Exit.HELD
