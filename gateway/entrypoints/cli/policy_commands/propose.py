"""`sluis policy propose DIGEST`: asks for what lies on disk to come into force; it takes a second person."""

import sys

import click
import orjson

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, printable
from gateway.entrypoints.cli.policy_commands.changes import tell_changes
from gateway.entrypoints.cli.policy_commands.standing import tell_standing


@console_command("propose")
@click.argument("digest", required=False)
def propose(invocation: Invocation, digest: str | None) -> int:
    """Propose the rules, recipients and keys that lie on disk and have this DIGEST.

    Needs the role privacy-officer or administrator. Exit 0: proposed; a privacy officer who is not you approves it.
    Without DIGEST nothing is proposed: it prints what would change, and the line to type. Exit 2.
    """
    if digest is None:
        return _show(invocation)
    with connected(invocation) as client:
        body = client.post("/v1/policy/proposals", orjson.dumps({"digest": digest}))
    tell_standing(invocation, body, name="propose")
    return Exit.DONE


def _show(invocation: Invocation) -> int:
    """Show what would be proposed: whoever does so stands behind each line, also one that somebody else put there."""
    with connected(invocation) as client:
        found = client.get("/v1/policy/changes")
    tell_changes(invocation, found, with_lines=True)
    if not invocation.as_json:
        nl = "Nog niets voorgesteld. Is dit wat u bedoelt? sluis policy propose"
        en = "Nothing is proposed yet. Is this what you mean? sluis policy propose"
        said = in_language(nl, en, language=invocation.language)
        console_for(sys.stdout).print(printable(f"{said} {found['after']}"))
    return Exit.USAGE
