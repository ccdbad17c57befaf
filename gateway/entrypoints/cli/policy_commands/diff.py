"""`sluis policy diff`: what changes for whom between two folders of rules, or with what waits in a running site."""

from pathlib import Path

import click

from gateway.bootstrap.policy_desk import compare_folders
from gateway.entrypoints.api.rendering import render_changes
from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.speaking import speak
from gateway.entrypoints.cli.policy_commands.changes import tell_changes
from gateway.entrypoints.cli.policy_commands.folders import FOLDER


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
            raise click.UsageError(speak("Name two folders, or none."))
        with connected(invocation) as client:
            found = client.get("/v1/policy/changes")
    else:
        found = render_changes(compare_folders(old, new)).model_dump(mode="json", by_alias=True)
    tell_changes(invocation, found, with_lines=old is None)
    return Exit.DONE
