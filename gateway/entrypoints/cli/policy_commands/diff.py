"""`sluis policy diff`: what changes for whom between two folders of rules, before the new one counts."""

import sys
from pathlib import Path
from typing import Any

import click

from gateway.bootstrap.policy_desk import case_table_if_any, load_policies
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable
from gateway.entrypoints.cli.policy_commands.folders import FOLDER
from gateway.package.states import Language
from gateway.policy.comparing import Change, Ran, compare, compare_cases


@console_command("diff")
@click.argument("old", type=FOLDER)
@click.argument("new", type=FOLDER)
def diff(invocation: Invocation, old: Path, new: Path) -> int:
    """Print what changes for whom from OLD to NEW: every recipient, purpose and field, and every case in both."""
    sets = (load_policies(old), load_policies(new))
    changes = [*compare(*sets), *_in_cases(old, new)]
    if invocation.as_json:
        digests = {"before": sets[0].policy.digest, "after": sets[1].policy.digest}
        print_json({"format": "sluis-policy-diff/1"} | digests | {"changes": [_as_json(each) for each in changes]})
        return Exit.DONE
    console = console_for(sys.stdout)
    for each in changes:
        console.print(printable(_line(each, invocation.language)))
    if not changes:
        nl, en = "Voor niemand verandert er iets.", "Nothing changes for anybody."
        console.print(in_language(nl, en, language=invocation.language))
    return Exit.DONE


def _in_cases(old: Path, new: Path) -> list[Change]:
    tables = [case_table_if_any(folder) for folder in (old, new)]
    ran = [Ran(tuple(case for _, case in table.cases), table.policy) for table in tables if table]
    return list(compare_cases(*ran)) if len(ran) == len(tables) else []


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "who": change.who,
        "purpose": change.purpose,
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "necessity": change.when.necessity,
        "secretAddress": change.when.secret_address,
    }


def _line(change: Change, language: Language) -> str:
    who = " ".join(part for part in (change.who, change.purpose, change.what) if part)
    when = ""
    if change.when.necessity:
        when = in_language(" (met noodzaak)", " (with a necessity)", language=language)
    elif change.when.secret_address:
        when = in_language(" (geheim adres)", " (secret address)", language=language)
    return f"{who}{when}: {change.before} -> {change.after}"
