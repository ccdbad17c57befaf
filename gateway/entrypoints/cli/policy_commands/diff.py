"""`sluis policy diff`: what changes for whom between two folders of rules, or with what waits in a running site."""

import sys
from pathlib import Path
from typing import Any

import click

from gateway.bootstrap.policy_desk import compare_folders
from gateway.entrypoints.api.rendering import render_changes
from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable
from gateway.entrypoints.cli.policy_commands.folders import FOLDER
from gateway.package.states import Language


@console_command("diff")
@click.argument("old", required=False, type=FOLDER)
@click.argument("new", required=False, type=FOLDER)
def diff(invocation: Invocation, old: Path | None, new: Path | None) -> int:
    """Print what changes for whom from OLD to NEW: every recipient, purpose and field, and every case in both.

    Without folders the service tells it of the rules in force and those on disk, and every line of their files besides:
    that is what you approve. It needs the role privacy-officer, administrator or security.
    """
    if old is None or new is None:
        if old is not None:
            raise click.UsageError("two folders, or none")
        with connected(invocation) as client:
            found = client.get("/v1/policy/changes")
    else:
        found = render_changes(compare_folders(old, new)).model_dump(mode="json", by_alias=True)
    if invocation.as_json:
        print_json({"format": "sluis-policy-diff/1"} | found)
    else:
        _show(found, invocation.language, with_lines=old is None)
    return Exit.DONE


def _show(found: dict[str, Any], language: Language, *, with_lines: bool) -> None:
    console = console_for(sys.stdout)
    for each in found["changes"]:
        console.print(printable(_line(each, language)))
    if not found["changes"] and found["before"]:
        nl, en = "Voor niemand verandert er iets.", "Nothing changes for anybody."
        console.print(in_language(nl, en, language=language))
    if with_lines:
        for each in found["files"]:
            console.print(printable("\n".join((f"--- {each['file']}", *each["lines"]))))
        console.print(printable(f"{found['before'] or '-'} -> {found['after']}"))


def _line(change: dict[str, Any], language: Language) -> str:
    who = " ".join(part for part in (change["who"], change["purpose"], change["what"]) if part)
    when = ""
    if change["necessity"]:
        when = in_language(" (met noodzaak)", " (with a necessity)", language=language)
    elif change["secretAddress"]:
        when = in_language(" (geheim adres)", " (secret address)", language=language)
    return f"{who}{when}: {change['before']} -> {change['after']}"
