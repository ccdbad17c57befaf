"""`sluis policy lint`: names the faults of rules, register and cases, each with its place and what was expected."""

import sys
from functools import partial
from pathlib import Path

import click

from gateway.bootstrap.policy_desk import due_permissions, lint_policies
from gateway.bootstrap.translations import translated
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table, word
from gateway.entrypoints.cli.policy_commands.folders import FOLDER, chosen
from gateway.entrypoints.cli.policy_commands.review_dates import today, warning
from gateway.package.expectations import said_expectation
from gateway.policy.expectations import EXPECTATIONS


@local_command("lint")
@click.argument("folder", metavar="[DIR]", required=False, type=FOLDER)
def lint(invocation: Invocation, folder: Path | None) -> int:
    """Name the faults in the policy files and recipients of DIR, or of the site. Exit 0: none."""
    where = chosen(invocation, folder)
    digest, faults = lint_policies(where)
    due = () if faults else due_permissions(where, today=today())
    if invocation.as_json:
        told = [{"where": where, "expected": expected} for where, expected in faults]
        warnings = [{"where": f"{each.recipient} {each.purpose}", "reviewOn": each.on.isoformat()} for each in due]
        print_json({"format": "sluis-policy-lint/1", "digest": digest, "faults": told, "warnings": warnings})
    elif faults:
        console_for(sys.stdout).print(_as_table(faults, invocation))
    else:
        well = in_language("Geen fouten.", "No faults.", language=invocation.language)
        console_for(sys.stdout).print(word("done", well), printable(digest))
        for each in due:
            console_for(sys.stdout).print(printable(f"  {warning(each, language=invocation.language)}"), style="yellow")
    return Exit.REFUSED if faults else Exit.DONE


def _as_table(faults: tuple[tuple[str, str], ...], invocation: Invocation) -> object:
    heads = in_language("Plaats|Verwacht", "Place|Expected", language=invocation.language)
    say = partial(translated, language=invocation.language)
    rows = ((where, said_expectation(text, say=say, patterns=EXPECTATIONS)) for where, text in faults)
    return table(*heads.split("|"), rows=rows)
