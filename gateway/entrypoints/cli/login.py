"""`sluis login PERSON`: gives a short-lived token, where one user of the machine plays several people."""

import sys

import click
import orjson

from gateway.entrypoints.api.scopes import Scope
from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import print_json


@console_command("login")
@click.argument("person")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([each.value for each in Scope]),
    metavar="SCOPE",
    help="What the token is good for, such as packages:read; may be given several times. Everything unless given.",
)
def command(invocation: Invocation, person: str, scopes: tuple[str, ...]) -> int:
    """Print a token to act as PERSON: export SLUIS_TOKEN=$(sluis login PERSON)."""
    wanted = {"person": person} | ({"scopes": list(scopes)} if scopes else {})
    with connected(invocation) as client:
        granted = client.post("/v1/tokens", orjson.dumps(wanted))
    if invocation.as_json:
        print_json({"format": "sluis-login/1", **granted})
    else:
        sys.stdout.write(granted["token"] + "\n")
    return Exit.DONE
