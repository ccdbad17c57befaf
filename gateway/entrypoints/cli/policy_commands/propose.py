"""`sluis policy propose`: asks for what lies on disk to come into force; it takes a second person."""

import click
import orjson

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.policy_commands.standing import tell_standing


@console_command("propose")
@click.argument("digest", required=False)
def propose(invocation: Invocation, digest: str | None) -> int:
    """Propose the rules, recipients and keys that lie on disk; only if they have this DIGEST, when given.

    Needs the role privacy-officer or administrator. Exit 0: proposed; a privacy officer who is not you approves it.
    """
    with connected(invocation) as client:
        meant = digest or client.get("/v1/policy")["onDisk"]
        body = client.post("/v1/policy/proposals", orjson.dumps({"digest": meant}))
    tell_standing(invocation, body, name="propose")
    return Exit.DONE
