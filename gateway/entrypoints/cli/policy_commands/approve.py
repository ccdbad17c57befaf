"""`sluis policy approve DIGEST`: brings into force what another person proposed."""

import click
import orjson

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.policy_commands.standing import tell_standing


@console_command("approve")
@click.argument("digest")
def approve(invocation: Invocation, digest: str) -> int:
    """Approve the proposed rules with this DIGEST, after you have read: sluis policy diff. Exit 0: they are in force.

    Needs the role privacy-officer in the organisation that runs the site, and you may not have proposed them.
    """
    with connected(invocation) as client:
        body = client.post_once("/v1/policy/approvals", orjson.dumps({"digest": digest}))
    tell_standing(invocation, body, name="approve")
    return Exit.DONE
