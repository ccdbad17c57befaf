"""`sluis policy lint`: names the faults of rules, register and cases, each with its place and what was expected."""

import sys
from pathlib import Path

import click

from gateway.bootstrap.policy_desk import lint_policies
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table, word
from gateway.entrypoints.cli.policy_commands.folders import FOLDER, chosen


@console_command("lint")
@click.argument("folder", metavar="[DIR]", required=False, type=FOLDER)
def lint(invocation: Invocation, folder: Path | None) -> int:
    """Name the faults in the policy files and recipients of DIR, or of the site. Exit 0: none."""
    digest, faults = lint_policies(chosen(invocation, folder))
    if invocation.as_json:
        told = [{"where": where, "expected": expected} for where, expected in faults]
        print_json({"format": "sluis-policy-lint/1", "digest": digest, "faults": told})
    elif faults:
        console_for(sys.stdout).print(_as_table(faults, invocation))
    else:
        well = in_language("Geen fouten.", "No faults.", language=invocation.language)
        console_for(sys.stdout).print(word("done", well), printable(digest))
    return Exit.REFUSED if faults else Exit.DONE


def _as_table(faults: tuple[tuple[str, str], ...], invocation: Invocation) -> object:
    heads = in_language("Plaats|Verwacht", "Place|Expected", language=invocation.language)
    return table(*heads.split("|"), rows=faults)
